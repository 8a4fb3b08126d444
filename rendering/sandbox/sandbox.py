"""The three layers of the sandbox. Decoders are C code that reads untrusted bytes, and one day one of them breaks."""

import sys
import sysconfig
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rendering.sandbox import landlock, seccomp
from rendering.sandbox.libc import prctl

ACTIVE = "active"
_PR_SET_NO_NEW_PRIVS = 38
_ROOT = Path(__file__).resolve().parents[2]
# Modules that are imported late, and fonts: code, none of the service's data.
_LIBRARIES = {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
_READABLE = {
    each for each in (*_LIBRARIES, *(_ROOT / name for name in ("core", "imaging", "rendering"))) if each.is_dir()
}


def enter_sandbox() -> dict[str, str]:
    """Confine this process for good. Return for each layer "active", or why this system does not have it."""
    layers: dict[str, Callable[[], object]] = {
        "no_new_privileges": partial(prctl, _PR_SET_NO_NEW_PRIVS, 1),
        "landlock": partial(landlock.restrict, readable=_READABLE),
        "seccomp": seccomp.restrict,  # the last: it takes away what the others need
    }
    return {name: _activate(layer) for name, layer in layers.items()}


def _activate(layer: Callable[[], object]) -> str:
    if sys.platform != "linux":
        return "Requires Linux"
    try:
        layer()
    except OSError as error:
        return error.strerror or str(error)
    return ACTIVE
