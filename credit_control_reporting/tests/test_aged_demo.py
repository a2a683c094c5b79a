from datetime import date, timedelta

from odoo.tests import tagged

from odoo.addons.credit_control.demo import customers
from odoo.addons.credit_control.demo.ledger import build

from ..models.credit_aged_balance import Options
from .common_ledger import LedgerCommon

TODAY = date(2025, 6, 18)
# Part payments and a credit note, instalments, an overpaid one, another currency.
NAMES = (
    "Boulangerie Exemple",
    "Équipements Fournil",
    "Confiserie Royale",
    "Pizzeria du Théâtre",
    "North Shore Foods Inc.",
)


@tagged("post_install", "-at_install")
class TestAgedDemo(LedgerCommon):
    """Two years of the demonstration: at each month end, the aged balance is the ledger's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        chosen = [customer for customer in customers.CUSTOMERS if customer.name in NAMES]
        build(cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids}), TODAY, chosen)

    def _month_ends(self):
        day = TODAY
        while day > TODAY - timedelta(days=730):
            day = day.replace(day=1) - timedelta(days=1)
            yield day

    def test_every_month_end_ties(self):
        balance = self.env["credit.aged.balance"].with_user(self.reader).with_company(self.company)
        amounts = set()
        for day in (TODAY, *self._month_ends()):
            for edges in ((30, 60, 90), (7, 8, 365)):
                report = balance._get_report(Options(day, self.company.ids, ("currency", "customer"), edges))
                self.assertEqual(report.figures.total, self._get_booked(day), day)
                self.assertEqual(round(sum(report.figures.buckets), 2), report.figures.total, day)
            amounts.add(report.figures.total)
        # It isn't always the same, nor nothing.
        self.assertGreater(len(amounts), 20)
