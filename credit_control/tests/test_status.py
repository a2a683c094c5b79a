from datetime import date, timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import Form, tagged

from odoo.addons.credit_control.core.status import PRECEDENCE, RANKS

from .common_send import CreditSendCommon


@tagged("post_install", "-at_install")
class TestStatus(CreditSendCommon):
    """Of all that holds for a customer, the published precedence names the status; with its reason and day.

    The customer has 1 000 due on 1 December 2024; nothing has left yet.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.debtor = cls.env["credit.debtor"]._ensure(cls.company, cls.customer.ids)
        cls.agency = cls._new_customer("Recouvrement Exemple")

    def _assert_status(self, status, reason=None, since=None):
        """Read as a reader; searching, grouping and sorting say the same."""
        debtor = self.debtor.with_user(self.reader).with_context(allowed_company_ids=self.company.ids)
        debtor.invalidate_recordset()
        self.assertEqual(debtor.status, status)
        if reason is not None:
            self.assertEqual((debtor.status_reason, debtor.status_since), (reason, since))
        for code in PRECEDENCE:
            found = debtor.search([("id", "=", debtor.id), ("status", "=", code)])
            self.assertEqual(bool(found), code == status, f"searched by {code}")
        self.assertFalse(debtor.search([("id", "=", debtor.id), ("status", "!=", status)]))
        [(grouped, count)] = debtor._read_group([("id", "=", debtor.id)], ["status"], ["__count"])
        self.assertEqual((grouped, count), (status, 1))
        partner = self.customer.with_user(self.reader).with_company(self.company)
        partner.invalidate_recordset()
        self.assertEqual(partner.credit_status, status)
        self.assertIn(partner, partner.search([("credit_status", "=", status)]))
        self.assertNotIn(partner, partner.search([("credit_status", "!=", status)]))

    def _remind(self, step):
        """Let the message of ``step`` leave on 12 December 2024."""
        self.first.sequence, step.sequence = (2, 1) if step != self.first else (1, 2)
        notice = self._new_notice(date(2024, 12, 12))
        self._send(notice)
        self.assertEqual(notice.state, "sent")
        return notice

    def _promise(self, **values):
        return self.env["credit.promise"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "date": Date.add(Date.today(), days=5),
                "amount": 400,
                "move_line_ids": [Command.set(self._receivable(self.invoice).ids)],
                **values,
            }
        )

    def _dispute(self, **values):
        reason = self.env["credit.dispute.reason"].create({"name": "Quality", "code": "quality of the status"})
        line = Command.create({"move_line_id": self._receivable(self.invoice).id})
        return self.env["credit.dispute"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "reason_id": reason.id,
                "line_ids": [line],
                **values,
            }
        )

    def test_the_ladder_of_statuses(self):
        """One after the other, each goes before all those that held already."""
        days = (Date.today() - date(2024, 12, 1)).days
        self._assert_status("overdue", f"{days} days late", date(2024, 12, 2))
        notice = self._remind(self.first)
        self._assert_status("reminded", "First", notice.left_on)
        self._promise(date_recorded=date(2024, 12, 14))
        self._assert_status("promised")
        self.assertEqual(self.debtor.status_since, date(2024, 12, 14))
        self.assertIn("400", self.debtor.status_reason)
        self._dispute(date=date(2024, 12, 15))
        self._assert_status("disputed", "Quality", date(2024, 12, 15))
        self._pause()
        self._assert_status("paused", "Fire", date(2024, 12, 16))
        self.first.is_formal_notice = True
        self._assert_status("formal_notice", "First", notice.left_on)
        litigation = self._litigate()
        self._assert_status("litigation", "Recouvrement Exemple", date(2024, 12, 17))
        insolvency = self._judge()
        self._assert_status("insolvency", "Reorganization (redressement judiciaire)", date(2024, 12, 18))
        self._set("doubtful", "Closed its shop")
        self._assert_status("doubtful", "Closed its shop", Date.today())
        self._set("lost", "Struck off")
        self._assert_status("lost", "Struck off", Date.today())
        self._set("none", False)
        insolvency.write({"result": "mistake"})
        insolvency.action_close()
        self._assert_status("litigation")
        litigation.action_withdraw()
        self._assert_status("formal_notice")

    def _pause(self):
        self.env["credit.dunning.pause"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "reason": "Fire",
                "date_start": date(2024, 12, 16),
            }
        )

    def _litigate(self):
        return self.env["credit.litigation"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "handler_id": self.agency.id,
                "date_opened": date(2024, 12, 17),
                "line_ids": [Command.create({"move_line_id": self._receivable(self.invoice).id})],
            }
        )

    def _judge(self):
        return self.env["credit.insolvency"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "judgment_date": date(2024, 12, 18),
            }
        )

    def _set(self, status, reason):
        action = self.debtor.with_user(self.collector).action_status()
        wizard = self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"])
        wizard.create({"status": status, "reason": reason, "stop_reminders": False}).action_set()

    def test_current_and_settled(self):
        self._receivable(self.invoice + self._invoice(1000, "2024-12-01", move_type="out_refund")).reconcile()
        self._assert_status("settled", "", False)
        self._invoice(50, Date.today() + timedelta(days=9), issued=Date.today())
        self._assert_status("current", "", False)

    def test_a_reminder_of_what_is_paid_is_forgotten(self):
        self._remind(self.first)
        self._receivable(self.invoice + self._invoice(1000, "2024-12-01", move_type="out_refund")).reconcile()
        self._invoice(50, date(2024, 12, 20))
        self._assert_status("overdue")

    def test_a_person_signs(self):
        """Who and when are kept by the server, whatever is written; a reason is needed."""
        debtor = self.debtor.with_user(self.collector)
        with self.assertRaises(UserError):
            self._set("lost", " ")
        with self.assertRaises(ValidationError):
            debtor.write({"manual_status": "lost"})
        debtor.write(
            {
                "manual_status": "lost",
                "manual_status_reason": "Struck off",
                "manual_status_on": "2001-01-01",
                "manual_status_user_id": self.manager.id,
            }
        )
        self.assertEqual((debtor.manual_status_on, debtor.manual_status_user_id), (Date.today(), self.collector))
        debtor.write({"manual_status_on": "2001-01-01", "manual_status_user_id": self.manager.id})
        self.assertEqual((debtor.manual_status_on, debtor.manual_status_user_id), (Date.today(), self.collector))

    def test_lost_stops_the_reminders(self):
        action = self.debtor.with_user(self.collector).action_status()
        wizard = self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"])
        with Form(wizard) as form:
            form.status = "lost"
            form.reason = "Struck off"
            self.assertTrue(form.stop_reminders)
        form.record.action_set()
        form.record.action_set()
        self.debtor.invalidate_recordset()
        self.assertEqual(len(self.debtor.pause_ids), 1, "twice changes nothing")
        self.assertFalse(self._plan(date(2024, 12, 30)).notice_ids)

    def test_few_queries_for_many(self):
        partners = [self._new_customer(f"C {number}") for number in range(20)]
        for partner in partners:
            self._invoice(10, date(2024, 12, 1), partner=partner)
        debtors = self.env["credit.debtor"]._ensure(self.company, [partner.id for partner in partners])
        counts = []
        for some in (debtors, debtors[:2], debtors[:2], debtors):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("status_reason")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[3], counts[2])

    def test_sorted_by_precedence(self):
        other = self._new_customer("Atelier Nord")
        self._invoice(10, date(2024, 12, 1), partner=other)
        overdue = self.env["credit.debtor"]._ensure(self.company, other.ids)
        self._judge()
        own = [("id", "in", (overdue | self.debtor).ids)]
        self.assertEqual(self.debtor.search(own, order="status"), self.debtor + overdue)
        self.assertEqual(self.debtor.search(own, order="status desc"), overdue + self.debtor)

    def test_every_status_has_its_place(self):
        codes = {code for code, _label in self.debtor._fields["status"].selection}
        self.assertEqual(codes, set(RANKS))

    def test_search_panel_counts(self):
        values = self.debtor.with_user(self.reader).search_panel_select_range("status", enable_counters=True)
        counts = {value["id"]: value["__count"] for value in values["values"]}
        self.assertGreaterEqual(counts["overdue"], 1)
