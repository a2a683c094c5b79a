"""``setup/bench --forecast``: how far the expected payment dates are off, on a real ledger.

The walk goes through the invoices in the order of their dates, from ``START`` on. What each forecast
sees is what was settled by its invoice's date, nothing later; what came true of older
forecasts by then corrects the newer ones. The ledger is public and lies beside the repository
(see the guide); the file has no date for its disputes, so the dispute of the invoice itself is
left out, and the figure with it is labelled "dispute known".
"""

import json
import os
import statistics
import sys
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from pure import REPO

from odoo.addons.credit_control.core import forecast, ledger_file
from odoo.addons.credit_control.core.behaviour import PROFILE_MONTHS, Payment, Receivable, months_before

START = date(2012, 7, 1)
NAME = "ibm-late-payment-2012-2013.csv"

OURS = "ours"
KNOWN = "ours, dispute known"
DUE = "due date"
MEAN = "customer's mean"
MEDIAN = "customer's median"
TARGETS = {OURS: 6.3, KNOWN: 5.1}
METHODS = (DUE, MEAN, MEDIAN, OURS, KNOWN)


def find_ledger() -> Path | None:
    """Return the ledger's file: named by CREDIT_CONTROL_LEDGER, else in ``shared/data`` beside the repository.

    Or beside a folder that holds it, as with more than one working copy.
    """
    named = os.environ.get("CREDIT_CONTROL_LEDGER")
    places = [Path(named)] if named else [folder / "shared" / "data" / NAME for folder in REPO.parents]
    return next((place for place in places if place.is_file()), None)


def read_ledger(path: Path) -> list[Receivable]:
    """Return the invoices of a ledger in the order of their dates, with their payments; the id is (customer, number).

    :raise SystemExit: where the file can't be read
    """
    with path.open("rb") as stream:
        found = ledger_file.survey(stream)
        if not found.layout:
            raise SystemExit(f"{path.name} can't be read: {found.problems}")
        entries, problems, count = ledger_file.check(ledger_file.read(stream, found.layout))
    if count:
        raise SystemExit(f"{path.name} can't be read: {problems[:3]}")
    return sorted(map(_receivable, entries), key=lambda item: (item.issued, item.id))


def _receivable(entry: ledger_file.Entry) -> Receivable:
    payments = (Payment(entry.settled, float(entry.paid)),) if entry.settled else ()
    return Receivable(
        (entry.customer, entry.number), float(entry.amount), entry.due, entry.date, payments, entry.disputed
    )


@dataclass
class Walk:
    """What is known as the days go by: the settled items of each customer, and how older forecasts came out."""

    waiting: deque
    outcomes: dict = field(default_factory=lambda: defaultdict(list))
    # (day of payment, error) of our forecasts that came true, by method.
    errors: dict = field(default_factory=lambda: defaultdict(list))
    baselines: dict = field(default_factory=dict)
    made: dict = field(default_factory=dict)
    today: date = date.min

    @classmethod
    def over(cls, items: list[Receivable]) -> "Walk":
        """A walk over these items, before its first day."""
        settled = [(day, item) for item in items if (day := item.settled_on(date.max))]
        return cls(deque(sorted(settled, key=lambda pair: (pair[0], pair[1].id))))

    def go_to(self, today: date) -> None:
        """Learn what was settled by ``today``."""
        if today == self.today:
            return
        self.today = today
        while self.waiting and self.waiting[0][0] <= today:
            day, item = self.waiting.popleft()
            self.outcomes[item.id[0]].append(forecast.Outcome(day, item.delay(day), item.disputed))
            for method, expected in self.made.pop(item.id, {}).items():
                self.errors[method].append((day, expected - item.delay(day)))
        tally = forecast.Tally()
        for outcomes in self.outcomes.values():
            tally.add(forecast.recent_of(outcomes, today))
        self.baselines = {method: tally.baseline(self._drift(method)) for method in (OURS, KNOWN)}

    def _drift(self, method):
        since = self.today - timedelta(days=forecast.DRIFT_DAYS)
        return forecast.drift_of([error for day, error in self.errors[method] if day > since])

    def forecast(self, item: Receivable) -> dict[str, float]:
        """Return the days late that each method expects of an item of today."""
        outcomes = self.outcomes[item.id[0]]
        customer = forecast.customer_of(outcomes, self.today)
        cases = {
            OURS: forecast.Case(item.due),
            KNOWN: forecast.Case(item.due, disputed=item.disputed, disputable=False),
        }
        found = {}
        for method, case in cases.items():
            expected = forecast.expect(case, customer, self.baselines[method], self.today)
            found[method] = (_exact(expected, item), expected)
        # Drift is measured on what would have been said without it: else it would correct its own corrections.
        self.made[item.id] = {
            method: days + self.baselines[method].drift for method, (days, _expected) in found.items()
        }
        return {**self._simple(outcomes), **{method: days for method, (days, _expected) in found.items()}}

    def _simple(self, outcomes):
        since = months_before(self.today, PROFILE_MONTHS)
        own = [one.days for one in outcomes if one.on > since]
        if len(own) < forecast.LEAST:
            own = [one.days for others in self.outcomes.values() for one in others if one.on > since] or [0]
        return {DUE: 0, MEAN: statistics.fmean(own), MEDIAN: statistics.median(own)}


def _exact(expected, item):
    """The days late that the expectation rests on; those of its day where it rests on none."""
    return expected.days if expected.days is not None else (expected.date - item.due).days


def measure(items: list[Receivable]) -> dict[tuple[str, str], forecast.Accuracy]:
    """Walk through the items; return what each method was off, in all (``""``) and by month of the invoice."""
    walk = Walk.over(items)
    found = defaultdict(forecast.Accuracy)
    for item in items:
        walk.go_to(item.issued)
        settled = item.settled_on(date.max)
        if item.issued < START or not settled:
            continue
        for method, days in walk.forecast(item).items():
            for month in ("", f"{item.issued:%Y-%m}"):
                found[method, month].add(days - item.delay(settled))
    return found


def table(found: dict[tuple[str, str], forecast.Accuracy]) -> list[str]:
    """Return the lines to print: mean absolute error and bias of each method, in all and by month."""
    months = sorted({month for _method, month in found})
    lines = ["".join([f"{'':10}{'n':>6}", *(f"{method:>22}" for method in METHODS)])]
    for month in months:
        cells = [found[method, month] for method in METHODS]
        lines.append(
            f"{month or 'all':10}{cells[0].count:>6}"
            + "".join(f"{f'{one.mean_error:.2f} ({one.bias:+.2f})':>22}" for one in cells)
        )
    return lines


def main(path_of_figures: str = "") -> int:
    """Print the table, and write the figures to the file that is named; 1 where a target is missed."""
    path = find_ledger()
    if not path:
        print(f"Skipped: the ledger {NAME} isn't there. Name its file in CREDIT_CONTROL_LEDGER.")
        return 0
    start = time.perf_counter()
    found = measure(read_ledger(path))
    seconds = time.perf_counter() - start
    print(f"Expected payment dates on {NAME}, invoices from {START}, each seen as on its own date.")
    print("Mean absolute error in days, in brackets the bias (positive: expected too late).\n")
    print("\n".join(table(found)), end="\n\n")
    missed = False
    for method, most in TARGETS.items():
        error = found[method, ""].mean_error
        missed |= error > most
        print(f"{'MISSED' if error > most else 'reached'}: {method} {error:.2f} ≤ {most} days")
    if path_of_figures:
        errors = {method: (found[method, ""].mean_error, most) for method, most in TARGETS.items()}
        figures = {"seconds": seconds, "units": found[OURS, ""].count, "notes": errors}
        Path(path_of_figures).write_text(json.dumps(figures))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
