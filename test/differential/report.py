"""What a run of the suite found: one record a problem, summed up by the types of the product."""

import json
import pathlib
import time
from dataclasses import asdict, dataclass


@dataclass
class Outcome:
    """Of one problem."""

    seed: int
    kind: str = ""  # types of the product
    result: str = ""
    reason: str = ""  # nothing if all is well
    stage: str = ""  # of a failure: compile, run, numerics, suite
    share: float = 0.0  # the largest error as a share of its bound
    exact: bool = False  # every bound was 0
    elements: int = 0
    compile_seconds: float = 0.0
    run_seconds: float = 0.0


class Report:
    def __init__(self, count: int, device: str):
        self.count, self.device, self.begin = count, device, time.monotonic()
        self.outcomes: list[Outcome] = []
        self.descriptions: dict[int, str] = {}  # of failed problems

    @property
    def failures(self) -> list[Outcome]:
        return [o for o in self.outcomes if o.reason]

    @property
    def passed(self) -> int:
        return len(self.outcomes) - len(self.failures)

    def add(self, outcome: Outcome, description: str) -> None:
        self.outcomes.append(outcome)
        if outcome.reason:
            self.descriptions[outcome.seed] = description

    def progress(self) -> str:
        done, seconds = len(self.outcomes), time.monotonic() - self.begin
        left = seconds / done * (self.count - done)
        return f"{done} of {self.count}: {len(self.failures)} failed, {seconds:.0f} s, about {left:.0f} s left"

    def by_kind(self) -> dict[str, dict]:
        kinds: dict[str, dict] = {}
        for o in sorted(self.outcomes, key=lambda o: (o.kind, o.seed)):
            row = kinds.setdefault(
                o.kind,
                {"problems": 0, "exact": 0, "failed": 0, "elements": 0, "worst_share": 0.0, "worst_seed": None, "worst_f32_share": 0.0},
            )
            row["problems"] += 1
            row["elements"] += o.elements
            row["failed"] += bool(o.reason)
            row["exact"] += o.exact
            if not o.reason and o.share > row["worst_share"]:
                row["worst_share"], row["worst_seed"] = o.share, o.seed
            if not o.reason and o.result == "f32":  # not hidden behind a rounding to fewer bits
                row["worst_f32_share"] = max(row["worst_f32_share"], o.share)
        return kinds

    def summary(self) -> str:
        lines = [f"{'product':<44} problems  exact  failed  worst error / bound (seed)  of f32 results"]
        for kind, row in self.by_kind().items():
            worst = f"{row['worst_share']:.3f} ({row['worst_seed']})" if row["worst_seed"] is not None else "0"
            lines.append(f"{kind:<44} {row['problems']:>8} {row['exact']:>6} {row['failed']:>7}  {worst:<26}  {row['worst_f32_share']:.3f}")
        compiling, running = (sum(getattr(o, f"{what}_seconds") for o in self.outcomes) for what in ("compile", "run"))
        lines.append(f"{compiling:.0f} s of processes compiling, {running:.0f} s running and comparing")
        stages = {stage: sum(o.stage == stage for o in self.failures) for stage in ("compile", "run", "numerics", "suite")}
        if self.failures:
            lines.append("failures: " + ", ".join(f"{count} {stage}" for stage, count in stages.items() if count))
        return "\n".join(lines)

    def write(self, path: pathlib.Path, **more) -> None:
        failures = [f"seed {o.seed}: {self.descriptions[o.seed]}: {o.reason.splitlines()[0]}" for o in self.failures]
        content = {
            "device": self.device, "problems": len(self.outcomes), "passed": self.passed, "failures": failures,
            "seconds": round(time.monotonic() - self.begin, 1), "by_type": self.by_kind(), **more,
            "failed_problems": [asdict(o) for o in self.failures],
        }  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1))
