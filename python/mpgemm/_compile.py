"""Compiles by running mpgemm-opt as a process of its own: an abort in LLVM must not take the interpreter with it."""

import ctypes
import json
import os
import pathlib
import subprocess
import tempfile

from . import _capi, _locate
from ._errors import CompileError


class Artifact(os.PathLike):
    """A compiled program in a file; `mpgemm.load` takes it as a path.

    Without an output path of the caller's, the files are deleted with this object."""

    def __init__(self, path: pathlib.Path, diagnostics: str, folder=None):
        self.path = path
        self.diagnostics = diagnostics
        """What the compiler said: remarks on what was fused and what was not, warnings."""
        self._folder = folder

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"<mpgemm.Artifact {str(self.path)!r}>"

    @property
    def manifest(self) -> dict:
        """The manifest: kernels, functions, constants (docs/artifact.md)."""
        text = ctypes.c_void_p()
        _capi.call("read_manifest", os.fsencode(self.path), ctypes.byref(text))
        try:
            return json.loads(ctypes.string_at(text).decode())
        finally:
            _capi.get("text_free", text)


def compile(source, target: str, output=None, *, emit: str = "ptx", arguments=(), timeout=None, **options) -> Artifact:
    """Compiles MLIR to an artifact.

    source     a path (anything os.PathLike, or a string that ends in .mlir or .mlirbc), or the MLIR text itself.
    target     "sm_80", "sm_89", "sm_90a" or "sm_120a".
    output     the artifact's path; without one a temporary file that lives as long as the result.
    emit       "ptx" or "cubin".
    options    options of mpgemm-opt: verify_each=False becomes --verify-each=false, mlir_timing=True --mlir-timing.
    arguments  more words for the command line, as they are.
    timeout    seconds.

    Raises CompileError with mpgemm-opt's diagnostics.
    """
    is_path = isinstance(source, os.PathLike) or (
        "\n" not in source and source.strip().endswith((".mlir", ".mlirbc"))
    )
    folder = None
    if output is None:
        folder = tempfile.TemporaryDirectory(prefix="mpgemm-")
        output = pathlib.Path(folder.name) / f"program.{emit}"
    output = pathlib.Path(output)
    command = [str(_locate.compiler()), os.fspath(source) if is_path else "-"]
    command += [f"--target={target}", f"--emit={emit}", "-o", str(output)]
    command += [_option(name, value) for name, value in options.items()]
    command += list(arguments)
    try:
        done = subprocess.run(
            command, input=None if is_path else source, stdin=subprocess.DEVNULL if is_path else None,
            capture_output=True, text=True, timeout=timeout, errors="replace",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise CompileError(f"mpgemm-opt did not finish within {timeout} s: {' '.join(command)}", "timeout") from None
    if done.returncode != 0:
        reason = done.stderr.strip() or f"mpgemm-opt said nothing; the command was: {' '.join(command)}"
        if done.returncode < 0:
            reason = f"mpgemm-opt was ended by signal {-done.returncode}: {reason}"
        raise CompileError(reason, "compile error")
    return Artifact(output, done.stderr, folder)


def _option(name: str, value) -> str:
    flag = f"--{name.replace('_', '-')}"
    if value is True:
        return flag
    return f"{flag}={'false' if value is False else value}"
