from odoo import models
from odoo.tools import format_date


class ReportScore(models.AbstractModel):
    """The trust score for the person concerned, in their language: logic, inputs, value, rights.

    What the GDPR gives them: information and copy (art. 13–15), objection (21), a person who decides (22).
    """

    _name = "report.credit_control.report_score"
    _inherit = "credit.documents"
    _description = "Trust score for the person concerned"
    _document_model = "credit.debtor"
    _values_name = "score_of"

    def _prepare_document(self, debtor):
        lang = debtor.partner_id.lang or self.env.lang
        debtor = debtor.with_context(lang=lang)
        return {
            **debtor._explain_score(),
            "lang": lang,
            "history": self._prepare_history(debtor),
            "is_natural_person": debtor.is_natural_person,
        }

    def _prepare_history(self, debtor):
        """Return ``(date, words)`` of the scores that are kept, the last ones first; at most a year of months."""
        scores = self.env["credit.score"].with_context(lang=debtor.env.lang)
        found = scores.search(
            [("partner_id", "=", debtor.partner_id.id), ("company_id", "=", debtor.company_id.id)], limit=12
        )
        return [(format_date(debtor.env, score.date), score.label) for score in found]
