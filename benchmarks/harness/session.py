"""Goes through the cases of a run: shows where it is, saves after each, leaves out what was measured before."""

import pathlib
import sys
import time
import traceback

from . import artifacts, results
from .tables import shape_text


class Progress:
    """One line for each case, with what is left; on a terminal also what it does right now."""

    def __init__(self, total: int):
        self.total, self.done, self.measured, self.begin = total, 0, 0, time.monotonic()

    def start(self, text: str) -> None:
        self.text, self.case_begin = f"[{self.done + 1}/{self.total}] {text}", time.monotonic()

    def say(self, step: str) -> None:
        if sys.stderr.isatty():
            print(f"\r\033[K{self.text}: {step} ...", end="", file=sys.stderr, flush=True)

    def end(self, text: str, measured: bool = True) -> None:
        self.done += 1
        self.measured += measured
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)
        left = ""
        if measured:
            seconds = (time.monotonic() - self.begin) / self.measured * (self.total - self.done)
            left = f"; {time.monotonic() - self.case_begin:.0f} s, about {seconds / 60:.0f} min left"
        print(f"{self.text}: {text}{left}", flush=True)


def in_short(rows: list) -> str:
    parts = []
    for schedule in dict.fromkeys(row["schedule"] for row in rows):
        mine = [row for row in rows if row["schedule"] == schedule]
        ratios = ", ".join(f"{row['peer']} {row['sustained']['ratio']:.3f} (cool {row['cool']['ratio']:.3f})" if "refused" not in row
                           else f"{row['peer']} refuses" for row in mine)  # fmt: skip
        parts.append(f"{f'<{schedule}> ' if schedule else ''}{mine[0]['sustained']['ours']['us']:.2f} us; {ratios}; "
                     f"error {max(row['error']['ours'] for row in mine):.3g} of its bound")  # fmt: skip
    return " | ".join(parts)


def measure_all(cases: list, folder: pathlib.Path, known: dict, document: dict, path: pathlib.Path, measure) -> list:
    """Measures what the document lacks and saves it after every case; returns what failed, in words."""
    failed, progress = [], Progress(len(cases))
    for suite, kind, shape, ours, peers, own in cases:
        progress.start(f"{kind} {shape_text(shape)}")
        broken = [known[entry["artifact"]] for entry in [*ours, *([own] if own else [])] if "error" in known[entry["artifact"]]]
        if broken:
            failed.append(f"{kind} {shape_text(shape)} does not compile: {broken[0]['error']}")
            progress.end(failed[-1], measured=False)
            continue
        paths = {entry["schedule"]: folder / entry["artifact"] for entry in ours}
        digests = {schedule: artifacts.digest(file) for schedule, file in paths.items()}
        if results.is_done(document, kind, shape, digests, peers):
            progress.end("measured before", measured=False)
            continue
        try:
            rows = measure(suite, kind, shape, paths, peers, folder / own["artifact"] if own else None, progress.say)
        except Exception as error:  # a case that fails must not take the others with it; the exit status tells
            traceback.print_exc()
            failed.append(f"{kind} {shape_text(shape)}: {type(error).__name__}: {error}")
            progress.end(failed[-1])
            continue
        results.put(document, rows)
        results.save(path, document)
        progress.end(in_short(rows))
    return failed
