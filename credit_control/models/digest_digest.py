from odoo import fields, models
from odoo.exceptions import AccessError

from .credit_dunning_notice import LEFT_STATES

ANYBODY = "credit_control.group_reader,credit_control.group_salesperson"
OVERVIEW = "credit_control.group_reader"


class DigestDigest(models.Model):
    """Figures of credit control in Odoo's digest, each for the roles that may know it: the others don't get it."""

    _inherit = "digest.digest"

    kpi_credit_overdue = fields.Boolean("Overdue")
    kpi_credit_overdue_value = fields.Monetary(string="Overdue (figure)", compute="_compute_kpi_credit_overdue_value")
    kpi_credit_collected = fields.Boolean("Received from customers")
    kpi_credit_collected_value = fields.Monetary(
        string="Collected (figure)", compute="_compute_kpi_credit_collected_value"
    )
    kpi_credit_contacts = fields.Boolean("Reminders and calls")
    kpi_credit_contacts_value = fields.Integer(
        string="Reminders and calls (figure)", compute="_compute_kpi_credit_contacts_value"
    )
    kpi_credit_broken = fields.Boolean("Broken promises")
    kpi_credit_broken_value = fields.Integer(
        string="Promises broken (figure)", compute="_compute_kpi_credit_broken_value"
    )
    kpi_credit_signals = fields.Boolean("Early warnings")
    kpi_credit_signals_value = fields.Integer(string="Warnings (figure)", compute="_compute_kpi_credit_signals_value")

    def _compute_kpi_credit_overdue_value(self):
        """What was past its due date at the end of the time."""
        companies, _start, end = self._get_credit_scope(OVERVIEW)
        items = self.env["credit.open.item"].with_context(as_of=end)
        late = [("company_id", "in", companies.ids), ("days_overdue", ">", 0), ("amount_residual", ">", 0)]
        self._set_credit_values("overdue", items._read_group(late, ["company_id"], ["amount_residual:sum"]))

    def _compute_kpi_credit_collected_value(self):
        """What came in on receivable accounts through bank and cash."""
        companies, start, end = self._get_credit_scope(OVERVIEW)
        received = [
            ("company_id", "in", companies.ids),
            ("date", ">", start),
            ("date", "<=", end),
            ("parent_state", "=", "posted"),
            ("account_id.account_type", "=", "asset_receivable"),
            ("journal_id.type", "in", ("bank", "cash")),
        ]
        groups = self.env["account.move.line"].sudo()._read_group(received, ["company_id"], ["balance:sum"])
        self._set_credit_values("collected", [(company, -balance) for company, balance in groups])

    def _compute_kpi_credit_contacts_value(self):
        states = ("state", "in", LEFT_STATES)
        self._count_credit("contacts", "credit.dunning.notice", "left_on", OVERVIEW, states)

    def _compute_kpi_credit_broken_value(self):
        states = ("state", "in", ("broken", "partly_kept"))
        self._count_credit("broken", "credit.promise", "broken_on", ANYBODY, states)

    def _compute_kpi_credit_signals_value(self):
        self._count_credit("signals", "credit.signal", "date", ANYBODY, ("severity", "!=", "0"))

    def _count_credit(self, kpi, model, day, groups, condition):
        """Count the records of a day within the time, as far as the reader of the digest may see them."""
        companies, start, end = self._get_credit_scope(groups)
        domain = [("company_id", "in", companies.ids), (day, ">", start), (day, "<=", end), condition]
        self._set_credit_values(kpi, self.env[model]._read_group(domain, ["company_id"], ["__count"]))

    def _get_credit_scope(self, groups):
        """Return the companies and the first and last day of the time; the first one doesn't count.

        :raise AccessError: where the reader has none of ``groups``: the digest leaves the figure out
        """
        if not self.env.user.has_groups(groups):
            raise AccessError(self.env._("This figure isn't for you: the digest leaves it out."))
        start, end, companies = self._get_kpi_compute_parameters()
        return companies, fields.Date.to_date(start), fields.Date.to_date(end)

    def _set_credit_values(self, kpi, groups):
        found = dict(groups)
        for digest in self:
            digest[f"kpi_credit_{kpi}_value"] = found.get(digest.company_id or self.env.company, 0)

    def _compute_kpis_actions(self, company, user):
        menu = f"?menu_id={self.env.ref('credit_control.menu_credit_root').id}"
        actions = {
            "kpi_credit_overdue": "credit_debtor_action",
            "kpi_credit_contacts": "credit_dunning_notice_action_sent",
            "kpi_credit_broken": "credit_promise_action",
            "kpi_credit_signals": "credit_signal_action",
        }
        ours = {kpi: f"credit_control.{action}{menu}" for kpi, action in actions.items()}
        return super()._compute_kpis_actions(company, user) | ours
