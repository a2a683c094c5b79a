"""The arguments of ``setup/run``. Run as a program it only checks them, before anything is installed."""

import argparse
import os
import sys
from datetime import date
from pathlib import Path

MAX_MEGABYTES = 50
EPILOG = """\
What it does: installs what is missing (setup/install --help), creates a database with the demonstration ledger of
an invented French company (or with your own ledger), plans today's dunning, sends it to catchers of mail and SMS on
this machine, prints who was reminded and what was held back and why, and serves the web client. No message leaves this
machine. The second time it takes seconds: the database is kept, and today's run is shown again.

  setup/run                                        demonstration, then the web client
  setup/run --once                                 the same without the web client
  setup/run --ledger FILE.csv --as-of 2013-06-30   your own receivables, as they were on a day: a preview

To undo: setup/run --drop removes the databases and what was caught."""


def _existing_ledger(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    size = path.stat().st_size
    if size > MAX_MEGABYTES * 1_000_000:
        raise argparse.ArgumentTypeError(
            f"{text} has {size / 1e6:.0f} MB, the limit is {MAX_MEGABYTES} MB: split it, or export a shorter period"
        )
    if not os.access(path, os.R_OK):
        raise argparse.ArgumentTypeError(f"{text} can't be read")
    return path.resolve()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} isn't a date; write it as 2013-06-30") from None


def parser() -> argparse.ArgumentParser:
    """The parser of ``setup/run``."""
    found = argparse.ArgumentParser(
        prog="setup/run",
        description="A ledger is dunned by one command.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--once", action="store_true", help="do all but serve the web client")
    found.add_argument(
        "--ledger", type=_existing_ledger, metavar="FILE.csv", help="a receivables ledger exported from any system"
    )
    found.add_argument(
        "--as-of", type=_day, metavar="DATE", help="preview of that day, items open as they were then; sends nothing"
    )
    found.add_argument(
        "--date-order", choices=("dmy", "mdy", "ymd"), help="of the dates of --ledger, if they don't tell"
    )
    found.add_argument("--decimal", choices=(",", "."), help="sign of the amounts of --ledger, if they don't tell")
    found.add_argument("--fresh", action="store_true", help="make the database anew")
    found.add_argument("--drop", action="store_true", help="remove what this command made, and stop")
    found.add_argument("--lang", choices=("en_US", "fr_FR"), default="en_US", help="language of the web client")
    found.add_argument("--port", type=int, help="of the web client (default: the first free one from 8069)")
    return found


def parse(arguments: list[str], today: date | None = None) -> argparse.Namespace:
    """Return the options; exits with a message where they make no sense."""
    found = parser()
    options = found.parse_args(arguments)
    if options.as_of and options.as_of > (today or date.today()):
        found.error("argument --as-of: that day is still to come")
    if not options.ledger and (options.date_order or options.decimal):
        found.error("--date-order and --decimal are about a file: state --ledger FILE.csv too")
    return options


if __name__ == "__main__":
    parse(sys.argv[1:])
