from unittest.mock import patch

from lxml import html

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command, Date
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.credit_control.models import credit_dunning_hours

from .common import CreditControlCommon
from .common_send import CreditSendCommon

DAY = "2024-12-30"


@tagged("post_install", "-at_install")
class TestViews(CreditSendCommon):
    """Every screen opens, for each role that has its menu."""

    def test_every_menu_opens_for_its_roles(self):
        root = self.env.ref("credit_control.menu_credit_root")
        for role in ("reader", "collector", "manager", "salesperson", "dispute_owner"):
            user = getattr(self, role, None) or self._new_user(role)
            menus = self.env["ir.ui.menu"].with_user(user)
            seen = list(menus._visible_menu_ids())
            menus = menus.search([("id", "child_of", root.id), ("id", "in", seen)])
            self.assertTrue(menus.filtered("action"), role)
            for menu in menus.filtered("action"):
                action = menu.sudo().action
                if action._name == "ir.actions.act_window" and action.res_model.startswith("credit."):
                    self._open(action, user)

    def _open(self, action, user):
        views = [(False, mode) for mode in action.view_mode.split(",")] + [(False, "search")]
        model = self.env[action.res_model].with_user(user)
        result = model.get_views(views, {"toolbar": True})
        for kind in ("list", "kanban"):
            if kind in result["views"]:
                names = [name for name in result["models"][action.res_model]["fields"] if name in model._fields]
                model.search([], limit=3).read(names)
        self.assertIn("o_view_nocontent", action.help or "o_view_nocontent", f"{action.name} explains its emptiness")

    def test_empty_screens_explain_themselves(self):
        root = self.env.ref("credit_control.menu_credit_root")
        for menu in self.env["ir.ui.menu"].search([("id", "child_of", root.id)]).filtered("action"):
            action = menu.action
            if action._name == "ir.actions.act_window" and action.view_mode != "form":
                self.assertTrue(action.help, f"{action.name} says nothing where it is empty")

    def test_forms_of_partner_and_invoice_open_without_our_groups(self):
        invoice = self._invoice(1000.0, "2024-11-01")
        plain = new_test_user(
            self.env,
            "credit_accountant",
            "account.group_account_invoice,base.group_partner_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        for record in (invoice, self.customer):
            with Form(record.with_user(plain)) as form:
                self.assertNotIn("credit_overdue", form._view["fields"])
                self.assertNotIn("credit_level_step_id", form._view["fields"])

    def test_forms_open_with_our_groups(self):
        invoice = self._invoice(1000.0, "2024-11-01")
        self._plan(DAY)
        with Form(invoice.with_user(self.collector)) as form:
            self.assertEqual(form.credit_next_step_date, DAY)
        debtor = self.customer.with_user(self.collector).with_company(self.company).credit_debtor_id
        with self.plain_text(), Form(debtor) as form:
            form.tone = "firm"
        self.assertEqual(debtor.tone, "firm")


@tagged("post_install", "-at_install")
class TestPublicFields(CreditControlCommon):
    """What customers and invoices show of their dunning: read, searched, in the right company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late = cls._invoice(1000.0, "2024-11-01")
        cls.later = cls._invoice(300.0, "2024-12-20")
        cls.other = cls._new_customer("Atelier Nord")
        cls._invoice(50.0, "2025-02-01", partner=cls.other)
        cls.contact = cls.env["res.partner"].create({"name": "Buyer", "parent_id": cls.customer.id})

    def _as_collector(self, record, day=DAY):
        return record.with_user(self.collector).with_company(self.company).with_context(as_of=day)

    def test_customer(self):
        run = self._plan(DAY)
        customer = self._as_collector(self.customer)
        self.assertEqual(customer.credit_overdue, 1300.0)
        self.assertEqual(customer.credit_dunning_policy_id, self.policy)
        self.assertEqual(customer.credit_debtor_id, run.notice_ids.debtor_id)
        self.assertEqual(self._as_collector(self.contact).credit_overdue, 1300.0)
        self.assertEqual(self._as_collector(self.other).credit_overdue, 0.0)
        self.assertEqual(self._as_collector(self.customer, "2024-11-30").credit_overdue, 1000.0)

    def test_customers_are_found_by_what_is_overdue(self):
        partners = self._as_collector(self.env["res.partner"])
        own = [("id", "in", (self.customer | self.other).ids)]
        for domain, found in (
            ([("credit_overdue", ">", 0)], self.customer),
            ([("credit_overdue", ">=", 1300)], self.customer),
            ([("credit_overdue", ">", 1300)], self.env["res.partner"]),
            ([("credit_overdue", "=", 0)], self.other),
            ([("credit_overdue", "<", 1000)], self.other),
            ([("credit_overdue", "!=", 0)], self.customer),
        ):
            self.assertEqual(partners.search(own + domain), found, domain)

    def test_customers_are_found_by_policy_and_card(self):
        self._plan(DAY)
        own = [("id", "in", (self.customer | self.other).ids)]
        partners = self._as_collector(self.env["res.partner"])
        special = self._new_policy({"name": "Only", "delay_days": 1}, name="Special")
        default = [*own, ("credit_dunning_policy_id", "=", self.policy.id)]
        self.assertEqual(partners.search(default), self.customer | self.other)
        self.other.with_company(self.company).credit_debtor_id.policy_id = special
        self.assertEqual(partners.search([*own, ("credit_dunning_policy_id", "=", special.id)]), self.other)
        self.assertEqual(partners.search([*own, ("credit_dunning_policy_id.name", "=", "Special")]), self.other)
        debtor = self._as_collector(self.other).credit_debtor_id
        self.assertEqual(partners.search([("credit_debtor_id", "=", debtor.id)]), self.other)
        self.assertNotIn(self.contact, partners.search([("credit_debtor_id", "=", False)]))

    def test_invoice_level_is_the_step_that_left(self):
        run = self._plan(DAY)
        late = self._as_collector(self.late)
        self.assertFalse(late.credit_level_step_id, "planned isn't reached")
        self.assertEqual(late.credit_next_step_date, fields.Date.to_date(DAY))
        run.notice_ids.sudo()._record_outcome("sending")
        run.notice_ids.sudo()._apply({"state": "sent", "sent_at": f"{DAY} 10:00:00", "left_on": DAY})
        late.invalidate_recordset()
        self.assertEqual(late.credit_level_step_id, self.first)
        moves = self._as_collector(self.env["account.move"])
        self.assertEqual(moves.search([("credit_level_step_id", "=", self.first.id)]), self.late | self.later)
        self.assertEqual(moves.search([("credit_level_step_id.name", "=", "First")]), self.late | self.later)
        self.assertFalse(moves.search([("credit_level_step_id", "=", self.second.id)]))
        self.assertNotIn(self.late, moves.search([("credit_level_step_id", "=", False)]))

    def test_invoice_opens_what_was_said_about_it(self):
        """The button on the invoice: as many as its list shows, calls too, in as many queries for many invoices."""
        self.assertFalse(self._as_collector(self.late).credit_notice_count)
        self._plan(DAY)
        [notice] = self.env["credit.dunning.notice"].search([("line_ids.move_line_id.move_id", "=", self.late.id)])
        card = notice.debtor_id.with_user(self.collector).with_company(self.company)
        call = card._make_call_notice()
        for user in (self.collector, self.manager, self.reader):
            with self.subTest(user=user.login):
                late = self.late.with_user(user).with_company(self.company)
                late.invalidate_recordset()
                self.assertEqual(late.credit_notice_count, 2)
                action = late.action_open_credit_notices()
                found = self.env[action["res_model"]].with_user(user).search(action["domain"])
                self.assertEqual(found, notice | call)
        counted = []
        for moves in (self.late, self.late | self.later):
            self.env.invalidate_all()
            with self._statements() as statements:
                self._as_collector(moves).mapped("credit_notice_count")
            counted.append(statements)
        self._assert_not_more(*reversed(counted))

    def test_invoice_pauses_disputes_promises(self):
        self.env["credit.dunning.pause"].create(
            {"move_id": self.late.id, "company_id": self.company.id, "reason": "Checks the delivery"}
        )
        line = self._receivable(self.later)
        dispute = self.env["credit.dispute"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "reason_id": self.env["credit.dispute.reason"].create({"name": "Test", "code": "test_price"}).id,
                "line_ids": [Command.create({"move_line_id": line.id, "amount": 100.0})],
            }
        )
        moves = self._as_collector(self.env["account.move"])
        late, later = self._as_collector(self.late), self._as_collector(self.later)
        self.assertEqual(late.credit_dunning_pause_ids.reason, "Checks the delivery")
        self.assertFalse(later.credit_dunning_pause_ids)
        self.assertEqual(later.credit_dispute_ids, dispute)
        self.assertEqual(moves.search([("credit_dunning_pause_ids", "!=", False)]), self.late)
        self.assertEqual(moves.search([("credit_dispute_ids.state", "=", "open")]), self.later)
        self.env["credit.dunning.pause"].create(
            {"partner_id": self.customer.id, "company_id": self.company.id, "reason": "Whole customer"}
        )
        self.assertIn(self.later, moves.search([("credit_dunning_pause_ids", "!=", False)]))

    def test_policy_of_one_invoice_leaves_the_entry_alone(self):
        special = self._new_policy({"name": "Special", "delay_days": 1})
        self.late.flush_recordset()
        written = self.late.write_date
        late = self._as_collector(self.late)
        late.credit_dunning_policy_id = special
        self.assertEqual(late.credit_dunning_policy_id, special)
        self.assertFalse(self._as_collector(self.later).credit_dunning_policy_id)
        moves = self._as_collector(self.env["account.move"])
        self.assertEqual(moves.search([("credit_dunning_policy_id", "=", special.id)]), self.late)
        late.write({"credit_dunning_policy_id": False})
        self.assertFalse(self.env["credit.dunning.assignment"].search([("move_id", "=", self.late.id)]))
        self.assertFalse(self.late.is_manually_modified)
        self.assertEqual(self.late.write_date, written)

    def test_as_many_queries_for_many_customers(self):
        partners = self._as_collector(
            self.env["res.partner"].concat(*(self._new_customer(f"C {i}") for i in range(20)))
        )
        counts = []
        for some in (partners, partners[:2], partners[:2], partners):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("credit_overdue")
            some.mapped("credit_dunning_policy_id")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[3], counts[2], "twenty customers need no more than two; first rounds fill caches")


@tagged("post_install", "-at_install")
class TestDebtorCard(CreditControlCommon):
    """The figures of a debtor's card add up, and lists can be sorted by them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._new_customer("Atelier Nord")
        cls._invoice(1000.0, "2024-11-15")  # 45 days late on the day
        cls._invoice(200.0, "2025-01-15")  # not due
        cls._invoice(70.0, "2024-12-01", move_type="out_refund")
        cls._invoice(5000.0, "2024-12-20", partner=cls.other)  # 10 days late
        partner_ids = (cls.customer | cls.other).ids
        cls.debtors = cls.env["credit.debtor"]._ensure(cls.company, partner_ids)

    def _get_debtors(self):
        return self.debtors.with_user(self.collector).with_context(as_of=DAY)

    def test_figures(self):
        debtor = self._get_debtors().filtered(lambda debtor: debtor.partner_id == self.customer)
        self.assertEqual(debtor.amount_overdue, 1000.0)
        self.assertEqual(debtor.amount_total, 1130.0)
        self.assertEqual(debtor.amount_credit, -70.0)
        self.assertEqual(debtor.days_overdue, 45)
        self.assertEqual(debtor.open_item_count, 3)
        self.assertEqual(debtor.status, "overdue")
        amounts = {bucket["code"]: bucket["amount"] for bucket in debtor.ageing}
        self.assertEqual(amounts, {"not_due": 200.0, "1-30": 0.0, "31-60": 1000.0, "61-90": 0.0, "91+": 0.0})
        self.assertEqual([bucket["tone"] for bucket in debtor.ageing], ["grey", "amber", "orange", "red", "red"])

    def test_who_owes_has_a_card_from_the_installation_on(self):
        owing, idle = self._new_customer("Café Exemple"), self._new_customer("Garage Exemple")
        self._invoice(300.0, "2024-12-20", partner=owing)
        for _twice in range(2):
            self.env["credit.debtor"]._make_for_open_items()
        cards = self.env["credit.debtor"].with_user(self.collector).search([("partner_id", "in", (owing | idle).ids)])
        self.assertEqual((cards.partner_id, cards.company_id), (owing, self.company))

    def test_sorted_and_found_by_overdue(self):
        debtors = self._get_debtors()
        own = [("id", "in", debtors.ids)]
        self.assertEqual(debtors.search(own, order="amount_overdue desc")[0].partner_id, self.other)
        self.assertEqual(debtors.search(own, order="days_overdue desc")[0].partner_id, self.customer)
        self.assertEqual(debtors.search([*own, ("amount_overdue", ">", 2000)]).partner_id, self.other)

    def test_click_on_a_bucket_opens_its_items(self):
        debtor = self._get_debtors().filtered(lambda debtor: debtor.partner_id == self.customer)
        action = debtor.with_context(credit_bucket="31-60").action_open_items()
        items = self.env["credit.open.item"].with_context(as_of=DAY).search(action["domain"])
        self.assertEqual(sum(items.mapped("amount_residual")), 1000.0)

    def test_what_can_be_done_from_the_card(self):
        """Five buttons for every day, two on the agenda; the rest opens from the menu, each for the roles it is for."""
        card = self.debtors.filtered(lambda debtor: debtor.partner_id == self.customer)
        opened = {
            "Payment plan…": "credit.payment.plan",
            "Why reminded, or why not?": "credit.dunning.decision",
            "See as the customer": None,
            "Insolvency…": "credit.insolvency",
            "Litigation…": "credit.litigation",
            "Doubtful or lost…": "credit.status.wizard",
        }
        looking = {"Why reminded, or why not?", "See as the customer"}
        for user, wanted, buttons in ((self.collector, set(opened), 7), (self.reader, looking, 0)):
            found = card.with_user(user).get_views([(False, "form")], {"toolbar": True})["views"]["form"]
            self.assertEqual(len(html.fromstring(found["arch"]).xpath("//header/button")), buttons)
            actions = {action["name"]: action["id"] for action in found["toolbar"]["action"]}
            self.assertEqual(actions.keys() & opened.keys(), wanted)
            for name in wanted:
                with self.subTest(user=user.login, action=name):
                    action = self._run_action(card.with_user(user), actions[name])
                    self.assertEqual(action.get("res_model"), opened[name])

    def _run_action(self, card, action_id):
        context = {"active_model": card._name, "active_id": card.id, "active_ids": card.ids}
        return self.env["ir.actions.server"].with_user(card.env.user).browse(action_id).with_context(**context).run()

    def test_a_plan_a_procedure_a_file_and_a_dispute_begin_on_the_card(self):
        """What the buttons open is filled in as far as it can be, and is saved as it stands."""
        card = self.debtors.filtered(lambda debtor: debtor.partner_id == self.customer).with_user(self.collector)
        for method in ("action_plan_payments", "action_insolvency", "action_litigation"):
            action = getattr(card, method)()
            with Form(
                self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"])
            ) as form:
                self.assertEqual((form.partner_id, form.company_id), (self.customer, self.company), method)
            self.assertTrue(form.record, method)
        action = card.action_dispute()
        with Form(self.env["credit.dispute"].with_user(self.collector).with_context(**action["context"])) as form:
            form.reason_id = self.env.ref("credit_control.reason_price")
            with form.line_ids.new() as line:
                line.move_line_id = self._receivable(card.open_item_ids.sorted("date_maturity")[:1].move_id)
                line.amount = 400.0
        self.assertEqual((form.record.partner_id, form.record.amount_total), (self.customer, 400.0))

    def test_a_dispute_begins_at_an_item(self):
        item = self._get_debtors().filtered(lambda debtor: debtor.partner_id == self.other).open_item_ids
        action = item.with_user(self.collector).action_dispute()
        with Form(self.env["credit.dispute"].with_user(self.collector).with_context(**action["context"])) as form:
            form.reason_id = self.env.ref("credit_control.reason_price")
        self.assertEqual((form.record.line_ids.move_line_id, form.record.amount_total), (item.move_line_id, 5000.0))

    def test_pause_and_end(self):
        debtor = self._get_debtors().filtered(lambda debtor: debtor.partner_id == self.customer)
        action = debtor.action_pause()
        with Form(self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"])) as form:
            form.reason = "Waits for our answer"
        form.record.action_pause()
        debtor.invalidate_recordset()
        self.assertTrue(debtor.is_paused)
        self.assertEqual(debtor.status, "paused")
        self.assertEqual(debtor.search([("id", "in", self.debtors.ids), ("is_paused", "=", True)]), debtor)
        debtor.pause_ids.action_end()
        debtor.invalidate_recordset()
        self.assertFalse(debtor.is_paused)


@tagged("post_install", "-at_install")
class TestLeaks(CreditControlCommon):
    """What is overdue and looked after by nothing is found."""

    def _get_leaks(self, day):
        items = self.env["credit.open.item"].with_user(self.collector).with_context(as_of=day)
        return items.search([("is_leak", "=", True), ("company_id", "=", self.company.id)])

    def test_nobody_looked_yet(self):
        line = self._receivable(self._invoice(1000.0, "2024-11-01"))
        self.assertEqual(self._get_leaks(DAY).move_line_id, line)
        self.assertFalse(self._get_leaks("2024-11-01"), "on its due day nothing is overdue")
        self._plan(DAY)
        self.assertFalse(self._get_leaks(DAY))

    def test_no_policy_and_ended_policy_leak_but_a_dispute_does_not(self):
        self.company.credit_dunning_policy_id = False
        line = self._receivable(self._invoice(1000.0, "2024-11-01"))
        held = self._receivable(self._invoice(500.0, "2024-11-01"))
        self.env["credit.dispute"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "date": "2024-11-02",
                "reason_id": self.env["credit.dispute.reason"].create({"name": "Test", "code": "test_leak"}).id,
                "line_ids": [Command.create({"move_line_id": held.id})],
            }
        )
        self._plan(DAY)
        self.assertEqual(self._get_leaks(DAY).move_line_id, line)
        self.assertTrue(self._get_leaks(DAY).is_leak)


@tagged("post_install", "-at_install")
class TestPreview(CreditControlCommon):
    """The preview of a run ties to the ledger; the scenario of a policy names each step."""

    def test_claimed_and_held_back_make_the_overdue(self):
        self._invoice(1000.0, "2024-11-01")
        nobody = self._new_customer("Sans Adresse", email=False, street=False)
        self._invoice(400.0, "2024-11-01", partner=nobody)
        run = self._plan(DAY)
        values = run._prepare_summary()
        self.assertEqual((values["claimed"], values["held_total"], values["overdue"]), (1000.0, 400.0, 1400.0))
        [held] = values["held"]
        self.assertEqual((held["reason"], held["count"], held["to_repair"]), ("no_contact", 1, True))
        self.assertIn("No address that works", run.summary_html)
        self.assertEqual(run.notice_count, 1)

    def test_scenario_names_each_step(self):
        html = str(self.policy.scenario_html)
        for words in ("+10 d", "First", "end of month +30 d", "Second", "previous +10 d", "Third", "E-mail"):
            self.assertIn(words, html)
        self.assertEqual(self.policy.step_summary, "+10 d · end of month +30 d · previous +10 d")


@tagged("post_install", "-at_install")
class TestWizards(CreditControlCommon):
    """What people do with notices, with the rights of a collector."""

    def _open(self, action):
        return self.env[action["res_model"]].with_user(self.collector).with_context(**action["context"])

    def _new_notice(self, channel, **step):
        """Return the notice of a policy whose one step goes through ``channel``."""
        policy = self._new_policy({"name": "Only", "delay_days": 1, "channel_ids": [Command.set(channel.ids)], **step})
        self.company.credit_dunning_policy_id = policy
        self.invoice = self._invoice(1000.0, "2024-11-01")
        return self._plan(DAY).notice_ids

    def test_call_promise(self):
        self.customer.phone = "+33 1 23 45 67 89"
        notice = self._new_notice(self.phone, mode="manual")
        with Form(self._open(notice.action_open_call())) as form:
            form.outcome = "promise"
            self.assertEqual(form.promise_amount, 1000.0)
            form.promise_date = "2025-01-05"
            form.minutes = 3
            form.note = "Pays next week"
        form.record.action_record()
        self.assertEqual((notice.state, notice.call_outcome, notice.call_minutes), ("sent", "promise", 3.0))
        promise = self.invoice.with_user(self.collector).credit_promise_ids
        self.assertEqual((promise.amount, promise.date), (1000.0, fields.Date.to_date("2025-01-05")))

    def test_call_dispute_of_one_item(self):
        self.customer.phone = "+33 1 23 45 67 89"
        second = self._invoice(70.0, "2024-11-02")
        notice = self._new_notice(self.phone, mode="manual")
        reason = self.env["credit.dispute.reason"].create({"name": "Test", "code": "test_delivery"})
        wizard = self._open(notice.action_open_call()).create(
            {
                "outcome": "dispute",
                "dispute_reason_id": reason.id,
                "dispute_line_ids": [Command.set(notice.line_ids.filtered(lambda line: line.move_id == second).ids)],
            }
        )
        wizard.action_record()
        dispute = second.with_user(self.collector).credit_dispute_ids
        self.assertEqual(dispute.line_ids.move_line_id, self._receivable(second))
        self.assertFalse(self.invoice.with_user(self.collector).credit_dispute_ids)

    def test_call_again(self):
        self.customer.phone = "+33 1 23 45 67 89"
        notice = self._new_notice(self.phone, mode="manual")
        self._open(notice.action_open_call()).create(
            {"outcome": "no_answer", "date_again": "2025-01-02"}
        ).action_record()
        self.assertIn(notice.state, ("draft", "queued"))
        self.assertEqual(notice.date_planned, fields.Date.to_date("2025-01-02"))

    def test_decide(self):
        notice = self._new_notice(self.env.ref("credit_control.channel_decision"), kind="decision", mode="manual")
        self._open(notice.action_open_decision()).create({"outcome": "litigation", "note": "No answer"}).action_decide()
        self.assertEqual((notice.state, notice.decision_outcome), ("sent", "litigation"))

    def test_postpone_and_skip(self):
        notice = self._new_notice(self.email, mode="approve")
        later = fields.Date.add(fields.Date.today(), days=3)
        self._open(notice.action_postpone()).create({"date": later}).action_postpone()
        self.assertEqual(notice.date_planned, later)
        with self.assertRaises(UserError):
            self._open(notice.action_postpone()).create({"date": fields.Date.today()})
        notice.action_skip()
        self.assertEqual((notice.state, notice.reason), ("cancelled", "skipped"))

    def test_approval_warns_of_a_silent_bank_and_unmatched_credits(self):
        self._invoice(70.0, "2024-11-01", move_type="out_refund")
        notice = self._new_notice(self.email, mode="approve")
        wizard = self._open(notice.action_approve_selected()).create({})
        self.assertEqual((wizard.count, wizard.amount), (1, 930.0))
        self.assertIn("Bank", wizard.bank_warning)
        self.assertIn(self.customer.name, wizard.credit_warning)
        wizard.action_approve()
        self.assertEqual(notice.state, "queued")

    def test_approval_of_a_run_leaves_manual_ones(self):
        notice = self._new_notice(self.email, mode="manual")
        wizard = self._open(notice.run_id.action_open_approval()).create({})
        self.assertEqual((wizard.count, wizard.alone_count), (0, 1))
        wizard.action_approve()
        self.assertEqual(notice.state, "draft")

    def test_registered_letter(self):
        letter = self.env.ref("credit_control.channel_registered_letter")
        notice = self._new_notice(letter, mode="manual")
        with self.assertRaises(UserError):
            self._open(notice.action_open_tracking()).create({"registered_number": "1A 002"}).action_record()
        notice.sudo()._record_outcome("cancelled", "skipped")

    def test_entry_steps_are_proposed_and_written(self):
        invoice = self._invoice(1000.0, "2024-06-01")
        wizard = self.env["credit.dunning.entry.proposal"].with_user(self.collector)
        proposal = wizard.create({"company_id": self.company.id, "date": DAY})
        self.assertEqual(proposal.line_ids.move_line_id, self._receivable(invoice))
        self.assertEqual(proposal.line_ids.step_id, self.third)
        proposal.line_ids.step_id = self.second
        proposal.action_confirm()
        entry = self.env["credit.dunning.entry"].search([("move_line_id", "=", self._receivable(invoice).id)])
        self.assertEqual(entry.step_id, self.second)
        self.assertEqual(self._plan(DAY).notice_ids.step_id, self.second)


@tagged("post_install", "-at_install")
class TestText(CreditSendCommon):
    """The text of a notice as a person sees and changes it."""

    def test_edited_text_is_kept_and_leaves(self):
        notice = self._plan(DAY).notice_ids
        with self.plain_text():
            self.assertIn("Please pay 1000.00", notice.preview)
            notice.action_edit_text()
        self.assertTrue(notice.is_edited)
        notice.subject = "Changed"
        self.assertEqual(notice.preview_subject, "Changed")

    def test_back_to_the_template(self):
        notice = self._plan(DAY).notice_ids
        with self.plain_text():
            notice.action_edit_text()
            notice.action_reset_text()
            self.assertEqual((notice.is_edited, notice.preview_subject), (False, "Reminder"))

    def test_broken_template_says_so(self):
        notice = self._plan(DAY).notice_ids
        handler = type(self.env["credit.channel.email"])
        with patch.object(handler, "_render", lambda _self, some: {some.id: UserError("No such field: amont")}):
            self.assertEqual(notice.preview_error, "No such field: amont")
            with self.assertRaises(UserError):
                notice.action_edit_text()

    def test_what_left_is_shown_as_it_left(self):
        notice = self._new_notice()
        self._send(notice)
        self.assertIn("Please pay 1000.00", notice.preview)
        with self.assertRaises(UserError):
            notice.action_edit_text()


@tagged("post_install", "-at_install")
class TestSetup(CreditControlCommon):
    """The checklist says what is missing and mends it, for the credit manager alone."""

    def _open(self):
        action = self.env["credit.setup"].with_user(self.manager).with_company(self.company).action_open()
        return self.env["credit.setup"].with_user(self.manager).browse(action["res_id"])

    def _get_item(self, code):
        return self._open().item_ids.filtered(lambda item: item.code == code)

    def test_items_hidden_from_follow_up(self):
        self.assertEqual(self._get_item("no_followup").state, "done")
        line = self._receivable(self._invoice(1000.0, "2024-11-01"))
        line.no_followup = True
        item = self._get_item("no_followup")
        self.assertEqual((item.state, item.count), ("check", 1))
        item.action_fix()
        self.assertFalse(line.no_followup)
        self.assertEqual(self._get_item("no_followup").state, "done")

    def test_every_button_opens_something(self):
        self._invoice(1000.0, "2024-06-01")
        for item in self._open().item_ids.filtered("button"):
            self.assertIn("res_model", item.action_open(), item.code)

    def test_public_holidays(self):
        self.company.country_id = self.env.ref("base.fr")
        known = frozenset({Date.to_date("2026-07-14")})
        with patch.object(credit_dunning_hours, "_get_country_holidays", lambda _code, _year: known):
            self.assertEqual(self._get_item("holidays").state, "done")
        with patch.object(credit_dunning_hours, "_get_country_holidays", lambda _code, _year: frozenset()):
            item = self._get_item("holidays")
        self.assertEqual((item.state, item.button), ("check", False))
        self.assertIn("holidays", item.explanation)

    def test_policy_without_steps(self):
        self.assertEqual(self._get_item("policies").state, "done")
        self.env["credit.dunning.policy"].create({"name": "Empty", "company_id": self.company.id})
        item = self._get_item("policies")
        self.assertEqual(item.state, "todo")
        self.assertIn("Empty", item.explanation)

    def test_test_mode_is_switched(self):
        self._get_item("test_mode").action_open()
        self.assertTrue(self.company.credit_test_mode)
        self.assertEqual(self._get_item("test_mode").state, "check")
