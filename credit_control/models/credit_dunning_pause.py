from odoo import api, fields, models
from odoo.fields import Domain


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
    date_start = fields.Date(help="The first day of the pause; empty: it holds already.")
    date_end = fields.Date(help="The last day of the pause; empty: until somebody ends it.")
    user_id = fields.Many2one("res.users", string="Author", default=lambda self: self.env.user, readonly=True)
    active = fields.Boolean(default=True)

    _target_chosen = models.Constraint(
        "CHECK ((partner_id IS NULL) <> (move_id IS NULL))", "A pause is for a customer or for an invoice."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)", "The pause ends before it begins."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the pause on the commercial partner, where the receivables are."""
        pauses = super().create(vals_list)
        for pause in pauses.filtered(lambda pause: pause.partner_id != pause.partner_id.commercial_partner_id):
            pause.partner_id = pause.partner_id.commercial_partner_id
        return pauses

    def action_end(self):
        """End the pause now; one that began today counts as never made."""
        today = fields.Date.context_today(self)
        begun = self.filtered(lambda pause: not pause.date_start or pause.date_start < today)
        begun.write({"date_end": fields.Date.subtract(today, days=1)})
        (self - begun).write({"active": False})
        return True

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
