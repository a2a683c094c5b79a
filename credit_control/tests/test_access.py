from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import CreditControlCommon

ROLES = ("reader", "collector", "manager", "salesperson", "dispute_owner")
OPERATIONS = {"c": "create", "r": "read", "w": "write", "d": "unlink"}

# Who may do what, by kind of model: one column a role, in the order of ROLES.
CONFIGURATION = ("r", "r", "crwd", "r", "")
WORK = ("r", "crw", "crw", "r", "")
CHOICE = ("r", "crwd", "crwd", "", "")
JOURNAL = ("r", "r", "r", "r", "")
NOBODY = ("", "", "", "", "")
WIZARD = ("", "crwd", "crwd", "", "")
MANAGERS_WIZARD = ("", "", "crwd", "", "")

EXPECTED = {
    "credit.agenda.postpone": WIZARD,
    "credit.agenda.reassign": WIZARD,
    "credit.channel": CONFIGURATION,
    "credit.charge": JOURNAL,
    "credit.charge.invoice": WIZARD,
    "credit.charge.item": JOURNAL,
    "credit.charge.waive": WIZARD,
    "credit.contact.role": CONFIGURATION,
    "credit.debtor": WORK,
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
    "credit.match": ("r", "r", "r", "", ""),
    "credit.open.item": JOURNAL,
    "credit.payment.profile": JOURNAL,
    "credit.payment.return": ("r", "crw", "crwd", "", ""),
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
    "credit.simulation.customer": ("r", "r", "r", "", ""),
    "credit.simulation.line": ("r", "r", "r", "", ""),
    "credit.status.wizard": WIZARD,
    "credit.terms": CONFIGURATION,
    "credit.terms.proposal": WORK,
}
# Public besides buttons: what Odoo itself calls by name.
FRAMEWORK = set(dir(models.BaseModel)) | {"message_new", "message_post", "message_update"}


@tagged("post_install", "-at_install")
class TestAccess(CreditControlCommon):
    """Who may do what: generated from the registry, so that no model and no method escapes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {role: getattr(cls, role, None) or cls._new_user(role) for role in ROLES}
        cls.plain = new_test_user(
            cls.env, "credit_plain", "base.group_user", company_id=cls.company.id, company_ids=cls.company.ids
        )

    def _get_models(self):
        """Return the models that this addon brings, abstract ones too."""
        names = self.env.registry.models
        return [self.env[name] for name in names if self.env[name]._original_module == "credit_control"]

    def test_every_model_by_role(self):
        own = {model._name for model in self._get_models() if not model._abstract}
        self.assertEqual(own, set(EXPECTED), "each new model says here who may do what")
        for name, allowed in EXPECTED.items():
            for role, letters in zip(ROLES, allowed, strict=True):
                model = self.env[name].with_user(self.users[role])
                granted = "".join(letter for letter, op in OPERATIONS.items() if model.has_access(op))
                self.assertEqual(granted, letters, f"{role} on {name}")

    def test_others_have_no_access(self):
        portal = new_test_user(self.env, "credit_portal", "base.group_portal")
        for user in (self.plain, portal):
            for name in EXPECTED:
                for operation in OPERATIONS.values():
                    self.assertFalse(self.env[name].with_user(user).has_access(operation), f"{user.login} {name}")

    def test_every_model_with_a_company_is_kept_apart(self):
        """A rule for everybody narrows each stored model to the companies of the user."""
        rules = self.env["ir.rule"].search([("groups", "=", False)])
        ruled = {rule.model_id.model for rule in rules if "company_ids" in (rule.domain_force or "")}
        for model in self._get_models():
            field = model._fields.get("company_id")
            if not model._abstract and field and (field.store or not model._auto):
                self.assertIn(model._name, ruled)

    def test_only_buttons_can_be_called_from_outside(self):
        for model in self._get_models():
            for method in self._get_public_methods(model):
                self.assertTrue(
                    method.startswith("action_") or method in FRAMEWORK, f"{model._name}.{method} is open to anybody"
                )

    def _get_public_methods(self, model):
        """Return the names that the classes of this addon define and that RPC may call."""
        classes = [cls for cls in type(model).__mro__ if cls.__module__.startswith("odoo.addons.credit_control.")]
        return {
            name
            for cls in classes
            for name, value in vars(cls).items()
            if callable(value)
            and not name.startswith("_")
            and not isinstance(value, fields.Field)
            and not getattr(value, "_api_private", False)
        }

    def test_models_are_models(self):
        """The list above isn't empty, and the handlers of channels are among them."""
        names = {model._name for model in self._get_models()}
        self.assertIn("credit.channel.handler", names)
        self.assertTrue(all(isinstance(model, models.BaseModel) for model in self._get_models()))


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
