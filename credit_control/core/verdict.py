"""May this customer have this on credit? Rules in order, facts in, a verdict with its reasons out.

For each criterion the first rule of the order decides, so that a milder one for some customers stands
before the general one. The strictest effect of all that speak is the verdict's. Facts that nobody
knows (None) accuse nobody.

>>> position = Position(exposure=45500.0, limit=50000.0)
>>> limit = Rule(1, LIMIT, HOLD, stages=frozenset({"order"}))
>>> verdict = decide(Request(6000.0), Facts(position), [limit])
>>> verdict.effect, verdict.over_by
('hold', 1500.0)

What is fully prepaid passes, whatever else speaks against it; a part that is prepaid isn't risked:

>>> decide(Request(6000.0, prepaid=6000.0), Facts(position, insolvent=True), [limit, Rule(2, INSOLVENCY, HOLD)]).effect
'pass'
>>> decide(Request(6000.0, prepaid=2000.0), Facts(position), [limit]).over_by
0.0

Where a rule doesn't bite (an invoice of what was shipped), it warns:

>>> decide(Request(6000.0, stage="invoice"), Facts(position), [limit]).effect
'warn'
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from .exposure import Position
from .money import is_positive

# What follows, from nothing to the strictest.
PASS = "pass"
WARN = "warn"
APPROVAL = "approval"
PREPAYMENT = "prepayment"
HOLD = "hold"
EFFECTS = (PASS, WARN, APPROVAL, PREPAYMENT, HOLD)
_STRICTNESS = {effect: rank for rank, effect in enumerate(EFFECTS)}

# Where a document stands when it is asked about.
QUOTATION = "quotation"
ORDER = "order"
DELIVERY = "delivery"
INVOICE = "invoice"

# What a rule looks at.
LIMIT = "limit"
OVERDUE_AMOUNT = "overdue_amount"
OVERDUE_DAYS = "overdue_days"
GRADE = "grade"
INSOLVENCY = "insolvency"
LITIGATION = "litigation"
REVIEW_EXPIRED = "review_expired"
STATUS = "status"
INSURER = "insurer"


@dataclass(frozen=True, slots=True)
class Rule:
    """A credit rule: ``threshold`` is an amount, days or per cent of tolerance, ``values`` are grades or states."""

    id: int
    criterion: str
    effect: str
    threshold: float = 0.0
    values: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a customer; None: nobody knows."""

    position: Position
    overdue_amount: float | None = None
    overdue_days: int | None = None
    grade: str | None = None
    # Whether a document may be held because of the grade alone: not one of a natural person (GDPR art. 22).
    grade_binds: bool = True
    insolvent: bool | None = None
    litigation: bool | None = None
    review_date: date | None = None
    review_expired: bool | None = None
    status: str | None = None
    insurer_refused: bool | None = None
    # Somebody who may has let the customer's documents pass for now.
    waived: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A document's amount (what it adds to the exposure), the part of it that is paid, and where it stands."""

    amount: float
    prepaid: float = 0.0
    stage: str = ORDER
    # Somebody who may has let this document pass, for this amount at least.
    released: bool = False
    # Rules that somebody let what this comes of pass: the order of a delivery.
    excused: frozenset[Hashable] = frozenset()

    def unpaid(self, rounding: float) -> float:
        """Return what would be risked."""
        rest = self.amount - self.prepaid
        return rest if is_positive(rest, rounding) else 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that speaks against the document, and the figures that a person would ask for.

    >>> Finding(3, REVIEW_EXPIRED, HOLD, {"date": date(2025, 6, 18)}).told()
    {'criterion': 'review_expired', 'figures': {'date': '2025-06-18'}}
    """

    rule: int
    criterion: str
    effect: str
    figures: Mapping = field(default_factory=dict)

    def told(self) -> dict:
        """Return what a sentence is made of, as JSON keeps it: said to each reader in their language."""
        figures = {name: str(value) if isinstance(value, date) else value for name, value in self.figures.items()}
        return {"criterion": self.criterion, "figures": figures}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer. ``reasons`` are sentences, filled in by who knows the reader's language."""

    effect: str = PASS
    findings: tuple[Finding, ...] = ()
    amount: float = 0.0
    position: Position | None = None
    over_by: float = 0.0
    reasons: tuple[str, ...] = ()

    @property
    def is_held(self) -> bool:
        """Whether the document has to wait."""
        return self.effect in (APPROVAL, PREPAYMENT, HOLD)

    @property
    def weighed(self) -> tuple[Finding, ...]:
        """All findings, the strictest first."""
        return tuple(sorted(self.findings, key=lambda finding: -_STRICTNESS[finding.effect]))

    @property
    def leading(self) -> Finding | None:
        """The first finding of the strictest effect: the one to name."""
        return next((finding for finding in self.findings if finding.effect == self.effect), None)


def strictest(effects: Iterable[str]) -> str:
    """Return the strictest of ``effects``.

    >>> strictest([WARN, HOLD, APPROVAL]), strictest([])
    ('hold', 'pass')
    """
    return max(effects, key=_STRICTNESS.__getitem__, default=PASS)


def _limit(rule, facts, request):
    position = facts.position
    if position.limit is None:
        return None
    tolerated = replace(position, limit=position.limit * (1 + rule.threshold / 100))
    if not tolerated.over_by(request.unpaid(position.rounding)):
        return None
    return {
        "over": position.over_by(request.unpaid(position.rounding)),
        "limit": position.limit,
        "exposure": position.exposure,
        "amount": request.amount,
    }


def _overdue_amount(rule, facts, request):
    late = facts.overdue_amount
    if late is None or not is_positive(late - rule.threshold, facts.position.rounding):
        return None
    return {"overdue": late, "threshold": rule.threshold}


def _overdue_days(rule, facts, request):
    days = facts.overdue_days
    return {"days": days, "threshold": rule.threshold} if days is not None and days > rule.threshold else None


def _grade(rule, facts, request):
    return {"grade": facts.grade} if facts.grade in rule.values else None


def _insolvency(rule, facts, request):
    return {} if facts.insolvent else None


def _litigation(rule, facts, request):
    return {} if facts.litigation else None


def _review_expired(rule, facts, request):
    return {"date": facts.review_date} if facts.review_expired else None


def _status(rule, facts, request):
    return {"status": facts.status} if facts.status in rule.values else None


def _insurer(rule, facts, request):
    return {} if facts.insurer_refused else None


# Each looks at a customer's facts and returns the figures that speak against the document, or None.
CRITERIA: dict[str, Callable[[Rule, Facts, Request], Mapping | None]] = {
    LIMIT: _limit,
    OVERDUE_AMOUNT: _overdue_amount,
    OVERDUE_DAYS: _overdue_days,
    GRADE: _grade,
    INSOLVENCY: _insolvency,
    LITIGATION: _litigation,
    REVIEW_EXPIRED: _review_expired,
    STATUS: _status,
    INSURER: _insurer,
}


def decide(request: Request, facts: Facts, rules: Iterable[Rule]) -> Verdict:
    """Decide on one document.

    :param rules: those that apply to the customer, in their order

    A milder rule that stands first decides for its criterion; other criteria go on speaking:

    >>> rules = [Rule(1, LIMIT, WARN, stages=frozenset({"order"})), Rule(2, LIMIT, HOLD, stages=frozenset({"order"})),
    ...          Rule(3, OVERDUE_DAYS, APPROVAL, threshold=60, stages=frozenset({"order"}))]
    >>> facts = Facts(Position(100.0, 50.0), overdue_days=60)
    >>> decide(Request(10.0), facts, rules).effect, decide(Request(10.0), replace(facts, overdue_days=61), rules).effect
    ('warn', 'approval')

    What was let pass is still told; what its order was let pass too, and nothing that came since:

    >>> decide(Request(10.0, released=True), replace(facts, overdue_days=61), rules).effect
    'warn'
    >>> decide(Request(10.0, excused=frozenset({3})), replace(facts, overdue_days=61), rules).effect
    'warn'
    >>> decide(Request(10.0, excused=frozenset({1, 2})), replace(facts, overdue_days=61), rules).effect
    'approval'
    """
    rounding = facts.position.rounding
    unpaid = request.unpaid(rounding)
    if not unpaid and is_positive(request.prepaid, rounding):
        return Verdict(amount=request.amount, position=facts.position)
    findings = tuple(_find(request, facts, rules))
    return Verdict(
        effect=strictest(finding.effect for finding in findings),
        findings=findings,
        amount=request.amount,
        position=facts.position,
        over_by=facts.position.over_by(unpaid),
    )


def _find(request, facts, rules):
    seen = set()
    for rule in rules:
        if rule.criterion in seen:
            continue
        seen.add(rule.criterion)
        figures = CRITERIA[rule.criterion](rule, facts, request)
        if figures is not None:
            is_binding = rule.criterion != GRADE or facts.grade_binds
            effect = _effect_of(rule, request, facts) if is_binding else WARN
            yield Finding(rule.id, rule.criterion, effect, figures)


def _effect_of(rule, request, facts):
    let_pass = request.released or facts.waived or rule.id in request.excused
    bites = request.stage in rule.stages and not let_pass
    return rule.effect if bites else WARN


def decide_all(
    requests: Iterable[tuple[Hashable, Request]],
    facts_of: Mapping[Hashable, Facts],
    rules_of: Mapping[Hashable, Iterable[Rule]],
) -> list[Verdict]:
    """Decide on documents one after the other: what passes counts for the ones after it.

    A limit of 100 and three orders of 40: two pass, one is held.

    >>> rule = Rule(1, LIMIT, HOLD, stages=frozenset({"order"}))
    >>> facts = {"customer": Facts(Position(0.0, 100.0))}
    >>> verdicts = decide_all([("customer", Request(40.0))] * 3, facts, {"customer": [rule]})
    >>> [verdict.effect for verdict in verdicts], verdicts[-1].over_by
    (['pass', 'pass', 'hold'], 20.0)
    """
    positions = {customer: facts.position for customer, facts in facts_of.items()}
    verdicts = []
    for customer, request in requests:
        facts = replace(facts_of[customer], position=positions[customer])
        verdict = decide(request, facts, rules_of.get(customer, ()))
        if not verdict.is_held:
            positions[customer] = facts.position.add(request.unpaid(facts.position.rounding))
        verdicts.append(verdict)
    return verdicts
