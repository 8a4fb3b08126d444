"""`darkroom admin`: the operator's commands, beside the service and its database."""

import click

from darkroom.command.server import prepare_server
from darkroom.command.shapes import Command


@click.group()
def admin() -> None:
    """Manage a service from the machine that it runs on, with its settings."""


@admin.command(cls=Command, examples=["darkroom admin add-user me@example.com"])
@click.argument("email")
def add_user(email: str) -> int:
    """Add a user, also where registration is closed.

    The password is asked for, or is the first line of standard input.
    """
    prepare_server()
    from api.users import main  # noqa: PLC0415 - the service is imported by those who run it

    return main(["add", email])


@admin.command(cls=Command, examples=["DARKROOM_DATABASE_URL=postgresql+asyncpg://… darkroom admin migrate"])
def migrate() -> int:
    """Upgrade the schema of the database in the settings."""
    prepare_server()
    from storage.migrate import main  # noqa: PLC0415 - as above

    return main()
