"""The commands that an operator types: what they ask for, and what they say when something is missing."""

import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from tests.harness.deployment import ROOT, embedded_settings, environment_of_a_user

EMAIL = "operator@example.com"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a directory with the Makefile and what it includes, and nothing that is installed."""
    for makefile in [
        ROOT / "Makefile",
        *(path for path in ROOT.glob("*/**/targets.mk") if not path.relative_to(ROOT).parts[0].startswith(".")),
        ROOT / "infra/check_docker.sh",
    ]:
        target = tmp_path / "copy" / makefile.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(makefile, target)
    return tmp_path / "copy"


def make(directory: Path, *arguments: str, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own Makefile
        [shutil.which("make") or "make", *arguments],
        cwd=directory,
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["up"], "make up: the docker command is missing."),
        (["user"], "Name the user: make user EMAIL=me@example.com"),
        (["migration"], "Describe the change"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_written(
    copy: Path, tmp_path: Path, arguments: list[str], line: str
) -> None:
    before = sorted(copy.rglob("*"))
    done = make(copy, *arguments, path=str(tmp_path))  # where no program is: neither docker nor uv
    assert done.returncode != 0
    assert done.stderr.startswith(line)
    assert sorted(copy.rglob("*")) == before


@pytest.mark.parametrize(
    ("works", "line"),
    [("info", "make up: docker has no Compose plugin."), ("compose", "make up: the Docker engine does not answer.")],
)
def test_what_docker_lacks_is_named(copy: Path, tmp_path: Path, works: str, line: str) -> None:
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(f'#!/bin/sh\n[ "$1" = {works} ]\n')
    docker.chmod(0o755)
    done = make(copy, "up", path=f"{docker.parent}:{os.environ['PATH']}")
    assert done.returncode != 0
    assert done.stderr.startswith(line)


def typed(settings: Mapping[str, str], *lines: str) -> tuple[int, str]:
    """Run the command at a terminal and answer each prompt with a line. Return the exit code and what was shown."""
    ours, its = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "api.users", "add", EMAIL],
        cwd=ROOT,
        env=environment_of_a_user(settings),
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    shown = ""
    for line in lines:
        shown += _read_until(": ", ours)
        os.write(ours, f"{line}\n".encode())
    shown += _read_until(None, ours)
    os.close(ours)
    return process.wait(), shown


def _read_until(end: str | None, terminal: int) -> str:
    """Return what a terminal shows up to `end`, or until the program ends, which Linux reports as an error."""
    shown = ""
    with suppress(OSError):
        while not (end and shown.endswith(end)) and (data := os.read(terminal, 4096)):
            shown += data.decode()
    return shown


@pytest.mark.parametrize(
    ("second", "code", "outcome"),
    [("correct horse", 0, f"Added {EMAIL}"), ("correct hose", 2, "The two passwords differ")],
)
def test_a_password_is_typed_twice(tmp_path: Path, second: str, code: int, outcome: str) -> None:
    found, shown = typed(embedded_settings(tmp_path), "correct horse", second)
    assert "at least 8 characters" in shown.partition("\n")[0]
    assert (found, outcome in shown) == (code, True)
    assert "horse" not in shown
