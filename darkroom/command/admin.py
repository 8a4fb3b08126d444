"""`darkroom admin`: the operator's commands, beside the service and its database."""

import click

from darkroom.command.server import prepare_server
from darkroom.command.shapes import Command

_USERS_EXAMPLES = [
    "darkroom admin users add me@example.com        asks for a password",
    "darkroom admin users list",
    "darkroom admin users reset-password me@example.com < password",
]


@click.group()
def admin() -> None:
    """Manage a service from the machine that it runs on, with its settings."""


@admin.command(
    cls=Command,
    examples=_USERS_EXAMPLES,
    add_help_option=False,
    context_settings={"ignore_unknown_options": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND…")
def users(arguments: tuple[str, ...]) -> int:
    """Add, list, disable, enable and delete accounts, also where registration is closed. See users --help."""
    prepare_server()
    from api.users import main  # noqa: PLC0415 - the service is imported by those who run it

    return main(arguments or ["--help"], prog="darkroom admin users")


@admin.command(cls=Command, examples=["DARKROOM_DATABASE_URL=postgresql+asyncpg://… darkroom admin migrate"])
def migrate() -> int:
    """Upgrade the schema of the database in the settings."""
    prepare_server()
    from storage.migrate import main  # noqa: PLC0415 - as above

    return main()
