"""`python -m api.users add EMAIL`: who may sign in where registration is closed. May run beside the service."""

import argparse
import asyncio
import getpass
import sys

from pydantic import ValidationError

from api.accounts.passwords import open_passwords
from api.schemas import NewUserBody
from core.errors import DarkroomError
from core.settings import Settings
from storage import open_users

_REFUSED = 1
_WRONG_ARGUMENTS = 2


def main() -> int:
    """Returns the exit code: 0 when the user is there now, 1 for a taken address, 2 for what is no address."""
    email: str = _parser().parse_args().email
    try:
        asyncio.run(_add(email, _ask_password()))
    except ValidationError as error:
        mistakes = "; ".join(f"{each['loc'][0]}: {each['msg']}" for each in error.errors())
        return _refuse(mistakes, code=_WRONG_ARGUMENTS)
    except DarkroomError as error:
        return _refuse(error.detail, code=_REFUSED)
    sys.stdout.write(f"{email} may sign in.\n")
    return 0


async def _add(email: str, password: str) -> None:
    user = NewUserBody.model_validate({"email": email, "password": password})
    with open_passwords() as passwords:
        password_hash = await passwords.hash(user.password.get_secret_value())
    async with open_users(Settings()) as users:
        await users.create(user.email, password_hash=password_hash)


def _ask_password() -> str:
    """Never an argument or a variable, which other processes can read."""
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")


def _refuse(detail: str, *, code: int) -> int:
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
