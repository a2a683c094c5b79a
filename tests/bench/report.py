"""The table that ``setup/bench`` prints, and the same rows for programs."""

import math
from dataclasses import dataclass

from work import Measured, Target

COLUMNS = ("work", "ours", "peer", "ratio", "floor", "growth", "queries", "peak MB", "target", "")
# How many times larger the ledger is than that beside which growth is measured.
STEP = 10


@dataclass(frozen=True)
class Row:
    """A work beside one peer (or none)."""

    work: object
    peer_name: str
    ours: Measured
    peer: Measured | None
    floor_s: float | None
    # The ledger that was measured, in invoices.
    invoices: int
    targets: list[Target] = ()
    # Ours on a tenth of the ledger.
    smaller: Measured | None = None

    @property
    def is_sampled(self) -> bool:
        """Whether the peer did a part of the work only."""
        return self.peer_name in self.work.sampled

    @property
    def peer_s(self) -> float | None:
        """The peer's seconds for as many units as ours did, where it was measured on a sample."""
        if not self.peer:
            return None
        if self.is_sampled:
            return self.peer.seconds / self.peer.units * self.ours.units
        return self.peer.seconds

    @property
    def ratio(self) -> float | None:
        """How many times faster ours is."""
        return self.peer_s / self.ours.seconds if self.peer else None

    @property
    def growth(self) -> float | None:
        """The exponent of growth: 1 where ten times the ledger takes ten times as long."""
        return math.log(self.ours.seconds / self.smaller.seconds, STEP) if self.smaller else None

    @property
    def passed(self) -> bool:
        """Whether all the targets were reached."""
        return all(target.passed for target in self.targets)

    def as_dict(self) -> dict:
        """The row as ``--json`` writes it."""
        return {
            "work": self.work.name,
            "invoices": self.invoices,
            "peer": self.peer_name or None,
            "unit": self.work.unit,
            "ours_s": self.ours.seconds,
            "ours_units": self.ours.units,
            "peer_s": self.peer_s,
            "peer_units": self.peer and self.peer.units,
            "peer_queries": self.peer and self.peer.queries,
            "peer_peak_mb": self.peer and self.peer.peak_mb,
            "ratio": self.ratio,
            "floor_s": self.floor_s,
            "growth_exponent": self.growth,
            "smaller_s": self.smaller and self.smaller.seconds,
            "queries": self.ours.queries,
            "peak_mb": self.ours.peak_mb,
            "target": "; ".join(target.text for target in self.targets),
            "pass": self.passed,
            "notes": self.ours.notes,
        }

    def cells(self) -> list[str]:
        """The row as people read it."""
        return [
            f"{self.work.name} ({self.invoices})" if self.work.invoices else self.work.name,
            f"{seconds(self.ours.seconds)}, {self.ours.units} × {self.work.unit}",
            self._peer_cell(),
            f"{self.ratio:.1f} ×" if self.ratio else "–",
            seconds(self.floor_s),
            f"n^{self.growth:.2f}" if self.growth is not None else "–",
            str(self.ours.queries),
            f"{self.ours.peak_mb:.0f}",
            "; ".join(target.text if target.passed else f"MISSED {target.text}" for target in self.targets) or "–",
            "pass" if self.passed else "MISS",
        ]

    def _peer_cell(self) -> str:
        if not self.peer:
            return f"{self.peer_name}: failed" if self.peer_name else "–"
        sample = f" (from {self.peer.units})" if self.is_sampled else f", {self.peer.units}"
        return f"{self.peer_name} {seconds(self.peer_s)}{sample}"


@dataclass(frozen=True)
class Unmeasured:
    """A work that couldn't be measured: what it needs isn't there (which passes), or it failed."""

    work: object
    why: str
    passed: bool

    def as_dict(self) -> dict:
        """The row as ``--json`` writes it."""
        return {"work": self.work.name, "why": self.why, "pass": self.passed}

    def cells(self) -> list[str]:
        """The row as people read it."""
        return [self.work.name, self.why, *["–"] * (len(COLUMNS) - 3), "skipped" if self.passed else "MISS"]


def seconds(value: float | None) -> str:
    """
    >>> seconds(0.01234), seconds(83.21), seconds(None)
    ('0.012 s', '83.2 s', '–')
    """
    if value is None:
        return "–"
    return f"{value:.3f} s" if value < 1 else f"{value:.1f} s"


def print_table(rows: list[Row | Unmeasured], invoices: int) -> None:
    """Print the rows under their headings, columns as wide as needed; then how many passed."""
    lines = [list(COLUMNS), *(row.cells() for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(COLUMNS))]
    print(f"\nLedger of {invoices} invoices; the median round of each side\n")
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    passed = sum(row.passed for row in rows)
    print(f"\n{passed} passed, {len(rows) - passed} missed")
