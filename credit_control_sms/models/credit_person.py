from odoo import api, fields, models
from odoo.fields import Domain


class CreditPerson(models.AbstractModel):
    """SMS to a person, and their answers."""

    _inherit = "credit.person"

    @api.model
    def _find(self, partner):
        """See ``credit_control``; answers know the customer by their card."""
        found = super()._find(partner)
        domain = [("debtor_id.partner_id", "=", partner.commercial_partner_id.id)]
        return found | {"credit.sms.reply": self._search_all("credit.sms.reply", domain)}

    @api.model
    def _forget(self, found):
        """See ``credit_control``; what an SMS cost stays."""
        done = super()._forget(found)
        self._forget_sms(found["credit.sms.delivery"], found["credit.sms.reply"])
        return done

    def _forget_settled(self, domain, limit):
        """See ``credit_control``; the SMS goes with its words, what was answered with the last of them."""
        done = super()._forget_settled(domain, limit)
        notices = self._search_all("credit.dunning.notice", domain & Domain("body", "like", "data-credit-erased"))
        gone = Domain("notice_id", "in", notices.ids) & Domain("number", "!=", False)
        old = Domain("debtor_id", "in", notices.debtor_id.ids) & Domain(
            "create_date", "<", fields.Datetime.to_datetime(limit)
        )
        self._forget_sms(self._search_all("credit.sms.delivery", gone), self._search_all("credit.sms.reply", old))
        return done

    def _forget_sms(self, deliveries, replies):
        deliveries.sms_id.unlink()
        self._blank(deliveries, ("detail", "number"))
        self._delete(replies)
