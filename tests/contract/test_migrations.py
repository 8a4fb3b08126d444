"""The revisions make what the schema says, on both databases, and can be taken back."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.sql.upgrade import migrate
from tests.contract.conftest import BOTH_DATABASES
from tests.harness import servers
from tests.harness.deployment import ROOT, environment_of_a_user


def alembic(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - fixed arguments
        [sys.executable, "-m", "alembic", *arguments],
        env=environment_of_a_user({"DARKROOM_DATABASE_URL": database_url}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_revisions_make_what_the_schema_says(database_url: str) -> None:
    done = alembic(database_url, "check")
    assert done.returncode == 0, done.stdout + done.stderr


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    await migrate(database_url)
    assert alembic(database_url, "current", "--check-heads").returncode == 0


@pytest.fixture(params=BOTH_DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/darkroom.db"
        return
    with servers.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


def test_revisions_can_be_taken_back(empty_url: str) -> None:
    for arguments in (["upgrade", "head"], ["downgrade", "base"], ["upgrade", "head"], ["check"]):
        done = alembic(empty_url, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr


def test_many_processes_may_migrate_at_once(empty_url: str) -> None:
    environment = environment_of_a_user({"DARKROOM_DATABASE_URL": empty_url})
    command = [sys.executable, "-m", "storage.migrate"]
    processes = [subprocess.Popen(command, env=environment, cwd=ROOT) for _ in range(4)]  # noqa: S603 - fixed arguments
    assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    assert alembic(empty_url, "check").returncode == 0
