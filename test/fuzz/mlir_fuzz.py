#!/usr/bin/env python3
"""Fuzzing of mpgemm-opt: random valid modules and slightly broken ones through all of it (docs/fuzzing.md).

Every case runs in a process of its own with limits on time and memory. It must end with status 0, or with another
status and a message on standard error; what else happens is a finding:

    a signal, "LLVM ERROR", a stack trace or a report of a sanitizer      crash
    more than --timeout seconds                                            hang
    a status that is not 0 without a message, or 0 with an error           silent, lying
    an output file although the compilation failed                         partial
    a generated module refused without a place in it                       no location
    an artifact that mpgemm-run cannot load (one in eight is tried)        unloadable

A finding is written to --findings as a module with the command that reproduces it, once for each stack trace.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import random
import re
import resource
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field

import mlir_modules
import mlir_mutate

ROOT = pathlib.Path(__file__).resolve().parents[2]
STAGES = ["mpgemm", "mptile", "nvvm", "llvm", "ptx", "ptx", "ptx"]
CRASH = re.compile(
    r"LLVM ERROR|Stack dump|PLEASE submit a bug|UNREACHABLE|Assertion .* failed|AddressSanitizer|runtime error:"
    r"|this is a bug of mpgemm|terminate called|LeakSanitizer|internal error"
)
# MLIR's own parsers of ops and attributes crash on some malformed texts. The driver reports that as an error of the
# input; without --emit the process dies with a trace of what was parsed. Neither is ours, if no code of ours is in it.
PARSER_CRASHED = "MLIR's parser crashed on the input"
PARSING = re.compile(r"^\d+\.\s+MLIR Parser: custom op parser '([\w.]+)'|mlir::detail::Parser::(\w+)", re.MULTILINE)
OURS = re.compile(r"mlir::mpgemm::(?!runOptTool)|mlir::mptile::|'mp(gemm|tile)\.")
# Passes of ours, and those that stand between them in the pipelines.
UPSTREAM = ["--canonicalize", "--cse", "--inline", "--symbol-dce", "--resolve-ranked-shaped-type-result-dims", "--lower-affine"]


@dataclass
class Case:
    text: str
    arguments: list[str]
    valid: bool  # generated, not broken: a refusal must name a place
    files: list[tuple[str, str]] = field(default_factory=list)  # an option that takes a file, and the file's text


@dataclass
class Finding:
    kind: str
    signature: str
    status: int
    message: str


class Fuzzer:
    def __init__(self, options):
        self.options = options
        self.tool = pathlib.Path(options.opt).resolve()
        help_text = subprocess.run([self.tool, "--help"], capture_output=True, text=True, check=True).stdout
        passes = re.findall(r"^\s+--((?:mpgemm|mptile)-[\w-]+)", help_text, re.MULTILINE)
        self.passes = sorted({f"--{name}" for name in passes} - {"--mpgemm-report"})
        described = re.search(r"Architecture of the kernels \(([^)]*)\)", help_text)
        self.targets = described.group(1).split(", ") if described else ["sm_80", "sm_90a"]
        self.policy = None
        if "--autocast=" in help_text:
            self.policy = subprocess.run([self.tool, "--print-autocast-policy"], capture_output=True, text=True, check=True).stdout
        self.corpus = self.read_corpus()
        self.folder = tempfile.TemporaryDirectory(prefix="mpgemm-fuzz-")
        self.lock = threading.Lock()
        self.signatures: dict[str, int] = {}
        self.accepted = 0
        self.upstream: dict[str, int] = {}  # crashes of MLIR's parser, by the op it was parsing
        self.environment = {
            **os.environ,
            # The packaged LLVM is not instrumented: what its allocators do not tell the sanitizer would be reported as
            # poisoned, and a crash in its parsers is told apart by LLVM's own stack trace.
            "ASAN_OPTIONS": "allow_user_poisoning=0:handle_segv=0:handle_abort=0:handle_sigill=0:handle_sigbus=0:"
            "detect_container_overflow=0:detect_leaks=0:allocator_may_return_null=1:hard_rss_limit_mb=6144",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
        }

    def read_corpus(self) -> list[tuple[str, list[str]]]:
        """The modules of the lit suite, each with the options its file is run with."""
        corpus = []
        for path in sorted((ROOT / "test").rglob("*.mlir")):
            text = path.read_text()
            if len(text) > 60000:
                continue
            runs = re.findall(r"RUN: .*?mpgemm-opt %s ([^|&>]*)", text)
            options = [word.replace('"', "") for run in runs[:1] for word in re.findall(r'--m[\w-]+(?:="[^"%]*"|=[^\s"%]+)?(?=\s|$)', run)]
            for module in re.split(r"^// -----.*$", text, flags=re.MULTILINE):
                body = "\n".join(line for line in module.split("\n") if not line.lstrip().startswith("//"))
                if len(body) > 40:
                    corpus.append((body, [option for option in options if option.split("=")[0] in self.passes]))
        return corpus

    def make_case(self, number: int) -> Case:
        rng = random.Random(self.options.seed * 1_000_003 + number)
        own: list[str] = []
        if self.policy and rng.random() < 0.15:
            return self.autocast_case(rng)
        if rng.random() < self.options.generated:
            text, valid = mlir_modules.model(rng), rng.random() < 0.6
        else:
            (text, own), valid = rng.choice(self.corpus), False
        if not valid and rng.random() < 0.15:
            text = self.generic_form(text)
        if not valid:
            text = mlir_mutate.mutate(rng, text)
        target = self.target(rng)
        if rng.random() < 0.55:
            stage = rng.choice(STAGES)
            return Case(text, [f"--emit={stage}", f"--target={target}"], valid and target in self.targets)
        if own and rng.random() < 0.7:
            return Case(text, own, False)
        count = rng.choice([0, 1, 1, 1, 2, 3, 4])
        chain = [rng.choice(self.passes if rng.random() < 0.8 else UPSTREAM) for _ in range(count)]
        with_target = {"--mpgemm-schedule", "--mpgemm-tile", "--mpgemm-kernelize", "--mpgemm-legalize", "--mpgemm-pipeline"}
        chain = [f"{name}=target={target}" if name in with_target and rng.random() < 0.8 else name for name in dict.fromkeys(chain)]
        return Case(text, chain, False)

    def generic_form(self, text: str) -> str:
        """The module with attributes and regions written out; as it is where it does not parse."""
        done = subprocess.run([self.tool, "--mlir-print-op-generic"], input=text, capture_output=True, text=True, errors="replace")
        return done.stdout if done.returncode == 0 and len(done.stdout) < 100000 else text

    def target(self, rng: random.Random) -> str:
        return rng.choice(["", "sm_", "sm_70", "sm_90", "sm_100a", "gfx90a", "sm_80a", "SM_80"]) if rng.random() < 0.02 else rng.choice(self.targets)

    def autocast_case(self, rng: random.Random) -> Case:
        """A model of f32 products in another precision, by policies and calibrations that may be broken."""
        text = mlir_modules.model(rng, "f32")
        function = re.search(r"@([\w.]+)", text).group(1)
        precision = rng.choice(["tf32", "f16", "bf16", "fp8", "int8", "fp8", "int8"] if rng.random() < 0.97 else ["", "f32", "fp4"])
        arguments = [f"--emit={rng.choice(STAGES)}", f"--target={self.target(rng)}", f"--autocast={precision}"]
        files = []
        if rng.random() < 0.4:
            files.append(("--autocast-policy", self.policy if rng.random() < 0.2 else mlir_mutate.mutate(rng, self.policy)))
        if rng.random() < 0.5:
            ranges = mlir_modules.calibration(rng, function)
            files.append(("--calibration", ranges if rng.random() < 0.5 else mlir_mutate.mutate(rng, ranges)))
        if rng.random() < 0.2:
            arguments.append("--autocast-last-layer")
        if rng.random() < 0.1:
            text = mlir_mutate.mutate(rng, text)
        return Case(text, arguments, False, files)

    #===- Running ----------------------------------------------------------===#

    def limit(self) -> None:
        os.setpgid(0, 0)
        if not self.options.sanitized:
            resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def execute(self, case: Case, name: str) -> Finding | None:
        source = pathlib.Path(self.folder.name) / f"{name}.mlir"
        target = pathlib.Path(self.folder.name) / f"{name}.out"
        source.write_text(case.text, encoding="utf-8")
        # No file may be left behind by a case that fails; what an earlier case wrote must not be taken for one.
        for stale in pathlib.Path(self.folder.name).glob(f"{name}.*"):
            if stale != source:
                stale.unlink()
        arguments = list(case.arguments)
        for option, text in case.files:
            path = pathlib.Path(self.folder.name) / f"{name}{option}.json"
            path.write_text(text, encoding="utf-8")
            arguments.append(f"{option}={path}")
        status, message = self.start([*arguments, "-o", target], source)
        if status is not None and PARSER_CRASHED in message:
            status, message = self.start(["-o", target], source)
        if status is None:
            return Finding("hang", "hang " + " ".join(case.arguments), 0, f"killed after {self.options.timeout} s")
        finding = self.judge(case, status, message, target)
        if finding is None and status == 0 and "--emit=ptx" in case.arguments and len(case.text) % 8 == 0:
            finding = self.load(case, target)
        return finding

    def load(self, case: Case, target: pathlib.Path) -> Finding | None:
        """Loads the artifact in the simulator: its manifest is read, and every kernel parsed and decoded."""
        architecture = case.arguments[1].split("=")[1]
        runner = pathlib.Path(self.options.run)
        if not runner.exists():
            return None
        status, message = self.start([f"--device=sim:arch={architecture}", "--function=none"], target, runner)
        if status is not None and ("has no function 'none'" in message or "is not modelled" in message):
            return None
        return Finding("unloadable", "unloadable " + first_error(message), status or 0, message)

    def start(self, arguments: list, source: pathlib.Path, tool: pathlib.Path | None = None) -> tuple[int | None, str]:
        """Status and messages of the tool; no status where it took too long."""
        command = [tool or self.tool, source, *arguments]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=self.environment, preexec_fn=self.limit
        )
        try:
            _, raw = process.communicate(timeout=self.options.timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return None, ""
        return process.returncode, raw.decode(errors="replace")

    def is_upstream(self, message: str) -> bool:
        """Whether MLIR's parser crashed by itself."""
        parsing = PARSING.findall(message)
        if not parsing or OURS.search(message.split("Stack dump", 1)[-1]):
            return False
        with self.lock:
            name = next((op for op, _ in reversed(parsing) if op), parsing[0][1])
            self.upstream[name] = self.upstream.get(name, 0) + 1
        return True

    def judge(self, case: Case, status: int, message: str, target: pathlib.Path) -> Finding | None:
        if status < 0 or status > 1 or CRASH.search(message):
            if status < 0 and self.is_upstream(message):
                return None
            return Finding("crash", signature_of(message, status), status, message)
        errors = re.search(r"error:", message)
        if status != 0 and not errors:
            return Finding("silent", "silent " + " ".join(case.arguments), status, message)
        if status == 0 and errors:
            return Finding("lying", "lying " + first_error(message), status, message)
        left = [path.name for path in target.parent.glob(f"{target.stem}.*") if path.suffix != ".mlir"]
        if status != 0 and left:
            return Finding("partial", f"partial {left} " + " ".join(case.arguments), status, message)
        with self.lock:
            self.accepted += status == 0
        if status != 0 and case.valid and not re.search(r":\d+:\d+: error:", message):
            return Finding("no location", "no location " + first_error(message), status, message)
        return None

    #===- Findings ---------------------------------------------------------===#

    def record(self, number: int, case: Case, finding: Finding) -> None:
        with self.lock:
            seen = self.signatures.get(finding.signature, 0)
            self.signatures[finding.signature] = seen + 1
            if seen:
                return
        folder = pathlib.Path(self.options.findings)
        folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(finding.signature.encode()).hexdigest()[:10]
        path = folder / f"{finding.kind.replace(' ', '-')}-{name}.mlir"
        path.write_text(case.text, encoding="utf-8")
        files = []
        for option, text in case.files:
            files.append(f"{option}={path.with_suffix('')}{option}.json")
            pathlib.Path(files[-1].split("=", 1)[1]).write_text(text, encoding="utf-8")
        command = shlex.join([str(self.tool), str(path), *case.arguments, *files])
        notes = f"seed {self.options.seed}, case {number}\n{command}\nstatus {finding.status}\n{finding.signature}\n\n{finding.message[-6000:]}"
        path.with_suffix(".txt").write_text(notes, encoding="utf-8", errors="replace")
        print(f"{finding.kind}: {finding.signature[:160]}\n  {command}", flush=True)

    def run_one(self, number: int, worker: str) -> bool:
        case = self.make_case(number)
        finding = self.execute(case, worker)
        if finding:
            self.record(number, case, finding)
        return finding is None

    def run(self) -> tuple[int, int]:
        """Runs the cases; returns how many, and how many were findings."""
        begin, done, bad = time.monotonic(), 0, 0
        counter = iter(range(self.options.first, self.options.first + self.options.count))

        def work(worker: int) -> None:
            nonlocal done, bad
            while time.monotonic() - begin < self.options.seconds:
                with self.lock:
                    number = next(counter, None)
                if number is None:
                    return
                good = self.run_one(number, f"case{worker}")
                with self.lock:
                    done, bad = done + 1, bad + (not good)
                    if done % 5000 == 0:
                        print(f"{done} cases, {bad} findings, {len(self.signatures)} different, {time.monotonic() - begin:.0f} s", flush=True)

        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            for future in [pool.submit(work, i) for i in range(self.options.jobs)]:
                future.result()
        return done, bad


def first_error(message: str) -> str:
    found = re.search(r"error: (.*)", message)
    return re.sub(r"\d+", "N", re.sub(r"^/\S*: ", "", found.group(1)))[:120] if found else "nothing"


def signature_of(message: str, status: int) -> str:
    """The innermost functions of a stack trace, or the first line that tells a crash."""
    fatal = re.search(r"(LLVM ERROR|LLVM cannot compile|runtime error|AddressSanitizer)[^\n]*", message)
    frames = re.findall(r"^\s*#\d+ 0x[0-9a-f]+ (?:in )?([\w:~<>, ]+?)(?=\(| /|\s\+)", message, re.MULTILINE)
    dull = re.compile(r"PrintStackTrace|RunSignalHandlers|SignalHandler|CleanupOnSignal|__restore_rt|abort|raise|__asan|__sanitizer|libc")
    frames = [frame for frame in frames if not dull.search(frame)][:4]
    head = re.sub(r"0x[0-9a-f]+|\d+", "N", fatal.group()) if fatal else f"status {status}"
    return f"{head[:160]} | {' < '.join(frames)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--opt", default=str(ROOT / "build" / "dev" / "bin" / "mpgemm-opt"), help="the tool under test")
    parser.add_argument("--run", default=str(ROOT / "build" / "dev" / "bin" / "mpgemm-run"), help="loads what was compiled")
    parser.add_argument("--sanitized", action="store_true", help="the tool is built with AddressSanitizer: no limit on its address space")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--count", type=int, default=1 << 60, help="how many cases at most")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="how long at most")
    parser.add_argument("--timeout", type=float, default=30, help="seconds a case may take")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--generated", type=float, default=0.5, help="share of generated modules; the rest are the lit suite's, broken")
    parser.add_argument("--findings", default="fuzz-findings", help="folder for what was found")
    parser.add_argument("--result", help="a JSON file with the counts")
    parser.add_argument("--print", type=int, metavar="CASE", help="print a case and its options, and run nothing")
    options = parser.parse_args()
    fuzzer = Fuzzer(options)
    if options.print is not None:
        case = fuzzer.make_case(options.print)
        print(f"// mpgemm-opt {shlex.join(case.arguments)}\n{case.text}")
        return 0
    begin = time.monotonic()
    done, bad = fuzzer.run()
    print(f"{done} cases in {time.monotonic() - begin:.0f} s, {fuzzer.accepted} accepted: {bad} findings, {len(fuzzer.signatures)} different")
    if fuzzer.upstream:
        print("crashes of MLIR's own parser, by op: " + ", ".join(f"{op} {count}" for op, count in sorted(fuzzer.upstream.items())))
    if options.result:
        summary = {"cases": done, "findings": sorted(fuzzer.signatures)}
        pathlib.Path(options.result).write_text(json.dumps(summary))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
