"""Finds the runtime library and mpgemm-opt.

Looked for, in this order: the build directory that MPGEMM_BUILD_DIR names; the folders lib/ and bin/ beside the
package (an installed package); build/dev of the source tree that the package lies in. mpgemm-opt is also taken from PATH.
"""

import os
import pathlib
import shutil

from ._errors import LibraryNotFound

PACKAGE = pathlib.Path(__file__).resolve().parent


def _roots() -> list[pathlib.Path]:
    named = os.environ.get("MPGEMM_BUILD_DIR")
    if named:  # the only place then: a wrong name must not be papered over by another build
        return [pathlib.Path(named)]
    return [PACKAGE, PACKAGE.parents[1] / "build" / "dev"]


def _find(folder: str, name: str, what: str) -> pathlib.Path:
    places = [root / folder / name for root in _roots()]
    for place in places:
        if place.exists():
            return place
    raise LibraryNotFound(
        f"{what} was not found; looked for {', '.join(map(str, places))}. Build it (cmake --preset dev && "
        "cmake --build --preset dev), or name the build directory in MPGEMM_BUILD_DIR"
    )


def runtime_library() -> pathlib.Path:
    return _find("lib", "libmpgemm_runtime.so", "the runtime library")


def compiler() -> pathlib.Path:
    try:
        return _find("bin", "mpgemm-opt", "the compiler mpgemm-opt")
    except LibraryNotFound:
        found = None if os.environ.get("MPGEMM_BUILD_DIR") else shutil.which("mpgemm-opt")
        if not found:
            raise
        return pathlib.Path(found)
