"""Finds the packages of the service: in the wheel inside this package, in a clone beside it."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from darkroom.command.exits import USAGE, CommandError
from darkroom.directories import data_directory

_PACKAGE = Path(__file__).parents[1]
_MISSING = (
    "The service is not installed, only the client. Install the extra `server`: "
    "uv tool install 'darkroom-images[server]', or pipx install 'darkroom-images[server]'."
)


def prepare_server() -> None:
    """Make the packages importable. Raises CommandError if the extra `server` is not installed."""
    if find_spec("fastapi") is None:
        raise CommandError(_MISSING, code=USAGE)
    packages = _PACKAGE / "_server"
    sys.path.insert(0, str(packages if packages.is_dir() else _PACKAGE.parent))
    os.environ.setdefault("DARKROOM_DATA_DIR", str(data_directory()))
