"""Where the command keeps things: the platform's directories for settings, caches and data."""

import os
import sys
from pathlib import Path

import click

_NAME = "darkroom"


def config_directory() -> Path:
    return Path(click.get_app_dir(_NAME))


def cache_directory() -> Path:
    return _xdg("XDG_CACHE_HOME", ".cache") or config_directory() / "cache"


def data_directory() -> Path:
    return _xdg("XDG_DATA_HOME", ".local/share") or config_directory() / "data"


def _xdg(variable: str, default: str) -> Path | None:
    """Return the directory of the XDG specification; None on macOS and Windows, which have one for everything."""
    if sys.platform in {"darwin", "win32"}:
        return None
    return Path(os.environ.get(variable) or Path.home() / default) / _NAME
