#!/usr/bin/env python3
"""Random problems through compiler and runtime, every element of every result against float64.

    differential.py                            200 problems in the simulator
    differential.py --seed=1234 --count=1 -v   one of them again
    differential.py --device=cuda --count=5000 --jobs=16 --report=report.json

A problem is drawn from its seed: types, scales, layout, batch, sizes, epilogue, schedule, data. It is compiled for its
target, run, and each element compared with its bound; integer-valued problems have the bound 0. In the simulator each
runs on one and on three multiprocessors. Problems run in `--jobs` processes, each of which compiles for itself: one that
dies, does not compile or takes too long is a failure like any other.
"""

import argparse
import multiprocessing
import os
import pathlib
import sys
import threading
import time

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # the processes are the threads
    os.environ.setdefault(variable, "1")
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "python"), str(pathlib.Path(__file__).parent)]

import numpy as np  # noqa: E402
from report import Outcome, Report  # noqa: E402
from suite import arguments_of, draw, expected_of, text_of  # noqa: E402
from support import TARGETS  # noqa: E402

import mpgemm  # noqa: E402
from mpgemm import reference  # noqa: E402

ORDERS = ("latest", "earliest", "random")


def devices_of(problem, device: str) -> list[str]:
    """Where a problem runs: `sim` stands for one and for three multiprocessors, work done as late as allowed and in
    another order."""
    if device != "sim":
        return [device]
    order = ORDERS[problem.seed % 3]
    orders = f"order={order}" + (f",seed={problem.seed}" if order == "random" else "")
    return [f"sim:arch={problem.target},sms=1,threads=1", f"sim:arch={problem.target},sms=3,threads=1,{orders}"]


def run_problem(problem, device: str = "sim", verbose: bool = False) -> Outcome:
    outcome = Outcome(problem.seed, problem.kind, problem.result)

    def fail(stage: str, reason) -> Outcome:
        outcome.stage, outcome.reason = stage, str(reason) or type(reason).__name__
        return outcome

    text = text_of(problem)
    if verbose:
        print(f"{problem}\n{text}", flush=True)
    begin = time.monotonic()
    try:
        artifact = mpgemm.compile(text, problem.target, timeout=150)
    except mpgemm.Error as error:
        return fail("compile", f"does not compile: {error}")
    finally:
        outcome.compile_seconds = time.monotonic() - begin
    begin = time.monotonic()
    arguments = arguments_of(problem)
    expected = expected_of(problem, arguments)
    outcome.exact, outcome.elements = not any(e.error.any() for e in expected), sum(e.value.size for e in expected)
    # Unsigned codes travel as the signless integers of the function's type.
    given = [x.view(np.int8) if x.dtype == np.uint8 else x for x in arguments.values()]
    for where in devices_of(problem, device):
        try:
            results = mpgemm.load(artifact, where)(*given)
        except (mpgemm.Error, TypeError, ValueError) as error:
            return fail("run", f"on {where}: {error}")
        results = results if isinstance(results, (tuple, list)) else [results]
        for i, (got, want, (_, type_)) in enumerate(zip(results, expected, problem.results(), strict=True)):
            dtype = reference.dtype_of(type_)
            if got.dtype != (np.int8 if dtype == np.uint8 else dtype):
                return fail("run", f"on {where}: result {i} is {got.dtype}, not {type_}")
            try:
                comparison = reference.check(got.view(dtype), want, name="D" if i == 0 else f"result {i}", context=f"seed {problem.seed}")
            except (reference.NumericsError, ValueError) as error:
                return fail("numerics", f"on {where}: {error}")
            outcome.share = max(outcome.share, comparison.largest_share)
            if verbose:
                print(f"{where}: {comparison}", flush=True)
    outcome.run_seconds = time.monotonic() - begin
    return outcome


def worker(connection, options) -> None:
    np.seterr(all="ignore")
    while True:
        seed = connection.recv()
        if seed is None:
            return
        try:
            connection.send(run_problem(draw(seed, options.target), options.device, options.verbose))
        except Exception as error:  # a mistake of this suite must not pass as a result
            connection.send(Outcome(seed, draw(seed, options.target).kind, "", f"{type(error).__name__}: {error}", "suite"))


class Worker:
    """A process that runs problems one after the other, and is replaced when it dies or hangs."""

    def __init__(self, options):
        self.options, self.process = options, None

    def run(self, seed: int) -> Outcome:
        if self.process is None:
            context = multiprocessing.get_context("spawn")
            self.connection, other = context.Pipe()
            self.process = context.Process(target=worker, args=(other, self.options), daemon=True)
            self.process.start()
            other.close()
        try:
            self.connection.send(seed)
            if self.connection.poll(self.options.timeout):
                return self.connection.recv()
            reason = f"did not finish within {self.options.timeout} s"
        except (EOFError, ConnectionError):
            self.process.join(5)
            reason = f"the process died (exit code {self.process.exitcode})"
        self.stop()
        return Outcome(seed, draw(seed, self.options.target).kind, "", reason, "run")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process = None


class Suite:
    """Hands seeds to workers and collects what they say."""

    def __init__(self, options):
        self.options, self.report = options, Report(options.count, options.device)
        self.seeds = iter(range(options.seed, options.seed + options.count))
        self.lock = threading.Lock()

    def work(self) -> None:
        runner = Worker(self.options)
        while True:
            with self.lock:
                seed = next(self.seeds, None)
            if seed is None:
                break
            outcome = runner.run(seed)
            with self.lock:
                self.record(outcome)
        runner.stop()

    def record(self, outcome: Outcome) -> None:
        seed = outcome.seed
        description = str(draw(seed, self.options.target))
        self.report.add(outcome, description)
        if outcome.reason:
            print(f"FAILED seed {seed}: {description}\n  {outcome.reason}\n  {self.command(seed)}", flush=True)
        done = len(self.report.outcomes)
        if done % 25 == 0 or done == self.options.count:
            print(self.report.progress(), flush=True)
        if self.options.report and (done % 250 == 0 or done == self.options.count):
            self.report.write(self.options.report, first_seed=self.options.seed, count=self.options.count)

    def command(self, seed: int) -> str:
        words = f"test/differential/differential.py --seed={seed} --count=1 -v --device={self.options.device}"
        return f"again: .venv/bin/python {words}" + (f" --target={self.options.target}" if self.options.target else "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="of the first problem; the others follow (default 1)")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--device", default="sim", help="sim (default), cuda, or any device of mpgemm.load")
    parser.add_argument("--target", choices=TARGETS, help="default: drawn")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--timeout", type=float, default=240, help="seconds for one problem")
    parser.add_argument("--report", type=pathlib.Path, help="write what was found as JSON")
    parser.add_argument("--print", action="store_true", dest="only_print", help="print the problems' MLIR, run nothing")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()

    if options.only_print:
        for seed in range(options.seed, options.seed + options.count):
            problem = draw(seed, options.target)
            print(f"// seed {seed}: {problem}\n{text_of(problem)}")
        return 0
    last = options.seed + options.count - 1
    print(f"{options.count} problems, seeds {options.seed} to {last}, on {options.device}, {options.jobs} jobs", flush=True)
    suite = Suite(options)
    threads = [threading.Thread(target=suite.work) for _ in range(min(options.jobs, options.count))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = suite.report
    print(report.summary())
    print(f"{time.monotonic() - report.begin:.0f} s")
    print(f"{report.passed} passed, {len(report.failures)} failed")
    return 1 if report.failures else 0


if __name__ == "__main__":
    np.seterr(all="ignore")
    sys.exit(main())
