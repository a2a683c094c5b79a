"""Odoo's own providers (its IAP service, Twilio) with the face of a gateway."""

from dataclasses import replace

from odoo.addons.iap.tools.iap_tools import InsufficientCreditError

from ..core import answers
from ..core.answers import Result
from ..core.wording import printable

LEFT = {"processing": answers.SENT, "success": answers.SENT, "sent": answers.SENT, "delivered": answers.DELIVERED}
DETAIL_SIZE = 200
# The exchange broke off: with Twilio this is said of time-outs, too.
BROKEN = "server_error"
# Nothing of the account leaves.
GENERAL = {
    "insufficient_credit": answers.CREDIT,
    "unregistered": answers.ACCOUNT,
    "twilio_authentication": answers.ACCOUNT,
    "twilio_callback": answers.ACCOUNT,
    "twilio_from_missing": answers.ACCOUNT,
}


class OdooProvider:
    """Hands messages to what the company has chosen in Odoo's settings."""

    def __init__(self, company, report_url):
        self._api = company._get_sms_api_class()(company.env)
        self._api._set_company(company)
        self._report_url = report_url

    def send(self, messages):
        """Return a result for each of ``messages``; where the call breaks off, they may have left."""
        asked = [{"content": one.text, "numbers": [{"number": one.number, "uuid": one.uuid}]} for one in messages]
        try:
            found = self._api._send_sms_batch(asked, delivery_reports_url=self._report_url)
        except InsufficientCreditError:
            return [Result(one.uuid, answers.RETRY, answers.CREDIT, is_general=True) for one in messages]
        except Exception:  # whatever a provider's class raises, its words may hold an account
            found = []
        known = {answer["uuid"]: answer for answer in found}
        return [self._read_answer(one.uuid, known.get(one.uuid)) for one in messages]

    def _read_answer(self, uuid, answer):
        if answer is None:
            return self._broken(uuid)
        return replace(self._read(uuid, answer), hook_values=(answer,))

    def _read(self, uuid, answer):
        state = answer["state"]
        if state == BROKEN:
            return self._broken(uuid)
        if state in LEFT:
            return Result(uuid, LEFT[state])
        if state in GENERAL:
            return Result(uuid, answers.RETRY, GENERAL[state], is_general=True)
        failure = self._api.PROVIDER_TO_SMS_FAILURE_TYPE.get(state, "unknown")
        detail = printable(answer.get("failure_reason") or state, DETAIL_SIZE)
        return Result(uuid, answers.FAILED, failure, detail=detail)

    def _broken(self, uuid):
        """It may have left; each of the others would be as uncertain, so they wait."""
        return Result(uuid, answers.UNCERTAIN, answers.MAYBE, is_general=True)
