"""What is open, as the ladder sees it: one receivable item, one customer."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Reached:
    """A step that an item has truly reached: its message left on ``on``.

    A step that leaves through several channels gives one of these for each, with the same
    ``occurrence``; a repeat has the next one.
    """

    step: int
    on: date
    occurrence: int = 1


@dataclass(frozen=True, slots=True)
class Item:
    """One open receivable item of a customer; amounts in company currency.

    ``residual`` is what is open (positive: the customer owes); ``disputed`` and ``promised``
    are the parts of it that aren't claimed meanwhile. ``holds`` are reason codes that keep
    the item back whatever its age. ``entry`` is the step at which the item enters the
    ladder, for debts that were old when the policy first met them. ``events`` gives the
    day of the last broken promise or closed dispute, by the basis that they trigger.
    """

    id: int
    debtor: int
    due: date
    residual: float
    policy: int | None = None
    disputed: float = 0.0
    promised: float = 0.0
    holds: frozenset[str] = frozenset()
    reached: tuple[Reached, ...] = ()
    entry: int | None = None
    events: dict[str, date] = field(default_factory=dict)

    @property
    def claim(self) -> float:
        """What may be asked today: the residual less its disputed and promised parts.

        >>> Item(1, 1, date(2025, 1, 1), 1000.0, disputed=400.0).claim
        600.0
        """
        if self.residual <= 0:
            return self.residual
        # The dust of binary fractions, finer than any currency, isn't a claim.
        return max(0.0, round(self.residual - self.disputed - self.promised, 6))

    def is_overdue(self, today: date) -> bool:
        """Whether the due day has passed."""
        return self.due < today


@dataclass(frozen=True, slots=True)
class Debtor:
    """A customer as a whole: when something last left to them, and what is on its way."""

    id: int
    last_contact: date | None = None
    pending: bool = False
