"""Finds the packages of the service: in the wheel inside this package, in a clone beside it."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from darkroom.command.exits import USAGE, CommandError
from darkroom.directories import data_directory

_PACKAGE = Path(__file__).parents[1]
_MISSING = (
    "The service is not installed, only the client. Install the extra `server`, in a clone: "
    "uv tool install '.[server]', or pipx install '.[server]'."
)


def prepare_server() -> None:
    """Make the packages importable. Raises CommandError if the extra `server` is not installed.

    Unless a data directory is named, it is the one of this user: `darkroom up` may be started anywhere.
    """
    if find_spec("fastapi") is None:
        raise CommandError(_MISSING, code=USAGE)
    packages = _PACKAGE / "_server"
    sys.path.insert(0, str(packages if packages.is_dir() else _PACKAGE.parent))
    os.environ.setdefault("DARKROOM_DATA_DIR", str(data_directory()))


def check_data() -> None:
    """Raise CommandError if no service has run on the data directory of this user, and no other one is named.

    A command would create it, and report accounts that no service knows.
    """
    is_named = "DARKROOM_DATA_DIR" in os.environ or "DARKROOM_DATABASE_URL" in os.environ
    if not is_named and not any(data_directory().glob("*.db")):
        raise CommandError(
            f"There is no data in {data_directory()}. Set DARKROOM_DATA_DIR to the data directory of the service: "
            "for `make run` it is .darkroom in the clone.",
            code=USAGE,
        )
