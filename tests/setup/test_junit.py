"""What is made of pytest's report."""

from pathlib import Path

from testrun import junit

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4">
<testcase classname="tests.core.test_ageing" name="test_edges[30]" time="0.001"/>
<testcase classname="tests.core.test_ageing" name="test_total[31]" time="0.1">
    <failure message="1 != 2">where and why</failure>
</testcase>
<testcase classname="tests.core.test_ageing" name="test_broken" time="0.1">
    <error message="at setup">fixture</error>
</testcase>
<testcase classname="tests.core.test_ledger" name="test_file" time="0.1">
    <skipped message="no file">where</skipped>
</testcase>
</testsuite></testsuites>
"""


def read(tmp_path: Path, report: str | None, status: int):
    path = tmp_path / "report.xml"
    if report:
        path.write_text(report)
    return junit.read(path, status, "Pure tests", "./setup/test --core")


def test_each_outcome_is_counted(tmp_path):
    results = read(tmp_path, REPORT, 1)
    assert results.count_line() == "1 passed, 2 failed, 1 skipped"
    assert results.failures[0].text == "where and why"
    assert results.failures[0].rerun == "./setup/test --core -k 'test_total'"
    assert results.skipped == [("tests.core.test_ledger::test_file", "no file")]


def test_pytest_that_could_not_start_is_a_failure(tmp_path):
    results = read(tmp_path, None, 4)
    assert results.count_line() == "0 passed, 1 failed"


def test_interrupted_pytest_is_a_failure_whatever_its_report_says(tmp_path):
    report = REPORT.replace("<failure", "<system-out").replace("</failure", "</system-out")
    assert "pytest ended with status 2." in [failure.text for failure in read(tmp_path, report, 2).failures]


def test_no_test_is_neither_passed_nor_failed(tmp_path):
    results = read(tmp_path, "<testsuites><testsuite tests='0'/></testsuites>", 5)
    assert results.total == 0
