"""``setup/test``: pure tests, then Odoo's, then those end to end; one count at the end."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import addons

from . import junit, odoo_run, shards, template
from .odoo_log import rerun
from .options import DURATIONS, REPO, parse
from .progress import say, timed
from .results import Failure, Results


def run_pytest(
    label: str,
    folders: list[str],
    options: argparse.Namespace,
    environment: dict,
    command: str,
    one_by_one: bool = False,
) -> Results:
    report = template.home("test", f"junit-{os.getpid()}.xml")
    say(label)
    arguments = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--tb=short",
        "--no-summary",
        f"--junitxml={report}",
        *(
            ["--numprocesses=0", "--capture=no"]
            if one_by_one
            else [f"--numprocesses={options.jobs}", "--dist=worksteal"]
        ),
        *folders,
        *options.pytest,
    ]
    status = subprocess.run(arguments, cwd=REPO, env={**os.environ, **environment}, check=False).returncode
    results = junit.read(report, status, label, command)
    report.unlink(missing_ok=True)
    return results


def run_core(options: argparse.Namespace) -> Results:
    return run_pytest("Pure tests", ["tests/core", "tests/setup"], options, {}, "./setup/test --core")


def run_odoo(options: argparse.Namespace, ours: list[Path], source: str) -> Results:
    durations_path = template.home("test", "durations.json")
    durations = json.loads(DURATIONS.read_text())
    if durations_path.exists():
        durations |= json.loads(durations_path.read_text())
    if options.tags:
        specs = [options.tags]
    else:
        divided = shards.divide(shards.weights(ours, durations), options.jobs)
        specs = shards.specs([addon.name for addon in ours], divided, "faults" if options.faults else "")
    say(f"Odoo tests of {', '.join(addon.name for addon in ours)}")
    results = odoo_run.run(REPO, source, specs, options.keep)
    if not results.total:
        results.failures.append(Failure(f"Odoo tests {', '.join(specs)}", "No test matches."))
    durations |= results.durations
    durations_path.write_text(json.dumps(durations))
    if options.durations:
        DURATIONS.write_text(json.dumps(shards.worth_keeping(results.durations), indent=2) + "\n")
    return results


def prepare(options: argparse.Namespace, ours: list[Path], results: Results) -> dict[str, str]:
    """Make the databases that tests start from; note in ``results`` how the installation went."""
    say("Databases to start from")
    # A few tests picked by hand rarely need the web client; where they do, Odoo compiles it by itself.
    browsers = not options.tags and any(
        "HttpCase" in path.read_text() for addon in ours for path in addon.glob("tests/**/*.py")
    )
    label = f"Installation of {', '.join(addon.name for addon in ours)}"
    try:
        base = template.of_dependencies(ours)
        installed, complaints = template.of_addons(ours, base, browsers)
    except template.InstallationFailed as failure:
        tail = "\n".join(failure.log.read_text(errors="replace").splitlines()[-60:])
        results.failures.append(Failure(label, f"{failure}\n{tail}\nThe whole log: {failure.log}"))
        return {}
    if complaints:
        text = "\n".join(f"{record.level} {record.logger}: {record.message}" for record in complaints)
        results.failures.append(Failure(f"{label}: its log is not clean", text))
    else:
        results.passed += 1
    return {"CREDIT_CONTROL_TEMPLATE_DB": base, "CREDIT_CONTROL_INSTALLED_DB": installed}


def has_e2e() -> bool:
    return any(REPO.glob("tests/e2e/**/test_*.py"))


def run_all(options: argparse.Namespace) -> Results:
    results = Results()
    everything = not (options.tags or options.core or options.e2e)
    if options.core or everything:
        results += run_core(options)
    if options.core:
        return results
    ours = addons.find(REPO)
    if not ours:
        say("No addon yet: nothing for Odoo to test")
        return results
    made = prepare(options, ours, results)
    if not made:
        return results
    if options.tags or everything:
        results += run_odoo(options, ours, made["CREDIT_CONTROL_INSTALLED_DB"])
    if has_e2e() and (options.e2e or everything):
        results += run_pytest("End-to-end tests", ["tests/e2e", "tests/bench"], options, made, "./setup/test --e2e")
    if options.faults and (options.e2e or everything):
        # They measure how long things take and kill what they started: nothing runs beside them.
        command = "./setup/test --faults --e2e"
        results += run_pytest("Rounds of faults", ["tests/faults"], options, made, command, one_by_one=True)
    return results


def report(results: Results, seconds: float) -> None:
    """What failed and how to run it again; why tests were skipped; and the count, as the last line."""
    for failure in results.failures:
        say(f"\nFAILED {failure.name}")
        say("\n".join(f"    {line}" for line in failure.text.splitlines()))
        if failure.rerun:
            say(f"    again: {failure.rerun}")
    if results.skipped:
        say("\nSkipped:")
        for name, reason in results.skipped:
            say(f"    {name}: {reason}")
    if not results.total:
        say("\nNo test was run.")
    say(f"\n{seconds:.0f} s. One test again: {rerun('ADDON', 'CLASS.test_name')} or ./setup/test --core -k NAME")
    say(results.count_line())


def main(argv: list[str]) -> int:
    options = parse(argv)
    for name in ("faults", "packaging"):
        if getattr(options, name):
            os.environ[f"CREDIT_CONTROL_{name.upper()}"] = "1"
    if options.clean:
        with timed("Drop the databases of the tests"):
            template.forget(r"cc_(template|installed|test)_\w+")
        return 0
    # Ended by a signal, a run stops its processes and drops its databases as it does at any other end.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    start = time.monotonic()
    if not options.core:
        template.forget_orphans()
        template.forget_unused()
    results = run_all(options)
    report(results, time.monotonic() - start)
    return results.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
