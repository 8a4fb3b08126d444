"""What the command of accounts asks an operator for, at a terminal or by standard input."""

import getpass
import sys

from pydantic import BaseModel

from api.accounts.credentials import NewEmail, NewPassword
from api.accounts.passwords import open_passwords


class NewUser(BaseModel):
    email: NewEmail
    password: NewPassword


class WrongInputError(Exception):
    """What was typed is not what was asked for."""


async def ask_for_user(email: str) -> tuple[NewUser, str]:
    """Ask for a password, and return it hashed with the user. Raises ValidationError or WrongInputError."""
    user = NewUser.model_validate({"email": email, "password": _ask_password()})
    with open_passwords() as passwords:
        return user, await passwords.hash(user.password.get_secret_value())


def confirm(email: str) -> None:
    """Ask for the address of an account that is about to be deleted. Raises WrongInputError if it differs."""
    try:
        typed = input(f"Type {email} to delete the account with its images: ")
    except EOFError as error:
        raise WrongInputError("Nothing was deleted. Where nobody can type, add --yes.") from error
    if typed != email:
        raise WrongInputError("The address differs; nothing was deleted.")


def _ask_password() -> str:
    """Read the password from the terminal or stdin: other processes can read arguments and variables.

    A terminal shows nothing of it, so it is asked for twice.
    """
    if not sys.stdin.isatty():
        if not (line := sys.stdin.readline()):
            raise WrongInputError("There is no password on standard input: it is the first line of it.")
        return line.rstrip("\n")
    password = getpass.getpass("Password (at least 8 characters): ")
    if getpass.getpass("The same again: ") != password:
        raise WrongInputError("The two passwords differ; nothing was changed.")
    return password
