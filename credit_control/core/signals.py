"""Early warnings: what changed with a customer, told once.

What it is: detectors look at the ledger and say what they find; :func:`settle` compares it with the warnings
that are known. A finding that is new makes one warning; one that was there the last time makes none; a
warning whose finding is gone is over, and closes by itself.

>>> found = [Finding(7, "", 95.0), Finding(8, "promise/3", 400.0, once=True)]
>>> changes = settle(found, [Known(1, 9, ""), Known(2, 8, "promise/3", holds=False)])
>>> [finding.customer for finding in changes.new], changes.over
([7], [1])

The broken promise 3 was told before, and isn't told again. The next day nothing is new:

>>> changes = settle(found, [Known(4, 7, ""), Known(2, 8, "promise/3", holds=False)])
>>> changes.new, changes.over, [(known, finding.value) for known, finding in changes.still]
([], [], [(4, 95.0)])
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

GRADES = "ABCDE"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a detector found: ``key`` tells several findings of a customer apart, ``inputs`` say what was measured.

    ``once``: what the key names is told one time only, whatever comes after: a promise breaks once.
    """

    customer: int
    key: str = ""
    value: float = 0.0
    inputs: dict = field(default_factory=dict)
    once: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A warning that was given. ``holds``: its finding was there the last time, whether or not a person closed it."""

    id: int
    customer: int
    key: str
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be told, what is over, and (warning, finding) of what goes on."""

    new: list[Finding]
    over: list[int]
    still: list[tuple[int, Finding]]


def settle(found: Iterable[Finding], known: Iterable[Known]) -> Changes:
    """Compare what was found with the warnings given before, all of one detector."""
    holding, told = {}, set()
    for warning in known:
        told.add((warning.customer, warning.key))
        if warning.holds:
            holding[warning.customer, warning.key] = warning.id
    changes = Changes([], [], [])
    for finding in found:
        place = (finding.customer, finding.key)
        if place in holding:
            changes.still.append((holding.pop(place), finding))
        elif not (finding.once and place in told):
            changes.new.append(finding)
    changes.over.extend(sorted(holding.values()))
    return changes


def is_peak(recent: float, usual: float, percent: float) -> bool:
    """Whether ``recent`` is above ``percent`` of what is usual; of what has no usual nothing is said.

    >>> is_peak(2000.0, 1000.0, 200), is_peak(2000.01, 1000.0, 200), is_peak(500.0, 0.0, 200)
    (False, True, False)
    """
    return usual > 0 and recent > usual * percent / 100


def is_used_up(exposure: float, limit: float | None, percent: float) -> bool:
    """Whether more than ``percent`` of a limit is used; no limit is never used up.

    >>> is_used_up(900.0, 1000.0, 90), is_used_up(900.01, 1000.0, 90)
    (False, True)
    >>> is_used_up(5.0, None, 90), is_used_up(0.0, 0.0, 90), is_used_up(5.0, 0.0, 90)
    (False, False, True)
    """
    return limit is not None and exposure > 0 and exposure > limit * percent / 100


def steps_down(before: str | None, now: str | None) -> int:
    """By how many grades a customer fell; negative where they rose, 0 where one of them is unknown.

    >>> steps_down("B", "D"), steps_down("C", "A"), steps_down(None, "E")
    (2, -2, 0)
    """
    return GRADES.index(now) - GRADES.index(before) if before and now else 0
