from odoo import fields, models


class CreditGroupCard(models.AbstractModel):
    """The group of companies that a debtor belongs to, rolled up: its other cards in the same company, and their sums.

    As far as the user may see them: a salesperson rolls up their own customers.
    """

    _name = "credit.group.card"
    _description = "Group of companies on a debtor's card"

    # Those of the card itself; named here because the amounts need them.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one("res.currency")

    group_debtor_ids = fields.Many2many(
        "credit.debtor", string="Group", compute="_compute_group", help="This customer and those of the same group."
    )
    group_count = fields.Integer(string="Companies of the group", compute="_compute_group")
    group_total = fields.Monetary(
        string="The group owes", compute="_compute_group", help="All that is open, unallocated credits set off."
    )
    group_overdue = fields.Monetary(string="Overdue of the group", compute="_compute_group")
    group_exposure = fields.Monetary(
        string="Exposure of the group", compute="_compute_group", help="What we risk with all of them together."
    )

    def _compute_group(self):
        groups = self.sudo().partner_id._get_credit_groups() if self else {}
        every = {member for members in groups.values() for member in members}
        cards = self.search([("partner_id", "in", list(every)), ("company_id", "in", self.company_id.ids)])
        for debtor in self:
            members = set(groups.get(debtor.partner_id.id, ()))
            debtor.update(debtor._prepare_group(cards.filtered(lambda card, of=members: card.partner_id.id in of)))

    def _prepare_group(self, cards):
        """Return the sums of the cards in this one's company; one customer alone is no group."""
        own = cards.filtered(lambda card: card.company_id == self.company_id)
        own = own if len(own) > 1 else own.browse()
        return {
            "group_debtor_ids": own.ids,
            "group_count": len(own),
            "group_total": sum(own.mapped("amount_total")),
            "group_overdue": sum(own.mapped("amount_overdue")),
            "group_exposure": sum(own.mapped("exposure")),
        }

    def action_open_group(self):
        """Open the customers of the group."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_debtor_action")
        return action | {"domain": [("id", "in", self.group_debtor_ids.ids)], "context": {}}
