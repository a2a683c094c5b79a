"""What a work of the benchmark is: the contract of the files in ``works/``."""

from dataclasses import dataclass, field


@dataclass
class Measured:
    """One side of a work, measured once in a process of its own."""

    seconds: float
    units: int
    queries: int
    peak_mb: float
    notes: dict = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Units of work done in a second."""
        return self.units / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Target:
    """A figure to reach, as a person reads it, and whether it was."""

    text: str
    passed: bool


class Work:
    """One thing that is measured: ours, the peers', and what the database alone would need.

    How to add one: a file in ``works/`` with a subclass. For each side (``ours`` and the names
    in ``peers``) it has three methods: ``prepare_<side>(env)``, ``<side>(env)`` which does the work,
    and ``count_<side>(env)`` which returns how many units were done. Only the second is timed.
    They run in a process of their own, on a copy of the ledger where ``changes`` is set.
    """

    name = ""
    # What one unit of it is, for the table: line, mail, letter, item.
    unit = ""
    peers: tuple[str, ...] = ()
    # Whether it writes: then it works on a copy of the database, thrown away afterwards.
    changes = True
    # Sides that send e-mails: to a server that takes everything; each unit must arrive there.
    mailing: tuple[str, ...] = ()
    # An Odoo that serves the style sheets of printed pages.
    serves_http = False
    # Whether ours is measured on a tenth of the ledger, too.
    measures_growth = False
    # Peers that do a part of the work, where all of it would take too long; their time is scaled up.
    sampled: tuple[str, ...] = ()
    # The size of the ledger that its target is stated for, where that isn't the one that is asked for.
    invoices: int | None = None
    # How often it is measured, where that is less often than the others.
    rounds: int | None = None
    # Whether a ledger of millions of invoices is measured with it, too.
    in_large = False
    # The tables that are empty before it and that nothing else fills, each before those that its rows refer to. Where
    # it is measured in the ledger itself, they are emptied between two rounds.
    fills: tuple[str, ...] = ()
    # The tables in which it changes rows; its preparation takes the changes back.
    marks: tuple[str, ...] = ()

    def floor_sql(self):
        """One SQL statement that reads the same figures; None where there is no such thing."""
        return None

    def notes(self, env) -> dict:
        """What else the row should say, after ours: counts that make the comparison fair."""
        return {}

    def targets(self, ours: Measured, peer: Measured | None, smaller: Measured | None) -> list[Target]:
        """The figures to reach."""
        return []

    def large_targets(self, ours: Measured, smaller: Measured) -> list[Target]:
        """The figures to reach on a ledger of millions, beside ours on a tenth of it."""
        return [
            at_most("× the time of a tenth", ours.seconds / smaller.seconds, 12),
            at_most("peak MB", ours.peak_mb, 2048),
        ]

    def floor_targets(self, ours: Measured, floor: float) -> list[Target]:
        """The figures to reach beside the floor of ``floor`` seconds, where there is one."""
        return []


class CommandWork(Work):
    """A work that is a command of its own: it needs neither a ledger nor Odoo."""

    # What it needs, for who reads that it was skipped.
    needs = ""

    def measure_command(self) -> Measured | None:
        """Run it, and return what came out; None where what it needs isn't there."""
        raise NotImplementedError


def at_least(label: str, figure: float, least: float, unit: str = "") -> Target:
    """A target that is reached from ``least`` on."""
    return Target(f"{label} ≥ {least:g}{unit} ({figure:.2f})", figure >= least)


def at_most(label: str, figure: float, most: float, unit: str = "") -> Target:
    """A target that is reached up to ``most``."""
    return Target(f"{label} ≤ {most:g}{unit} ({figure:.2f})", figure <= most)
