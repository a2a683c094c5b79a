from odoo import models

from ..core import delivery

STATES = {"pending": delivery.SENT, "sent": delivery.DELIVERED, "error": delivery.FAILED}


class SmsTracker(models.Model):
    """Reports that reach Odoo by another way (its own provider, Twilio) are known to deliveries, too."""

    _inherit = "sms.tracker"

    def _action_update_from_sms_state(self, sms_state, failure_type=False, failure_reason=False):
        self._credit_tell_deliveries(STATES.get(sms_state), failure_type, failure_reason)
        return super()._action_update_from_sms_state(
            sms_state, failure_type=failure_type, failure_reason=failure_reason
        )

    def _action_update_from_provider_error(self, provider_error):
        reason = self.env.context.get("sms_known_failure_reason") or provider_error
        self._credit_tell_deliveries(delivery.FAILED, f"sms_{provider_error}", reason)
        return super()._action_update_from_provider_error(provider_error)

    def _credit_tell_deliveries(self, state, failure, detail):
        if not state or self.env.context.get("credit_sms_told"):
            return
        rows = self.env["credit.sms.delivery"].sudo().search([("uuid", "in", self.mapped("sms_uuid"))])
        rows._record(state, failure or "", detail or "")
