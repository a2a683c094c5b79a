"""What may be charged for late payment of each item: law first, then arithmetic.

>>> from datetime import date
>>> from .interest import Claim, Rule
>>> france = Terms(law.Regime("fr", law.BUSINESS, frozenset({"FR"})), Rule("ecb", 10.0), tiers=((0.0, 40.0),))
>>> rates = {"ecb": {date(2025, 1, 1): 3.15}}
>>> claim = Claim(36500.0, date(2025, 3, 1))
>>> business = Case(1, 7, law.BUSINESS, "FR", 1, date(2025, 3, 1), claim)
>>> [found] = decide([business], [france], rates, date(2025, 3, 11))
>>> found.interest, found.fixed_sum
(131.5, 40.0)

The same debt of a consumer bears nothing of it, even where somebody chose that regime for them:

>>> consumer = replace(business, kind=law.CONSUMER, chosen="fr")
>>> [found] = decide([consumer], [france], rates, date(2025, 3, 11))
>>> found.interest, found.fixed_sum, found.problem
(0.0, 0.0, 'no_regime')
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from . import law
from .days import days_after
from .interest import DUST, Accrual, Claim, Missing, Rates, Rule, accrue, fixed_sum


@dataclass(frozen=True, slots=True)
class Terms:
    """A regime: for whom it holds, how interest runs and from when, the fixed sums (from which amount on, sum)."""

    regime: law.Regime
    rule: Rule
    start: str = law.FROM_DUE
    grace_days: int = 0
    tiers: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A late item of a document, and what is known of its debtor.

    ``chosen`` is the regime that a person chose for the debtor. ``noticed`` is the day of the formal notice,
    ``covered`` the last day whose interest was waived, frozen or invoiced, ``is_fixed_done`` says so of the fixed sum.
    ``size`` is what the tiers of the fixed sum go by; the claim's principal without it.
    """

    item: Any
    document: Any
    kind: str
    country: str | None
    company: Any
    due: date
    claim: Claim
    rounding: float = 0.01
    noticed: date | None = None
    chosen: Any = None
    covered: date | None = None
    is_fixed_done: bool = False
    size: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case bears: ``interest`` is rounded, in the currency of the claim, and not yet waived or invoiced.

    ``problem`` is a code of :mod:`law` where there is no interest, ``missing`` the rate that is lacking.
    """

    case: Case
    regime: Any = None
    accrual: Accrual = Accrual()
    interest: float = 0.0
    fixed_sum: float = 0.0
    problem: str | None = None
    missing: Missing | None = None


def decide(cases: Iterable[Case], terms: Sequence[Terms], rates: Rates, until: date) -> list[Outcome]:
    """Return what each case bears up to ``until``; the fixed sum once for a document, with its first late item."""
    found, charged, known = [], set(), {}
    for case in sorted(cases, key=lambda case: (case.due, str(case.item))):
        key = (case.kind, case.country, case.company, case.chosen)
        if key not in known:
            known[key] = pick(case, terms)
        outcome = bear(case, known[key], rates, until)
        if outcome.fixed_sum and case.document in charged:
            outcome = replace(outcome, fixed_sum=0.0)
        elif outcome.fixed_sum:
            charged.add(case.document)
        found.append(outcome)
    return found


def pick(case: Case, terms: Sequence[Terms]) -> Terms | None:
    """Return the regime of a case: the one that a person chose where the law allows it, else the country's."""
    by_id = {one.regime.id: one for one in terms}
    chosen = by_id.get(case.chosen)
    if chosen and law.is_allowed(chosen.regime.kind, case.kind):
        return chosen
    regime = law.choose((one.regime for one in terms), case.kind, case.country, case.company)
    return by_id[regime.id] if regime else None


def bear(case: Case, terms: Terms | None, rates: Rates, until: date) -> Outcome:
    """Return what ``case`` bears under ``terms``."""
    if terms is None:
        return Outcome(case, problem=law.NO_REGIME)
    runs_after = began(case, terms)
    fixed = _fixed(case, terms, until)
    if runs_after is None:
        return Outcome(case, terms.regime.id, fixed_sum=fixed, problem=law.NO_NOTICE)
    claim = case.claim if case.claim.began == runs_after else replace(case.claim, began=runs_after)
    accrual = accrue(claim, terms.rule, rates, until, case.covered)
    if accrual.missing:
        return Outcome(case, terms.regime.id, accrual, 0.0, fixed, law.RATE_MISSING, accrual.missing)
    return Outcome(case, terms.regime.id, accrual, accrual.total(case.rounding), fixed)


def began(case: Case, terms: Terms) -> date | None:
    """Return the day after which interest runs: the due day; that of the formal notice where the law waits for one."""
    if terms.start == law.FROM_DUE:
        return days_after(case.due, terms.grace_days)
    return case.noticed and max(case.due, days_after(case.noticed, terms.grace_days))


def is_late(claim: Claim, due: date, until: date) -> bool:
    """Whether a part of the claim was still unpaid after its due day.

    A collective procedure that was open on the due day barred the payment: the item isn't late (in France
    C. com. L441-10 II).
    """
    paid = sum(part.amount for part in claim.settlements if not part.is_credit_note and part.day <= due)
    return due < until and claim.principal - paid > DUST and (claim.stop is None or due < claim.stop)


def _fixed(case, terms, until):
    if case.is_fixed_done or not law.bears_fixed_sum(case.kind) or not law.bears_fixed_sum(terms.regime.kind):
        return 0.0
    if not is_late(case.claim, case.due, until):
        return 0.0
    return fixed_sum(terms.tiers, case.claim.principal if case.size is None else case.size)
