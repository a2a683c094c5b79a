from collections import Counter, defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import ageing, delivery
from ..core.ageing import AgeingScale
from .credit_forecast_item import CASE_FIELDS
from .customer_figures import join_per_customer

# How late each bucket is to the eye: grey, amber, orange, red (never colour alone: each has its words).
TONES = ("grey", "amber", "orange", "red")
# Columns of the debtor's card that a list can be sorted by, and what they add up.
SORTABLE = {
    "amount_total": SQL("SUM(item.amount_residual)"),
    "amount_overdue": SQL(
        "SUM(item.amount_residual) FILTER (WHERE item.amount_residual > 0 AND item.days_overdue > 0)"
    ),
    "days_overdue": SQL("MAX(item.days_overdue) FILTER (WHERE item.amount_residual > 0 AND item.days_overdue > 0)"),
}


class CreditBalance(models.AbstractModel):
    """What a debtor owes today and where the work on it stands: read from the open items, stored nowhere."""

    _name = "credit.balance"
    _description = "Figures of a debtor's card"

    # Those of the card itself; named here because the amounts need them.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one("res.currency")

    amount_total = fields.Monetary(
        string="Owes",
        compute="_compute_figures",
        help="All that is open, unallocated credits set off, in company currency.",
    )
    amount_overdue = fields.Monetary(
        string="Overdue",
        compute="_compute_figures",
        search="_search_amount_overdue",
        help="Open items past their due date, credits not set off.",
    )
    amount_credit = fields.Monetary(
        string="Unallocated", compute="_compute_figures", help="Credit notes and payments not matched yet (negative)."
    )
    days_overdue = fields.Integer(
        string="Oldest", compute="_compute_figures", help="Days since the due date of the oldest open item."
    )
    ageing = fields.Json(
        compute="_compute_figures", help="Amount by age, for the bar: a list of {code, label, tone, amount}."
    )
    open_item_ids = fields.Many2many("credit.open.item", string="Open items", compute="_compute_figures")
    open_item_count = fields.Integer(string="Number of open items", compute="_compute_figures")
    invoice_count = fields.Integer(string="Number of invoices issued", compute="_compute_invoice_count")
    notice_count = fields.Integer(string="Number of notices", compute="_compute_notice_figures")
    last_contact = fields.Datetime(
        string="Last message left on", compute="_compute_notice_figures", help="When a message last left to them."
    )
    pending_notice_id = fields.Many2one(
        "credit.dunning.notice", string="Next message", compute="_compute_notice_figures"
    )
    next_date = fields.Date(
        string="Next step", compute="_compute_next_date", help="The day of the next step, as of the last plan."
    )
    dispute_ids = fields.Many2many("credit.dispute", compute="_compute_claims")
    dispute_count = fields.Integer(string="Number of disputes", compute="_compute_claims")
    promise_ids = fields.Many2many("credit.promise", compute="_compute_claims")
    promise_count = fields.Integer(string="Number of promises", compute="_compute_claims")
    pause_ids = fields.Many2many("credit.dunning.pause", compute="_compute_pauses")
    is_paused = fields.Boolean(string="Paused", compute="_compute_pauses", search="_search_is_paused")
    phone = fields.Char(related="partner_id.phone")
    email = fields.Char(related="partner_id.email")
    contact_ids = fields.One2many(related="partner_id.child_ids", string="Contacts")

    # Amounts

    @api.depends_context("as_of", "uid", "lang")
    def _compute_figures(self):
        items_of = self._get_open_items()
        for debtor in self:
            items = items_of[debtor.partner_id.id, debtor.company_id.id]
            debtor.update(debtor._prepare_figures(items))

    def _get_open_items(self):
        """Return ``{(partner id, company id): open items, oldest first}`` in one query.

        What the card asks of them later is read with it: a customer may have thousands, and each query finds them anew.
        """
        items = self.env["credit.open.item"].search_fetch(
            [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)],
            ["days_overdue", "bucket", *CASE_FIELDS],
        )
        found = defaultdict(items.browse)
        found.update(items.grouped(lambda item: (item.partner_id.id, item.company_id.id)))
        return found

    def _prepare_figures(self, items):
        claims = items.filtered(lambda item: item.amount_residual > 0)
        late = claims.filtered(lambda item: item.days_overdue > 0)
        return {
            "amount_total": sum(items.mapped("amount_residual")),
            "amount_overdue": sum(late.mapped("amount_residual")),
            "amount_credit": sum((items - claims).mapped("amount_residual")),
            "days_overdue": max(late.mapped("days_overdue"), default=0),
            "ageing": self._prepare_ageing(claims),
            "open_item_ids": items.ids,
            "open_item_count": len(items),
        }

    def _prepare_ageing(self, claims):
        """Return what the ageing bar shows: each bucket with its words, tone and amount."""
        if not self.company_id:
            return []
        scale = AgeingScale.parse(self.company_id.credit_ageing_edges)
        amounts = scale.spread((item.days_overdue, item.amount_residual) for item in claims)
        return [
            {
                "code": code,
                "label": self._get_bucket_label(code),
                "tone": TONES[min(place, len(TONES) - 1)],
                "amount": amounts[code],
            }
            for place, code in enumerate(scale.codes)
        ]

    @api.model
    def _get_bucket_label(self, code):
        """Return the words for a bucket's code: ``1-30`` → 1–30 days."""
        if code == ageing.NOT_DUE:
            return self.env._("not due")
        if code.endswith("+"):
            return self.env._("over %(days)s days", days=int(code[:-1]) - 1)
        return self.env._("%(days)s days", days=code.replace("-", "–"))

    def _search_amount_overdue(self, operator, value):
        partners = self.env["res.partner"]
        domains = [
            Domain("company_id", "=", company.id)
            & Domain("partner_id", "any", partners.with_company(company)._search_credit_overdue(operator, value))
            for company in self.env.companies
        ]
        return Domain.OR(domains)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Sort lists by figures that aren't stored: the open items are added up in the query itself."""
        figure = SORTABLE.get(field_name)
        if figure is None:
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        figures = SQL(
            "SELECT item.partner_id, item.company_id, %s AS value FROM (%s) item GROUP BY 1, 2",
            figure,
            self.env["credit.open.item"]._table_query,
        )
        name = join_per_customer(query, alias, field_name, figures)
        return SQL("COALESCE(%s, 0) %s", SQL.identifier(name, "value"), direction)

    # The work

    def _compute_invoice_count(self):
        groups = self.env["account.move"]._read_group(
            self._get_invoice_domain(), ["partner_id", "company_id"], ["__count"]
        )
        counts = Counter()
        for partner, company, count in groups:
            counts[partner.commercial_partner_id, company] += count
        for debtor in self:
            debtor.invoice_count = counts[debtor.partner_id, debtor.company_id]

    def _get_invoice_domain(self):
        """Return the domain of the invoices of these customers: by their partners, for which entries have an index."""
        return [
            ("move_type", "in", ("out_invoice", "out_refund")),
            ("state", "=", "posted"),
            ("partner_id.commercial_partner_id", "in", self.partner_id.ids),
            ("company_id", "in", self.company_id.ids),
        ]

    @api.depends("notice_ids.state", "notice_ids.sent_at")
    def _compute_notice_figures(self):
        notices = self.env["credit.dunning.notice"]
        domain = [("debtor_id", "in", self.ids)]
        counts = dict(notices._read_group(domain, ["debtor_id"], ["__count"]))
        left = dict(notices._read_group([*domain, ("state", "in", delivery.LEFT)], ["debtor_id"], ["sent_at:max"]))
        pending = dict(
            notices._read_group([*domain, ("state", "in", delivery.PENDING)], ["debtor_id"], ["id:recordset"])
        )
        for debtor in self:
            debtor.notice_count = counts.get(debtor, 0)
            debtor.last_contact = left.get(debtor, False)
            debtor.pending_notice_id = pending.get(debtor, notices)[:1]

    def _compute_next_date(self):
        decisions = self.env["credit.dunning.decision"]._read_group(
            [
                ("date_to", "=", False),
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ],
            ["partner_id", "company_id"],
            ["next_date:min"],
        )
        dates = {(partner, company): day for partner, company, day in decisions}
        for debtor in self:
            debtor.next_date = dates.get((debtor.partner_id, debtor.company_id), False)

    def _compute_claims(self):
        """Open disputes and promises."""
        for name, model in (("dispute", "credit.dispute"), ("promise", "credit.promise")):
            found = self._search_own(model, [("state", "=", "open")])
            for debtor in self:
                own = found.filtered(debtor._is_own)
                debtor[f"{name}_ids"] = own
                debtor[f"{name}_count"] = len(own)

    def _compute_pauses(self):
        found = self._search_own("credit.dunning.pause", self.env["account.move"]._get_current_pause_domain())
        for debtor in self:
            debtor.pause_ids = found.filtered(debtor._is_own)
            debtor.is_paused = bool(debtor.pause_ids)

    def _search_own(self, model, domain):
        """Return the records of ``model`` that belong to one of these debtors."""
        of_debtors = Domain("partner_id", "in", self.partner_id.ids) & Domain("company_id", "in", self.company_id.ids)
        return self.env[model].search(of_debtors & Domain(domain))

    def _is_own(self, record):
        return record.partner_id == self.partner_id and record.company_id == self.company_id

    def _search_is_paused(self, operator, value):
        if operator != "in":
            return NotImplemented
        pauses = self.env["credit.dunning.pause"].search(
            self.env["account.move"]._get_current_pause_domain() & Domain("partner_id", "!=", False)
        )
        paused = Domain.OR(
            Domain("company_id", "=", company.id) & Domain("partner_id", "in", of_company.partner_id.ids)
            for company, of_company in pauses.grouped("company_id").items()
        )
        return Domain.OR(paused if wanted else ~paused for wanted in set(value))

    # Buttons

    def action_open_items(self):
        """Open what the figures are made of; the context may name a bucket."""
        self.ensure_one()
        action = self._get_related_action("credit_control.credit_open_item_action")
        if bucket := self.env.context.get("credit_bucket"):
            action["domain"] = [*action["domain"], ("bucket", "=", bucket), ("amount_residual", ">", 0)]
        return action

    def action_open_notices(self):
        """Open all that was or will be said to this debtor."""
        return self._get_related_action("credit_control.credit_dunning_notice_action")

    def action_open_disputes(self):
        """Open the disputes of this debtor."""
        return self._get_related_action("credit_control.credit_dispute_action")

    def action_open_promises(self):
        """Open the promises of this debtor."""
        return self._get_related_action("credit_control.credit_promise_action")

    def action_open_decisions(self):
        """Open the journal: why each item was reminded or not."""
        return self._get_related_action("credit_control.credit_dunning_decision_action")

    def action_open_invoices(self):
        """Open the customer's posted invoices and credit notes."""
        action = self._get_related_action("account.action_move_out_invoice")
        action["domain"] = self._get_invoice_domain()
        return action

    def action_pause(self):
        """Ask for the reason and the end of a pause of this debtor."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_dunning_pause_wizard_action")
        action["context"] = {"default_partner_id": self.partner_id.id, "default_company_id": self.company_id.id}
        return action

    def _get_related_action(self, xmlid):
        """Return an action narrowed to this debtor, with its own filters off."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        action["domain"] = [("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)]
        action["context"] = {"default_partner_id": self.partner_id.id, "default_company_id": self.company_id.id}
        return action
