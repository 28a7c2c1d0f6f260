#!/usr/bin/env python3
"""Writes the golden cases: one JSON file for each, with the PTX text and the inputs of a small kernel.

    python3 test/golden/generate.py DIRECTORY
    mpgemm-golden record --device=cuda DIRECTORY    on a machine with an H100 or H200: adds the outputs to each file
    mpgemm-golden check --device=sim DIRECTORY      compares; what the test suite runs over test/golden/cases

Everything is drawn from one seed, so the same cases come out each time. `DIRECTORY` in the repository: test/golden/cases.
Cases whose file exists with the same kernel and inputs keep their recorded outputs.
"""
import base64
import json
import pathlib
import random
import sys
import zlib

import copy_cases
import matrix_cases
import scalar_cases

SEED = 20


def encode(data):
    return base64.b64encode(zlib.compress(data, 9)).decode()


def to_json(case):
    out = {"name": case["name"], "ptx": case["ptx"], "threads": case["threads"], "grid": case.get("grid", 1),
           "cluster": case.get("cluster", 1), "shared": case.get("shared", 0), "params": case["params"],
           "buffers": {k: {"bytes": len(v), "data": encode(v)} for k, v in case["buffers"].items()}, "outputs": {}}
    for name, spec in case["outputs"].items():
        spec = dict(spec)
        if "initial" in spec:
            spec["initial"] = encode(spec["initial"])
        out["outputs"][name] = spec
    return out


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    kept = written = 0
    for module in (scalar_cases, matrix_cases, copy_cases):
        for case in module.cases(random.Random(f"{SEED}-{module.__name__}")):
            entry = to_json(case)
            path = directory / (case["name"] + ".json")
            if path.exists():
                old = json.loads(path.read_text())
                if {k: old[k] for k in ("ptx", "buffers", "params")} == {k: entry[k] for k in ("ptx", "buffers", "params")}:
                    for name, spec in entry["outputs"].items():
                        if "data" in old["outputs"].get(name, {}):
                            spec["data"] = old["outputs"][name]["data"]
                            kept += 1
            path.write_text(json.dumps(entry, indent=1) + "\n")
            written += 1
    print(f"{written} cases in {directory}, {kept} with recorded outputs")


if __name__ == "__main__":
    main()
