"""Compiles the products of a run, or finds them in a folder that build.py filled on another machine."""

import hashlib
import json
import pathlib
import re
import sys
from concurrent.futures import ThreadPoolExecutor

from .kinds import PEERS, product_text
from .require import Refusal

INDEX = "index.json"


def file_name(entry: dict) -> str:
    schedule = f"_{re.sub(r'[^a-zA-Z0-9]+', '_', entry['schedule']).strip('_')}" if entry.get("schedule") else ""
    return f"{entry['type']}_{'x'.join(map(str, entry['shape']))}{schedule}.ptx"


def entries_of(kinds, shapes, schedules=(), own=True) -> list:
    """What a run needs: each kind, shape and schedule; and what our own product of another kind is a peer of, where `own`."""
    entries = []
    for kind in kinds:
        for shape in shapes:
            entries += [{"type": kind, "shape": list(shape), "schedule": schedule} for schedule in schedules or [""]]
            if own and "own" in PEERS[kind]:
                entries.append({"type": PEERS[kind]["own"], "shape": list(shape), "schedule": ""})
    unique = {file_name(entry): {**entry, "artifact": file_name(entry)} for entry in entries}
    return list(unique.values())


def compile_all(jobs, folder: pathlib.Path, target: str) -> list:
    """Compiles (entry, text) pairs in parallel and writes the index. An entry that does not compile keeps the reason."""
    import mpgemm
    from mpgemm import _locate

    try:
        _locate.compiler()
    except mpgemm.LibraryNotFound as error:
        raise Refusal(f"cannot compile here: {error}") from None
    folder.mkdir(parents=True, exist_ok=True)

    def build(job):
        entry, text = job
        try:
            mpgemm.compile(text, target=target, output=folder / entry["artifact"])
        except mpgemm.CompileError as error:
            return {**entry, "target": target, "error": str(error)}
        return {**entry, "target": target}

    index = []
    with ThreadPoolExecutor() as pool:
        for entry in pool.map(build, jobs):
            index.append(entry)
            print(f"[{len(index)}/{len(jobs)}] {entry['artifact']}{': ' + entry['error'] if 'error' in entry else ''}",
                  file=sys.stderr, flush=True)  # fmt: skip
    (folder / INDEX).write_text(json.dumps(index, indent=1) + "\n")
    return index


def compile_products(entries, folder: pathlib.Path, target: str) -> list:
    return compile_all([(entry, product_text(entry["type"], *entry["shape"], entry["schedule"])) for entry in entries], folder, target)


def read_index(folder: pathlib.Path) -> list:
    path = folder / INDEX
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        raise Refusal(f"{path} does not exist; benchmarks/build.py --out {folder} writes it") from None
    except ValueError as error:
        raise Refusal(f"{path} is not JSON ({error}); benchmarks/build.py --out {folder} writes it anew") from None


def find_products(entries, folder: pathlib.Path) -> list:
    """The entries with what the index knows about them; all of them have to be there."""
    known = {entry["artifact"]: entry for entry in read_index(folder)}
    missing = [entry["artifact"] for entry in entries if entry["artifact"] not in known]
    if missing:
        raise Refusal(f"{folder} lacks {len(missing)} of {len(entries)} artifacts, {missing[0]} first; compile them with "
                      f"benchmarks/build.py --out {folder} and the same --suite, --shape, --type and --schedule")  # fmt: skip
    return [known[entry["artifact"]] for entry in entries]


def digest(path: pathlib.Path) -> str:
    """Names an artifact in a row, so that a continued run does not mix two compilers."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
