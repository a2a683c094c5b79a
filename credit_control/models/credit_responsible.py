from odoo import api, fields, models
from odoo.fields import Domain


class CreditResponsible(models.AbstractModel):
    """Who looks after a debtor: the one place where it is decided.

    Their own collector; else the collectors of the portfolio, together; else the manager of the portfolio. Where one
    person has to be named (who signs, who is asked) several collectors have none among them: it is their manager.
    """

    _name = "credit.responsible"
    _description = "Who looks after a debtor"

    # Those of the card itself; named here because it follows from them.
    collector_id = fields.Many2one("res.users")
    portfolio_id = fields.Many2one("credit.portfolio")

    responsible_id = fields.Many2one(
        "res.users",
        string="Looked after by",
        compute="_compute_responsible_id",
        store=True,
        index="btree_not_null",
        help="The collector; without one, who alone collects for the portfolio, else its manager.",
    )

    @api.depends("collector_id", "portfolio_id.manager_id.active", "portfolio_id.collector_ids.active")
    def _compute_responsible_id(self):
        for debtor in self:
            portfolio = debtor.portfolio_id
            debtor.responsible_id = debtor.collector_id or portfolio._get_sole_keeper() or portfolio._get_manager()

    @api.model
    def _get_looked_after_domain(self, user, with_shared=True):
        """Return the domain of the customers that ``user`` looks after.

        :param with_shared: those too that colleagues of the same portfolio look after as well
        """
        portfolios = self.env["credit.portfolio"].sudo().with_context(active_test=False)
        portfolios = portfolios.search([("manager_id", "=", user.id)]) | portfolios.search(
            [("collector_ids", "in", user.ids)]
        )
        if with_shared:
            kept = portfolios.filtered(lambda portfolio: user in portfolio._get_keepers())
        else:
            kept = portfolios.filtered(lambda portfolio: user == portfolio._get_sole_keeper())
        through = Domain("collector_id", "=", False) & Domain("portfolio_id", "in", kept.ids)
        return Domain("collector_id", "=", user.id) | through

    @api.model
    def _get_nobody_domain(self):
        """Return the domain of the customers that nobody looks after, neither alone nor together."""
        portfolios = self.env["credit.portfolio"].sudo().with_context(active_test=False)
        kept = portfolios.search(Domain("collector_ids.active", "=", True) | Domain("manager_id.active", "=", True))
        return Domain("collector_id", "=", False) & Domain("portfolio_id", "not in", kept.ids)
