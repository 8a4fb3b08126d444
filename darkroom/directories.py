"""The platform's directories for settings, caches and data."""

import os
import sys
from pathlib import Path

_NAME = "darkroom"


def config_directory() -> Path:
    return _directory("XDG_CONFIG_HOME", ".config", "")


def cache_directory() -> Path:
    return _directory("XDG_CACHE_HOME", ".cache", "cache")


def data_directory() -> Path:
    return _directory("XDG_DATA_HOME", ".local/share", "data")


def _directory(variable: str, default: str, inner: str) -> Path:
    """Return the XDG directory; on macOS and Windows, which have one for everything, `inner` in that."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home()) / _NAME / inner
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support" / _NAME / inner
    return Path(os.environ.get(variable) or Path.home() / default) / _NAME
