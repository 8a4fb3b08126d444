"""Upgrades the schema of a database. Any number of processes may do it at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from storage.sql.database import run_blocking

_SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


async def migrate(database_url: str) -> None:
    """Upgrade to the newest revision. Raises DependencyUnavailable if the database cannot be reached."""
    await run_blocking(database_url, _upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
