"""The parts of the benchmarks. What needs torch or triton says so in its first line; the rest runs anywhere."""

import pathlib
import sys

BENCHMARKS = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCHMARKS.parent
sys.path.insert(0, str(ROOT / "python"))
