from datetime import date

from odoo.tests import tagged

from .common import CreditControlCommon

FAR = (date(9999, 12, 31), date(1900, 1, 1))


@tagged("post_install", "-at_install")
class TestFarDates(CreditControlCommon):
    """A due date that stands for “never”, or that was mistyped: one item of it spoils nobody's day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.far = [cls._invoice(100.0, due) for due in FAR]
        cls.late = cls._invoice(100.0, date(2024, 11, 1))

    def test_others_are_reminded(self):
        run = self._run(date(2024, 11, 30))
        self.assertIn(self.late, run.notice_ids.line_ids.move_id)
        never, ancient = self.far
        self.assertEqual(self._reason(never, run), "not_due")
        self.assertEqual(self._reason(ancient, run), "remind")
        self.assertEqual(set(run.notice_ids.mapped("state")), {"sent"})

    def test_each_cron_comes_to_its_end(self):
        known = self.env["ir.model.data"].search([("model", "=", "ir.cron"), ("module", "=like", "credit_control%")])
        crons = self.env["ir.cron"].with_context(active_test=False).browse(known.mapped("res_id"))
        self.assertGreater(len(crons), 10)
        with self.enter_registry_test_mode():
            for cron in crons:
                with self.subTest(cron=cron.cron_name):
                    cron.method_direct_trigger()

    def test_what_is_shown_of_them(self):
        card = self.env["credit.debtor"]._ensure(self.company, self.customer.ids).with_user(self.collector)
        self.assertEqual(card.open_item_count, 3)
        for records in (card, card.open_item_ids, self.env["credit.charge.item"].with_user(self.collector).search([])):
            self.assertTrue(records.read())
        [shown] = card.open_item_ids.filtered(lambda item: item.date_maturity == FAR[0])
        self.assertFalse(shown.days_overdue > 0)
        self.assertTrue(card.action_read_timeline())
