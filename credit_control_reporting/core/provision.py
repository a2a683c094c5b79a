"""Doubtful debts: what of each open claim is provided for, without the VAT that comes back.

A rule gives a rate to what is overdue by more than some days, or to customers of some status; of the rules that hold
for a claim the highest rate counts. What a customer paid without saying for what, and their credit notes, are set off
first, against the oldest claims (C. civ. 1342-10). Rates are a proposal: the accountant judges case by case.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from odoo.addons.credit_control.core.money import is_positive, round_to


@dataclass(frozen=True, slots=True)
class Rule:
    """A rate (0–100) for customers of ``status`` (empty: any) whose claim is more than ``days`` overdue (0: any)."""

    id: int
    rate: float
    days: int = 0
    status: str = ""

    def holds(self, status: str, days: int) -> bool:
        return self.status in ("", status) and (self.days <= 0 or days > self.days)


@dataclass(frozen=True, slots=True)
class Claim:
    """An open claim: ``amount`` with VAT, ``net`` the share of it without (0–1), ``days`` overdue."""

    id: int
    due: date
    amount: float
    net: float
    days: int
    status: str = ""


class Provided(NamedTuple):
    """What is provided for a claim: ``base`` is what is open of it without VAT, after credits."""

    claim: Claim
    base: float
    rule: Rule | None
    amount: float


def find_rule(rules: Iterable[Rule], status: str, days: int) -> Rule | None:
    """Return the rule with the highest rate of those that hold.

    >>> rules = [Rule(1, 25, days=90), Rule(2, 50, days=180), Rule(3, 100, status="lost")]
    >>> [(found := find_rule(rules, status, days)) and found.rate for status, days in
    ...  [("", 90), ("", 91), ("", 200), ("lost", -5), ("doubtful", 10)]]
    [None, 25, 50, 100, None]
    """
    return max((rule for rule in rules if rule.holds(status, days)), key=lambda rule: rule.rate, default=None)


def set_off(claims: Iterable[Claim], credit: float, rounding: float = 0.01) -> list[Claim]:
    """Return what is left of the claims of one customer after a ``credit`` (positive), oldest first.

    >>> claims = [Claim(2, date(2025, 2, 1), 100.0, 1.0, 9), Claim(1, date(2025, 1, 1), 50.0, 1.0, 40)]
    >>> [(claim.id, claim.amount) for claim in set_off(claims, 80.0)]
    [(2, 70.0)]
    """
    left = []
    for claim in sorted(claims, key=lambda claim: (claim.due, claim.id)):
        used = min(credit, claim.amount)
        credit -= used
        if is_positive(claim.amount - used, rounding):
            left.append(replace(claim, amount=claim.amount - used))
    return left


def provide(claims: Iterable[Claim], credit: float, rules: Sequence[Rule], rounding: float = 0.01) -> list[Provided]:
    """Return what is provided for the claims of one customer; those without a rule are left out.

    >>> claim = Claim(1, date(2025, 1, 1), 1_200.0, 1 / 1.2, 200)
    >>> [(found.base, found.rule.rate, found.amount) for found in provide([claim], 240.0, [Rule(1, 50, days=180)])]
    [(800.0, 50, 400.0)]

    What is provided by a rule is that rate of all its claims together, to the cent: a claim's part is what it adds.

    >>> claims = [Claim(number, date(2025, 1, 1), 0.25, 1.0, 200) for number in (1, 2)]
    >>> [found.amount for found in provide(claims, 0.0, [Rule(1, 50, days=180)])]
    [0.13, 0.12]
    """
    found, sums = [], defaultdict(float)
    for claim in set_off(claims, credit, rounding):
        rule = find_rule(rules, claim.status, claim.days)
        if rule and rule.rate > 0:
            base = round_to(claim.amount * claim.net, rounding)
            before = round_to(sums[rule.id] * rule.rate / 100, rounding)
            sums[rule.id] += base
            amount = round_to(round_to(sums[rule.id] * rule.rate / 100, rounding) - before, rounding)
            found.append(Provided(claim, base, rule, amount))
    return found
