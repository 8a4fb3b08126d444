"""Everything embedded: one process and one directory; nothing of it is lost or left behind."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psutil
import pytest

from core.errors import ConfigurationError, DependencyUnavailable
from core.settings import Settings
from storage import open_accounts, open_storage
from storage.embedded.data_dir import held
from storage.embedded.import_seaweedfs import import_objects, seaweedfs
from tests.harness.deployment import ROOT
from tests.harness.ports import free_twin_port


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_everything_is_there_and_stays_there(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    async with open_storage(settings) as storage:
        assert set((await storage.check()).items()) == {
            (name, "ok") for name in ("database", "object_store", "session_store")
        }
        user = await storage.users.create("owner@example.com", password_hash="unused")
        await storage.objects.put("a", b"data", media_type="image/png", file_name="a.png")
        first = await storage.objects.sign_get("a", media_type="image/png", file_name="a.png")
    async with open_storage(settings) as storage:
        assert await storage.users.get(user.user_id) == user
        assert await storage.objects.get("a", max_bytes=10) == b"data"
        again = await storage.objects.sign_get("a", media_type="image/png", file_name="a.png")
    assert again.url.partition("?")[0] == first.url.partition("?")[0]  # links outlive a restart


async def test_nobody_else_on_the_machine_can_read_it(tmp_path: Path) -> None:
    """Also in a data directory that was open to others before."""
    async with open_storage(Settings(data_dir=tmp_path)) as storage:
        await storage.objects.put("outputs/a/1.png", b"data", media_type="image/png", file_name="a.png")
    open_to_others(tmp_path)
    async with open_storage(Settings(data_dir=tmp_path)) as storage:
        await storage.objects.put("outputs/b/1.png", b"data", media_type="image/png", file_name="b.png")
        await storage.users.create("owner@example.com", password_hash="unused")
        assert (tmp_path / "darkroom.db-wal").exists()
        assert modes(tmp_path) == ({0o700}, {0o600})


async def test_nobody_else_can_read_what_a_command_makes(tmp_path: Path) -> None:
    """`make user` may come before the first start."""
    for data_dir in (tmp_path / "new", tmp_path / "old"):
        if data_dir.name == "old":
            data_dir.mkdir(mode=0o755)
        async with open_accounts(Settings(data_dir=data_dir)) as storage:
            await storage.users.create("owner@example.com", password_hash="unused")
            assert modes(data_dir) == ({0o700}, {0o600})


async def test_links_out_of_the_data_directory_are_not_followed(tmp_path: Path) -> None:
    """A link that another user planted in it before changes no mode elsewhere."""
    (tmp_path / "others").mkdir(mode=0o755)
    (tmp_path / "others" / "program").touch(mode=0o755)
    data_dir = tmp_path / "data"
    (data_dir / "objects").mkdir(parents=True)
    (data_dir / "objects" / "link").symlink_to(tmp_path / "others" / "program")
    (data_dir / "objects" / "links").symlink_to(tmp_path / "others")
    (data_dir / "objects-incomplete").symlink_to(tmp_path / "others")
    open_to_others(data_dir)
    async with open_storage(Settings(data_dir=data_dir)):
        assert {mode(path) for path in (tmp_path / "others", tmp_path / "others" / "program")} == {0o755}


def open_to_others(data_dir: Path) -> None:
    for path in (data_dir, *data_dir.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o777 if path.is_dir() else 0o666)
    for name in ("darkroom.db", "darkroom.db-wal", "darkroom.db-shm"):
        (data_dir / name).touch()
        (data_dir / name).chmod(0o666)


def modes(data_dir: Path) -> tuple[set[int], set[int]]:
    """Of its directories, and of its files."""
    found = (data_dir, *data_dir.rglob("*"))
    return {mode(path) for path in found if path.is_dir()}, {mode(path) for path in found if path.is_file()}


async def test_nothing_listens(tmp_path: Path) -> None:
    """Another user of this machine, or a web page open in a browser on it, finds no port of a store."""
    before = listening()
    async with open_storage(Settings(data_dir=tmp_path)):
        assert listening() == before


def listening() -> set[tuple[int, int]]:
    """Pid and port of this process and of all that it has started."""
    own = psutil.Process()
    return {
        (process.pid, found.laddr.port)
        for process in (own, *own.children(recursive=True))
        for found in process.net_connections()
        if found.status == psutil.CONN_LISTEN
    }


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
    async with open_storage(Settings(data_dir=tmp_path)) as storage:
        for owner_id, task_id, image_id in safe:
            task = await storage.tasks.get(task_id, owner_id=owner_id)
            assert task
            assert task.image_id == image_id
            assert await storage.objects.get(task.source_key, max_bytes=100_000) == image_id.bytes * 5000
        kept = {found.key async for found in storage.objects.list("sources/")}
        await storage.objects.abort_stale_uploads(older_than_seconds=0)
        assert list((tmp_path / "objects-incomplete").iterdir()) == []
        assert {found.key async for found in storage.objects.list("sources/")} == kept


def test_a_second_process_is_rejected(tmp_path: Path) -> None:
    script = "import sys, pathlib, storage.embedded.data_dir as e\nwith e.held(pathlib.Path(sys.argv[1])): pass"
    command = [sys.executable, "-c", script, str(tmp_path)]
    with held(tmp_path):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        assert f"ConfigurationError: Another process uses the data directory {tmp_path}" in done.stderr
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stderr


async def test_a_data_directory_that_cannot_be_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be used"):
        async with open_storage(Settings(data_dir=tmp_path / "file" / "data")):
            pass


async def test_a_full_disk_is_named_and_keeps_no_half(tmp_path: Path) -> None:
    with small_disk(tmp_path / "data") as data_dir:
        async with open_storage(Settings(data_dir=data_dir)) as storage:
            await storage.objects.put("sources/a", bytes(500_000), media_type="image/png", file_name="a.png")
            with pytest.raises(DependencyUnavailable, match="No space left on device"):
                await storage.objects.put("sources/b", bytes(5_000_000), media_type="image/png", file_name="b.png")
            assert [found.key async for found in storage.objects.list("sources/")] == ["sources/a"]
            assert list((data_dir / "objects-incomplete").iterdir()) == []
            assert len(await storage.objects.get("sources/a", max_bytes=2**20)) == 500_000
            (data_dir / "filler").write_bytes(bytes(free_bytes(data_dir) - 200_000))  # too little for most images
            assert "No space left on device" in (await storage.check())["object_store"]


async def test_a_copy_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "data") as data_dir:
        async with open_storage(Settings(data_dir=data_dir)) as storage:
            await storage.objects.put("sources/a", bytes(60_000), media_type="image/png", file_name="a.png")
            (data_dir / "filler").write_bytes(bytes(free_bytes(data_dir) - 40_000))
            with pytest.raises(DependencyUnavailable, match="No space left on device"):
                await storage.objects.copy("sources/a", "sources/b", media_type="image/png", file_name="b.png")
            assert [found.key async for found in storage.objects.list("sources/")] == ["sources/a"]
            assert list((data_dir / "objects-incomplete").iterdir()) == []


async def test_a_disk_that_becomes_read_only_is_named(tmp_path: Path) -> None:
    with small_disk(tmp_path / "data") as data_dir:
        async with open_storage(Settings(data_dir=data_dir)) as storage:
            await storage.objects.put("sources/a", b"data", media_type="image/png", file_name="a.png")
            with read_only(data_dir):
                with pytest.raises(DependencyUnavailable, match="Read-only file system"):
                    await storage.objects.put("sources/b", b"data", media_type="image/png", file_name="b.png")
                with pytest.raises(DependencyUnavailable, match="Read-only file system"):
                    await storage.objects.delete(["sources/a"])
                assert await storage.objects.get("sources/a", max_bytes=10) == b"data"


async def test_the_objects_of_an_earlier_version_are_imported(tmp_path: Path) -> None:
    """Until then the service does not start: it would find a database without its objects."""
    stored = {f"sources/{n}": os.urandom(10_000 * n + 1) for n in range(4)}
    await asyncio.to_thread(store_in_seaweedfs, tmp_path, stored)
    with pytest.raises(ConfigurationError, match="make import-objects"):
        async with open_storage(Settings(data_dir=tmp_path)):
            pass
    assert await asyncio.to_thread(import_objects, tmp_path) == len(stored)
    async with open_storage(Settings(data_dir=tmp_path)) as storage:
        for key, data in stored.items():
            assert await storage.objects.get(key, max_bytes=2**20) == data
    assert not (tmp_path / "object-store").exists()


def store_in_seaweedfs(data_dir: Path, stored: dict[str, bytes]) -> None:
    """As the versions before did."""
    directory = data_dir / "object-store"
    (directory / "data").mkdir(parents=True)
    ports = {name: free_twin_port() for name in ("master", "volume", "filer", "s3", "admin")}
    identity = {"access_key_id": "old", "secret_access_key": "secret", "ports": ports}
    (directory / "identity.json").write_text(json.dumps(identity))
    with seaweedfs(directory) as client:
        client.create_bucket(Bucket="darkroom")
        for key, data in stored.items():
            client.put_object(Bucket="darkroom", Key=key, Body=data)


@contextmanager
def small_disk(directory: Path) -> Iterator[Path]:
    """4 MiB of memory, as a file system of its own."""
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", str(directory)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:  # noqa: S603 - our own
        pytest.skip("needs the right to mount a file system")
    try:
        yield directory
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)  # noqa: S603, S607 - our own


@contextmanager
def read_only(directory: Path) -> Iterator[None]:
    """SQLite's files stay open for writing, which forbids it for the whole: only the objects become read-only."""
    objects = [str(directory / name) for name in ("objects", "objects-incomplete")]
    for path in objects:
        subprocess.run(["mount", "--bind", path, path], check=True)  # noqa: S603, S607 - our own
        subprocess.run(["mount", "-o", "remount,ro,bind", path], check=True)  # noqa: S603, S607 - our own
    try:
        yield
    finally:
        for path in objects:
            subprocess.run(["umount", "--lazy", path], check=True)  # noqa: S603, S607 - our own


def free_bytes(directory: Path) -> int:
    found = os.statvfs(directory)
    return found.f_bavail * found.f_frsize
