"""`darkroom admin`: what an operator does beside a service, without a clone and without make."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.harness.client import Client, Json, sample_image
from tests.harness.deployment import ROOT, Deployment, deployed, embedded_settings, environment_of_a_user


def admin(
    *arguments: str | Path, settings: Mapping[str, str], stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "darkroom", "admin", *arguments],
        env=environment_of_a_user(settings),
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployment, Json]]:
    """Yield an embedded service with a task that succeeded."""
    directory = tmp_path_factory.mktemp("admin")
    with deployed(embedded_settings(directory), directory) as deployment:
        deployment.start_api()
        with Client(deployment.url) as client:
            task, _ = client.run(sample_image(), [{"filter": "invert"}])
        yield deployment, task


def test_a_backup_is_made_verified_and_restored(served: tuple[Deployment, Json], tmp_path: Path) -> None:
    deployment, task = served
    made = admin("backup", tmp_path / "backups", settings=deployment.settings)
    assert (made.returncode, made.stderr) == (0, "")
    (backup,) = (tmp_path / "backups").iterdir()
    assert admin("backup", "--verify", backup, settings=deployment.settings).returncode == 0

    data = tmp_path / "restored"
    restored = admin("restore", backup, settings=embedded_settings(data))
    assert restored.returncode == 0, restored.stderr
    assert f"outputs/{task['task_id']}" in "\n".join(str(path) for path in data.rglob("*"))
    again = admin("restore", backup, settings=embedded_settings(data))
    assert (again.returncode, "Traceback" in again.stderr) == (2, False), "it is not empty"


def test_accounts_orphans_and_schema(served: tuple[Deployment, Json]) -> None:
    settings = served[0].settings
    added = admin("users", "add", "new@example.com", settings=settings, stdin="correct horse\n")
    assert added.returncode == 0, added.stderr
    assert "new@example.com" in admin("users", "list", settings=settings).stdout
    assert admin("orphans", settings=settings).stdout.startswith("0 orphans")
    assert "may delete 3 orphans" in admin("orphans", "--allow", "3", settings=settings).stdout
    assert admin("migrate", settings=settings).stdout == "The schema is up to date.\n"
    adopted = admin("adopt", settings=settings)
    assert (adopted.returncode, "Stop it" in adopted.stderr) == (1, True), "the service runs"


def test_a_directory_without_data_is_not_filled(tmp_path: Path) -> None:
    done = admin("users", "list", settings={"XDG_DATA_HOME": str(tmp_path)})
    assert (done.returncode, "for `make run` it is .darkroom in the clone" in done.stderr) == (2, True), done.stderr
    assert admin("users", "delete", "--help", settings={"XDG_DATA_HOME": str(tmp_path)}).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_missing_password_is_said(tmp_path: Path) -> None:
    done = admin("users", "add", "me@example.com", settings=embedded_settings(tmp_path), stdin="")
    assert (done.returncode, done.stderr) == (
        2,
        "darkroom: There is no password on standard input: it is the first line of it.\n",
    )


def test_dead_letters_need_rabbitmq(tmp_path: Path) -> None:
    done = admin("dead-letters", settings=embedded_settings(tmp_path))
    assert (done.returncode, "names no RabbitMQ" in done.stderr) == (1, True)
    done = admin("dead-letters", "--resend", "1", "--drop", "1", settings=embedded_settings(tmp_path))
    assert (done.returncode, "Use either --resend or --drop." in done.stderr) == (2, True)


def test_dead_letters_of_rabbitmq(amqp_url: str, queue_name: str) -> None:
    settings = {"DARKROOM_BROKER_URL": amqp_url, "DARKROOM_BROKER_QUEUE": queue_name}
    done = admin("dead-letters", settings=settings)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), "no service has declared the queue"
