"""Shows an image in a terminal that can: by the protocol of kitty, or that of iTerm2."""

import base64
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from darkroom import Client

_MAX_SIDE = 320
_CHUNK = 4096  # the longest that kitty reads at once
_ITERM = frozenset({"iTerm.app", "WezTerm", "mintty"})
_KITTY = frozenset({"xterm-kitty", "xterm-ghostty"})


def shows_pictures() -> bool:
    return sys.stdout.isatty() and (os.environ.get("TERM") in _KITTY or os.environ.get("TERM_PROGRAM") in _ITERM)


def render_newest(client: "Client", step: dict[str, Any]) -> bytes | None:
    """Return a small PNG of the newest image with a step applied. None without a login or an image, or if it fails."""
    from darkroom.client import DarkroomError, operations  # noqa: PLC0415 - 100 ms

    try:
        newest = next(client.images(), None)
        return client.run(operations.preview(newest.image_id, step, max_side=_MAX_SIDE)) if newest else None
    except DarkroomError:
        return None


def show(png: bytes) -> None:
    data = base64.b64encode(png).decode()
    if os.environ.get("TERM") in _KITTY:
        sys.stdout.writelines(_kitty_commands(data))
    else:
        sys.stdout.write(f"\033]1337;File=inline=1;size={len(png)}:{data}\a")
    sys.stdout.write("\n\n")


def _kitty_commands(data: str) -> Iterator[str]:
    """Yield the chunks; `m=1` says that more follow (https://sw.kovidgoyal.net/kitty/graphics-protocol/)."""
    for start in range(0, len(data), _CHUNK):
        keys = "a=T,f=100," if start == 0 else ""
        yield f"\033_G{keys}m={int(start + _CHUNK < len(data))};{data[start : start + _CHUNK]}\033\\"
