"""`python -m api.users`: adds, lists, limits, disables and deletes accounts while the service runs."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields
from datetime import datetime

from pydantic import ValidationError

from api.accounts.prompts import WrongInputError, ask_for_user, confirm
from core.errors import DarkroomError
from core.settings import read_settings
from core.validation import problems_of
from storage import AccountStorage, AccountUsage, UserQuotas, open_accounts

_REJECTED = 1
_WRONG_ARGUMENTS = 2
_LISTED = 1000
_DEFAULT = "default"
_MOST = 1_000_000_000
_ROW = "{:<40} {:<10} {:<10} {:>7} {:>7} {:>9}  {}\n"


def main(arguments: Sequence[str] | None = None, *, prog: str = "python -m api.users") -> int:
    """Return the exit code: 0, 1 for an address that is taken or unknown, or 2 for invalid input."""
    return _exit_code(_parser(prog).parse_args(arguments))


def _exit_code(arguments: argparse.Namespace) -> int:
    try:
        asyncio.run(_run(arguments))
    except ValidationError as error:
        problems = (f"{each.place} {each.message}" for each in problems_of(error, {}))
        return _fail("; ".join(problems), code=_WRONG_ARGUMENTS)
    except WrongInputError as error:
        return _fail(str(error), code=_WRONG_ARGUMENTS)
    except DarkroomError as error:
        return _fail(error.detail, code=_REJECTED)
    return 0


async def _run(arguments: argparse.Namespace) -> None:
    async with open_accounts(read_settings()) as storage:
        done = await arguments.run(storage, arguments)
        sys.stdout.write(f"{done}\nDatabase: {storage.database}\n")


async def _add(storage: AccountStorage, arguments: argparse.Namespace) -> str:
    user, password_hash = await ask_for_user(arguments.email)
    await storage.accounts.add(user.email, password_hash=password_hash)
    return f"Added {user.email}. They can sign in now."


async def _list(storage: AccountStorage, arguments: argparse.Namespace) -> str:
    found = await storage.accounts.list(limit=arguments.limit)
    sys.stdout.write(_ROW.format("email", "created", "last seen", "tasks", "images", "MB", "status"))
    sys.stdout.writelines(map(_line, found))
    return f"{len(found)} account{'s' * (len(found) != 1)}, newest first."


async def _disable(storage: AccountStorage, arguments: argparse.Namespace) -> str:
    await storage.accounts.disable(arguments.email)
    return f"Disabled {arguments.email}. Their sessions and API keys end within a second; submitted tasks are rendered."


async def _enable(storage: AccountStorage, arguments: argparse.Namespace) -> str:
    await storage.accounts.enable(arguments.email)
    return f"Enabled {arguments.email}. They can sign in, and their API keys work again."


async def _reset_password(storage: AccountStorage, arguments: argparse.Namespace) -> str:
    user, password_hash = await ask_for_user(arguments.email)
    await storage.accounts.reset_password(user.email, password_hash=password_hash)
    return f"Set a new password for {user.email}. Their sessions end within a second; their API keys stay valid."


async def _quota(storage: AccountStorage, arguments: argparse.Namespace) -> str:
    """Set the quotas that were given, and show all."""
    given = {each.name: getattr(arguments, each.name) for each in fields(UserQuotas)}
    changed = {name: value or None for name, value in given.items() if value is not None}
    quotas = await storage.accounts.set_quotas(arguments.email, **changed)
    effect = "They apply within a second. " if changed else ""
    return f"Quotas of {arguments.email}: {_describe(quotas) or 'those of the settings'}. {effect}".rstrip()


async def _delete(storage: AccountStorage, arguments: argparse.Namespace) -> str:
    if not arguments.yes:
        await asyncio.to_thread(confirm, arguments.email)
    user_id, objects = await storage.accounts.begin_deletion(arguments.email), await storage.open_objects()
    while (keys := await storage.users.erase_some(user_id)) is not None:
        await objects.discard(keys)
    return f"Deleted {arguments.email} with all images, tasks and outputs."


def _line(account: AccountUsage) -> str:
    return _ROW.format(
        account.email,
        _day(account.created_at),
        _day(account.signed_in_at),
        account.tasks,
        account.images,
        f"{account.bytes / 1_000_000:.1f}",
        ", ".join(filter(None, ["disabled" if account.disabled_at else "active", _describe(account.quotas)])),
    )


def _describe(quotas: UserQuotas) -> str:
    return ", ".join(f"{name.replace('_', '-')}={value}" for name, value in quotas.given.items())


def _quota_value(text: str) -> int:
    """Return 0 for "default"."""
    if text == _DEFAULT:
        return 0
    if not text.isdecimal() or not 0 < int(text) < _MOST:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number of at least 1, or {_DEFAULT!r}")
    return int(text)


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "never"


def _fail(detail: str, *, code: int) -> int:
    sys.stderr.write(f"darkroom: {detail}\n")
    return code


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        allow_abbrev=False,
        description="Administer accounts, in the database of the settings, while the service runs.",
        epilog="Passwords are asked for, or are the first line of standard input.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, description in _COMMANDS:
        command = commands.add_parser(name, help=description, description=description, allow_abbrev=False)
        command.set_defaults(run=run)
        if run is _list:
            command.add_argument("--limit", type=int, default=_LISTED, metavar="N", help="At most N accounts.")
        else:
            command.add_argument("email", metavar="EMAIL")
        if run is _quota:
            for quota in fields(UserQuotas):
                option, text = f"--{quota.name.replace('_', '-')}", f"A number, or {_DEFAULT} for that of the settings."
                command.add_argument(option, type=_quota_value, metavar="N", help=text)
        if run is _delete:
            command.add_argument("--yes", action="store_true", help="Do not ask for confirmation.")
    return parser


_COMMANDS: tuple[tuple[str, Callable[[AccountStorage, argparse.Namespace], Awaitable[str]], str], ...] = (
    ("add", _add, "Add an account, also where registration is closed."),
    ("list", _list, "List accounts with what is stored for them."),
    ("disable", _disable, "End the sessions of an account and reject its API keys; nothing is deleted."),
    ("enable", _enable, "Let a disabled account sign in again."),
    ("reset-password", _reset_password, "Set a new password and end all sessions."),
    ("quota", _quota, "Show or set the quotas of an account that differ from the settings."),
    ("delete", _delete, "Delete an account with its images, tasks and outputs."),
)


if __name__ == "__main__":
    sys.exit(main())
