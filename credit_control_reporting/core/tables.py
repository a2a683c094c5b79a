"""What a report says, whatever it is shown on: screen, paper or workbook.

A report is made of tables and charts; a table of columns and rows. Rows carry a ``key``: what the row is about, for
who wants to open what is behind it. Everything is a plain value: figures are worked out before, words are chosen.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from odoo.addons.credit_control.core.days import read_day
from odoo.addons.credit_control.core.money import round_to

# What may stand in a column. Percentages are 0–100; None stands for "nothing can be said": a dash. A gauge is a
# percentage of what is allowed, which a screen draws as a bar: more than 100 is too much. A goal is one of what is to
# be reached: the more, the better.
TEXT, AMOUNT, PERCENT, COUNT, DAYS, DATE = "text", "amount", "percent", "count", "days", "date"
GAUGE, GOAL = "gauge", "goal"
KINDS = (TEXT, AMOUNT, PERCENT, COUNT, DAYS, DATE, GAUGE, GOAL)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``is_summed`` where its total is the sum of its rows, ``opens`` where a cell opens what it is made of.

    ``tone`` is one of the colours that mean something: grey, amber, orange, red, blue (promised), violet (disputed).
    """

    code: str
    label: str
    kind: str = TEXT
    tone: str = ""
    is_summed: bool = False
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row: a cell for each column; ``is_head`` for one that heads a group, and is not counted in the total.

    ``kind`` is that of all its figures, where a table has rows of different kinds.
    """

    key: object
    cells: tuple
    is_head: bool = False
    kind: str = ""

    def get_kind(self, column: Column) -> str:
        """Return what stands in a cell.

        >>> row = Row("share", ("Share", 5.0), kind=PERCENT)
        >>> row.get_kind(Column("label", "")), row.get_kind(Column("sum", "", AMOUNT))
        ('text', 'percent')
        """
        return self.kind if self.kind and column.kind not in (TEXT, DATE) else column.kind


@dataclass(frozen=True, slots=True)
class Table:
    """A table. ``links`` are codes of what its rows lead to (``customers``); ``note`` stands below the title."""

    code: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    note: str = ""
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one colour of a chart, one for each label; of a map, ``(x, y, size, text)``.

    ``key`` names the column of the table that a click on the chart opens.
    """

    label: str
    values: tuple
    tone: str = ""
    kind: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: ``bar``, ``stack``, ``line``, ``map`` or ``calendar`` (labels are days then)."""

    kind: str
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = AMOUNT
    axes: tuple[str, ...] = ()
    keys: tuple = ()
    table: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report. ``notes`` say what the figures are of, and by which convention."""

    title: str
    notes: tuple[str, ...]
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...] = field(default=())


def sum_rows(
    columns: Sequence[Column], rows: Iterable[Row], label: str, rounding: float = 0.01, known: Mapping | None = None
) -> Row:
    """Return the total of ``rows``: sums of the columns that are summed, ``label`` in the first column.

    :param known: what the total says in columns that can't be summed, by code

    >>> columns = (Column("name", "Name"), Column("open", "Open", AMOUNT, is_summed=True), Column("rate", "%", PERCENT))
    >>> sum_rows(columns, [Row(1, ("A", 0.1, 5.0)), Row(2, ("B", 0.2, None))], "Total", known={"rate": 4.0}).cells
    ('Total', 0.3, 4.0)
    """
    counted = [row.cells for row in rows if not row.is_head]
    cells = [label if place == 0 else (known or {}).get(column.code) for place, column in enumerate(columns)]
    for place, column in enumerate(columns):
        if column.is_summed:
            found = sum(cells_of[place] or 0 for cells_of in counted)
            cells[place] = round_to(found, rounding) if column.kind == AMOUNT else found
    return Row(None, tuple(cells))


def choose_columns(table: Table, codes: Sequence[str]) -> Table:
    """Return a table with some of its columns only, where there is little room.

    >>> columns = (Column("name", "Name"), Column("rank", "Rank", COUNT), Column("open", "Open", AMOUNT))
    >>> table = Table("t", "T", columns, (Row(1, ("A", 1, 5.0)),), Row(None, ("Total", None, 5.0)))
    >>> found = choose_columns(table, ("name", "open"))
    >>> [column.code for column in found.columns], found.rows[0].cells, found.total.cells
    (['name', 'open'], ('A', 5.0), ('Total', 5.0))
    """
    places = [place for place, column in enumerate(table.columns) if column.code in codes]

    def choose(row):
        return replace(row, cells=tuple(row.cells[place] for place in places))

    return replace(
        table,
        columns=tuple(table.columns[place] for place in places),
        rows=tuple(map(choose, table.rows)),
        total=table.total and choose(table.total),
    )


@dataclass(frozen=True, slots=True)
class Question:
    """What a report may be asked: a ``date``, ``number``, ``choice`` (of ``choices``: code and words) or ``check``."""

    name: str
    label: str
    kind: str
    default: object
    choices: tuple[tuple[str, str], ...] = ()
    least: int = 1
    most: int = 1_000


def tell_apart(names: Mapping[object, str], owners: Mapping[object, str]) -> dict[object, str]:
    """Return ``names`` by key; those that stand there more than once with what they belong to beside them.

    >>> tell_apart({1: "First", 2: "First", 3: "Second"}, {1: "Shops", 2: "Public", 3: "Shops"})
    {1: 'First (Shops)', 2: 'First (Public)', 3: 'Second'}
    """
    times = Counter(names.values())
    return {
        key: f"{name} ({owners[key]})" if times[name] > 1 and owners.get(key) else name for key, name in names.items()
    }


class Unreadable(ValueError):
    """An answer that can't be read: ``question`` is the one that it was for, ``answer`` what was said."""

    def __init__(self, question: Question, answer: object):
        super().__init__(f"{question.name}: {answer!r}")
        self.question, self.answer = question, answer


def read_answers(questions: Iterable[Question], given: Mapping) -> dict:
    """Return the answers by name: what isn't given is as usual.

    :raise Unreadable: a date, number or choice that isn't one

    >>> asked = [Question("weeks", "Weeks", "number", 8, most=26), Question("only", "Only", "check", False)]
    >>> read_answers(asked, {"weeks": "12"}), read_answers(asked, {"only": 1})
    ({'weeks': 12, 'only': False}, {'weeks': 8, 'only': True})
    >>> read_answers(asked, {"weeks": 500})
    Traceback (most recent call last):
    odoo.addons.credit_control_reporting.core.tables.Unreadable: weeks: 500
    """
    return {question.name: _read_answer(question, given.get(question.name)) for question in questions}


def _read_answer(question, answer):
    if answer is None or answer == "":
        return question.default
    try:
        return READERS[question.kind](question, answer)
    except (TypeError, ValueError, OverflowError) as error:
        raise Unreadable(question, answer) from error


def _read_date(_question, answer):
    return read_day(answer)


def _read_number(question, answer):
    number = int(answer)
    if not question.least <= number <= question.most:
        raise ValueError(number)
    return number


def _read_choice(question, answer):
    if answer not in dict(question.choices):
        raise ValueError(answer)
    return answer


READERS = {
    "date": _read_date,
    "number": _read_number,
    "choice": _read_choice,
    "check": lambda _question, answer: bool(answer),
}
