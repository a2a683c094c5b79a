from odoo import api, fields, models
from odoo.fields import Domain

from .company_day import company_today

SEES_CREDIT = "credit_control.group_reader,credit_control.group_salesperson"


class CreditPartnerRating(models.AbstractModel):
    """What rating agencies say of a partner, customer or prospect, in the current company; stored nowhere."""

    _name = "credit.partner.rating"
    _description = "External ratings of a partner"

    commercial_partner_id = fields.Many2one("res.partner")

    credit_rating_id = fields.Many2one(
        "credit.rating", string="External rating", compute="_compute_credit_rating", groups=SEES_CREDIT
    )
    credit_rating_words = fields.Char(
        string="Rating in words",
        compute="_compute_credit_rating",
        groups=SEES_CREDIT,
        help="The latest valid rating, with its place from 0 (worst) to 100 (best), its agency and its day.",
    )
    credit_rating_state = fields.Selection(
        [("valid", "Valid"), ("stale", "Stale")],
        string="Validity of the rating",
        compute="_compute_credit_rating",
        search="_search_credit_rating_state",
        groups=SEES_CREDIT,
    )
    credit_rating_conflict = fields.Char(
        string="Against our score",
        compute="_compute_credit_rating",
        groups=SEES_CREDIT,
        help="Shown where the agency and our own score are further apart than the agency's tolerance.",
    )
    credit_rating_count = fields.Integer(
        string="Number of ratings", compute="_compute_credit_rating", groups=SEES_CREDIT
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid", "lang")
    def _compute_credit_rating(self):
        commercial_ids = self.commercial_partner_id._origin.ids
        known = self.env["credit.rating"]._describe_many(self.env.company, commercial_ids)
        counts = self._count_credit_ratings(commercial_ids)
        for partner in self:
            commercial_id = partner.commercial_partner_id._origin.id
            described = known.get(commercial_id, {})
            partner.credit_rating_id = described.get("rating_id", False)
            partner.credit_rating_words = described.get("words", False)
            partner.credit_rating_state = described.get("state", False)
            partner.credit_rating_conflict = described.get("conflict", False)
            partner.credit_rating_count = counts.get(commercial_id, 0)

    def _count_credit_ratings(self, commercial_ids):
        groups = self.env["credit.rating"]._read_group(
            [("partner_id", "in", commercial_ids), ("company_id", "in", (False, self.env.company.id))],
            ["partner_id"],
            ["__count"],
        )
        return {partner.id: count for partner, count in groups}

    def _search_credit_rating_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._get_rating_state_domain(state) for state in set(value))

    @api.model
    def _get_rating_state_domain(self, state):
        """Return the domain of the partners whose ratings are in that state; False: who has none."""
        known = Domain("company_id", "in", (False, self.env.company.id))
        today = company_today(self)
        valid = Domain("date_until", "=", False) | Domain("date_until", ">=", today)
        ratings = self.env["credit.rating"]
        rated = Domain("commercial_partner_id", "in", ratings._search(known).subselect("partner_id"))
        fresh = Domain("commercial_partner_id", "in", ratings._search(known & valid).subselect("partner_id"))
        return {"valid": fresh, "stale": rated & ~fresh}.get(state, ~rated)

    def action_open_credit_ratings(self):
        """Open what the agencies said of this customer."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_rating_action")
        commercial = self.commercial_partner_id
        action["domain"] = [("partner_id", "=", commercial.id)]
        action["context"] = {"default_partner_id": commercial.id}
        return action

    def action_fetch_credit_rating(self):
        """Ask the providers of the current company for this customer's ratings, and say what came of it."""
        self.ensure_one()
        return self.env["credit.rating.provider"]._fetch_for_person(self.commercial_partner_id)
