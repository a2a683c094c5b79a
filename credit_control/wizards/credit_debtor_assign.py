from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditDebtorAssign(models.TransientModel):
    """Give many customers one policy, portfolio, collector or segment at once.

    What is left empty stays as each of them has it.
    """

    _name = "credit.debtor.assign"
    _description = "Assign customers"

    debtor_ids = fields.Many2many("credit.debtor", string="Customers", required=True)
    company_ids = fields.Many2many("res.company", compute="_compute_company_ids", string="Companies of the customers")
    count = fields.Integer(compute="_compute_company_ids", help="How many customers are changed.")
    policy_id = fields.Many2one(
        "credit.dunning.policy",
        domain="[('company_id', 'in', company_ids)]",
        help="It goes before the policy of their segment.",
    )
    portfolio_id = fields.Many2one("credit.portfolio", domain="[('company_id', 'in', company_ids)]")
    collector_id = fields.Many2one(
        "res.users",
        domain="[('company_ids', 'in', company_ids), ('share', '=', False)]",
        help="Who stands in for the collector of today doesn't any more.",
    )
    segment_id = fields.Many2one("credit.segment", domain="[('company_id', 'in', company_ids)]")
    segment_locked = fields.Boolean(
        string="Keep this segment",
        default=True,
        help="Whatever the segments' rules say. Without it, the next plan chooses by the rules again.",
    )

    @api.depends("debtor_ids")
    def _compute_company_ids(self):
        for wizard in self:
            wizard.company_ids = wizard.debtor_ids.company_id
            wizard.count = len(wizard.debtor_ids)

    def action_assign(self):
        """Write what is filled in on all the customers.

        :raise UserError: where nothing is filled in, or what is chosen isn't of the company of each of them
        """
        self.ensure_one()
        vals = self._prepare_vals()
        if not (vals and self.debtor_ids):
            raise UserError(self.env._("Nothing is assigned: choose a policy, a portfolio, a collector or a segment."))
        self._check_companies()
        self._check_collector()
        self.debtor_ids.write(vals)
        return {"type": "ir.actions.act_window_close"}

    def _prepare_vals(self):
        vals = {
            name: self[name].id for name in ("policy_id", "portfolio_id", "collector_id", "segment_id") if self[name]
        }
        if self.segment_id:
            vals["segment_locked"] = self.segment_locked
        if self.collector_id:
            vals |= {"substitute_id": False, "substitute_until": False}
        return vals

    def _check_companies(self):
        for chosen in (self.policy_id, self.portfolio_id, self.segment_id):
            others = self.debtor_ids.filtered(lambda debtor, of=chosen.company_id: debtor.company_id != of)
            if chosen and others:
                raise UserError(
                    self.env._(
                        "“%(chosen)s” is of %(company)s, and %(customer)s is a customer of %(other)s: "
                        "assign the customers of one company at a time.",
                        chosen=chosen.display_name,
                        company=chosen.company_id.name,
                        customer=others[:1].display_name,
                        other=others[:1].company_id.name,
                    )
                )

    def _check_collector(self):
        user = self.collector_id
        if not user:
            return
        if not user.has_group("credit_control.group_collector"):
            raise UserError(self.env._("%s isn't a collector: give them that right first.", user.name))
        missing = self.debtor_ids.company_id - user.sudo().company_ids
        if missing:
            raise UserError(
                self.env._(
                    "%(user)s doesn't work in %(company)s: choose another collector.",
                    user=user.name,
                    company=missing[:1].name,
                )
            )
