from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import LazyTranslate

from odoo.addons.credit_control.core import ladder

from ..core import wording

_lt = LazyTranslate(__name__)

# What a text may name.
NAMES = (
    "company_name",
    "count",
    "customer",
    "days_late",
    "deadline",
    "documents",
    "link",
    "phone",
    "sender_name",
    "total",
)
BEFORE_DUE = _lt("{{ company_name }}: {{ total }} for {{ documents }} will be due on {{ deadline }}. Thank you.")
PROMISE_BROKEN = _lt(
    "{{ company_name }}: the payment that you promised hasn't arrived. Please pay {{ total }} by {{ deadline }}."
)
FIRST = _lt(
    "{{ company_name }}: {{ total }} for {{ documents }} is overdue. Please pay by {{ deadline }}. "
    "Already paid? Then thank you."
)
FURTHER = _lt(
    "{{ company_name }}: despite our reminder, {{ total }} for {{ documents }} is still unpaid. "
    "Please pay by {{ deadline }} or call {{ phone }}."
)


class CreditDunningStep(models.Model):
    _inherit = "credit.dunning.step"

    sms_text = fields.Text(
        string="SMS",
        translate=True,
        help="Values stand in double braces: {{ total }}, {{ deadline }}, {{ documents }}, {{ company_name }}, "
        "{{ customer }}, {{ count }}, {{ days_late }}, {{ sender_name }}, {{ phone }}, {{ link }}. "
        "Empty: the words that come with the addon.",
    )

    @api.constrains("sms_text")
    def _check_sms_text(self):
        for step in self:
            unknown = wording.names(step.sms_text or "") - set(NAMES)
            if unknown:
                raise ValidationError(
                    self.env._(
                        "The SMS of the step “%(step)s” asks for a value that there isn't: %(names)s.",
                        step=step.name,
                        names=", ".join(sorted(unknown)),
                    )
                )

    def _get_sms_words(self):
        """Return the step's own words in the language of the context, else those that suit its place."""
        if self.sms_text:
            return self.sms_text
        if self.delay_basis == ladder.PROMISE_BROKEN:
            return self.env._(PROMISE_BROKEN)
        if self and self._get_core_step().is_courtesy:
            return self.env._(BEFORE_DUE)
        return self.env._(FIRST if not self or self._get_place() == "first" else FURTHER)
