"""`darkroom admin`: the operator's commands, beside the service and its database."""

from pathlib import Path

import click

from darkroom.command.server import check_data, prepare_server
from darkroom.command.shapes import Command

_PROG = "darkroom admin"
_HELP = {"-h", "--help"}
_USERS_EXAMPLES = [
    "darkroom admin users add me@example.com        asks for a password",
    "darkroom admin users list",
    "darkroom admin users reset-password me@example.com < password",
    "darkroom admin users quota me@example.com --open-tasks 50",
    "darkroom admin users delete me@example.com --yes",
]
_BACKUP_EXAMPLES = [
    "darkroom admin backup /mnt/backups",
    "darkroom admin backup --verify /mnt/backups/20261130T120000.000000Z",
]
_RESTORE_EXAMPLES = ["DARKROOM_DATA_DIR=./restored darkroom admin restore /mnt/backups/20261130T120000.000000Z"]
_ORPHANS_EXAMPLES = ["darkroom admin orphans", "darkroom admin orphans --allow 40"]
_DEAD_LETTERS_EXAMPLES = ["darkroom admin dead-letters", "darkroom admin dead-letters --resend 10"]
_MIGRATE_EXAMPLES = ["DARKROOM_DATABASE_URL=postgresql+asyncpg://… darkroom admin migrate"]
_ADOPT_EXAMPLES = ["DARKROOM_DATABASE_URL=… DARKROOM_S3_BUCKET=… darkroom admin adopt"]


class _ServerCommand(Command):
    """A command of the service's packages. Its help needs none of them."""

    def invoke(self, ctx: click.Context) -> object:
        prepare_server()
        return super().invoke(ctx)


class _DataCommand(_ServerCommand):
    """One that looks at the data of a service, which has to be there unless it only shows its help."""

    def invoke(self, ctx: click.Context) -> object:
        given = ctx.params.get("arguments")
        if given is None or (given and not _HELP & {*given}):
            check_data()
        return super().invoke(ctx)


@click.group()
def admin() -> None:
    """Manage a service from the machine that it runs on, with its settings."""


@admin.command(
    cls=_DataCommand,
    examples=_USERS_EXAMPLES,
    short_help="Manage accounts.",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND…")
def users(arguments: tuple[str, ...]) -> int:
    """Add, list, disable, enable and delete accounts, reset passwords, show and set quotas.

    It works also where registration is closed. `darkroom admin users --help` lists the commands.
    """
    from api.users import main  # noqa: PLC0415 - the service is imported by those who run it

    return main(arguments or ["--help"], prog=f"{_PROG} users")


@admin.command(cls=_ServerCommand, examples=_MIGRATE_EXAMPLES)
def migrate() -> int:
    """Upgrade the schema of the database in the settings."""
    from storage.migrate import main  # noqa: PLC0415 - as above

    return main()


@admin.command(cls=_ServerCommand, examples=_BACKUP_EXAMPLES, short_help="Back up the data directory.")
@click.argument("directory", metavar="DIR")
@click.option(
    "--verify", is_flag=True, help="Compare each object of the backup DIR with its SHA-256, and copy nothing."
)
def backup(directory: str, *, verify: bool) -> int:
    """Back up the data directory into a new directory in DIR, while the service runs.

    On real servers, back up PostgreSQL and the bucket with their own tools instead.
    """
    from storage.backup import main  # noqa: PLC0415 - as above

    return main(["verify" if verify else "create", "--", directory], prog=f"{_PROG} backup")


@admin.command(cls=_ServerCommand, examples=_RESTORE_EXAMPLES, short_help="Copy a backup into an empty data directory.")
@click.argument("backup", metavar="BACKUP", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore(backup: Path) -> int:
    """Copy a backup into an empty data directory, and verify each object."""
    from storage.backup import main  # noqa: PLC0415 - as above

    return main(["restore", "--", str(backup)], prog=f"{_PROG} restore")


@admin.command(cls=_DataCommand, examples=_ORPHANS_EXAMPLES)
@click.option("--allow", metavar="N", type=click.IntRange(min=0), help="Let the next collection delete N, once.")
def orphans(allow: int | None) -> int:
    """List objects that no row names, with time and reason."""
    from storage.orphans import main  # noqa: PLC0415 - as above

    return main([] if allow is None else ["--allow", str(allow)], prog=f"{_PROG} orphans")


@admin.command("dead-letters", cls=_ServerCommand, examples=_DEAD_LETTERS_EXAMPLES)
@click.option("--resend", metavar="N", type=click.IntRange(min=1), help="Send the oldest N to the workers again.")
@click.option("--drop", metavar="N", type=click.IntRange(min=1), help="Delete the oldest N.")
def dead_letters(resend: int | None, drop: int | None) -> int:
    """List messages in RabbitMQ that no worker could use. No task is lost with them."""
    if resend and drop:
        raise click.UsageError("Use either --resend or --drop.")
    from broker.dead_letters import main  # noqa: PLC0415 - as above

    given = [part for name, count in (("--resend", resend), ("--drop", drop)) if count for part in (name, str(count))]
    return main(given, prog=f"{_PROG} dead-letters")


@admin.command(cls=_ServerCommand, examples=_ADOPT_EXAMPLES, short_help="Assign the bucket to the database.")
def adopt() -> int:
    """Assign the bucket in the settings to the database in the settings, deliberately. Deletes nothing."""
    from storage.adopt import main  # noqa: PLC0415 - as above

    return main()
