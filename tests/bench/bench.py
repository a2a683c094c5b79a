"""``setup/bench``: ours and the peers' on the same ledger, in the same call; one table at the end.

Nobody has to be there: what fails is a row of the table, and ``--json`` is written after each row.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path

import ledgers
import psycopg2
from helpers import MailCatcher, StyleServer
from options import parse
from report import STEP, Row, Unmeasured, print_table
from work import CommandWork, Measured
from works import load

# What the large ledger needs, without our addons and with them.
LARGE_GB = 30
# What may go wrong with one work: it is a row of the table, and the others are measured.
FAILURES = (subprocess.SubprocessError, psycopg2.Error, OSError, SystemExit)


def say(text):
    print(text, file=sys.stderr, flush=True)


def measure_side(work, source, side, *settings, in_place=False) -> Measured:
    """Measure one side of a work once, in a process of its own; what it writes goes to a copy, or stays in place."""
    with ExitStack() as stack:
        settings = list(settings)
        if work.changes and in_place:
            ledgers.mark_changed(source)
            settings.append("in_place=1")
        in_copy = work.changes and not in_place
        database = stack.enter_context(ledgers.scratch(source) if in_copy else nullcontext(source))
        catcher = stack.enter_context(MailCatcher()) if side in work.mailing else None
        if catcher:
            settings.append(f"smtp_port={catcher.port}")
        if work.serves_http:
            settings.append(f"url={stack.enter_context(StyleServer(database)).url}")
        output = Path(stack.enter_context(tempfile.TemporaryDirectory()), "measured.json")
        command = [sys.executable, str(Path(__file__).parent / "worker.py")]
        subprocess.run([*command, database, work.name, side, str(output), *settings], check=True)
        measured = Measured(**json.loads(output.read_text()))
        if catcher:
            check_caught(work, side, measured, catcher.count)
    say(f"    {side}: {measured.seconds:.2f} s, {measured.units} × {work.unit}, {measured.queries} queries")
    return measured


def check_caught(work, side, measured, count):
    """Refuse a time for messages that didn't arrive."""
    if count != measured.units:
        raise SystemExit(f"{work.name}, {side}: {measured.units} messages were counted, but {count} arrived.")


def measure(work, source, options) -> dict[str, list[Measured]]:
    """Measure all sides in turns, so that a busy minute of the machine hits each; none of a peer that fails."""
    sides = ["ours"] if options.no_peers else ["ours", *work.peers]
    found = {side: [] for side in sides}
    # A copy of a ledger of millions takes longer than the work, and drives the ledger out of the machine's memory.
    in_place = options.large and work.changes
    once = in_place and not work.fills
    for _round in range(1 if once else options.rounds or work.rounds or 3):
        for side in list(sides):
            try:
                found[side].append(measure_side(work, source, side, in_place=in_place))
            except FAILURES as failure:
                if side == "ours":
                    raise
                say(f"    {side}: {failure}")
                sides.remove(side)
                found[side] = []
    return found


def measure_floor(work, source):
    """Seconds of the one statement that reads the same figures, its second time."""
    statement = work.floor_sql()
    if not statement:
        return None
    with closing(psycopg2.connect(dbname=source)) as connection, connection.cursor() as cursor:
        for _time in range(2):
            start = time.perf_counter()
            cursor.execute(statement)
            cursor.fetchall()
            seconds = time.perf_counter() - start
    return seconds


def median(measured):
    """The round in the middle; of an even number the slower of the two."""
    return sorted(measured, key=lambda one: one.seconds)[len(measured) // 2]


def rows_of(work, options, today) -> list[Row]:
    """The rows of one work: one a peer, each side with its median round."""
    say(f"{work.name}")
    if isinstance(work, CommandWork):
        return [command_row(work)]
    invoices = options.invoices if options.large else work.invoices or options.invoices
    source = ledgers.with_ours(invoices, today, say)
    found = measure(work, source, options)
    ours = median(found["ours"])
    smaller = measure_smaller(work, invoices, options, today)
    floor = measure_floor(work, source)
    peers = [(name, median(found[name]) if found[name] else None) for name in work.peers if name in found]
    rows = [Row(work, name, ours, peer, floor, invoices) for name, peer in peers or [("", None)]]
    # What is asked of ours is said beside the first peer.
    targets = targets_of(work, ours, rows[0].peer, smaller, floor, options)
    return [replace(rows[0], targets=targets, smaller=smaller), *rows[1:]]


def targets_of(work, ours, peer, smaller, floor, options):
    """The figures to reach: those of a ledger of millions are of their own."""
    if options.large:
        return work.large_targets(ours, smaller)
    return [*work.targets(ours, peer, smaller), *(work.floor_targets(ours, floor) if floor else [])]


def command_row(work) -> Row | Unmeasured:
    """The row of a work that is a command of its own."""
    measured = work.measure_command()
    if not measured:
        return Unmeasured(work, f"skipped: {work.needs}", True)
    return Row(work, "", measured, None, None, 0, work.targets(measured, None, None))


def measure_smaller(work, invoices, options, today):
    """Ours on a tenth of the ledger; None where growth isn't asked for."""
    if not (work.measures_growth or options.large):
        return None
    source = ledgers.with_ours(invoices // STEP, today, say)
    return median([measure_side(work, source, "ours") for _round in range(options.rounds or work.rounds or 3)])


def try_rows_of(work, options, today) -> list[Row | Unmeasured]:
    """The rows of one work; one that says so where it failed."""
    try:
        return rows_of(work, options, today)
    except FAILURES as failure:
        say(f"    failed: {failure}")
        return [Unmeasured(work, f"failed: {type(failure).__name__}", False)]


def measure_all(works, options, today) -> list[Row | Unmeasured]:
    """The rows of all works; what was measured stands in the file of ``--json`` after each."""
    rows = []
    for work in works:
        rows += try_rows_of(work, options, today)
        if options.json:
            options.json.write_text(json.dumps([row.as_dict() for row in rows], indent=2))
    return rows


def choose(options):
    """The works that are asked for; without a name all; of a large ledger those to hold there, readers first."""
    works = [work for work in load(options.work) if options.work or work.in_large or not options.large]
    return sorted(works, key=lambda work: work.changes) if options.large else works


def warn_of_disk():
    """Say before it begins where the disk is likely to be too small."""
    free = shutil.disk_usage(os.environ["CREDIT_CONTROL_HOME"]).free >> 30
    if free < LARGE_GB:
        say(f"{free} GB of disk are free; the large ledger and the copies of it need some {LARGE_GB} GB.")


def main(argv):
    options = parse(argv)
    if options.clean:
        ledgers.forget()
        return 0
    today = date.today()
    if options.profile:
        for work in load(options.work):
            measure_side(work, ledgers.with_ours(options.invoices, today, say), "ours", "profile=1")
        return 0
    if options.large:
        warn_of_disk()
    rows = measure_all(choose(options), options, today)
    print_table(rows, options.invoices)
    return 0 if all(row.passed for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
