from ast import literal_eval

from lxml import etree

from odoo.tests import tagged

from .common_promise import CreditPromiseCommon, day


@tagged("post_install", "-at_install")
class TestPauseEnds(CreditPromiseCommon):
    """A pause ends by itself, and that is seen."""

    def _pause(self, end, **target):
        return self.env["credit.dunning.pause"].create(
            {
                "company_id": self.company.id,
                "reason": "Waits for <b>our</b> answer",
                "date_start": day(1),
                "date_end": day(end),
                **(target or {"partner_id": self.customer.id}),
            }
        )

    def _get_notes(self):
        debtor = self.env["credit.debtor"]._ensure(self.company, self.customer.ids)
        return debtor.message_ids.filtered(lambda message: "Pause ended" in (message.body or ""))

    def test_told_the_day_after_its_end_and_once(self):
        pause = self._pause(10)
        for number, told in ((10, 0), (11, 1), (12, 1)):
            self.env["credit.dunning.pause"]._cron_tell_ended(today=day(number))
            self.assertEqual(len(self._get_notes()), told, number)
        body = self._get_notes().body
        self.assertIn("03/10/2025", body)
        self.assertIn("&lt;b&gt;our", body)
        self.assertTrue(pause.is_end_told)

    def test_that_of_an_invoice_names_it(self):
        self._pause(10, move_id=self.invoice.id)
        self.env["credit.dunning.pause"]._cron_tell_ended(today=day(11))
        self.assertIn(self.invoice.name, self._get_notes().body)

    def test_one_that_goes_on_ends_again(self):
        pause = self._pause(10)
        self.env["credit.dunning.pause"]._cron_tell_ended(today=day(11))
        pause.with_user(self.collector).date_end = day(20)
        self.assertFalse(pause.is_end_told)
        self.env["credit.dunning.pause"]._cron_tell_ended(today=day(21))
        self.assertEqual(len(self._get_notes()), 2)

    def test_ended_by_a_person_it_is_told_at_once(self):
        pause = self._pause(28)
        with self.at(5):
            pause.with_user(self.collector).action_end()
        self.assertEqual((pause.date_end, len(self._get_notes())), (day(4), 1))

    def test_a_day_on_which_none_ended_writes_nothing(self):
        self._pause(10)
        pauses = self.env["credit.dunning.pause"]
        pauses._cron_tell_ended(today=day(11))
        self.env.flush_all()
        count = self.env.cr.sql_log_count
        pauses._cron_tell_ended(today=day(12))
        self.env.flush_all()
        self.assertEqual(self.env.cr.sql_log_count - count, 2, "the companies, and one look")

    def test_the_filters(self):
        """10 March 2025 is a Monday."""
        ended, soon, later = self._pause(11), self._pause(17), self._pause(30)
        view = self.env["credit.dunning.pause"].get_view(view_type="search")["arch"]
        with self.at(13):
            for name, found in (("ended", ended), ("ends_soon", soon)):
                domain = self._get_filter(view, name)
                mine = self.env["credit.dunning.pause"].search([("id", "in", (ended | soon | later).ids), *domain])
                self.assertEqual(mine, found, name)

    def _get_filter(self, view, name):
        (node,) = etree.fromstring(view).xpath(f"//filter[@name='{name}']")
        return literal_eval(node.get("domain"))
