"""`python -m api.users add EMAIL`: adds a user, also where registration is closed and while the service runs."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Sequence

from pydantic import ValidationError

from api.accounts.passwords import open_passwords
from api.schemas import NewUserBody
from core.errors import DarkroomError
from core.settings import Settings
from core.validation import problems_of
from storage import open_users

_REJECTED = 1
_WRONG_ARGUMENTS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 0 when the user was added, 1 for an address that is taken, 2 for invalid input."""
    email: str = _parser().parse_args(arguments).email
    password = _ask_password()
    if password is None:
        return _fail("The two passwords differ; no user was added.", code=_WRONG_ARGUMENTS)
    try:
        asyncio.run(_add(email, password))
    except ValidationError as error:
        problems = (f"{each.place} {each.message}" for each in problems_of(error, {}))
        return _fail("; ".join(problems), code=_WRONG_ARGUMENTS)
    except DarkroomError as error:
        return _fail(error.detail, code=_REJECTED)
    sys.stdout.write(f"Added {email}. They can sign in now.\n")
    return 0


async def _add(email: str, password: str) -> None:
    user = NewUserBody.model_validate({"email": email, "password": password})
    with open_passwords() as passwords:
        password_hash = await passwords.hash(user.password.get_secret_value())
    async with open_users(Settings()) as users:
        await users.create(user.email, password_hash=password_hash)


def _ask_password() -> str | None:
    """Read the password from the terminal or stdin: other processes can read arguments and variables.

    A terminal shows nothing of it, so it is asked for twice; None if the two differ.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password (at least 8 characters): ")
    return password if getpass.getpass("The same again: ") == password else None


def _fail(detail: str, *, code: int) -> int:
    sys.stderr.write(f"darkroom: {detail}\n")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m api.users", description="Add a user.")
    command = parser.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "add", help="Add a user; the password is asked for, or is the first line of standard input."
    )
    command.add_argument("email", metavar="EMAIL")
    return parser


if __name__ == "__main__":
    sys.exit(main())
