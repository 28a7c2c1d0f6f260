"""The summary of scripts/test: counts are read, failures are not lost."""

import run_suites

JUNIT = """<testsuites><testsuite>
<testcase classname="a" name="passes"/>
<testcase classname="a" name="fails"><failure message="no"/></testcase>
<testcase classname="a" name="skips"><skipped message="not today"/></testcase>
<testcase classname="a" name="needs"><skipped message="needs a GPU"/></testcase>
</testsuite></testsuites>"""


def test_junit_results_are_counted(tmp_path):
    path = tmp_path / "result.xml"
    path.write_text(JUNIT)
    tally = run_suites.read_junit(path)
    assert str(tally) == "1 passed, 1 failed, 1 skipped"
    assert tally.need_gpu == 1 and tally.failures == ["a.fails"]


def test_a_runner_that_dies_is_a_failure():
    tally = run_suites.with_status(run_suites.Tally(passed=5), 139, "unit")
    assert tally.failed == 1 and "139" in tally.failures[0]


def test_a_suite_without_tests_is_a_failure():
    assert run_suites.with_status(run_suites.Tally(), 0, "unit").failed == 1
