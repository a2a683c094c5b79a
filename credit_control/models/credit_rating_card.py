from odoo import api, fields, models


class CreditRatingCard(models.AbstractModel):
    """What rating agencies say of a debtor: read from the ratings, stored nowhere."""

    _name = "credit.rating.card"
    _description = "Ratings on a debtor's card"

    # Those of the card itself; named here because the ratings need them.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")

    rating_ids = fields.Many2many("credit.rating", string="External ratings", compute="_compute_rating_ids")
    rating_count = fields.Integer(string="Number of ratings", compute="_compute_rating_ids")
    rating_words = fields.Char(string="External rating", compute="_compute_rating_words")
    rating_state = fields.Selection(
        [("valid", "Valid"), ("stale", "Stale")], string="State of the rating", compute="_compute_rating_words"
    )
    rating_conflict = fields.Char(string="Against our score", compute="_compute_rating_words")

    @api.depends("partner_id", "company_id")
    @api.depends_context("uid")
    def _compute_rating_ids(self):
        found = self.env["credit.rating"].search([("partner_id", "in", self.partner_id.ids)])
        own = found.grouped("partner_id")
        for debtor in self:
            ratings = own.get(debtor.partner_id, found.browse())
            company = debtor.company_id
            debtor.rating_ids = ratings.filtered(lambda one, company=company: one.company_id <= company)
            debtor.rating_count = len(debtor.rating_ids)

    @api.depends("partner_id", "company_id")
    @api.depends_context("uid", "lang")
    def _compute_rating_words(self):
        for company, debtors in self.grouped("company_id").items():
            known = self.env["credit.rating"]._describe_many(company, debtors.partner_id.ids)
            for debtor in debtors:
                described = known.get(debtor.partner_id.id, {})
                debtor.rating_words = described.get("words", False)
                debtor.rating_state = described.get("state", False)
                debtor.rating_conflict = described.get("conflict", False)

    def _get_score_facts(self, as_of):
        """Add what valid ratings bound our own score to."""
        facts = super()._get_score_facts(as_of)
        for company, debtors in self.grouped("company_id").items():
            caps = self.env["credit.rating"]._get_score_caps(company, debtors.partner_id.ids, as_of)
            if not caps:
                continue
            for debtor in debtors:
                if debtor.partner_id.id in caps:
                    facts[debtor.id] = {**facts.get(debtor.id, {}), **caps[debtor.partner_id.id]}
        return facts

    def action_open_ratings(self):
        """Open what the agencies said of this customer."""
        self.ensure_one()
        return self.partner_id.with_company(self.company_id).action_open_credit_ratings()

    def action_fetch_rating(self):
        """Ask the providers of the company for this customer's ratings."""
        self.ensure_one()
        return self.partner_id.with_company(self.company_id).action_fetch_credit_rating()
