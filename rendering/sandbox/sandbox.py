"""Locks a render child in: decoders are C code that strangers' bytes run through, and one day one of them breaks."""

import sys
import sysconfig
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rendering.sandbox import landlock, seccomp
from rendering.sandbox.libc import prctl

UP = "up"
_PR_SET_NO_NEW_PRIVS = 38
_ROOT = Path(__file__).resolve().parents[2]
# Modules that are imported late, and fonts: code, none of the service's data.
_LIBRARIES = {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
_READABLE = {
    each for each in (*_LIBRARIES, *(_ROOT / name for name in ("core", "imaging", "rendering"))) if each.is_dir()
}


def raise_walls() -> dict[str, str]:
    """Around this process, for good. By name "up", or why a wall is missing: a kernel without it renders too."""
    walls: dict[str, Callable[[], object]] = {
        "no_new_privileges": partial(prctl, _PR_SET_NO_NEW_PRIVS, 1),
        "landlock": partial(landlock.restrict, readable=_READABLE),
        "seccomp": seccomp.restrict,  # the last: it takes away what the others are made with
    }
    return {name: _raise(wall) for name, wall in walls.items()}


def _raise(wall: Callable[[], object]) -> str:
    if sys.platform != "linux":
        return "Only Linux has it"
    try:
        wall()
    except OSError as error:
        return error.strerror or str(error)
    return UP
