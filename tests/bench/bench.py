"""``setup/bench``: ours and the peers' on the same ledger, in the same call; one table at the end."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, nullcontext
from datetime import date
from pathlib import Path

import ledgers
import psycopg2
from helpers import MailCatcher, StyleServer
from report import Row, print_table
from work import Measured
from works import load

LARGE = 3_000_000


def parse(argv):
    parser = argparse.ArgumentParser(prog="setup/bench", description=__doc__)
    parser.add_argument("--invoices", type=int, default=300_000, metavar="N", help="size of the ledger (300000)")
    parser.add_argument("--large", action="store_true", help=f"a ledger of {LARGE} invoices")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the rows of the table there, too")
    parser.add_argument("--work", action="append", metavar="NAME", help="only this work (may be repeated)")
    parser.add_argument("--rounds", type=int, default=3, help="times that each side is measured, in turns (3)")
    parser.add_argument("--no-peers", action="store_true", help="measure ours only")
    parser.add_argument("--profile", action="store_true", help="show where ours spends its time; nothing is compared")
    parser.add_argument("--forecast", action="store_true", help="the error of the expected payment dates; no database")
    parser.add_argument("--clean", action="store_true", help="drop the databases that were kept, and measure nothing")
    options = parser.parse_args(argv)
    options.invoices = LARGE if options.large else options.invoices
    return options


def say(text):
    print(text, file=sys.stderr, flush=True)


def measure_side(work, source, side, *settings) -> Measured:
    """Measure one side of a work once, in a process of its own."""
    with ExitStack() as stack:
        database = stack.enter_context(ledgers.scratch(source) if work.changes else nullcontext(source))
        settings = list(settings)
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
    """Measure all sides in turns, so that a busy minute of the machine hits each."""
    sides = ["ours"] if options.no_peers else ["ours", *work.peers]
    found = {side: [] for side in sides}
    for _round in range(options.rounds):
        for side in sides:
            found[side].append(measure_side(work, source, side))
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
    source = ledgers.with_ours(options.invoices, today, say)
    found = measure(work, source, options)
    ours = median(found["ours"])
    smaller = measure_smaller(work, options, today)
    floor = measure_floor(work, source)
    peers = [(name, median(found[name])) for name in work.peers if name in found] or [("", None)]
    beside_floor = work.floor_targets(ours, floor) if floor else []
    return [
        # What is asked of ours is said beside the first peer.
        Row(work, name, ours, peer, floor, [] if place else [*work.targets(ours, peer, smaller), *beside_floor])
        for place, (name, peer) in enumerate(peers)
    ]


def measure_smaller(work, options, today):
    """Ours on a tenth of the ledger; None where growth isn't asked for."""
    if not work.measures_growth:
        return None
    source = ledgers.with_ours(options.invoices // 10, today, say)
    return median([measure_side(work, source, "ours") for _round in range(options.rounds)])


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
    rows = [row for work in load(options.work) for row in rows_of(work, options, today)]
    print_table(rows, options.invoices)
    if options.json:
        options.json.write_text(json.dumps([row.as_dict() for row in rows], indent=2))
    return 0 if all(row.passed for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
