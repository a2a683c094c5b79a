"""Was a promise kept? And what of it is still to come, item by item.

What it is: :func:`decide` takes the promises of customers and what was received on their items, and
says for each promise how it stands, what it received and what is left of it.

Rules (domain §1). What counts are payments, not credit notes, dated on or after the day on which the
promise was recorded and no later than its day and the tolerance. They keep it where they cover
the share that the company asks for (95 %), partly keep it where they are less, and it is broken where
there is none. It is kept as soon as it is covered; that it isn't is only known once the tolerance has passed.

What was credited or settled otherwise meanwhile (write-off, set-off) can't be paid any more, nor can what
had been paid before it was recorded and was only known afterwards (the money was on its way). So
a promise stands for no more than was left to pay on its items; where nothing was, it is ``excluded``,
and counts neither way.

Several promises on the same items share what was received: the earliest promised day is served first
(then the one recorded first). Each takes its money from the items that the fewest others
count on, then the oldest payment first, and no euro counts twice. What is left of each stands for its
items in the same order, so that two promises on one item don't cover the same euro either.

>>> from datetime import date
>>> terms = Terms()
>>> promise = Promise(1, date(2025, 3, 1), date(2025, 3, 10), 2000.0, (7,))
>>> paid = Receipt(7, date(2025, 3, 9), 1500.0)
>>> decide([promise], {7: 2000.0}, [paid], date(2025, 3, 13), terms)[1].state
'open'
>>> decide([promise], {7: 2000.0}, [paid], date(2025, 3, 14), terms)[1]
Verdict(state='partly_kept', kept=1500.0, excluded=0.0, left=500.0, parts={})

The remaining 500 are credited meanwhile, and what was left to promise is paid:

>>> credited = Receipt(7, date(2025, 3, 5), 500.0, is_payment=False)
>>> decide([promise], {7: 2000.0}, [paid, credited], date(2025, 3, 9), terms)[1]
Verdict(state='kept', kept=1500.0, excluded=500.0, left=0.0, parts={})
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from .days import days_after
from .money import is_less, is_positive, round_to

OPEN = "open"
KEPT = "kept"
PARTLY_KEPT = "partly_kept"
BROKEN = "broken"
# Nothing of it was left to pay: all was credited, settled otherwise or paid before it was made.
EXCLUDED = "excluded"
# Counted when we say how reliable a customer is.
DECIDED = frozenset({KEPT, PARTLY_KEPT, BROKEN})


@dataclass(frozen=True, slots=True)
class Terms:
    """How a company judges promises: days of grace, share that must be covered, rounding of its currency."""

    tolerance: int = 3
    share: float = 0.95
    rounding: float = 0.01


@dataclass(frozen=True, slots=True)
class Receipt:
    """What settled a part of an item on a day: a payment, or a credit note and whatever else (``is_payment`` false)."""

    item: int
    on: date
    amount: float
    is_payment: bool = True


@dataclass(frozen=True, slots=True)
class Promise:
    """An amount (company currency) promised on ``recorded`` for ``due``, and its items, oldest due date first.

    ``is_running`` is false where it is known to be over whatever the day: then nothing of it is left.
    """

    id: int
    recorded: date
    due: date
    amount: float
    items: tuple[int, ...]
    is_running: bool = True

    def last_day(self, terms: Terms) -> date:
        """The last day on which a payment keeps it."""
        return days_after(self.due, terms.tolerance)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a promise stands.

    ``kept`` is what was received for it, ``excluded`` what can't be paid any more, ``left`` the
    rest. ``parts`` says of which items the rest is promised, while it is open.
    """

    state: str
    kept: float
    excluded: float
    left: float
    parts: dict[int, float] = field(default_factory=dict)


def decide(
    promises: Iterable[Promise],
    owed: Mapping[int, float],
    receipts: Iterable[Receipt],
    today: date,
    terms: Terms,
    disputed: Mapping[int, float] | None = None,
) -> dict[int, Verdict]:
    """Return ``{promise id: Verdict}``.

    :param promises: all that share items, those that are over too: they have had their money
    :param owed: what each item was at first
    :param receipts: what is known to have settled a part of the items, in any order
    :param today: the day that says whether the tolerance has passed
    :param terms: the company's
    :param disputed: the part of items that is disputed: what is left of a promise stands for the others first
    """
    promises = sorted(promises, key=lambda promise: (promise.due, promise.recorded, promise.id))
    pool = _Pool(promises, owed, receipts, terms, disputed or {})
    return {promise.id: _decide(promise, pool, today, terms) for promise in promises}


def broken_on(promise_day: date, terms: Terms) -> date:
    """Return the day from which a promise for ``promise_day`` counts as broken.

    >>> broken_on(date(2025, 3, 10), Terms())
    datetime.date(2025, 3, 14)
    """
    return days_after(promise_day, terms.tolerance + 1)


def _decide(promise, pool, today, terms) -> Verdict:
    excluded = pool.exclude(promise)
    amount = promise.amount - excluded
    kept = pool.take(promise, amount)
    state = _state(promise, amount, kept, today, terms)
    left = round_to(max(0.0, amount - kept), terms.rounding) if state != KEPT else 0.0
    parts = pool.reserve(promise, left) if state == OPEN and promise.is_running else {}
    return Verdict(state, round_to(kept, terms.rounding), round_to(excluded, terms.rounding), left, parts)


def _state(promise, amount, kept, today, terms) -> str:
    if not is_positive(amount, terms.rounding):
        return EXCLUDED
    if not is_less(kept, terms.share * amount, terms.rounding):
        return KEPT
    if today <= promise.last_day(terms):
        return OPEN
    return PARTLY_KEPT if is_positive(kept, terms.rounding) else BROKEN


class _Pool:
    """The money of the items, while promises take from it one by one."""

    def __init__(self, promises, owed, receipts, terms, disputed):
        self._terms = terms
        self._owed = owed
        self._disputed = disputed
        self._wanted = Counter(item for promise in promises for item in promise.items)
        self._receipts = defaultdict(list)
        for receipt in sorted(receipts, key=lambda receipt: receipt.on):
            self._receipts[receipt.item].append(receipt)
        # What promises have taken: of each payment (item and place), and of what each item has yet to bring.
        self._taken = Counter()
        self._reserved = Counter()

    def exclude(self, promise) -> float:
        """Return how much of ``promise`` can't be paid: its items were settled otherwise meanwhile, or paid before."""
        settled = sum(self._credited(item, promise) + self._paid_before(item, promise) for item in promise.items)
        missing = promise.amount - sum(self._payable(item, promise) for item in promise.items)
        return max(0.0, min(missing, settled, promise.amount))

    def take(self, promise, amount) -> float:
        """Let ``promise`` have up to ``amount`` of the payments that count for it; return what it got."""
        found = [
            (self._wanted[item], receipt.on, rank, item, place)
            for rank, item in enumerate(promise.items)
            for place, receipt in enumerate(self._receipts[item])
            if receipt.is_payment and self._counts(receipt, promise)
        ]
        got = 0.0
        for _wanted, _on, _rank, item, place in sorted(found):
            free = self._receipts[item][place].amount - self._taken[item, place]
            part = min(free, amount - got)
            self._taken[item, place] += part
            got += part
        return got

    def reserve(self, promise, amount) -> dict[int, float]:
        """Return of which items ``amount`` is yet to come; no later promise counts on the same."""
        parts = {}
        for _wanted, _rank, item in sorted((self._wanted[item], rank, item) for rank, item in enumerate(promise.items)):
            settled = sum(receipt.amount for receipt in self._receipts[item])
            free = self._owed.get(item, 0.0) - settled - self._reserved[item] - self._disputed.get(item, 0.0)
            part = round_to(min(max(0.0, free), amount), self._terms.rounding)
            if part:
                parts[item] = part
                self._reserved[item] += part
                amount -= part
        return parts

    def _counts(self, receipt, promise) -> bool:
        return promise.recorded <= receipt.on <= promise.last_day(self._terms)

    def _credited(self, item, promise) -> float:
        return sum(
            receipt.amount
            for receipt in self._receipts[item]
            if not receipt.is_payment and self._counts(receipt, promise)
        )

    def _paid_before(self, item, promise) -> float:
        return sum(
            receipt.amount for receipt in self._receipts[item] if receipt.is_payment and receipt.on < promise.recorded
        )

    def _payable(self, item, promise) -> float:
        """What could be paid on ``item`` for ``promise``: open when it was recorded, neither credited nor another's."""
        before, others = 0.0, self._reserved[item]
        for place, receipt in enumerate(self._receipts[item]):
            if receipt.on < promise.recorded:
                before += receipt.amount
            else:
                others += self._taken[item, place]
        return max(0.0, self._owed.get(item, 0.0) - before - others - self._credited(item, promise))
