"""Read pytest's outcome from its JUnit report."""

from pathlib import Path
from xml.etree import ElementTree

from .results import Failure, Results


def read(path: Path, exit_code: int, label: str, command: str) -> Results:
    """The results that the report at ``path`` tells of.

    ``command`` runs the same tests, and one of them with ``-k NAME`` behind it; ``label`` names the run where it did
    not get as far as a report.
    """
    results = Results()
    if not path.exists():
        results.failures.append(Failure(label, f"pytest ended with status {exit_code} and left no report."))
        return results
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname', '')}::{case.get('name', '')}"
        broken = [*case.iter("failure"), *case.iter("error")]
        skipped = case.find("skipped")
        if broken:
            text = "\n".join(part.text or part.get("message", "") for part in broken)
            results.failures.append(Failure(name, text, f"{command} -k '{case.get('name', '').partition('[')[0]}'"))
        elif skipped is not None:
            results.skipped.append((name, skipped.get("message", "")))
        else:
            results.passed += 1
    # 5 is pytest's word for "no test was collected"; whether that is right is for the caller to judge.
    if exit_code not in (0, 1, 5) or exit_code == 1 and not results.failures:
        results.failures.append(Failure(label, f"pytest ended with status {exit_code}."))
    return results
