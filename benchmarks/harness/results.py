"""The JSON file of a run: settings and rows. Written after every case, so that an ended run is continued where it was."""

import json
import os
import pathlib

from .require import Refusal

# Settings that rows of one file have to share.
COMPARABLE = ("device", "target", "preheat", "rewarm", "rounds", "cool_rounds", "cool_rest", "graph_ms", "heuristics")


def load(path: pathlib.Path) -> dict:
    try:
        document = json.loads(path.read_text())
    except OSError as error:
        raise Refusal(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise Refusal(f"{path} is not JSON: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("settings"), dict) or not isinstance(document.get("rows"), list):
        raise Refusal(f"{path} is not a file of benchmarks/run.py: it has no settings and rows")
    return document


def start(path: pathlib.Path, settings: dict, fresh: bool) -> dict:
    """A new document, or the one at `path` to go on with; one of other settings is refused."""
    if fresh or not path.exists():
        return {"settings": settings, "rows": []}
    document = load(path)
    was, versions = document["settings"], document["settings"].get("versions", {})
    pairs = [(name, was.get(name), settings.get(name)) for name in COMPARABLE]
    pairs += [(name, version, settings["versions"].get(name, version)) for name, version in versions.items()]
    for name, old, new in pairs:
        if old != new:
            raise Refusal(f"{path} was measured with {name} = {old}, this run has {new}; name another file with --out, or start it anew "
                          "with --fresh")  # fmt: skip
    was["versions"] = versions | settings["versions"]
    return document


def save(path: pathlib.Path, document: dict) -> None:
    """In one step: an ended run leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(document, indent=1) + "\n")
    os.replace(beside, path)


def case_key(row: dict) -> tuple:
    return row["type"], tuple(row["shape"])


def is_done(document: dict, kind: str, shape, artifacts: dict, peers) -> bool:
    """Whether the file has a row of each of these artifacts (schedule -> digest) against each of these peers."""
    have = {(row["schedule"], row["artifact"], row["peer"]) for row in document["rows"] if case_key(row) == (kind, tuple(shape))}
    return all((schedule, digest, peer) in have for schedule, digest in artifacts.items() for peer in peers)


def put(document: dict, rows: list) -> None:
    """Takes the rows of one case in place of older ones of the same schedule and peer."""
    new = {(case_key(row), row["schedule"], row["peer"]) for row in rows}
    document["rows"] = [row for row in document["rows"] if (case_key(row), row["schedule"], row["peer"]) not in new] + rows


def wrong(rows: list) -> list:
    """Rows with a side beyond its bound. A share that is not a number is beyond it."""
    return [row for row in rows if not all(share <= 1 for share in row["error"].values())]
