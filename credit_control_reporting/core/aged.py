"""The aged balance: figures of open items, added up by one or two axes.

The database adds up by the finest groups; everything above (subtotals, the total) is added up here, so that the
screen, the PDF and the XLSX can't disagree. Each bucket holds claims and credits of that age, so the buckets of a
line add up to its total; ``disputed``, ``promised`` and ``unallocated`` are parts of it, shown beside.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from odoo.addons.credit_control.core.money import round_to

# Finer than any currency: what is rounded off is the dust of binary fractions.
DECIMALS = 6


class Figures(NamedTuple):
    """The columns of a line, in company currency; ``unallocated`` is what credits weigh (negative).

    Tuples, as lines are: a report of 140 000 customers makes as many, and frozen dataclasses take half as long again.
    """

    buckets: tuple[float, ...]
    disputed: float = 0.0
    promised: float = 0.0
    unallocated: float = 0.0

    @property
    def total(self) -> float:
        """All that is open: the buckets together.

        >>> Figures((500.0, 1_000.0, -200.0)).total
        1300.0
        """
        return round(sum(self.buckets), DECIMALS)

    def as_row(self) -> list[float]:
        """Return the amounts in the order in which every form of the report has them.

        >>> Figures((500.0, -200.0), disputed=50.0, unallocated=-200.0).as_row()
        [300.0, 500.0, -200.0, 50.0, 0.0, -200.0]
        """
        return [self.total, *self.buckets, self.disputed, self.promised, self.unallocated]

    @property
    def overdue(self) -> float:
        """What is past its due date: all buckets but the first.

        >>> Figures((500.0, 1_000.0, -200.0)).overdue
        800.0
        """
        return round(sum(self.buckets[1:]), DECIMALS)


class Line(NamedTuple):
    """One line of the report: ``key`` says of what (None: of nothing, e.g. customers without a portfolio)."""

    key: object
    figures: Figures
    lines: tuple["Line", ...] = ()

    def get_keys(self) -> list[list]:
        """Return the keys of the lines below, axis by axis, each once.

        >>> part = Line("north", Figures((1.0,)), (Line(1, Figures((1.0,))),))
        >>> Line(None, Figures((1.0,)), (part,)).get_keys(), Line(None, Figures((0.0,))).get_keys()
        ([['north'], [1]], [])
        """
        found, level = [], self.lines
        while level:
            found.append(list(dict.fromkeys(line.key for line in level)))
            level = [part for line in level for part in line.lines]
        return found


def add_up(figures: Iterable[Figures], size: int, rounding: float = 0.01) -> Figures:
    """Return the sum of ``figures`` with ``size`` buckets each, free of the dust of binary fractions.

    >>> add_up([Figures((0.1, 1.0), disputed=1.0), Figures((0.2, 0.0), unallocated=-5.0)], 2)
    Figures(buckets=(0.3, 1.0), disputed=1.0, promised=0.0, unallocated=-5.0)
    >>> add_up([], 2)
    Figures(buckets=(0.0, 0.0), disputed=0.0, promised=0.0, unallocated=0.0)
    """
    buckets, *others = tuple(zip(*figures, strict=True)) or ((), (), (), ())
    sums = [round_to(sum(column), rounding) for column in zip(*buckets, strict=True)] or [0.0] * size
    return Figures(tuple(sums), *(round_to(sum(column), rounding) for column in others))


def gather_above(groups: Mapping[tuple, object], least: int = 0) -> dict[tuple, list]:
    """Return ``{keys: all that is below}`` of groups, of those above them, and of their total.

    :param least: of so many keys at least: what is above isn't gathered

    >>> gather_above({("north", 5): "a", ("north", 6): "b"})
    {('north', 5): ['a'], ('north',): ['a', 'b'], (): ['a', 'b'], ('north', 6): ['b']}
    >>> gather_above({("north", 5): "a"}, least=2)
    {('north', 5): ['a']}
    """
    found: dict[tuple, list] = {}
    for keys, one in groups.items():
        for length in range(len(keys), least - 1, -1):
            found.setdefault(keys[:length], []).append(one)
    return found


def fold(rows: Sequence[tuple[tuple, Figures]], size: int, rounding: float = 0.01) -> Line:
    """Return the whole report as one line: the total, with the first axis in it, and the second in these.

    :param rows: ``(keys, figures)`` of the finest groups, each with as many keys as there are axes
    :param size: how many buckets there are
    :param rounding: of the company currency
    :return: groups with the most overdue first

    >>> report = fold([(("north", 1), Figures((10.0, 5.0))), (("north", 2), Figures((0.0, 7.0))),
    ...                (("south", 3), Figures((90.0, 0.0)))], 2)
    >>> report.figures.total, [(line.key, line.figures.total, len(line.lines)) for line in report.lines]
    (112.0, [('north', 22.0, 2), ('south', 90.0, 1)])
    """
    return _fold(None, list(rows), size, rounding)


def _fold(key, rows, size, rounding):
    if rows and len(rows[0][0]) == 1:
        # The database has added them up already: there are as many of these as customers.
        lines = [Line(keys[0], figures) for keys, figures in rows]
    else:
        groups: dict[object, list] = {}
        for keys, figures in rows:
            groups.setdefault(keys[0], []).append((keys[1:], figures))
        lines = [_fold(part, found, size, rounding) for part, found in groups.items()]
    lines.sort(key=_by_weight)
    return Line(key, add_up((line.figures for line in lines), size, rounding), tuple(lines))


def _by_weight(line):
    """The most overdue first, then what is open most: ``overdue`` and ``total`` in one go."""
    first, *late = line.figures.buckets
    overdue = sum(late)
    return -round(overdue, DECIMALS), -round(first + overdue, DECIMALS)
