"""The last look before a notice leaves: is everything that it claims still to be claimed?

What it is: :func:`review` compares a notice, as it was planned, with its items as they are
now, and says what to take off, or why nothing should leave at all.

Rules. A claim is never raised: what was planned (and perhaps approved) is the most that is
asked. An item that is paid, held back, disputed or promised since is taken off; a part
payment lowers its claim. Credits of today are set off in place of those of the plan. Where no
item is left whose step was due, or what is asked in the end is nothing, or below the policy's
minimum, the notice isn't sent.

>>> from datetime import date
>>> from odoo.addons.credit_control.core.items import Item
>>> line = Claim(line=1, item=10, amount=1000.0, rank=1)
>>> review([line], {10: Item(10, 7, date(2025, 1, 1), 700.0)}, [], 0.0, 0.01)
Verdict(amount=700.0, reason=None, lowered={1: 700.0}, removed={}, added=())
>>> review([line], {}, [], 0.0, 0.01).reason
'settled'
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from . import reasons
from .items import Item
from .money import is_less, is_positive, is_zero


@dataclass(frozen=True, slots=True)
class Claim:
    """One line of a notice as it was planned; ``amount`` in company currency, negative for a credit.

    ``rank`` is the place of its step in the policy; None where the item is only shown.
    ``item`` is None where the entry was deleted since.
    """

    line: int
    item: int | None
    amount: float
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a notice. ``reason`` is None where it may leave, else why it may not.

    ``lowered`` gives the new amount of lines, ``removed`` the reason of those taken off,
    ``added`` the credits that came since. ``amount`` is what is asked in the end.
    """

    amount: float
    reason: str | None = None
    lowered: dict[int, float] = field(default_factory=dict)
    removed: dict[int, str] = field(default_factory=dict)
    added: tuple[Item, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether the notice has to be written again before it leaves."""
        return bool(self.lowered or self.removed or self.added)


def review(
    claims: Iterable[Claim],
    items: Mapping[int, Item],
    credits: Collection[Item],
    minimum: float,
    rounding: float,
) -> Verdict:
    """Return what becomes of a notice.

    :param claims: its lines, credits among them
    :param items: its items as they are now, by id; one that isn't there is settled
    :param credits: the customer's unallocated credits of today that this notice may set off
    :param minimum: below this a customer isn't written to (company currency)
    :param rounding: of the company currency
    """
    claims = list(claims)
    lowered, removed = {}, {}
    for claim in claims:
        if claim.amount >= 0:
            _review_claim(claim, items.get(claim.item), lowered, removed, rounding)
    added = _review_credits([claim for claim in claims if claim.amount < 0], credits, lowered, removed, rounding)
    amount = _total(claims, lowered, removed, added)
    return Verdict(amount, _refusal(claims, removed, amount, minimum, rounding), lowered, removed, added)


def _review_claim(claim, item, lowered, removed, rounding):
    reason = _removal(item, rounding)
    if reason:
        removed[claim.line] = reason
    elif not is_zero(min(claim.amount, item.claim) - claim.amount, rounding):
        lowered[claim.line] = item.claim


def _removal(item: Item | None, rounding: float) -> str | None:
    """Why an item isn't claimed any more; None where it is."""
    if item is None or not is_positive(item.residual, rounding):
        return reasons.SETTLED
    parts = ((reasons.DISPUTED, item.disputed), (reasons.PROMISED, item.promised))
    nothing = set() if is_positive(item.claim, rounding) else {code for code, part in parts if part > 0}
    return reasons.leading(nothing | item.holds)


def _review_credits(planned, credits, lowered, removed, rounding) -> tuple[Item, ...]:
    """Set the credits of today in place of those of the plan; return those that are new."""
    today = {credit.id: credit for credit in credits}
    for claim in planned:
        credit = today.pop(claim.item, None)
        if credit is None:
            removed[claim.line] = reasons.SETTLED
        elif not is_zero(credit.residual - claim.amount, rounding):
            lowered[claim.line] = credit.residual
    return tuple(today.values())


def _total(claims, lowered, removed, added) -> float:
    planned = sum(lowered.get(claim.line, claim.amount) for claim in claims if claim.line not in removed)
    return planned + sum(credit.residual for credit in added)


def _refusal(claims, removed, amount, minimum, rounding) -> str | None:
    """Why the notice as a whole shouldn't leave; None where it may."""
    due = [claim for claim in claims if claim.rank is not None]
    if all(claim.line in removed for claim in due):
        return reasons.leading(removed[claim.line] for claim in due) or reasons.SETTLED
    if not is_positive(amount, rounding):
        return reasons.UNALLOCATED_CREDIT
    return reasons.BELOW_MINIMUM if is_less(amount, minimum, rounding) else None
