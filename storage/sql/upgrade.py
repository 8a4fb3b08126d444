"""Upgrades the schema of a database. Any number of processes may do it at once."""

from pathlib import Path

from sqlalchemy import Connection

from storage.sql.database import run_blocking

_SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


async def migrate(database_url: str) -> None:
    """Upgrade to the newest revision. Raises DependencyUnavailable if the database cannot be reached."""
    await run_blocking(database_url, _upgrade)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - 100 ms, which a service on PostgreSQL does not need
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
