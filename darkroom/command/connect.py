"""Opens the client for a command, and turns its errors into messages with the next step."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from darkroom import Client, client
from darkroom.command.exits import NOT_SIGNED_IN, SERVER_AWAY, SOME_FAILED, USAGE, CommandError
from darkroom.credentials import find_login

_RETRY_SECONDS = 5.0  # somebody is waiting at a terminal


@contextmanager
def connected(url: str | None = None) -> Iterator[Client]:
    with translated(), Client(url, retry_seconds=_RETRY_SECONDS) as opened:
        yield opened


@contextmanager
def translated() -> Iterator[None]:
    """Raise CommandError for the errors of the client."""
    try:
        yield
    except client.DarkroomError as error:
        raise command_error(error) from error


def command_error(error: client.DarkroomError) -> CommandError:
    for kind, code, describe in _ERRORS:
        if isinstance(error, kind):
            return CommandError(describe(error), code=code)
    return CommandError(str(error), code=SOME_FAILED)


def _not_signed_in(error: client.DarkroomError) -> str:
    if isinstance(error, client.Rejected) and error.code == "invalid_credentials":
        return str(error)
    if os.environ.get("DARKROOM_TOKEN"):
        return "The token in DARKROOM_TOKEN is invalid, expired or revoked. Set it to a valid API key."
    found = find_login()
    if found.token is None:
        return (
            f"You are not signed in to {found.url}. Sign in with `darkroom login`, or set DARKROOM_TOKEN to an API key."
        )
    return f"The API key for {found.url} is invalid, expired or revoked. Sign in again with `darkroom login`."


def _not_allowed(error: client.DarkroomError) -> str:
    if isinstance(error, client.Rejected) and error.code != "insufficient_scope":
        return str(error)
    return f"{error} `darkroom login` makes a key that may do everything but manage the account."


def _away(error: client.DarkroomError) -> str:
    return f"{error}. Start a service with `darkroom up`, or set DARKROOM_URL to the URL of another."


_ERRORS: tuple[tuple[type[client.DarkroomError], int, Callable[[client.DarkroomError], str]], ...] = (
    (client.NotSignedIn, NOT_SIGNED_IN, _not_signed_in),
    (client.NotAllowed, NOT_SIGNED_IN, _not_allowed),
    (client.ServerAway, SERVER_AWAY, _away),
    (client.Busy, SERVER_AWAY, lambda error: f"{error} Try again later."),
    (client.Invalid, USAGE, str),
    (client.InvalidUrl, USAGE, str),
    (client.NotDarkroom, SERVER_AWAY, str),
)
