"""The summary of scripts/test: counts are read, failures are not lost. The tables of README.md are current."""

import pathlib
import subprocess

import run_suites

from mpgemm import _locate

ROOT = pathlib.Path(__file__).resolve().parents[2]

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


GOOGLETEST = """[==========] Running 4 tests from 1 test suite.
[ RUN      ] Suite.Passes
noise
[       OK ] Suite.Passes (0 ms)
[ RUN      ] Suite.Fails/2
file.cpp:3: Failure
[  FAILED  ] Suite.Fails/2, where GetParam() = 2 (0 ms)
[ RUN      ] Suite.Waits
file.cpp:26: Skipped
no CUDA driver
[  SKIPPED ] Suite.Waits (0 ms)
[  PASSED  ] 1 test.
[  FAILED  ] 1 test, listed below:
[  FAILED  ] Suite.Fails/2, where GetParam() = 2
"""


def test_googletest_output_is_counted():
    tally = run_suites.read_googletest(GOOGLETEST, "program")
    assert str(tally) == "1 passed, 1 failed, 0 skipped" and tally.need_gpu == 1
    assert tally.failures == ["program: Suite.Fails/2"]


def test_a_case_that_crashes_the_program_is_a_failure():
    tally = run_suites.read_googletest("[ RUN      ] Suite.Dies\nSegmentation fault\n", "program")
    assert tally.failures == ["program: Suite.Dies did not end"]


def test_readme_says_what_is_supported():
    subprocess.run([ROOT / "scripts/support-table", "--check", _locate.compiler()], check=True)
