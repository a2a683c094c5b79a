"""Odoo's log is the only witness of its tests: what is read from it decides whether a run is a success."""

from textwrap import dedent

from testrun.odoo_log import TestLog, install_complaints

PLAN = "odoo.addons.credit_control.tests.test_plan"


def log(*messages: str) -> list[str]:
    """Lines as Odoo writes them. Each message is "LEVEL LOGGER: TEXT"; further lines of it follow as they are."""
    lines = []
    for second, message in enumerate(messages):
        head, _, rest = message.partition("\n")
        level, _, text = head.partition(" ")
        lines.append(f"2026-01-31 10:00:{second:02d},000 4242 {level} cc_test {text}\n")
        lines += [f"{line}\n" for line in rest.splitlines()]
    return lines


def starting(test: str) -> str:
    return f"INFO {PLAN}: Starting {test} ..."


def counts(failed: int, errors: int, total: int) -> str:
    return (
        f"INFO odoo.tests.result: {failed} failed, {errors} error(s) of {total} tests when loading database 'cc_test' "
    )


def read(*messages: str, exit_code: int = 0):
    return TestLog().read(log(*messages)).results(exit_code, "Odoo tests")


def names(results) -> list[str]:
    return [failure.name for failure in results.failures]


def test_all_passed():
    results = read(starting("TestPlan.test_a"), starting("TestPlan.test_b"), counts(0, 0, 2))
    assert results.count_line() == "2 passed, 0 failed"
    assert results.exit_code == 0


def test_durations_add_up_per_class():
    results = read(starting("TestPlan.test_a"), starting("TestPlan.test_b"), starting("Other.test_c"), counts(0, 0, 3))
    assert results.durations == {"credit_control:TestPlan": 2.0, "credit_control:Other": 1.0}


def test_a_frozen_clock_says_nothing_of_how_long_a_test_took():
    lines = log(starting("Other.test_a"), starting("Frozen.test_b"), starting("Other.test_c"), counts(0, 0, 3))
    lines[1] = lines[1].replace("2026-01-31", "2025-06-30")
    results = TestLog().read(lines).results(0, "Odoo tests")
    assert results.passed == 3
    assert results.durations == {"credit_control:Other": 1.0}


def test_failure_is_named_with_its_traceback_and_how_to_run_it_again():
    results = read(
        starting("TestPlan.test_a"),
        f"ERROR {PLAN}: FAIL: TestPlan.test_a\nTraceback (most recent call last):\nAssertionError: 1 != 2",
        starting("TestPlan.test_b"),
        counts(1, 0, 2),
        exit_code=1,
    )
    assert results.count_line() == "1 passed, 1 failed"
    (failure,) = results.failures
    assert failure.name == "credit_control:TestPlan.test_a"
    assert failure.text.endswith("AssertionError: 1 != 2")
    assert failure.rerun == "./setup/test --tags '/credit_control:TestPlan.test_a'"


def test_failing_subtests_are_one_failing_test():
    results = read(
        starting("TestPlan.test_a"),
        f"ERROR {PLAN}: FAIL: Subtest TestPlan.test_a (day=30)\nTraceback\nAssertionError: 30",
        f"ERROR {PLAN}: ERROR: Subtest TestPlan.test_a [a message] (day=31)\nTraceback\nAssertionError: 31",
        counts(1, 1, 1),
        exit_code=1,
    )
    assert results.count_line() == "0 passed, 1 failed"
    assert "AssertionError: 30" in results.failures[0].text
    assert "AssertionError: 31" in results.failures[0].text


def test_error_in_set_up_of_a_class_counts_though_no_test_started():
    results = read(
        f"ERROR odoo.tests.suite: ERROR: setUpClass ({PLAN}.TestPlan)\nTraceback\nValueError: no chart",
        starting("Other.test_c"),
        counts(0, 1, 1),
        exit_code=1,
    )
    assert results.count_line() == "1 passed, 1 failed"
    assert names(results) == ["credit_control:TestPlan.setUpClass"]
    assert results.failures[0].rerun == "./setup/test --tags '/credit_control:TestPlan'"


def test_skipped_tests_are_not_passed():
    results = read(
        starting("TestTour.test_a"),
        f"INFO {PLAN}: skipped TestTour.test_a : Chrome executable not found",
        starting("TestPlan.test_b"),
        counts(0, 0, 2),
    )
    assert results.count_line() == "1 passed, 0 failed, 1 skipped"
    assert results.skipped == [("credit_control:TestTour.test_a", "Chrome executable not found")]


def test_error_in_the_log_fails_the_test_that_is_running():
    results = read(
        starting("TestPlan.test_a"),
        "ERROR odoo.addons.credit_control.models.credit_dunning_run: lost a notice",
        "ERROR odoo.addons.credit_control.models.credit_dunning_run: lost another",
        starting("TestPlan.test_b"),
        counts(0, 0, 2),
    )
    assert results.count_line() == "1 passed, 1 failed"
    assert results.failures[0].rerun == "./setup/test --tags '/credit_control:TestPlan.test_a'"
    assert "lost a notice" in results.failures[0].text
    assert "lost another" in results.failures[0].text


def test_warning_in_the_log_fails_the_test_that_is_running():
    results = read(
        starting("TestPlan.test_a"),
        "WARNING odoo.addons.base.models.ir_cron: Job 'Plan' (7) processed no record",
        counts(0, 0, 1),
    )
    assert results.count_line() == "0 passed, 1 failed"
    assert "processed no record" in results.failures[0].text


def test_error_in_the_log_outside_of_any_test_fails_the_run():
    results = read(
        "CRITICAL odoo.modules.module: Couldn't load module credit_control",
        starting("TestPlan.test_a"),
        counts(0, 0, 1),
    )
    assert results.count_line() == "1 passed, 1 failed"
    assert "Couldn't load" in results.failures[0].text


def test_process_that_dies_half_way_is_a_failure():
    results = read(starting("TestPlan.test_a"), exit_code=-9)
    assert results.exit_code == 1
    assert "ended with status -9 before its tests had ended" in results.failures[0].text


def test_tests_that_were_not_seen_are_a_failure():
    results = read(starting("TestPlan.test_a"), counts(0, 0, 7))
    assert "counts 7 tests, but 1 were seen to start" in results.failures[0].text


def test_status_without_a_failing_test_is_a_failure():
    results = read(starting("TestPlan.test_a"), counts(0, 0, 1), exit_code=1)
    assert "although no test failed" in results.failures[0].text


def test_no_test_at_all_is_no_success():
    results = read(counts(0, 0, 0))
    assert results.count_line() == "0 passed, 0 failed"
    assert results.exit_code == 1


def test_colours_of_a_terminal_do_not_matter():
    line = (
        f"2026-01-31 10:00:00,000 4242 \x1b[1;32m\x1b[1;49mINFO\x1b[0m cc_test {PLAN}: Starting TestPlan.test_a ...\n"
    )
    assert list(TestLog().read([line]).started) == [("credit_control", "TestPlan.test_a")]


def test_installation_without_complaint():
    lines = ["Running as user 'root' is a security risk.\n", *log("INFO odoo.modules.loading: 64 modules loaded")]
    assert install_complaints(lines) == []


def test_warnings_of_an_installation_are_complaints():
    lines = log(
        "INFO odoo.modules.loading: 64 modules loaded",
        "WARNING odoo.models: Two fields (a, b) have the same label",
        "ERROR odoo.schema: Table 'x': unable to add constraint\nDETAIL: key is not unique",
    )
    complaints = install_complaints(lines)
    assert [record.level for record in complaints] == ["WARNING", "ERROR"]
    assert complaints[1].message.endswith("DETAIL: key is not unique")


def test_output_that_is_no_log_is_a_complaint():
    traceback = dedent("""\
        Traceback (most recent call last):
        ModuleNotFoundError: No module named 'odoo'
    """)
    (complaint,) = install_complaints(traceback.splitlines(keepends=True))
    assert "No module named 'odoo'" in complaint.message
