"""What is read on the event loop, and which directories are made and flushed."""

import os
from pathlib import Path

import pytest

from core.errors import ImageTooLarge, SourceMissing
from storage.objects import file_system

DATA = b"0123456789"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(DATA)
    return path


def publish(directory: Path, target: Path, *, fsync: bool = True) -> None:
    draft = directory / "draft"
    file = file_system.create(draft)
    file_system.append(file, memoryview(DATA))
    file_system.publish(file, draft, target, fsync=fsync)


def test_a_small_file_in_memory_is_read_at_once(source: Path) -> None:
    assert file_system.read_cached(source, max_bytes=len(DATA)) == DATA


def test_a_larger_file_is_left_to_a_thread(source: Path) -> None:
    assert file_system.read_cached(source, max_bytes=len(DATA) - 1) == b""


def test_a_missing_file_is_left_to_a_thread_which_reports_it(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert file_system.read_cached(missing, max_bytes=len(DATA)) == b""
    with pytest.raises(SourceMissing):
        file_system.read(missing, max_bytes=len(DATA))


def test_a_file_above_the_limit_is_not_read(source: Path) -> None:
    assert file_system.read(source, max_bytes=len(DATA)) == DATA
    with pytest.raises(ImageTooLarge):
        file_system.read(source, max_bytes=len(DATA) - 1)


@pytest.mark.parametrize("key", ["a", "new/a", "new/newer/a"])
def test_the_directories_of_an_object_are_made(tmp_path: Path, key: str) -> None:
    publish(tmp_path, tmp_path / "objects" / key)
    assert (tmp_path / "objects" / key).read_bytes() == DATA
    assert [each.name for each in tmp_path.iterdir()] == ["objects"]


def test_a_new_directory_is_flushed_and_so_is_the_one_that_lists_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
    )
    (tmp_path / "outputs").mkdir()
    publish(tmp_path, tmp_path / "outputs" / "task" / "1.jpg")
    publish(tmp_path, tmp_path / "outputs" / "task" / "2.jpg")
    assert flushed == ["draft", "task", "outputs", "draft", "task"]
