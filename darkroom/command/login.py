"""`darkroom login`, `logout` and `whoami`."""

import json
import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from darkroom.command.exits import NOT_SIGNED_IN, USAGE, CommandError
from darkroom.command.options import json_option
from darkroom.command.shapes import Command
from darkroom.credentials import Login, discard_damaged_logins, find_login, forget_login, store_login

if TYPE_CHECKING:
    from darkroom import Client

_LOGIN_EXAMPLES = [
    "darkroom login                                     asks for email and password",
    "darkroom login https://images.example.com",
    "darkroom login --new --email me@example.com        creates the account first",
    "darkroom login --email me@example.com < password   for scripts",
]


@click.command(cls=Command, examples=_LOGIN_EXAMPLES)
@click.argument("url", required=False)
@click.option("--email", help="Email address of the account; asked for unless given.")
@click.option("--new", is_flag=True, help="Create the account first.")
def login(url: str | None, email: str | None, *, new: bool) -> int:
    """Sign in to a service, and keep an API key that only you can read.

    URL is DARKROOM_URL, the service of the last login, or http://127.0.0.1:8000 unless given. The key may read,
    write and sign delivery URLs; it cannot change the account. DARKROOM_TOKEN, if set, is used in its place.
    """
    from darkroom.command.connect import connected  # noqa: PLC0415 - 100 ms

    discard_damaged_logins()
    with connected(url) as client:
        email, password = _ask(client, email, new=new)
        kept = _make_key(client, email, password, new=new)
    file = store_login(kept)
    place = str(file).replace(str(Path.home()), "~") if file else "the keyring of this system"
    click.echo(f"Signed in to {kept.url} as {email}. The API key is in {place}.", err=True)
    if os.environ.get("DARKROOM_TOKEN"):
        click.echo("DARKROOM_TOKEN is set and is used in its place.", err=True)
    return 0


def _ask(client: "Client", email: str | None, *, new: bool) -> tuple[str, str]:
    """Ask at a terminal; otherwise the password is the first line of standard input."""
    if not sys.stdin.isatty():
        if email is None:
            raise CommandError("Name the account with --email: standard input is no terminal.", code=USAGE)
        if not (line := sys.stdin.readline()):
            raise CommandError("There is no password on standard input: it is the first line of it.", code=USAGE)
        return email, line.rstrip("\n")
    click.echo(f"{'Create an account at' if new else 'Sign in to'} {client.login.url}", err=True)
    email = email or click.prompt("Email", err=True)
    password = click.prompt(
        "Password", hide_input=True, err=True, confirmation_prompt="The same again" if new else False
    )
    return email, password


def _make_key(client: "Client", email: str, password: str, *, new: bool) -> Login:
    """Use a session for as long as this takes. The account gets what delivery URLs are signed with, too."""
    from darkroom.client import account  # noqa: PLC0415 - 100 ms

    if new:
        client.register(email, password)
    client.sign_in(email, password)
    key = client.run(account.create_key(f"darkroom on {platform.node() or 'a machine'}"[:100], account.SCOPES))
    if not client.run(account.count_delivery_keys()):
        client.run(account.create_delivery_key())
    client.run(account.sign_out())
    return Login(url=client.login.url, token=key.key, key_id=key.key_id, email=email)


@click.command(cls=Command, examples=["darkroom logout"])
@click.option("--keep-key", is_flag=True, help="Forget the key here, without revoking it; asks for no password.")
def logout(*, keep_key: bool) -> int:
    """Revoke the API key of this machine and forget it. A key revokes nothing, so the password is asked for."""
    current = find_login()
    if current.key_id is None or current.email is None:
        raise CommandError(f"There is no login to {current.url} to end. See `darkroom whoami`.", code=NOT_SIGNED_IN)
    if not keep_key:
        _revoke(current.url, current.email, current.key_id)
    forget_login(current.url)
    click.echo(f"Signed out of {current.url}.", err=True)
    return 0


def _revoke(url: str, email: str, key_id: str) -> None:
    from darkroom.client import NotFound, account  # noqa: PLC0415 - 100 ms
    from darkroom.command.connect import connected  # noqa: PLC0415 - as above

    with connected(url) as client:
        client.sign_in(*_ask(client, email, new=False))
        try:
            client.run(account.revoke_key(key_id))
        except NotFound:
            click.echo("The key was revoked before.", err=True)
        client.run(account.sign_out())


@click.command(cls=Command, examples=["darkroom whoami", "darkroom whoami --json"])
@json_option
def whoami(*, as_json: bool) -> int:
    """Show the service and the account in use, after checking that its key is valid."""
    from darkroom.client.operations import list_page  # noqa: PLC0415 - 100 ms
    from darkroom.command.connect import connected  # noqa: PLC0415 - as above

    with connected() as client:
        client.run(list_page("tasks", cursor=None, limit=1))
        found = client.login
    if as_json:
        click.echo(json.dumps({"url": found.url, "email": found.email, "key_id": found.key_id}))
    else:
        click.echo(f"{found.email or 'the token in DARKROOM_TOKEN'} at {found.url}")
    return 0
