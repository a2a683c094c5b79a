from odoo import fields, models

from ..rating_providers import abstract


class CreditRatingRequest(models.Model):
    """One question to a rating provider and what came of it: the log of all of them."""

    _name = "credit.rating.request"
    _description = "Request to a rating provider"
    _order = "id desc"
    _rec_name = "provider_id"

    provider_id = fields.Many2one(
        "credit.rating.provider", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="provider_id.company_id", store=True, index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, readonly=True, ondelete="cascade")
    date = fields.Datetime(string="Asked at", required=True, readonly=True, default=fields.Datetime.now, index=True)
    state = fields.Selection([("done", "Answered"), ("failed", "Failed")], required=True, readonly=True, default="done")
    reason = fields.Selection(
        [
            (abstract.TIMEOUT, "It didn't answer in time"),
            (abstract.UNREACHABLE, "It couldn't be reached"),
            (abstract.RATE_LIMITED, "Asked too often: it answers later"),
            (abstract.NOT_ALLOWED, "It doesn't accept our key"),
            (abstract.UNKNOWN_CUSTOMER, "It doesn't know this customer"),
            (abstract.SERVER_ERROR, "It reported an error of its own"),
            (abstract.REDIRECTED, "It led to another address, which isn't followed"),
            (abstract.TOO_LARGE, "Its answer was too large"),
            (abstract.NONSENSE, "Its answer couldn't be understood"),
            (abstract.NO_IDENTIFIER, "The customer lacks what it is asked by"),
            (abstract.UNKNOWN_VALUE, "Its rating isn't on the agency's scale"),
            (abstract.NEUTRALIZED, "Nothing leaves a neutralized database"),
            (abstract.ERROR, "Something unexpected went wrong"),
        ],
        readonly=True,
    )
    detail = fields.Char(readonly=True, help="What it said, as far as it is no secret.")
    rating_id = fields.Many2one("credit.rating", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", string="Asked by", readonly=True, default=lambda self: self.env.user)

    def _get_sentence(self):
        """Return what came of it, in words."""
        self.ensure_one()
        if self.state == "done":
            return self.env._(
                "%(provider)s: %(value)s", provider=self.provider_id.name, value=self.rating_id.value or ""
            )
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.provider_id.name}: {reasons.get(self.reason, '')}{detail}"
