from odoo import fields, models


class CreditPortfolio(models.Model):
    """A part of the customers with the people who answer for it."""

    _name = "credit.portfolio"
    _description = "Portfolio of customers"
    _order = "sequence, name, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    manager_id = fields.Many2one(
        "res.users",
        check_company=True,
        help="Stands in where a customer has no collector, and decides on held documents.",
    )
    collector_ids = fields.Many2many(
        "res.users",
        check_company=True,
        help="Customers without a collector of their own are on the agenda of each of them.",
    )
    debtor_ids = fields.One2many("credit.debtor", "portfolio_id")

    def _get_keepers(self):
        """Return who works on the customers without a collector of their own: the collectors, else the manager."""
        return self.collector_ids.filtered("active") or self._get_manager()

    def _get_sole_keeper(self):
        """Return who alone works on them; empty where several do, or nobody."""
        keepers = self._get_keepers()
        return keepers if len(keepers) == 1 else keepers.browse()

    def _get_manager(self):
        """Return the manager; who has left manages nothing."""
        return self.manager_id.filtered("active")
