from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.credit_control.demo import customers, script
from odoo.addons.credit_control.demo.ledger import build

from .common import CreditControlCommon
from .common_views import read_views

TODAY = date(2025, 6, 18)
NAMES = (
    "Boulangerie Exemple",
    "Pâtisserie Centrale",
    "Glacier du Lac",
    "Auberge de la Forêt",
    "Chocolaterie Exemple",
    "Biscuiterie de l'Ouest",
    "Comptoir des Saveurs",
    "Viennoiserie Express",
    "Confiserie Royale",
    "Pizzeria du Théâtre",
    "Rôtisserie du Quai",
    "Conserverie du Littoral",
    "Huilerie des Alpilles",
    "Équipements Fournil",
    "Maison des Desserts",
    "North Shore Foods Inc.",
    "Camion Gourmand",
    "Laiterie du Bocage",
    "Cafétéria du Lac",
    "Chocolats de la Tour",
    "Épices et Farines",
    "Brûlerie des Quais",
    "Maison de la Gaufre",
    "Sandwicherie du Campus",
    "Confitures du Verger",
    "Bar à Jus du Marché",
    "Pension du Moulin",
)


@tagged("post_install", "-at_install")
@freeze_time("2025-06-18 10:00:00")
class TestDemoLedger(CreditControlCommon):
    """The demonstration ledger is what it says it is, made by real entries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        chosen = [customer for customer in customers.CUSTOMERS if customer.name in NAMES]
        company_env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        with freeze_time("2025-06-18 10:00:00"):
            build(company_env, TODAY, chosen, days=100)
        items = cls.env["credit.open.item"].with_context(as_of=TODAY)
        cls.items = items.search([("company_id", "=", cls.company.id)])

    def _of(self, name):
        return self.items.filtered(lambda item: item.partner_id.name == name).sorted("date_maturity")

    def test_what_is_open_is_what_the_table_says(self):
        self.assertEqual(self._of("Boulangerie Exemple").mapped("days_overdue"), [4, -26])
        self.assertEqual(self._of("Boulangerie Exemple").mapped("amount_residual"), [1140, 940])
        self.assertEqual(self._of("Équipements Fournil").mapped("days_overdue"), [11, -19, -20, -50])
        self.assertEqual(self._of("Maison des Desserts").amount_residual, 960)
        self.assertEqual(self._of("Confiserie Royale").mapped("amount_residual"), [1000, -400])
        self.assertEqual(sorted(self._of("Pizzeria du Théâtre").mapped("amount_residual")), [-600, 560])
        self.assertTrue(self._of("Comptoir des Saveurs").no_followup)

    def test_the_open_items_are_the_ledger(self):
        lines = self.env["account.move.line"].search(
            [
                ("company_id", "=", self.company.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("date", "<=", TODAY),
            ]
        )
        self.assertAlmostEqual(sum(self.items.mapped("amount_residual")), sum(lines.mapped("balance")), 2)

    def test_every_screen_of_it_opens_for_its_roles(self):
        root = self.env.ref("credit_control.menu_credit_root")
        for role in ("reader", "collector", "manager", "salesperson", "dispute_owner"):
            user = getattr(self, role, None) or self._new_user(role)
            menus = self.env["ir.ui.menu"].with_user(user)
            menus = menus.search([("id", "child_of", root.id), ("id", "in", list(menus._visible_menu_ids()))])
            actions = [menu.action for menu in menus.sudo() if menu.action]
            for name in sorted({action.res_model for action in actions if action._name == "ir.actions.act_window"}):
                model = self.env[name].with_user(user)
                if not model._transient:
                    with self.subTest(role=role, model=name):
                        read_views(model)

    def test_the_daily_work_runs_on_it(self):
        """Each scheduled action: what it can't do is in the log, and a line in the log fails the test."""
        known = self.env["ir.model.data"].search([("model", "=", "ir.cron"), ("module", "=", "credit_control")])
        for cron in self.env["ir.cron"].browse(known.mapped("res_id")):
            keep = [patch.object(self.env.cr, name, lambda: None) for name in ("commit", "rollback")]
            with self.subTest(cron.name), keep[0], keep[1]:
                cron.ir_actions_server_id.with_context(cron_id=cron.id, lastcall=None).run()

    def test_disputes_promises_pauses_and_blocks(self):
        self.assertEqual(self._of("Pâtisserie Centrale").mapped("amount_disputed"), [400, 0])
        self.assertEqual(self._of("Glacier du Lac")[0].amount_promised, 1200)
        promise = self.env["credit.promise"].search([("partner_id.name", "=", "Auberge de la Forêt")])
        self.assertEqual((promise.state, promise.amount), ("broken", 2000))
        pause = self.env["credit.dunning.pause"].search([("company_id", "=", self.company.id)])
        self.assertEqual(pause.move_id.partner_id.name, "Chocolaterie Exemple")
        self.assertEqual(self._of("Biscuiterie de l'Ouest").payment_state, "blocked")

    def test_payments_that_nobody_matched_are_proposed(self):
        """The sum of one item; a part that names its invoice; the sum of the two oldest. The rest says nothing."""
        matches = self.env["credit.match"]._propose(self.company)
        self.assertEqual(
            {match.partner_id.name: (match.reason, match.amount, match.is_certain) for match in matches},
            {
                "Rôtisserie du Quai": ("amount", 640, True),
                "Conserverie du Littoral": ("reference", 500, False),
                "Huilerie des Alpilles": ("oldest", 805, False),
            },
        )

    def test_disputes_are_decided_each_way(self):
        disputes = self.env["credit.dispute"].search([("company_id", "=", self.company.id)])
        decided = {
            dispute.partner_id.name: (dispute.stage, dispute.outcome, bool(dispute.refund_ids))
            for dispute in disputes
            if dispute.outcome
        }
        self.assertEqual(
            decided,
            {
                "Laiterie du Bocage": ("closed", "justified", True),
                "Cafétéria du Lac": ("closed", "justified", False),
                "Chocolats de la Tour": ("closed", "unjustified", False),
                "Épices et Farines": ("credit", "justified", False),
            },
        )
        self.assertEqual(self._of("Laiterie du Bocage").amount_residual, 989)
        self.assertEqual(set(disputes.filtered("outcome").mapped("closed_by_id")), {self.collector})

    def test_a_plan_runs_and_another_was_missed(self):
        plans = self.env["credit.payment.plan"].search([("company_id", "=", self.company.id)])
        running, missed = plans.sorted("amount", reverse=True)
        self.assertEqual((running.state, running.amount, running.amount_kept), ("active", 3000, 1000))
        self.assertEqual((running.date_agreed, running.next_date), (date(2025, 5, 19), date(2025, 6, 28)))
        self.assertEqual(running.line_ids.mapped("state"), ["kept", "open", "open"])
        self.assertEqual(self._of("Brûlerie des Quais").amount_promised, 2000)
        self.assertEqual((missed.state, missed.amount_kept), ("broken", 600))
        self.assertEqual(missed.line_ids.mapped("state"), ["kept", "broken", "cancelled"])
        self.assertEqual(self._of("Maison de la Gaufre").mapped("amount_residual"), [1200, 420])
        self.assertEqual(self._of("Maison de la Gaufre").mapped("amount_promised"), [0, 0])

    def test_procedures_have_their_deadlines(self):
        declared, to_declare = self.env["credit.insolvency"].search(
            [("company_id", "=", self.company.id)], order="judgment_date"
        )
        # Published on 6 June: until 6 August, a Wednesday. Open at the judgment of 24 May: 960 and 1 480.
        self.assertEqual((to_declare.state, to_declare.declaration_deadline), ("open", date(2025, 8, 6)))
        self.assertEqual(to_declare.activity_ids.mapped("date_deadline"), [date(2025, 8, 6)])
        self.assertEqual(to_declare.amount_claim, 2440)
        self.assertEqual((declared.state, declared.amount_declared), ("declared", 2585))
        self.assertEqual(declared.declared_on, date(2025, 3, 15))

    def test_litigation_with_costs(self):
        prepared, handed = self.env["credit.litigation"].search([("company_id", "=", self.company.id)], order="state")
        self.assertEqual((prepared.state, prepared.amount_total), ("draft", 4230))
        self.assertEqual((handed.state, handed.amount_total, handed.amount_recovered), ("open", 3130, 400))
        self.assertEqual((handed.amount_open, handed.amount_cost), (2730, 108))
        self.assertEqual(prepared.activity_ids.mapped("date_deadline"), [date(2025, 6, 30)])

    def test_a_returned_direct_debit_is_open_again(self):
        item = self._of("Viennoiserie Express")
        self.assertEqual(item.amount_residual, 1180)
        self.assertEqual(item.partner_id.property_inbound_payment_method_line_id.credit_collection, "direct_debit")
        returned = self.env["credit.payment.return"].search([("move_line_id", "=", item.move_line_id.id)])
        self.assertEqual((returned.date, returned.amount), (date(2025, 6, 12), 1180))

    def test_history_was_paid_on_its_own_days(self):
        paid = self.env["account.move"].search(
            [("company_id", "=", self.company.id), ("move_type", "=", "out_invoice"), ("payment_state", "=", "paid")]
        )
        self.assertGreater(len(paid), 10)
        days = paid.line_ids.matched_credit_ids.mapped("max_date")
        self.assertGreater(len(set(days)), 5)
        self.assertLess(max(days), TODAY)

    def test_someone_that_nothing_reaches(self):
        partner = self._of("Camion Gourmand").partner_id
        self.assertFalse(partner.email or partner.street or partner.phone or partner.child_ids)

    def test_a_company_with_entries_is_refused(self):
        with self.assertRaises(UserError):
            build(self.env(context={"allowed_company_ids": self.company.ids}), TODAY, [])

    def test_the_same_day_gives_the_same_ledger(self):
        once, again = (script.invoices(list(customers.CUSTOMERS), TODAY) for _time in range(2))
        self.assertEqual(once, again)
        self.assertGreater(len(once), 1000)
        self.assertGreaterEqual(len(customers.CUSTOMERS), 60)
        self.assertEqual(len({customer.name for customer in customers.CUSTOMERS}), len(customers.CUSTOMERS))
