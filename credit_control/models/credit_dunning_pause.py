from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from .company_day import companies_by_day, company_today


class CreditDunningPause(models.Model):
    """No reminders for an invoice or a customer until a day, and why."""

    _name = "credit.dunning.pause"
    _description = "Dunning pause"
    _order = "date_end desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one("res.partner", index="btree_not_null", ondelete="cascade")
    move_id = fields.Many2one("account.move", index="btree_not_null", ondelete="cascade", check_company=True)
    reason = fields.Char(required=True)
    date_start = fields.Date(string="First day", help="The first day of the pause; empty: it holds already.")
    date_end = fields.Date(string="Last day", help="The last day of the pause; empty: until somebody ends it.")
    source = fields.Selection(
        [
            ("person", "A person"),
            ("reply", "Answer of the customer"),
            ("promise", "Promise"),
            ("dispute", "Dispute"),
            ("portal", "Portal"),
        ],
        string="From",
        default="person",
        required=True,
        help="What paused the reminders.",
    )
    is_end_told = fields.Boolean(
        string="End is told", readonly=True, copy=False, help="The customer's thread says that it has ended."
    )
    user_id = fields.Many2one("res.users", string="Author", default=lambda self: self.env.user, readonly=True)
    active = fields.Boolean(default=True)

    _target_chosen = models.Constraint(
        "CHECK ((partner_id IS NULL) <> (move_id IS NULL))", "A pause is for a customer or for an invoice."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)", "The pause ends before it begins."
    )

    _ended_untold_idx = models.Index("(date_end) WHERE active AND is_end_told IS NOT TRUE")

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the pause on the commercial partner, where the receivables are."""
        pauses = super().create(vals_list)
        for pause in pauses.filtered(lambda pause: pause.partner_id != pause.partner_id.commercial_partner_id):
            pause.partner_id = pause.partner_id.commercial_partner_id
        return pauses

    def write(self, vals):
        """A pause that goes on ends again."""
        if "date_end" in vals and "is_end_told" not in vals:
            vals = {**vals, "is_end_told": False}
        return super().write(vals)

    def action_end(self):
        """End the pause now; one that began today counts as never made."""
        today = company_today(self)
        begun = self.filtered(lambda pause: not pause.date_start or pause.date_start < today)
        begun.write({"date_end": fields.Date.subtract(today, days=1)})
        begun._tell_ended()
        (self - begun).write({"active": False})
        return True

    @api.model
    def _cron_tell_ended(self, today=None):
        """Write in the customers' threads which pauses ended by ``today``; nothing where none has."""
        for day, companies in companies_by_day(self.env, fields.Date.to_date(today)).items():
            ended = [("company_id", "in", companies.ids), ("date_end", "<", day), ("is_end_told", "=", False)]
            self.sudo().search(ended)._tell_ended()

    def _tell_ended(self):
        """Write one line for each pause in its customer's thread, once, in few queries whatever their number."""
        pauses = self.sudo().filtered(lambda pause: not pause.is_end_told)
        if not pauses:
            return
        debtors = self.env["credit.debtor"].sudo()
        for company, of_company in pauses.grouped("company_id").items():
            debtors |= debtors._ensure(company, [pause._get_customer().id for pause in of_company])
        by_customer = pauses.grouped(lambda pause: (pause._get_customer(), pause.company_id))
        notes = {
            debtor.id: Markup("<br/>").join(
                pause._get_end_note() for pause in by_customer[debtor.partner_id, debtor.company_id]
            )
            for debtor in debtors
        }
        debtors._message_log_batch(notes)
        pauses.write({"is_end_told": True})

    def _get_customer(self):
        return (self.partner_id or self.move_id.partner_id).commercial_partner_id

    def _get_end_note(self):
        """Return "Pause ended on 10 March: reason" with the invoice it was for."""
        return self.env._(
            "Pause ended on %(date)s: %(reason)s%(invoice)s. Reminders go on.",
            date=format_date(self.env, self.date_end),
            reason=self.reason,
            invoice=Markup(" ({})").format(self.move_id._get_html_link()) if self.move_id else Markup(),
        )

    @api.model
    def _get_domain_on(self, day):
        """Return the domain of the pauses that hold on ``day``: the only definition of it."""
        begun = Domain("date_start", "=", False) | Domain("date_start", "<=", day)
        return begun & (Domain("date_end", "=", False) | Domain("date_end", ">=", day))

    def _get_paused(self, company, as_of):
        """Return the invoices and the customers paused on ``as_of``, as two sets of ids."""
        domain = self._get_domain_on(as_of) & Domain("company_id", "=", company.id)
        pauses = self.sudo().search_fetch(domain, ["move_id", "partner_id"])
        return set(pauses.move_id.ids), set(pauses.partner_id.ids)
