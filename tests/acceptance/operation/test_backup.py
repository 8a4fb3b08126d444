"""A backup of the embedded deployment: made under load, verified, and restored into a new data directory."""

import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harness.client import Client, Json, download, sample_image
from tests.harness.commands import run_module
from tests.harness.deployment import Deployment, deployed, embedded_settings

INVERT = [{"filter": "invert"}]


def backup(*arguments: str | Path, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return run_module("storage.backup", *arguments, settings=settings)


@contextmanager
def running(directory: Path) -> Iterator[tuple[Deployment, Client]]:
    directory.mkdir(exist_ok=True)
    with deployed(embedded_settings(directory), directory) as deployment:
        deployment.start_api()
        with Client(deployment.url) as client:
            yield deployment, client


def only_backup(directory: Path) -> Path:
    [found] = directory.iterdir()
    return found


@pytest.fixture
def source(tmp_path: Path) -> Iterator[tuple[Deployment, Client, Json]]:
    with running(tmp_path / "source") as (deployment, client):
        task, _ = client.run(sample_image(), INVERT)
        yield deployment, client, task


def test_a_backup_under_load_is_restored(source: tuple[Deployment, Client, Json], tmp_path: Path) -> None:
    deployment, client, task = source
    with ThreadPoolExecutor(1) as thread:
        submitted = thread.submit(lambda: [client.submit(sample_image(), INVERT) for _ in range(20)])
        done = backup("create", tmp_path / "backups", settings=deployment.settings)
        submitted.result()
    assert done.returncode == 0, done.stdout + done.stderr
    restored = {**embedded_settings(tmp_path / "restored"), "DARKROOM_PORT": deployment.settings["DARKROOM_PORT"]}
    done = backup("restore", only_backup(tmp_path / "backups"), settings=restored)
    assert done.returncode == 0, done.stdout + done.stderr
    deployment.stop()
    with deployed(restored, tmp_path) as other:
        other.start_api()
        client.sign_in()
        tasks = client.http.get("/v1/tasks", params={"limit": 100}).json()["items"]
        assert task["task_id"] in {each["task_id"] for each in tasks}
        assert {client.ended(each)["status"] for each in tasks} == {"succeeded"}
        assert download(task)  # by a link of before: the key that signs links is restored too


def inodes(found: Path) -> dict[str, int]:
    """The files of the images and outputs in a backup, by key."""
    return {str(path.relative_to(found)): path.stat().st_ino for path in found.glob("objects/*/**/*") if path.is_file()}


def test_unchanged_objects_are_linked(source: tuple[Deployment, Client, Json], tmp_path: Path) -> None:
    deployment, client, _ = source
    backup("create", tmp_path / "backups", settings=deployment.settings)
    client.run(sample_image(), INVERT)
    backup("create", tmp_path / "backups", settings=deployment.settings)
    first, second = sorted((tmp_path / "backups").iterdir())
    old, new = inodes(first), inodes(second)
    assert len(old) >= 2
    assert old.items() < new.items()


def test_a_damaged_backup_is_reported(source: tuple[Deployment, Client, Json], tmp_path: Path) -> None:
    deployment, _, task = source
    backup("create", tmp_path / "backups", settings=deployment.settings)
    found = only_backup(tmp_path / "backups")
    [output] = found.glob("objects/outputs/*/*")
    output.write_bytes(output.read_bytes()[:-1] + b"\0")
    done = backup("verify", found, settings=deployment.settings)
    assert done.returncode == 1
    assert f"The object of task {task['task_id']} is damaged" in done.stdout
    output.unlink()
    assert "is missing: outputs/" in backup("verify", found, settings=deployment.settings).stdout
    (found / "darkroom.db").write_bytes(b"no database" * 1000)
    assert "darkroom.db cannot be read" in backup("verify", found, settings=deployment.settings).stdout


def test_a_restore_replaces_nothing(source: tuple[Deployment, Client, Json], tmp_path: Path) -> None:
    deployment, _, _ = source
    backup("create", tmp_path / "backups", settings=deployment.settings)
    found = only_backup(tmp_path / "backups")
    assert "Another process uses" in backup("restore", found, settings=deployment.settings).stderr
    deployment.stop()
    done = backup("restore", found, settings=deployment.settings)
    assert (done.returncode, "has data" in done.stderr) == (2, True)
    done = backup("restore", tmp_path, settings=embedded_settings(tmp_path / "other"))
    assert (done.returncode, "is not a complete backup" in done.stderr) == (2, True)


def test_what_is_not_embedded_is_not_backed_up(tmp_path: Path) -> None:
    settings = {**embedded_settings(tmp_path), "DARKROOM_DATABASE_URL": "postgresql+asyncpg://db.example/darkroom"}
    done = backup("create", tmp_path / "backups", settings=settings)
    assert (done.returncode, "docs/operations.md" in done.stderr) == (2, True)
    done = backup("create", tmp_path / "backups", settings=embedded_settings(tmp_path / "empty"))
    assert (done.returncode, "There is no Darkroom data" in done.stderr) == (2, True)
