"""`python -m storage.backup`: backs up the embedded data directory, verifies a backup and restores it."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.errors import ConfigurationError, DarkroomError
from core.settings import Settings, read_settings
from storage.embedded.backup import Copied, create_backup, restore_backup
from storage.embedded.backup_check import list_problems

_EPILOG = """A backup is made while the service runs. On real servers, back up PostgreSQL and the bucket instead:
docs/operations.md."""


def main(given: Sequence[str] | None = None, *, prog: str = "python -m storage.backup") -> int:
    """Return the exit code: 0, 1 for a backup with problems, or 2 for settings that do not fit."""
    arguments = _parser(prog).parse_args(given)
    try:
        return int(arguments.run(arguments))
    except DarkroomError as error:
        return _fail(error.detail)
    except OSError as error:
        return _fail(f"{error.strerror}: {error.filename}. Check the free space and the owner of both directories.")


def _create(arguments: argparse.Namespace) -> int:
    backup, copied = create_backup(_embedded().data_dir, arguments.directory)
    sys.stdout.write(f"{backup}: {_describe(copied)}; {copied.linked} of them are in an earlier backup already.\n")
    return _report(backup, contents=False)


def _verify(arguments: argparse.Namespace) -> int:
    return _report(arguments.backup, contents=True)


def _restore(arguments: argparse.Namespace) -> int:
    data_dir = _embedded().data_dir
    copied = restore_backup(arguments.backup, data_dir)
    sys.stdout.write(f"Restored into {data_dir}: {_describe(copied)}. The service can be started.\n")
    return _report(data_dir, contents=True)


def _report(directory: Path, *, contents: bool) -> int:
    problems = list_problems(directory, contents=contents)
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    compared = "SHA-256" if contents else "size"
    summary = f"{len(problems)} problems." if problems else f"Every object has the {compared} that the database names."
    sys.stdout.write(f"{summary}\n")
    return 1 if problems else 0


def _describe(copied: Copied) -> str:
    return f"{copied.objects} objects, {copied.bytes / 1_000_000:.1f} MB"


def _embedded() -> Settings:
    """Raises ConfigurationError unless everything is in the data directory."""
    settings = read_settings()
    if settings.database_url or not settings.objects_are_files:
        raise ConfigurationError(
            "These settings name a database or an S3 server. Back those up with their own tools: docs/operations.md."
        )
    return settings


def _fail(detail: str) -> int:
    sys.stderr.write(f"darkroom: {detail}\n")
    return 2


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=prog, description="Back up the embedded data directory.", epilog=_EPILOG)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, argument, description in _COMMANDS:
        command = commands.add_parser(name, help=description, description=description)
        command.add_argument(argument.lower(), type=Path, metavar=argument)
        command.set_defaults(run=run)
    return parser


_COMMANDS = (
    ("create", _create, "DIRECTORY", "Back up DARKROOM_DATA_DIR into a new directory in DIRECTORY."),
    ("verify", _verify, "BACKUP", "Compare each object with its SHA-256 in the database."),
    ("restore", _restore, "BACKUP", "Copy a backup into an empty DARKROOM_DATA_DIR."),
)


if __name__ == "__main__":
    sys.exit(main())
