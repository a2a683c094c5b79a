from dataclasses import dataclass

from odoo import api, fields, models
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)


@dataclass(frozen=True)
class ShippedStep:
    """A step of a shipped policy. ``text`` names the templates ``text_mail_…`` and ``text_letter_…``."""

    name: object
    delay: int
    text: str = ""
    channels: tuple[str, ...] = ("email",)
    basis: str = "due"
    mode: str = "approve"
    roles: tuple[str, ...] = ("payable",)
    sender: str = "collector"
    deadline: int = 8
    statement: bool = False
    invoices: bool = False
    script: object = ""


@dataclass(frozen=True)
class ShippedPolicy:
    """A policy with the segment that picks it; ``domain`` may name a shipped category."""

    code: str
    name: object
    kind: str
    domain: str
    minimum: float
    steps: tuple[ShippedStep, ...]
    interval: int = 7


class CreditPolicyLoader(models.AbstractModel):
    """Gives a company the policies, segments and texts that come with the addon."""

    _name = "credit.policy.loader"
    _description = "Loader of the shipped policies"

    @api.private
    def action_credit_load_policies(self):
        """Button: give these companies the shipped policies and segments they don't have yet."""
        self.env["credit.dunning.policy"].check_access("create")
        # The company names its policy, which only administrators may write.
        self.sudo()._credit_load_policies()

    def _credit_load_policies(self):
        """Give each company the shipped policies, with the segments that pick them.

        Can be repeated: what is there, edited or not, stays as it is; what was deleted comes
        back. The scenario for businesses becomes the one for customers of no segment, where
        the company has none.
        """
        for company in self:
            policies = {shipped.code: company._credit_load_policy(shipped) for shipped in SHIPPED_POLICIES}
            company.credit_dunning_policy_id = company.credit_dunning_policy_id or policies["business"]
            self.env["credit.terms"]._load_shipped(company)
        self._credit_translate_policies()

    def _credit_load_policy(self, shipped):
        """Create the policy and its segment unless they are there."""
        place = SHIPPED_POLICIES.index(shipped) + 1
        policy = self._credit_find_or_create(
            f"policy_{shipped.code}",
            "credit.dunning.policy",
            lambda: self._prepare_policy_vals(shipped, place * 10),
        )
        self._credit_find_or_create(
            f"segment_{shipped.code}",
            "credit.segment",
            lambda: {
                "company_id": self.id,
                "sequence": place * 10,
                "name": _source(shipped.name),
                "kind": shipped.kind,
                "domain": self._prepare_segment_domain(shipped),
                "policy_id": policy.id,
            },
        )
        return policy

    def _credit_find_or_create(self, name, model, prepare):
        """Return this company's shipped record of that name; made from ``prepare()`` where it is missing."""
        xmlid = f"credit_control.{name}_company_{self.id}"
        record = self.env.ref(xmlid, raise_if_not_found=False)
        if not record:
            record = self.env[model].with_context(lang="en_US").create(prepare())
            # Not updated, so that an upgrade of the module neither rewrites nor deletes it.
            self.env["ir.model.data"].sudo()._update_xmlids([{"xml_id": xmlid, "record": record, "noupdate": True}])
        return record

    def _prepare_policy_vals(self, shipped, sequence):
        steps = [self._prepare_step_vals(step, number * 10) for number, step in enumerate(shipped.steps, 1)]
        return {
            "company_id": self.id,
            "sequence": sequence,
            "name": _source(shipped.name),
            "minimum_amount": shipped.minimum,
            "contact_interval_days": shipped.interval,
            "step_ids": [fields.Command.create(vals) for vals in steps],
        }

    def _prepare_step_vals(self, step, sequence):
        ref = self.env.ref
        is_decision = step.channels == ("decision",)
        return {
            "sequence": sequence,
            "name": _source(step.name),
            "kind": "decision" if is_decision else "message",
            "delay_days": step.delay,
            "delay_basis": step.basis,
            "repeat_days": DECISION_REPEAT_DAYS if is_decision else 0,
            "repeat_max": DECISION_REPEAT_MAX if is_decision else 0,
            "channel_ids": [fields.Command.set([ref(f"credit_control.channel_{code}").id for code in step.channels])],
            "mode": step.mode,
            "role_ids": [fields.Command.set([ref(f"credit_control.role_{code}").id for code in step.roles])],
            "sender": step.sender,
            "deadline_days": step.deadline,
            "mail_template_id": step.text and ref(f"credit_control.text_mail_{step.text}").id,
            "letter_template_id": step.text and ref(f"credit_control.text_letter_{step.text}").id,
            "attach_statement": step.statement,
            "attach_invoices": step.invoices,
            "call_script": _source(step.script),
        }

    def _prepare_segment_domain(self, shipped):
        """Return the segment's rule as text, with the shipped categories' ids in it."""
        categories = {code: self.env.ref(f"credit_control.category_{code}").id for code in ("key_account", "public")}
        return shipped.domain.format(**categories)

    def _credit_translate_policies(self):
        """Write the names and call scripts in the other installed languages, where nobody did yet."""
        langs = [code for code, _name in self.env["res.lang"].get_installed() if code != "en_US"]
        for company in self:
            for shipped in SHIPPED_POLICIES:
                policy = self.env.ref(f"credit_control.policy_{shipped.code}_company_{company.id}", False)
                segment = self.env.ref(f"credit_control.segment_{shipped.code}_company_{company.id}", False)
                texts = [(record, "name", shipped.name) for record in (policy, segment) if record]
                if policy:
                    texts += _pair_steps(policy, shipped)
                for lang in langs:
                    _translate(texts, lang)


def _source(text):
    """Return the English words of a lazy text."""
    return text._source if text else ""


def _pair_steps(policy, shipped):
    """Return the texts of the steps that still bear their shipped English name."""
    by_name = {_source(step.name): step for step in shipped.steps}
    pairs = [(step, by_name.get(step.with_context(lang="en_US").name)) for step in policy.step_ids]
    return [
        text
        for step, found in pairs
        if found
        for text in ((step, "name", found.name), (step, "call_script", found.script))
    ]


def _translate(texts, lang):
    """Write each text in ``lang`` where the field still shows its English words."""
    for record, field, text in texts:
        there = record.with_context(lang=lang)
        english = record.with_context(lang="en_US")[field]
        translated = text and text._translate(lang)
        if translated and there[field] == english and translated != _source(text):
            there[field] = translated


DECISION_REPEAT_DAYS = 30
DECISION_REPEAT_MAX = 120

CALL_PAYABLE = _lt(
    "<p>Good morning, this is {{ sender_name }} of {{ company_name }}. May I speak to the person who pays the "
    "suppliers?</p>"
    "<ul><li>I am calling about {{ total }}, the oldest item being {{ days_late }} days late: {{ references }}.</li>"
    "<li>Did the invoices reach you? Are they approved for payment?</li>"
    "<li>If something is wrong with them: what, and whom may we contact about it? (Record a dispute.)</li>"
    "<li>On which day will the transfer be made, and for how much? (Record a promise.)</li>"
    "<li>I will confirm that by mail. Which address suits you?</li></ul>"
)
CALL_KEY_ACCOUNT = _lt(
    "<p>Good morning, this is {{ sender_name }} of {{ company_name }}. I would like to go through your account with "
    "you.</p>"
    "<ul><li>{{ count }} items are past due, {{ total }} in all: {{ references }}.</li>"
    "<li>Is one of them blocked on your side: order number, delivery note, price, approval?</li>"
    "<li>In which payment run are the others? (Record a promise.)</li>"
    "<li>What do you need from us, and by when?</li></ul>"
)

BEFORE_DUE = _lt("Before due")
FIRST = _lt("First reminder")
SECOND = _lt("Second reminder")
CALL = _lt("Call")
FIRM = _lt("Firm reminder")
FORMAL = _lt("Formal notice")
PROMISE_BROKEN = _lt("Promise broken")
DECIDE = _lt("Decide: continue, litigation, provision, write-off")

# Each ends in a decision that comes back every month, so that no item is left without a next action.
# A decision is nobody's letter: it has neither text nor recipients.
SHIPPED_POLICIES = (
    ShippedPolicy(
        code="key_account",
        name=_lt("Key accounts"),
        kind="business",
        domain="[('category_id', 'in', [{key_account}])]",
        minimum=100.0,
        steps=(
            ShippedStep(CALL, 5, channels=("phone",), mode="manual", script=CALL_KEY_ACCOUNT),
            ShippedStep(FIRST, 15, "first", sender="salesperson", mode="manual", invoices=True),
            ShippedStep(SECOND, 30, "second", roles=("payable", "buyer"), mode="manual", statement=True),
            ShippedStep(
                FIRM, 50, "firm", roles=("payable", "director"), sender="management", mode="manual", statement=True
            ),
            ShippedStep(DECIDE, 75, channels=("decision",), mode="manual", roles=()),
            ShippedStep(PROMISE_BROKEN, 1, "promise_broken", basis="promise_broken", mode="manual"),
        ),
    ),
    ShippedPolicy(
        code="public",
        name=_lt("Public sector"),
        kind="public",
        domain="[('category_id', 'in', [{public}])]",
        minimum=30.0,
        interval=10,
        steps=(
            ShippedStep(FIRST, 5, "first", invoices=True),
            ShippedStep(SECOND, 20, "second", statement=True, deadline=15),
            ShippedStep(CALL, 35, channels=("phone",), mode="manual", script=CALL_PAYABLE),
            ShippedStep(
                FIRM, 50, "firm", ("email", "letter"), roles=("payable", "director"), statement=True, deadline=15
            ),
            ShippedStep(FORMAL, 30, "formal", ("registered_letter",), "previous", "manual", ("director",), "legal", 15),
            ShippedStep(DECIDE, 120, channels=("decision",), mode="manual", roles=()),
            ShippedStep(PROMISE_BROKEN, 3, "promise_broken", basis="promise_broken"),
        ),
    ),
    ShippedPolicy(
        code="consumer",
        name=_lt("Consumers"),
        kind="consumer",
        domain="[('is_company', '=', False), ('parent_id', '=', False), ('vat', '=', False)]",
        minimum=15.0,
        interval=10,
        steps=(
            ShippedStep(FIRST, 7, "first", roles=()),
            ShippedStep(SECOND, 21, "second", roles=(), deadline=10, invoices=True),
            ShippedStep(FIRM, 40, "firm", ("email", "letter"), roles=(), deadline=15, statement=True),
            ShippedStep(FORMAL, 20, "formal", ("registered_letter",), "previous", "manual", (), "legal", 15),
            ShippedStep(DECIDE, 90, channels=("decision",), mode="manual", roles=()),
            ShippedStep(PROMISE_BROKEN, 3, "promise_broken", basis="promise_broken", roles=()),
        ),
    ),
    ShippedPolicy(
        code="business",
        name=_lt("Businesses"),
        kind="business",
        domain="[]",
        minimum=30.0,
        steps=(
            ShippedStep(BEFORE_DUE, -5, "before_due"),
            ShippedStep(FIRST, 3, "first"),
            ShippedStep(SECOND, 12, "second", invoices=True),
            ShippedStep(CALL, 20, channels=("phone",), mode="manual", script=CALL_PAYABLE),
            ShippedStep(FIRM, 30, "firm", ("email", "letter"), roles=("payable", "director"), statement=True),
            ShippedStep(FORMAL, 15, "formal", ("registered_letter",), "previous", "manual", ("director",), "legal"),
            ShippedStep(DECIDE, 90, channels=("decision",), mode="manual", roles=()),
            ShippedStep(PROMISE_BROKEN, 1, "promise_broken", basis="promise_broken"),
        ),
    ),
)
