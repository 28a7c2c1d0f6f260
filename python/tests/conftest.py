"""Paths of the repository for the tests."""

import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
for folder in ("benchmarks", "python", "examples/minilm", "test/differential", "scripts/lib"):
    sys.path.insert(0, str(ROOT / folder))


@pytest.fixture
def root() -> pathlib.Path:
    return ROOT


@pytest.fixture
def vector_add() -> pathlib.Path:
    """A small artifact made by hand: out = x + y + y, and functions that use each kind of buffer."""
    return ROOT / "test" / "inputs" / "vector-add.ptx"
