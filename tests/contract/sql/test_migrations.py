"""The revisions make what the schema says, on both databases, and can be taken back."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from storage.sql.database import run_blocking
from storage.sql.upgrade import migrate
from tests.contract.conftest import BOTH_DATABASES
from tests.harness import fresh
from tests.harness.deployment import ROOT, environment_of_a_user
from tests.harness.servers import in_thread

Work = Callable[[Config], object]


def alembic(database_url: str, *commands: Work) -> None:
    """Run commands of alembic one after the other in this process; raises their errors."""

    def run(connection: Connection, work: Work) -> None:
        config = Config()
        config.set_main_option("script_location", str(ROOT / "migrations"))
        config.attributes["connection"] = connection
        work(config)

    async def run_all() -> None:
        for work in commands:
            await run_blocking(database_url, partial(run, work=work))

    in_thread(run_all)


def test_revisions_make_what_the_schema_says(database_url: str) -> None:
    alembic(database_url, command.check)


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    await migrate(database_url)
    alembic(database_url, lambda config: command.current(config, check_heads=True))


@pytest.fixture(params=BOTH_DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/darkroom.db"
        return
    with fresh.database(request.getfixturevalue("postgres_server")) as url:
        yield url


def test_revisions_can_be_taken_back(empty_url: str) -> None:
    alembic(
        empty_url,
        lambda config: command.upgrade(config, "head"),
        lambda config: command.downgrade(config, "base"),
        lambda config: command.upgrade(config, "head"),
        command.check,
    )


def test_many_processes_may_migrate_at_once(empty_url: str) -> None:
    environment = environment_of_a_user({"DARKROOM_DATABASE_URL": empty_url})
    command_line = [sys.executable, "-m", "storage.migrate"]
    processes = [subprocess.Popen(command_line, env=environment, cwd=ROOT) for _ in range(4)]  # noqa: S603 - fixed arguments
    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    alembic(empty_url, command.check)


def test_the_program_finds_its_revisions(migrated_sqlite: Path) -> None:
    """As `make migration` runs it: by pyproject.toml and the settings."""
    settings = {"DARKROOM_DATABASE_URL": f"sqlite:///{migrated_sqlite}"}
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "current", "--check-heads"],
        env=environment_of_a_user(settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
