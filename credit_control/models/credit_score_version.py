import hashlib
import json

from odoo import api, fields, models

from ..core.scoring import AT_LEAST, AT_MOST, Cap, Rules
from .company_day import company_today
from .language import format_figure


class CreditScoreVersion(models.Model):
    """What a scheme said when a score was given by it: frozen, made by itself, never changed.

    A version is known by its content: the first score after a change of the scheme makes one,
    and a scheme that is set back to what it was is at its old version again.
    """

    _name = "credit.score.version"
    _description = "Version of a score's scheme"
    _order = "scheme_id, number desc"
    _rec_name = "number"

    scheme_id = fields.Many2one("credit.score.scheme", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="scheme_id.company_id", store=True, index=True)
    number = fields.Integer(string="Version", required=True, aggregator=None)
    date = fields.Date(string="Since", required=True)
    fingerprint = fields.Char(required=True)
    content = fields.Json(required=True)
    summary = fields.Text(compute="_compute_summary")

    _fingerprint_unique = models.Constraint("UNIQUE (scheme_id, fingerprint)", "This version is known already.")
    _number_unique = models.Constraint("UNIQUE (scheme_id, number)", "Versions have different numbers.")

    @api.depends("content")
    def _compute_summary(self):
        for version in self:
            content = version.content or {}
            names = {factor.code: factor.name for factor in version.scheme_id.factor_ids}
            parts = [
                ", ".join(
                    f"{names.get(one['code'], one['code'])} {format_figure(self.env, one['weight'])}"
                    for one in content.get("factors", ())
                ),
                ", ".join(
                    f"{band['grade']} ≥ {format_figure(self.env, band['minimum'])}" for band in content.get("bands", ())
                ),
            ]
            version.summary = "\n".join(parts)

    @api.model
    def _get_current(self, scheme):
        """Return the version that says what ``scheme`` says now, made where it is missing."""
        content = scheme._prepare_content()
        fingerprint = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        versions = self.sudo().search([("scheme_id", "=", scheme.id)])
        return versions.filtered(lambda version: version.fingerprint == fingerprint) or versions.create(
            {
                "scheme_id": scheme.id,
                "number": max(versions.mapped("number"), default=0) + 1,
                "date": company_today(self),
                "fingerprint": fingerprint,
                "content": content,
            }
        )

    def _get_weights(self):
        """Return ``{factor: weight}``."""
        factors = self.env["credit.score.factor"]
        return {factors.browse(one["id"]): one["weight"] for one in (self.content or {}).get("factors", ())}

    def _get_rules(self):
        """Return the bands and the least number of items, for the core."""
        bands = tuple((band["grade"], band["minimum"]) for band in self.content["bands"])
        return Rules(bands, self.content["minimum_items"])

    def _get_caps_of(self, facts_of):
        """Return ``{debtor id: caps}`` that these facts mean.

        :param facts_of: ``{debtor id: {code: figure of its own, or None}}``; codes that the scheme
            doesn't know do nothing
        """
        known = {cap["code"]: cap for cap in self.content["caps"]}
        return {
            debtor_id: [
                Cap(code, known[code]["kind"], self._get_amount(known[code], figure))
                for code, figure in facts.items()
                if code in known
            ]
            for debtor_id, facts in facts_of.items()
        }

    def _get_amount(self, cap, figure):
        """Return the fact's own figure where it has one: a ceiling or a floor as it is, a deduction up to the cap's."""
        if figure is None:
            return cap["amount"]
        figure = round(figure, 2)
        return figure if cap["kind"] in (AT_MOST, AT_LEAST) else min(figure, cap["amount"])
