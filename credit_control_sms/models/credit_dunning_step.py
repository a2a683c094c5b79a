from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import LazyTranslate, format_amount, format_date

from odoo.addons.credit_control.core import ladder
from odoo.addons.credit_control.models.company_day import company_today

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

    sms_example = fields.Text(
        string="Example", compute="_compute_sms_example", help="As a phone shows it, with an invented claim."
    )
    sms_note = fields.Char(
        string="Size", compute="_compute_sms_example", help="In how many parts it goes, and the cost."
    )

    @api.depends("sms_text", "delay_basis", "delay_days", "policy_id.company_id")
    @api.depends_context("lang", "company")
    def _compute_sms_example(self):
        gateways = self.env["credit.sms.gateway"]._get_by_company(self.policy_id.company_id | self.env.company)
        for step in self:
            company = step.policy_id.company_id or self.env.company
            words = step.sms_text or step._origin._get_sms_words()
            unknown = wording.names(words) - set(NAMES)
            text = "" if unknown else wording.fill(words, step._get_sms_sample(company))
            encoded = self.env["sms.sms"]._credit_encode(text)
            note = step.env["credit.dunning.notice"]._text_sms_note(encoded, gateways.get(company.id))
            step.sms_example, step.sms_note = encoded.text, text and note

    def _get_sms_sample(self, company):
        """Return what the names of a text stand for in an example."""
        lang = self.env.context.get("lang") or self.env.user.lang
        deadline = company_today(company) + timedelta(days=8)
        return {
            "company_name": company.name,
            "count": 1,
            "customer": self.env._("Example Bakery"),
            "days_late": 15,
            "deadline": format_date(self.env, deadline, lang_code=lang),
            "documents": "INV/00042",
            "link": f"{company.get_base_url()}/my",
            "phone": company.phone or "",
            "sender_name": self.env.user.name,
            "total": format_amount(self.env, 1200, company.currency_id, lang_code=lang),
        }

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
        is_first = not self or self._get_place() == "first"
        return self.env._(FIRST) if is_first else self.env._(FURTHER)
