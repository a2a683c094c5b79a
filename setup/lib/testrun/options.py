"""The arguments of ``setup/test``. Run as a program it only tells them: any Python does, nothing is installed."""

import argparse
import os
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[3]
DURATIONS = REPO / "tests" / "durations.json"

EPILOG = """\
Without a choice, all stages run: the pure tests (pytest on tests/core and tests/setup), the tests of the addons (by
Odoo, in parallel, each process on a clone of a database that is kept ready), those end to end and that of the
benchmark's ledger (tests/e2e, tests/bench).

One test again:   setup/test --tags '/credit_control:TestClass.test_name'
                  setup/test --core -k test_name
Long rounds only: setup/test --e2e --packaging -m packaging

What is needed is installed first (setup/install --help). Databases made here are named cc_template_*, cc_installed_*
(kept, so that the next run starts at once) and cc_test_* (dropped at the end); logs are in the private folder under
log/. To undo: setup/test --clean drops them all."""


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="setup/test",
        description="Run every test. The last line is 'N passed, N failed'.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tags", metavar="SPEC", help="only tests of the addons that match Odoo's --test-tags SPEC")
    parser.add_argument("--core", action="store_true", help="only the pure tests; what follows is passed to pytest")
    parser.add_argument("--e2e", action="store_true", help="only the end-to-end tests; the same")
    parser.add_argument("--faults", action="store_true", help="the long fault and fuzz rounds too")
    parser.add_argument(
        "--durations", action="store_true", help=f"write how long the tests took to {DURATIONS.relative_to(REPO)}"
    )
    parser.add_argument(
        "--packaging",
        action="store_true",
        help="the long rounds of integrators too: wheels in a clean environment, installation in any order, peers",
    )
    parser.add_argument("--keep", action="store_true", help="keep the databases that the tests ran on")
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="processes that test at a time (default: as many as CPUs, at most 4)"
    )
    parser.add_argument("--clean", action="store_true", help="drop the databases that were kept, and run nothing")
    options, rest = parser.parse_known_args(argv)
    if rest and not (options.core or options.e2e):
        parser.error(f"unknown arguments: {' '.join(rest)}")
    options.pytest = rest
    options.jobs = options.jobs or min(os.cpu_count() or 1, 4)
    return options


if __name__ == "__main__":
    parse(sys.argv[1:])
