"""What a credit insurer bears of what we risk, and until when overdue items are declared to it.

How insurers work: a guarantee is the highest outstanding on a customer that the insurer accepts,
taxes included. Of the outstanding up to the guarantee it bears the quota; the rest of that part,
and all that goes beyond, stays with us. A temporary guarantee comes on top of the permanent one.
A customer on whom the insurer never decided may be insured up to the discretionary limit of the
policy; once it has decided, its word alone counts. The deductible of a policy bears on the claims
of an insurance year, not on a customer: it isn't taken off here.

40 000 granted at 90 %, 45 500 outstanding; then only 10 000 outstanding:

>>> split(45500.0, [Cover(40000.0, 90.0)])
Split(covered=40000.0, insured=36000.0, uninsured=9500.0)
>>> split(10000.0, [Cover(40000.0, 90.0)])
Split(covered=10000.0, insured=9000.0, uninsured=1000.0)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from .days import days_after
from .money import round_to

# States of a guarantee.
REQUESTED, GRANTED, REDUCED = "requested", "granted", "reduced"
REFUSED, CANCELLED, EXPIRED = "refused", "cancelled", "expired"
# Within their dates these covered something; what was cancelled did until its last day.
COVERING = frozenset({GRANTED, REDUCED, EXPIRED, CANCELLED})
PERMANENT, TEMPORARY = "permanent", "temporary"


@dataclass(frozen=True, slots=True)
class Cover:
    """A tranche of the outstanding that is insured: up to ``amount``, of which ``quota`` per cent are borne.

    ``guarantee`` and ``policy`` say by whose word; a discretionary limit has no guarantee.
    """

    amount: float
    quota: float
    guarantee: int | None = None
    policy: int | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """An outstanding in two: what the insurer would bear of it, and what stays with us.

    ``covered`` is the part that lies under the guarantees, before the quota.
    """

    covered: float
    insured: float
    uninsured: float


def split(exposure: float, covers: Iterable[Cover], rounding: float = 0.01) -> Split:
    """Split an outstanding by the covers, the first of them filled first.

    10 000 at 80 % for the season on top of 40 000 at 90 %:

    >>> split(45500.0, [Cover(40000.0, 90.0), Cover(10000.0, 80.0)])
    Split(covered=45500.0, insured=40400.0, uninsured=5100.0)

    Without a cover all of it is ours; a balance in the customer's favour is no risk:

    >>> split(45500.0, []), split(-500.0, [Cover(40000.0, 90.0)])
    (Split(covered=0.0, insured=0.0, uninsured=45500.0), Split(covered=0.0, insured=0.0, uninsured=0.0))
    """
    owed = max(exposure, 0.0)
    left, insured = owed, 0.0
    for cover in covers:
        part = min(left, cover.amount)
        insured += part * cover.quota / 100
        left -= part
    insured = round_to(insured, rounding)
    return Split(round_to(owed - left, rounding), insured, round_to(owed - insured, rounding))


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A guarantee as recorded. ``decided`` is the day of the insurer's word, ``last`` the last day of the cover.

    ``by_insurer``: whether a cancellation was the insurer's, not ours.
    """

    id: int
    policy: int
    kind: str
    state: str
    amount: float
    quota: float
    first: date | None
    last: date | None = None
    decided: date | None = None
    by_insurer: bool = True

    def covers(self, day: date) -> bool:
        """Whether it insures what is outstanding on ``day``.

        >>> one = Guarantee(1, 1, PERMANENT, CANCELLED, 100.0, 90.0, date(2026, 1, 1), date(2026, 3, 31))
        >>> [one.covers(day) for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 31), date(2026, 4, 1))]
        [False, True, True, False]
        """
        if self.state not in COVERING or self.first is None:
            return False
        return self.first <= day and (self.last is None or day <= self.last)

    def adverse_since(self) -> date | None:
        """Return the day from which on its end is the insurer's refusal, None where it is none.

        >>> Guarantee(1, 1, PERMANENT, REFUSED, 0.0, 90.0, None, decided=date(2026, 2, 3)).adverse_since()
        datetime.date(2026, 2, 3)
        """
        if self.state == REFUSED:
            return self.decided
        if self.state == CANCELLED and self.by_insurer and self.last:
            return days_after(self.last, 1)
        return None

    def spoken(self) -> date | None:
        """Return the day of the insurer's last word on it, None where it said nothing yet.

        A request that we gave up was never decided:

        >>> Guarantee(1, 1, PERMANENT, CANCELLED, 0.0, 90.0, None, decided=date(2026, 2, 3), by_insurer=False).spoken()
        """
        if self.state == REQUESTED or (self.state == CANCELLED and self.first is None):
            return None
        return self.adverse_since() or self.decided or self.first


@dataclass(frozen=True, slots=True)
class Refusal:
    """The insurer's no: ``refused`` or ``cancelled``, the day from which it holds, and the guarantee that says so."""

    state: str
    since: date
    guarantee: int


def covers_on(guarantees: Iterable[Guarantee], day: date, discretionary: Cover | None = None) -> tuple[Cover, ...]:
    """Return the covers of one customer on ``day``: the permanent guarantee first, the temporary ones on top.

    :param discretionary: what the policy insures without asking; only where the insurer never decided

    >>> season = Guarantee(2, 7, TEMPORARY, GRANTED, 10.0, 80.0, date(2026, 5, 1), date(2026, 8, 31))
    >>> base = Guarantee(1, 7, PERMANENT, GRANTED, 40.0, 90.0, date(2026, 1, 1))
    >>> [cover.amount for cover in covers_on([season, base], date(2026, 6, 1))]
    [40.0, 10.0]
    >>> small = Cover(5.0, 80.0, policy=7)
    >>> covers_on([], date(2026, 6, 1), small) == (small,)
    True

    A request doesn't end the discretionary limit, a refusal does:

    >>> asked = Guarantee(3, 7, PERMANENT, REQUESTED, 0.0, 90.0, None)
    >>> no = Guarantee(3, 7, PERMANENT, REFUSED, 0.0, 90.0, None, decided=date(2026, 5, 2))
    >>> len(covers_on([asked], date(2026, 6, 1), small)), len(covers_on([no], date(2026, 6, 1), small))
    (1, 0)
    """
    guarantees = sorted(guarantees, key=lambda guarantee: (guarantee.kind != PERMANENT, guarantee.id))
    covers = [Cover(one.amount, one.quota, one.id, one.policy) for one in guarantees if one.covers(day)]
    spoken = any(one.kind == PERMANENT and one.spoken() and one.spoken() <= day for one in guarantees)
    if discretionary and not spoken:
        covers.insert(0, discretionary)
    return tuple(covers)


def refusal_on(guarantees: Iterable[Guarantee], day: date) -> Refusal | None:
    """Return the insurer's refusal that holds on ``day``, None where it holds none.

    It is its last word on a permanent guarantee, where none is in force: a refused raise takes
    nothing from what was granted before, a guarantee that lapsed is no refusal.

    >>> granted = Guarantee(1, 7, PERMANENT, GRANTED, 40.0, 90.0, date(2026, 1, 1), decided=date(2026, 1, 1))
    >>> raised = Guarantee(2, 7, PERMANENT, REFUSED, 0.0, 90.0, None, decided=date(2026, 5, 2))
    >>> refusal_on([granted, raised], date(2026, 6, 1)) is None, refusal_on([raised], date(2026, 5, 1)) is None
    (True, True)
    >>> refusal_on([raised], date(2026, 5, 2))
    Refusal(state='refused', since=datetime.date(2026, 5, 2), guarantee=2)
    """
    permanent = [one for one in guarantees if one.kind == PERMANENT]
    if any(one.covers(day) for one in permanent):
        return None
    spoken = [one for one in permanent if one.spoken() and one.spoken() <= day]
    if not spoken:
        return None
    last = max(spoken, key=lambda one: (one.spoken(), one.id))
    since = last.adverse_since()
    return Refusal(last.state, since, last.id) if since and since <= day else None


@dataclass(frozen=True, slots=True)
class Discretionary:
    """What a policy insures without asking, from ``first`` to ``last`` (None: no end in sight)."""

    cover: Cover
    first: date
    last: date | None = None


def discretionary_on(limits: Iterable[Discretionary], day: date) -> Cover | None:
    """Return what is insured without asking on ``day``, None where nothing is.

    >>> limits = [Discretionary(Cover(5.0, 80.0), date(2026, 1, 1), date(2026, 12, 31))]
    >>> discretionary_on(limits, date(2026, 12, 31)).amount, discretionary_on(limits, date(2027, 1, 1))
    (5.0, None)
    """
    return next((one.cover for one in limits if one.first <= day and (one.last is None or day <= one.last)), None)


# ---------------------------------------------------------------- declaring what is overdue


@dataclass(frozen=True, slots=True)
class Terms:
    """What a policy asks: overdue items are declared ``days`` after their due date; we remind ``lead`` days before."""

    days: int
    lead: int = 0

    @property
    def listed_after(self) -> int:
        """Days after the due date from which on an item is to be looked at; never before it is overdue."""
        return max(1, self.days - self.lead)


@dataclass(frozen=True, slots=True)
class Item:
    """An open item: who owes it, the day of the document, its due date."""

    id: int
    partner: int
    day: date
    due: date


@dataclass(frozen=True, slots=True)
class Declaration:
    """An overdue item that is to be declared to the insurer by ``deadline``, under ``policy``."""

    item: int
    partner: int
    policy: int
    guarantee: int | None
    deadline: date


def declare_by(due: date, days: int) -> date:
    """Return the last day to declare an item.

    >>> declare_by(date(2026, 1, 31), 60)
    datetime.date(2026, 4, 1)
    """
    return days_after(due, days)


def to_declare(
    items: Iterable[Item], covers_of: dict[tuple[int, date], Sequence[Cover]], terms: dict[int, Terms], today: date
) -> list[Declaration]:
    """Return what is to be declared: the items that were insured on the day of their document, and are overdue.

    :param covers_of: the covers by customer and day of the document
    :param terms: what each policy asks; one that asks nothing isn't there

    Due on 31 January, 60 days to declare, reminded 15 days before: from 17 March on.

    >>> cover = Cover(100.0, 90.0, guarantee=5, policy=7)
    >>> item = Item(1, 9, date(2026, 1, 1), date(2026, 1, 31))
    >>> due = [to_declare([item], {(9, item.day): [cover]}, {7: Terms(60, 15)}, date(2026, 3, day)) for day in (16, 17)]
    >>> due[0], due[1][0].deadline
    ([], datetime.date(2026, 4, 1))
    >>> to_declare([item], {}, {7: Terms(60, 15)}, date(2026, 4, 1))
    []
    """
    found = []
    for item in items:
        cover = next((one for one in covers_of.get((item.partner, item.day), ()) if one.policy in terms), None)
        if cover and (today - item.due).days >= terms[cover.policy].listed_after:
            deadline = declare_by(item.due, terms[cover.policy].days)
            found.append(Declaration(item.id, item.partner, cover.policy, cover.guarantee, deadline))
    return found
