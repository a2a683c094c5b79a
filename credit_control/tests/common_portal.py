import re
from datetime import timedelta
from html import unescape
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, new_test_user

from .common import CreditControlCommon

ROOT = "/my/credit"


class PortalCommon(CreditControlCommon, HttpCase):
    """Three customers of one company, each with a contact who logs in, two overdue invoices and one not due.

    Amounts of the first: 1 000 (40 days late), 600 (5 days late) and 250 (due in 20 days).
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.today = fields.Date.context_today(cls.env.user)
        cls.role = cls.env["credit.contact.role"].create({"name": "Accounts payable", "code": "portal_ap"})
        cls.reason = cls.env.ref("credit_control.reason_delivery")
        names = ("Boulangerie Exemple", "Atelier Voisin", "Garage Tiers")
        cls.customers = [cls._new_portal_customer(name, place) for place, name in enumerate(names)]
        cls.one, cls.two, cls.three = cls.customers
        cls.debtor = cls.one["debtor"]
        cls.debtor.collector_id = cls.collector

    @classmethod
    def _new_portal_customer(cls, name, place):
        partner = cls.customer if not place else cls._new_customer(name)
        contact = cls.env["res.partner"].create(
            {
                "name": f"Accounts payable {name}",
                "email": f"payable{place}@example.com",
                "parent_id": partner.id,
                "credit_role_ids": cls.role.ids,
                "lang": "en_US",
            }
        )
        login = f"portal_customer_{place}"
        user = new_test_user(cls.env, login, "base.group_portal", partner_id=contact.id, password=login)
        moves = [
            cls._invoice(
                amount, cls.today - timedelta(days=late), partner=partner, issued=cls.today - timedelta(days=late + 30)
            )
            for amount, late in ((1000, 40), (600, 5), (250, -20))
        ]
        return {
            "partner": partner,
            "contact": contact,
            "user": user,
            "login": login,
            "moves": moves,
            "items": [cls._receivable(move).id for move in moves],
            "debtor": cls.env["credit.debtor"]._ensure(cls.company, partner.ids),
        }

    # -- ways in --------------------------------------------------------------------

    @classmethod
    def _link(cls, customer, suffix="", contact=None):
        """Return the path of the link in this customer's message."""
        url = customer["debtor"]._get_portal_url(contact or customer["contact"])
        return url[url.index(ROOT) :] + suffix

    def _way(self, customer, suffix=""):
        """Return the path for who is logged in."""
        return f"{ROOT}/{customer['debtor'].company_id.id}{suffix}"

    def _log_in(self, customer=None):
        self.authenticate(customer and customer["login"], customer and customer["login"])

    def _lift_limits(self):
        """Let everybody do everything as often as they like; a repeated answer counts as another one."""
        lifted = patch.object(
            self.registry["credit.portal.count"], "_allow", lambda count, allowances, who, now=None: True
        )
        lifted.start()
        self.addCleanup(lifted.stop)
        return lifted

    # -- what a browser does ----------------------------------------------------------

    def _get(self, path):
        return self.url_open(path, allow_redirects=False, timeout=60)

    def _text(self, response):
        """Return what is read on a page."""
        main = response.text.partition("<main")[2].partition("</main>")[0] or response.text
        text = re.sub(r"<(script|style).*?</\1>", " ", main, flags=re.DOTALL)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))

    def _csrf(self, path):
        """Return the token of the form at ``path``, else of the page to log in."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self._get(path).text)
        found = found or re.search(r'csrf_token: "([^"]+)"', self._get("/web/login").text)
        return found[1]

    def _post(self, path, data=None, files=None, form=None):
        """Send the form at ``path`` (or ``form``) with ``data``."""
        data = {"csrf_token": self._csrf(form or path), **(data or {})}
        return self.url_open(path, data=data, files=files, allow_redirects=False, timeout=60)

    def _promise_data(self, customer, **data):
        return {
            "item": customer["items"][:1],
            "amount": "400",
            "date": fields.Date.to_string(self.today + timedelta(days=9)),
            **data,
        }

    def _dispute_data(self, customer, **data):
        return {
            "item": customer["items"][:1],
            "reason": str(self.reason.id),
            "text": "Two crates were missing",
            **data,
        }

    def _paid_data(self, customer, **data):
        return {"item": customer["items"][:1], "date": fields.Date.to_string(self.today), "reference": "VIR 42", **data}

    # -- what came of it --------------------------------------------------------------

    def _promises(self, customer=None):
        domain = [("partner_id", "=", customer["partner"].id)] if customer else []
        return self.env["credit.promise"].search([*domain, ("company_id", "=", self.company.id)])

    def _disputes(self, customer=None):
        domain = [("partner_id", "=", customer["partner"].id)] if customer else []
        return self.env["credit.dispute"].search([*domain, ("company_id", "=", self.company.id)])
