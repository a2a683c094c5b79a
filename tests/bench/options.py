"""The arguments of ``setup/bench``. Run as a program it only tells them; any Python does."""

import argparse
import sys
from pathlib import Path

LARGE = 3_000_000
DESCRIPTION = """\
Ours and the peers' on the same ledger, in the same call; one table at the end. With --large a ledger of three million
invoices is made, and the works that have to hold there are measured without peers, beside a tenth of it: some 40
minutes, and 30 GB of disk."""


def parse(argv):
    parser = argparse.ArgumentParser(prog="setup/bench", description=DESCRIPTION)
    parser.add_argument("--invoices", type=int, default=300_000, metavar="N", help="size of the ledger (300000)")
    parser.add_argument("--large", action="store_true", help=f"a ledger of {LARGE} invoices: ours only")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the rows of the table there, too")
    parser.add_argument("--work", action="append", metavar="NAME", help="only this work (may be repeated)")
    parser.add_argument("--rounds", type=int, help="times that each side is measured, in turns (3)")
    parser.add_argument("--no-peers", action="store_true", help="measure ours only")
    parser.add_argument("--profile", action="store_true", help="show where ours spends its time; nothing is compared")
    parser.add_argument("--forecast", action="store_true", help="the error of the expected payment dates; no database")
    parser.add_argument("--clean", action="store_true", help="drop the databases that were kept, and measure nothing")
    options = parser.parse_args(argv)
    if options.large:
        options.invoices, options.no_peers = LARGE, True
    return options


if __name__ == "__main__":
    parse(sys.argv[1:])
