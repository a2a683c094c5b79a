import importlib

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import CreditControlCommon
from .common_access import (
    CHOICE,
    CONFIGURATION,
    JOURNAL,
    MANAGERS_WIZARD,
    NOBODY,
    READ,
    WIZARD,
    WORK,
    AccessCommon,
    AccessMatrix,
    AccessMatrixHttp,
)

EXPECTED = {
    "credit.agenda.postpone": WIZARD,
    "credit.agenda.reassign": WIZARD,
    "credit.channel": CONFIGURATION,
    "credit.charge": JOURNAL,
    "credit.charge.invoice": WIZARD,
    "credit.charge.item": JOURNAL,
    "credit.charge.waive": WIZARD,
    "credit.colleague.question": WIZARD,
    "credit.contact.role": CONFIGURATION,
    "credit.data.check": WIZARD,
    "credit.debtor": WORK,
    "credit.debtor.assign": WIZARD,
    "credit.delay.cause": CONFIGURATION,
    "credit.delay.cause.item": ("r", "crwd", "crwd", "r", ""),
    "credit.delay.cause.wizard": WIZARD,
    "credit.dispute": ("r", "crw", "crw", "r", "rw"),
    "credit.dispute.close.wizard": ("", "crwd", "crwd", "", "crwd"),
    "credit.dispute.line": ("r", "crwd", "crwd", "r", "r"),
    "credit.dispute.reason": ("r", "r", "crwd", "r", "r"),
    "credit.dispute.reason.step": ("r", "r", "crwd", "r", "r"),
    "credit.dispute.step": ("r", "crwd", "crwd", "r", "crw"),
    "credit.dunning.approval": WIZARD,
    "credit.dunning.assignment": CHOICE,
    "credit.dunning.call.wizard": WIZARD,
    "credit.dunning.decide": WIZARD,
    "credit.dunning.decision": JOURNAL,
    "credit.dunning.entry": CHOICE,
    "credit.dunning.entry.proposal": WIZARD,
    "credit.dunning.entry.proposal.line": WIZARD,
    "credit.dunning.notice": WORK,
    "credit.dunning.notice.line": JOURNAL,
    "credit.dunning.pause": WORK,
    "credit.dunning.pause.wizard": WIZARD,
    "credit.dunning.policy": CONFIGURATION,
    "credit.dunning.postpone": WIZARD,
    "credit.dunning.run": ("r", "crw", "crw", "", ""),
    "credit.dunning.step": CONFIGURATION,
    "credit.dunning.tracking": WIZARD,
    "credit.einvoice.event": JOURNAL,
    "credit.hold": ("r", "rw", "rw", "r", ""),
    "credit.insolvency": ("r", "crw", "crwd", "r", ""),
    "credit.exposure": JOURNAL,
    "credit.exposure.source": CONFIGURATION,
    "credit.forecast.record": JOURNAL,
    "credit.insurance.answer": WIZARD,
    "credit.insurance.declaration": ("r", "rw", "rw", "r", ""),
    "credit.insurance.guarantee": ("r", "crw", "crwd", "r", ""),
    "credit.insurance.policy": CONFIGURATION,
    "credit.interest.rate": CONFIGURATION,
    "credit.interest.reference": CONFIGURATION,
    "credit.interest.regime": CONFIGURATION,
    "credit.interest.tier": CONFIGURATION,
    "credit.ledger.import": MANAGERS_WIZARD,
    "credit.limit": ("r", "crwd", "crwd", "cr", ""),
    "credit.limit.level": CONFIGURATION,
    "credit.litigation": ("r", "crw", "crwd", "r", ""),
    "credit.litigation.cost": ("r", "crwd", "crwd", "r", ""),
    "credit.litigation.file": ("", "r", "rd", "", ""),
    "credit.litigation.line": ("r", "crwd", "crwd", "r", ""),
    "credit.litigation.stage": CONFIGURATION,
    "credit.match": READ,
    "credit.open.item": JOURNAL,
    "credit.payment.profile": JOURNAL,
    "credit.payment.return": ("r", "crw", "crwd", "", ""),
    "credit.person.wizard": MANAGERS_WIZARD,
    "credit.portal.count": NOBODY,
    "credit.payment.plan": ("r", "crwd", "crwd", "r", ""),
    "credit.payment.plan.line": ("r", "crwd", "crwd", "r", ""),
    "credit.portfolio": CONFIGURATION,
    "credit.priority.rule": CONFIGURATION,
    "credit.promise": WORK,
    "credit.score": JOURNAL,
    "credit.score.band": CONFIGURATION,
    "credit.score.cap": CONFIGURATION,
    "credit.score.component": JOURNAL,
    "credit.score.factor": CONFIGURATION,
    "credit.score.scheme": CONFIGURATION,
    "credit.score.version": JOURNAL,
    "credit.promise.wizard": WIZARD,
    "credit.signal": JOURNAL,
    "credit.signal.raise": ("", "crwd", "crwd", "crwd", ""),
    "credit.signal.rule": CONFIGURATION,
    "credit.rating": ("r", "crw", "crwd", "r", ""),
    "credit.rating.agency": CONFIGURATION,
    "credit.rating.import": WIZARD,
    "credit.rating.provider": ("", "r", "r", "", ""),
    "credit.rating.request": ("", "r", "r", "", ""),
    "credit.rating.scale": CONFIGURATION,
    "credit.rule": CONFIGURATION,
    "credit.segment": CONFIGURATION,
    "credit.setup": MANAGERS_WIZARD,
    "credit.setup.item": MANAGERS_WIZARD,
    "credit.simulation": ("r", "r", "crwd", "", ""),
    "credit.simulation.customer": READ,
    "credit.simulation.line": READ,
    "credit.status.wizard": WIZARD,
    "credit.terms": CONFIGURATION,
    "credit.terms.proposal": WORK,
    "credit.write.off": WIZARD,
}
# What the checks of the tables ask for beside what is required.
GIVEN = {
    "credit.rule": {"criterion": "limit"},
}


class OwnModels(AccessCommon):
    """The models of this addon."""

    addon = "credit_control"
    expected = EXPECTED
    given = GIVEN
    by_buttons = frozenset({("credit.hold", "w")})

    @classmethod
    def _get_given(cls):
        return {**cls.given, "credit.dispute": {"user_id": cls.users["dispute_owner"].id}}


@tagged("post_install", "-at_install")
class TestAccess(OwnModels, AccessMatrix):
    """Who may do what: generated from the registry, so that no model and no method escapes."""

    def test_each_addon_has_its_matrix(self):
        """An addon of ours that is installed beside this one says who may do what with its models and methods."""
        modules = self.env["ir.module.module"].search(
            [("state", "=", "installed"), ("name", "=like", "credit_control%")]
        )
        for name in modules.mapped("name"):
            tests = importlib.import_module(f"odoo.addons.{name}.tests")
            cases = [case for module in vars(tests).values() for case in getattr(module, "__dict__", {}).values()]
            matrices = [case for case in cases if isinstance(case, type) and issubclass(case, AccessMatrix)]
            self.assertIn(name, {case.addon for case in matrices})

    def test_abstract_models_are_looked_at(self):
        self.assertIn("credit.channel.handler", {model._name for model in self._get_models()})


@tagged("post_install", "-at_install")
class TestAccessHttp(OwnModels, AccessMatrixHttp):
    """The same over the wire."""


@tagged("post_install", "-at_install")
class TestRecordRules(CreditControlCommon):
    """Which records: companies apart, salespeople their own customers, dispute owners their own disputes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson = cls._new_user("salesperson")
        cls.owner = cls._new_user("dispute_owner")
        cls.mine = cls._new_customer("Atelier Mien", user_id=cls.salesperson.id)
        cls.invoice = cls._invoice(1000.0, "2024-11-01")
        cls.my_invoice = cls._invoice(500.0, "2024-11-01", partner=cls.mine)

    def test_salesperson_sees_own_customers_only(self):
        run = self._plan("2024-12-30")
        self.assertEqual(run.notice_ids.partner_id, self.customer | self.mine)
        for name in ("credit.debtor", "credit.dunning.notice", "credit.dunning.decision", "credit.open.item"):
            found = self.env[name].with_user(self.salesperson).search([("company_id", "=", self.company.id)])
            self.assertEqual(found.partner_id, self.mine, name)
        lines = self.env["credit.dunning.notice.line"].with_user(self.salesperson).search([])
        self.assertEqual(lines.notice_id.partner_id, self.mine)

    def test_reader_who_sells_too_sees_all(self):
        self._plan("2024-12-30")
        self.reader.group_ids += self.env.ref("credit_control.group_salesperson")
        debtors = self.env["credit.debtor"].with_user(self.reader).search([("company_id", "=", self.company.id)])
        self.assertEqual(debtors.partner_id, self.customer | self.mine)

    def test_dispute_owner_sees_own_disputes_only(self):
        own, other = self.env["credit.dispute"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "reason_id": self._new_reason().id,
                    "user_id": user.id,
                    "line_ids": [Command.create({"move_line_id": self._receivable(self.invoice).id, "amount": amount})],
                }
                for user, amount in ((self.owner, 600.0), (self.collector, 400.0))
            ]
        )
        disputes = self.env["credit.dispute"].with_user(self.owner)
        self.assertEqual(disputes.search([]), own)
        self.assertEqual(own.with_user(self.owner).amount_total, 600.0)
        own.with_user(self.owner).action_close_unjustified("The delivery note is signed")
        self.assertEqual((own.state, own.outcome), ("closed", "unjustified"))
        with self.assertRaises(AccessError):
            other.with_user(self.owner).action_close_justified("They are right")

    def _new_reason(self):
        reasons = self.env["credit.dispute.reason"]
        return reasons.search([], limit=1) or reasons.create({"name": "Price", "code": "price"})

    def test_companies_are_apart(self):
        other = self.setup_other_company()["company"]
        stranger = self._new_stranger(other)
        run = self._plan("2024-12-30")
        self.env["credit.dunning.pause"].create(
            {"partner_id": self.customer.id, "company_id": self.company.id, "reason": "x"}
        )
        names = ("run", "notice", "notice.line", "decision", "pause", "policy", "step")
        for name in (*(f"credit.dunning.{name}" for name in names), "credit.debtor", "credit.open.item"):
            self.assertTrue(self.env[name].with_user(self.manager).search_count([]), name)
            self.assertFalse(self.env[name].with_user(stranger).search([]), name)
        with self.assertRaises(AccessError):
            run.with_user(stranger).action_approve()

    def test_reader_changes_nothing(self):
        run = self._plan("2024-12-30")
        for act in (run.action_approve, run.action_send, run.notice_ids.action_approve, run.notice_ids.action_skip):
            with self.assertRaises(AccessError):
                getattr(act.__self__.with_user(self.reader), act.__name__)()
