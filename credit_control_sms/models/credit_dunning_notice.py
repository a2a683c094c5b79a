from datetime import UTC
from zoneinfo import ZoneInfo

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang, html2plaintext

from odoo.addons.credit_control.channels.abstract import Content
from odoo.addons.credit_control.core import reasons
from odoo.addons.credit_control.core.window import Window
from odoo.addons.credit_control.models.company_day import company_zone

from ..core import wording
from ..core.clocks import local_times
from ..numbering import get_zones, read_number
from .credit_dunning_decision import NUMBER_REASONS
from .credit_dunning_step import NAMES

HANDLER = "credit.channel.sms"
# Hours in which an SMS may arrive, by the recipient's clock; not on weekends and public holidays.
WINDOW = Window(8.0, 20.0)
# More documents than this are counted, not named: they would cost a second part.
DOCUMENTS = 1


class CreditDunningNotice(models.Model):
    _inherit = "credit.dunning.notice"

    reason = fields.Selection(
        selection_add=NUMBER_REASONS, ondelete={code: "set null" for code, _label in NUMBER_REASONS}
    )
    sms_note = fields.Char(string="SMS", compute="_compute_sms_note", help="In how many parts it goes, and the cost.")
    fallback_reason = fields.Char(
        string="Reason of the fallback",
        compute="_compute_fallback_reason",
        help="Why the channel that the step names doesn't reach the customer.",
    )

    # -- words --------------------------------------------------------------------------

    def _render_sms_contents(self):
        """Return each notice as an SMS in the customer's language: plain text, and the same as HTML."""
        contents = {notice.id: Content("", notice.body or "") for notice in self.filtered("is_edited")}
        fresh = self.filtered(lambda notice: not notice.is_edited)
        for (company, lang), notices in fresh.grouped(lambda n: (n.company_id, n._get_text_lang())).items():
            zone = company.partner_id.tz or self.env.user.tz
            contents |= notices.with_context(lang=lang, tz=zone)._render_sms_language()
        return contents

    def _render_sms_language(self):
        values_of = self._prepare_text_values()
        return {notice.id: notice._render_sms(values_of[notice.id]) for notice in self}

    def _render_sms(self, values):
        words = self.step_id._get_sms_words()
        try:
            text = wording.fill(words, self._prepare_sms_values(values))
        except KeyError as error:
            return UserError(
                self.env._("The SMS of the step “%(step)s” asks for %(name)s.", step=self.step_id.name, name=error)
            )
        text = self.env["sms.sms"]._credit_encode(text).text
        return Content("", Markup('<p style="white-space: pre-wrap">%s</p>') % text, text=text)

    def _prepare_sms_values(self, values):
        """Return the values by the names that a text may use, short enough for a phone."""
        references = [line.reference for line in self.line_ids if not line.is_credit]
        if len(references) > DOCUMENTS:
            documents = self.env._("%s invoices", len(references))
        else:
            documents = ", ".join(references)
        more = {"documents": documents, "link": values["pay_url"] or "", "phone": values["sender"]["phone"]}
        return {name: value for name, value in {**values, **more}.items() if name in NAMES}

    def _get_sms_text(self, content):
        """Return what is handed over: as rendered, or as a person wrote it."""
        return content.text or html2plaintext(content.body or "", include_references=False).strip()

    # -- screen -------------------------------------------------------------------------

    @api.depends("preview")
    def _compute_sms_note(self):
        self.sms_note = False
        texts = self.filtered(lambda notice: notice.channel_id.handler == HANDLER and notice.preview)
        gateways = self.env["credit.sms.gateway"]._get_by_company(texts.company_id)
        for notice in texts:
            text = html2plaintext(notice.preview, include_references=False).strip()
            gateway = gateways.get(notice.company_id.id)
            notice.sms_note = notice._text_sms_note(self.env["sms.sms"]._credit_encode(text), gateway)

    def _text_sms_note(self, encoded, gateway):
        size = self.env._("%(size)s characters, parts: %(parts)s", size=len(encoded.text), parts=encoded.parts)
        if not gateway or not gateway.price:
            return size
        cost = formatLang(self.env, encoded.parts * gateway.price, digits=3)
        return self.env._("%(size)s, %(cost)s %(currency)s", size=size, cost=cost, currency=gateway.currency_id.name)

    @api.depends("fallback_for_id", "debtor_id", "step_id")
    def _compute_fallback_reason(self):
        self.fallback_reason = False
        labels = dict(self._fields["reason"]._description_selection(self.env))
        replaced = self.filtered(lambda notice: notice.fallback_for_id.handler == HANDLER)
        for (company, step), notices in replaced.grouped(lambda n: (n.company_id, n.step_id)).items():
            handler = self.env[HANDLER].with_company(company)
            reaches = handler._reach(notices.fallback_for_id, notices.debtor_id, step)
            for notice in notices:
                notice.fallback_reason = labels.get(reaches[notice.debtor_id.id].reason, False)

    # -- once more, before it leaves ------------------------------------------------------

    def _take_reviewed(self, prepared, handler, verdict):
        """Whoever is written to by several policies gets one SMS: what was just sent wasn't known to the batch."""
        if handler._name == HANDLER and handler._get_too_often(self.debtor_id):
            self._record_outcome("cancelled", reasons.TOO_SOON)
            return False
        return super()._take_reviewed(prepared, handler, verdict)

    # -- hours --------------------------------------------------------------------------

    @api.model
    def _get_sendable_domain(self, company, now=None):
        domain = super()._get_sendable_domain(company, now)
        closed = self._get_sms_closed_ids(company, now or fields.Datetime.now())
        return [*domain, ("id", "not in", closed)] if closed else domain

    @api.model
    def _get_sms_closed_ids(self, company, now):
        """Return the ids of the SMS whose recipients sleep, rest or celebrate."""
        queued = [("company_id", "=", company.id), ("state", "=", "queued"), ("channel_id.handler", "=", HANDLER)]
        # Of each only where it goes: this is asked anew for each batch, of all that waits.
        notices = self.search_fetch(queued, ["address", "partner_id"])
        places = notices.grouped(lambda notice: notice._get_sms_place(company.country_id.code or ""))
        regions = {region for region, _zones in places}
        countries = self.env["res.country"].search_fetch([("code", "in", list(regions))], ["code"]).grouped("code")
        return [
            notice.id
            for (region, zones), notices in places.items()
            if not self._is_sms_hour(countries.get(region) or company.country_id, zones, company, now)
            for notice in notices
        ]

    def _get_sms_place(self, home):
        """Return (region, time zones) of the number that is written to."""
        found = read_number(self.address or self.partner_id.phone or "", home)
        return found.region, get_zones(found.e164) if found.e164 else ()

    @api.model
    def _is_sms_hour(self, country, zones, company, now):
        """Whether it is a decent hour in ``country``: by each clock of ``zones`` and by its public holidays."""
        clocks = [ZoneInfo(zone) for zone in zones] or [company_zone(company)]
        times = local_times(now.replace(tzinfo=UTC), clocks)
        return all(WINDOW.is_open(local, self._get_days_off(country, local.year)) for local in times)
