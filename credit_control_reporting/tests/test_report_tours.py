import json
from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.credit_control.tests.common import CreditControlCommon


@tagged("post_install", "-at_install")
class TestReportTours(CreditControlCommon, HttpCase):
    """The reports in the browser, as their reader sees them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader.company_ids = [Command.set(cls.company.ids)]
        cls.today = fields.Date.context_today(cls.reader)
        north = cls.env["credit.portfolio"].create({"name": "North", "company_id": cls.company.id})
        other = cls._new_customer("Atelier Nord")
        for amount, late, partner in ((1_000.0, -10, cls.customer), (250.0, 45, other)):
            due = cls.today - timedelta(days=late)
            cls._invoice(amount, due, partner=partner, issued=cls.today - timedelta(days=60))
        cls.env["credit.debtor"]._ensure(cls.company, (cls.customer | other).ids)
        other.with_company(cls.company).credit_debtor_id.portfolio_id = north

    def _get_favourite(self, model):
        """Return the name and the options of the only favourite."""
        [found] = self.env["ir.filters"].search([("model_id", "=", model)])
        return found.name, json.loads(json.loads(found.context)["options"])

    def test_aged_balance(self):
        """Group, unfold, add the DSO, keep a favourite, open what a figure is made of, come back."""
        self.start_tour(
            "/odoo/credit-aged-balance", "credit_control_aged_balance", login=self.reader.login, timeout=180
        )
        name, options = self._get_favourite("credit.aged.balance")
        self.assertEqual((name, options["axes"], options["dso"]), ("Every Monday", ["portfolio", "customer"], True))
        self.assertNotIn("as_of", options)

    def test_dashboard(self):
        """From the page to a report and back; what was kept there stands on the page. 250 of 1 250 are 20 %."""
        targets = self.env["credit.kpi.target"]
        for indicator, value in (("overdue_share", 15.0), ("receivables", 2_000.0)):
            targets.create(
                {
                    "company_id": self.company.id,
                    "indicator": indicator,
                    "value": value,
                    "date_from": self.today - timedelta(days=1),
                }
            )
        self.start_tour("/odoo/credit-dashboard", "credit_control_dashboard", login=self.reader.login, timeout=180)
        self.assertEqual(self._get_favourite("credit.report.receipts")[0], "Each week")
