"""Runs the suites of the project and sums up their results.

Each suite leaves a machine-readable result (JUnit XML, or a JSON line); this script reads those, prints one line a
suite, and ends with `N passed, N failed, N skipped`. Tests that need a GPU which this machine lacks are not
skipped tests: they are counted on their own line. A suite that dies without a result counts as a failure.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEV = ROOT / "build" / "dev"
RUNTIME = ROOT / "build" / "runtime"
FUZZ = ROOT / "build" / "fuzz"
RESULTS = ROOT / "build" / "test-results"
JOBS = str(os.cpu_count() or 2)
NEEDS_GPU = re.compile(r"\b(gpu|cuda)\b", re.IGNORECASE)


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    need_gpu: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.need_gpu += other.need_gpu
        self.failures += other.failures

    def fail(self, name: str) -> None:
        self.failed += 1
        self.failures.append(name)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def read_junit(path: pathlib.Path) -> Tally:
    """Sums a JUnit file as lit and pytest write it."""
    tally = Tally()
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname', '')}.{case.get('name', '')}"
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            tally.fail(name)
        elif skipped is not None:
            reason = f"{skipped.get('message', '')} {skipped.text or ''}"
            if NEEDS_GPU.search(reason):
                tally.need_gpu += 1
            else:
                tally.skipped += 1
        elif case.get("status") == "notrun":
            tally.skipped += 1
        else:
            tally.passed += 1
    return tally


def run(command: list, **environment: str) -> int:
    """Runs a command in the repository's root with its output on ours."""
    sys.stdout.flush()
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL).returncode


def with_status(tally: Tally, status: int, suite: str) -> Tally:
    """A runner that fails without a failed test, or that ran nothing, is itself a failure."""
    if status != 0 and tally.failed == 0:
        tally.fail(f"{suite}: the runner exited with status {status}")
    if tally.passed + tally.failed + tally.need_gpu == 0:
        tally.fail(f"{suite}: no test was run")
    return tally


def format_suite() -> Tally:
    """Every C++ file of the repository is as clang-format writes it."""
    names = subprocess.run(["git", "ls-files", "*.cpp", "*.h"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    if not names:  # an exported tree without git
        names = [
            str(path.relative_to(ROOT))
            for folder in ("include", "lib", "tools", "test")
            for path in (ROOT / folder).rglob("*")
            if path.suffix in (".cpp", ".h")
        ]
    tally = Tally()
    tool = shutil.which("clang-format-22") or "clang-format"
    if run([tool, "--dry-run", "--Werror", "--ferror-limit=1", *names]) == 0:
        tally.passed = 1
    else:
        tally.fail("format: run clang-format-22 -i on the files above")
    return tally


def read_googletest(output: str, program: str) -> Tally:
    """Counts the cases of a GoogleTest program from what it printed; a case that never ended is a failure."""
    tally, running, said = Tally(), None, []
    for line in output.splitlines():
        mark, name = line[:13], line[13:].split(" (")[0].split(",")[0]
        if mark == "[ RUN      ] ":
            running, said = name, []
        elif running is None or name != running or not mark.startswith("["):
            said.append(line)
        else:
            running = None
            if mark == "[       OK ] ":
                tally.passed += 1
            elif mark == "[  SKIPPED ] " and NEEDS_GPU.search("\n".join(said)):
                tally.need_gpu += 1
            elif mark == "[  SKIPPED ] ":
                tally.skipped += 1
            else:
                tally.fail(f"{program}: {name}")
    if running is not None:
        tally.fail(f"{program}: {running} did not end")
    return tally


def ctest(build: pathlib.Path, suite: str) -> Tally:
    """The unit tests of a build tree: GoogleTest programs by their cases, others as one test each."""
    summary = RESULTS / f"{suite}.xml"
    summary.unlink(missing_ok=True)
    command = ["ctest", "--test-dir", build, "-j", JOBS, "-E", "^lit$", "--output-on-failure", "--no-tests=error"]
    command += ["--timeout", "600", "--output-junit", summary, "--quiet", "--test-output-size-passed", "10000000"]
    status = run(command)
    tally = Tally()
    for test in ElementTree.parse(summary).getroot().iter("testcase") if summary.exists() else ():
        name, failed = test.get("name"), test.find("failure") is not None
        cases = read_googletest(test.findtext("system-out") or "", name)
        tally.add(cases)
        if failed and not cases.failed:
            tally.fail(f"{name}: {test.find('failure').get('message', 'failed')}")
        elif not cases.passed + cases.failed + cases.skipped + cases.need_gpu:
            tally.passed += test.get("status") == "run"
            tally.skipped += test.get("status") != "run"
    return with_status(tally, status, suite)


def unit_suite() -> Tally:
    """Unit tests of the build with the compiler."""
    return ctest(DEV, "unit")


def runtime_alone_suite() -> Tally:
    """Unit tests of the runtime half, built without LLVM by the system compiler."""
    return ctest(RUNTIME, "runtime-alone")


def lit_suite() -> Tally:
    """The compiler's lit tests."""
    result = RESULTS / "lit.xml"
    result.unlink(missing_ok=True)
    tools = subprocess.run(["llvm-config-22", "--bindir"], capture_output=True, text=True, check=True).stdout.strip()
    command = [f"{tools}/lit", "-j", JOBS, "-s", "-v", "--no-progress-bar", f"--xunit-xml-output={result}", DEV / "test"]
    status = run(command)
    return with_status(read_junit(result) if result.exists() else Tally(), status, "lit")


def pytest(suite: str, *arguments) -> Tally:
    result = RESULTS / f"{suite}.xml"
    result.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider", f"--junitxml={result}", *arguments]
    status = run(command, MPGEMM_BUILD_DIR=str(DEV))
    return with_status(read_junit(result) if result.exists() else Tally(), status, suite)


def python_suite() -> Tally:
    """The Python package, the references, the example, and these scripts."""
    return pytest("python", "python/tests")


def differential_suite() -> Tally:
    """Random problems through compiler and simulator, each element against float64."""
    result = RESULTS / "differential.json"
    result.unlink(missing_ok=True)
    command = [sys.executable, "test/differential/differential.py", "--count=300", f"--jobs={JOBS}"]
    status = run([*command, f"--report={result}"], MPGEMM_BUILD_DIR=str(DEV))
    tally = Tally()
    if result.exists():
        counts = json.loads(result.read_text())
        tally.passed, tally.failures = counts["passed"], counts["failures"]
        tally.failed = len(tally.failures)
    return with_status(tally, status, "differential")


def fuzz_harness(name: str, seeds: pathlib.Path) -> str | None:
    """Runs a libFuzzer harness for a bounded number of inputs; returns what failed."""
    findings, corpus = FUZZ / "findings", FUZZ / "corpus" / name
    shutil.rmtree(corpus, ignore_errors=True)
    corpus.mkdir(parents=True)
    findings.mkdir(exist_ok=True)
    limits = ["-runs=100000", "-max_total_time=15", "-seed=1", "-timeout=20", "-rss_limit_mb=3000", "-max_len=16384"]
    command = [FUZZ / "bin" / name, *limits, f"-artifact_prefix={findings}/{name}-", corpus, seeds / name]
    done = subprocess.run(
        [str(word) for word in command], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=600
    )
    executed = re.search(r"Done (\d+) runs in (\d+) second", done.stderr)
    if done.returncode == 0 and executed:
        print(f"{name}: {executed.group(1)} inputs in {executed.group(2)} s", flush=True)
        return None
    written = re.search(r"Test unit written to (\S+)", done.stderr)
    print(done.stderr[-4000:], flush=True)
    if not written:
        return f"{name}: status {done.returncode}"
    return f"{name}: reproduce with build/fuzz/bin/{name} {os.path.relpath(written.group(1), ROOT)}"


def fuzz_suite() -> Tally:
    """The readers of the runtime half under sanitizers, and mpgemm-opt on random and broken modules."""
    tally, seeds = Tally(), FUZZ / "seeds"
    run([sys.executable, "test/fuzz/seeds.py", seeds])
    names = sorted(path.name for path in (FUZZ / "bin").glob("fuzz-*"))
    with concurrent.futures.ThreadPoolExecutor(int(JOBS)) as pool:
        for failure in pool.map(lambda name: fuzz_harness(name, seeds), names):
            if failure:
                tally.fail(failure)
            else:
                tally.passed += 1
    limits = ["--seed=1", "--count=1000", "--seconds=120", f"--jobs={JOBS}", "--findings=build/fuzz/findings"]
    if run([sys.executable, "test/fuzz/mlir_fuzz.py", *limits]) == 0:
        tally.passed += 1
    else:
        tally.fail("mlir_fuzz.py: the commands above reproduce what was found")
    return with_status(tally, 0 if names else 1, "fuzz")


SUITES = {
    "format": format_suite,
    "runtime-alone": runtime_alone_suite,
    "unit": unit_suite,
    "lit": lit_suite,
    "python": python_suite,
    "differential": differential_suite,
    "fuzz": fuzz_suite,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="default: all")
    parser.add_argument("--list", action="store_true", help="print the suites and what they are")
    options = parser.parse_args()
    if options.list:
        for name, suite in SUITES.items():
            print(f"{name:15} {suite.__doc__.splitlines()[0]}")
        return 0
    unknown = [name for name in options.suites if name not in (*SUITES, "all")]
    if unknown:
        parser.error(f"no such suite: {', '.join(unknown)}; there are {', '.join(SUITES)}")
    chosen = list(SUITES) if not options.suites or "all" in options.suites else options.suites

    RESULTS.mkdir(parents=True, exist_ok=True)
    total = Tally()
    lines = []
    for name in chosen:
        print(f"\033[1m== suite {name}\033[0m", flush=True)
        begin = time.monotonic()
        tally = SUITES[name]()
        lines.append(f"{name:15} {str(tally):40} {time.monotonic() - begin:6.1f} s")
        print(lines[-1], flush=True)
        total.add(tally)

    print("\n" + "\n".join(lines))
    for failure in total.failures:
        print(f"failed: {failure}")
    if total.need_gpu:
        print(f"{total.need_gpu} unsupported (need a GPU)")
    print(f"{total}")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
