#!/usr/bin/env python3
"""Random problems through compiler and runtime, every element of every result against float64.

    differential.py                            200 problems in the simulator
    differential.py --seed=1234 --count=1 -v   one of them again
    differential.py --device=cuda --count=1000 on a GPU

A problem is drawn from its seed: types, layout, batch, sizes, epilogue, data. It is compiled for its target, run, and each
element compared with its bound; integer-valued problems have the bound 0. In the simulator each runs on one and on three
multiprocessors. Problems run in processes of their own: one that dies is a failure like any other.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "python"), str(pathlib.Path(__file__).parent)]

import numpy as np  # noqa: E402

import mpgemm  # noqa: E402
from mpgemm import reference  # noqa: E402
from problem import Problem, draw  # noqa: E402
from text import mlir_of  # noqa: E402

ORDERS = ("latest", "earliest", "random")


def devices_of(problem: Problem, device: str) -> list[str]:
    """Where a problem runs: `sim` stands for one and for three multiprocessors, work done as late as allowed and in
    another order."""
    if device != "sim":
        return [device]
    order = ORDERS[problem.seed % 3]
    orders = f"order={order}" + (f",seed={problem.seed}" if order == "random" else "")
    return [f"sim:arch={problem.target},sms=1,threads=1", f"sim:arch={problem.target},sms=3,threads=1,{orders}"]


def run_problem(seed: int, options) -> str:
    """Nothing if all is well, else what is wrong."""
    problem = draw(seed, options.target)
    text = mlir_of(problem)
    if options.verbose:
        print(f"{problem}\n{text}", flush=True)
    try:
        artifact = mpgemm.compile(text, problem.target, timeout=120)
    except mpgemm.Error as error:
        return f"does not compile: {error}"
    arguments = problem.arguments()
    expected = problem.reference(arguments)
    for device in devices_of(problem, options.device):
        try:
            got = mpgemm.load(artifact, device)(*arguments.values())
            comparison = reference.check(got, expected, context=f"seed {seed}")
        except (mpgemm.Error, reference.NumericsError, ValueError) as error:
            return f"on {device}: {error}"
        if got.dtype != reference.format_of(problem.result).dtype:
            return f"on {device}: the result is {got.dtype}, not {problem.result}"
        if options.verbose:
            print(f"{device}: {comparison}", flush=True)
    return ""


def worker(connection, options) -> None:
    while True:
        seed = connection.recv()
        if seed is None:
            return
        try:
            connection.send(run_problem(seed, options))
        except Exception as error:  # a mistake of this suite must not pass as a result
            connection.send(f"{type(error).__name__}: {error}")


class Worker:
    """A process that runs problems one after the other, and is replaced when it dies or hangs."""

    def __init__(self, options):
        self.options, self.process = options, None

    def run(self, seed: int) -> str:
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
        return reason

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process = None


class Suite:
    """Hands seeds to workers and collects what they say."""

    def __init__(self, options):
        self.options = options
        self.seeds = iter(range(options.seed, options.seed + options.count))
        self.lock = threading.Lock()
        self.passed, self.failures = 0, []

    def work(self) -> None:
        runner = Worker(self.options)
        while True:
            with self.lock:
                seed = next(self.seeds, None)
            if seed is None:
                break
            reason = runner.run(seed)
            with self.lock:
                self.record(seed, reason)
        runner.stop()

    def record(self, seed: int, reason: str) -> None:
        if not reason:
            self.passed += 1
        else:
            self.failures.append(f"seed {seed}: {draw(seed, self.options.target)}: {reason.splitlines()[0]}")
            print(f"FAILED seed {seed}: {draw(seed, self.options.target)}\n  {reason}\n  {self.command(seed)}", flush=True)
        done = self.passed + len(self.failures)
        if done % 25 == 0 or done == self.options.count:
            print(f"{done} of {self.options.count}: {len(self.failures)} failed", flush=True)

    def command(self, seed: int) -> str:
        words = f"test/differential/differential.py --seed={seed} --count=1 -v --device={self.options.device}"
        return f"again: .venv/bin/python {words}" + (f" --target={self.options.target}" if self.options.target else "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="of the first problem; the others follow (default 1)")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--device", default="sim", help="sim (default), cuda, or any device of mpgemm.load")
    parser.add_argument("--target", choices=["sm_90a", "sm_80"], help="default: drawn")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--timeout", type=float, default=180, help="seconds for one problem")
    parser.add_argument("--result", type=pathlib.Path, help="write the outcome as JSON")
    parser.add_argument("--print", action="store_true", dest="only_print", help="print the problems' MLIR, run nothing")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()

    if options.only_print:
        for seed in range(options.seed, options.seed + options.count):
            problem = draw(seed, options.target)
            print(f"// seed {seed}: {problem}\n{mlir_of(problem)}")
        return 0
    begin = time.monotonic()
    print(f"{options.count} problems, seeds {options.seed} to {options.seed + options.count - 1}, on {options.device}")
    suite = Suite(options)
    threads = [threading.Thread(target=suite.work) for _ in range(min(options.jobs, options.count))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if options.result:
        options.result.parent.mkdir(parents=True, exist_ok=True)
        options.result.write_text(json.dumps({"passed": suite.passed, "failures": suite.failures}))
    print(f"{time.monotonic() - begin:.0f} s")
    print(f"{suite.passed} passed, {len(suite.failures)} failed")
    return 1 if suite.failures else 0


if __name__ == "__main__":
    np.seterr(all="ignore")
    sys.exit(main())
