"""Fail-points in this process where they raise or sleep, in a child where they kill or stop."""

import asyncio
import mmap
import os
import signal
import subprocess
import sys
import time

import pytest

import core.failpoints
from core.errors import ConfigurationError
from core.failpoints import FailpointReached, blocking_failpoint, check_failpoint_settings, failpoint

CHILD = """
from core.failpoints import blocking_failpoint
for _ in range(3):
    blocking_failpoint("here")
    print("passed", flush=True)
"""


FORKING = """
import os
from core.failpoints import blocking_failpoint
for _ in range(3):
    if not (child := os.fork()):
        blocking_failpoint("here")
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture
def name(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Visits are counted for as long as the process lives: from the start again for each test."""
    monkeypatch.setattr(core.failpoints, "_visits", mmap.mmap(-1, 8))
    monkeypatch.setenv("DARKROOM_TESTING", "1")
    return str(request.node.name)


def _child(setting: str, program: str = CHILD) -> subprocess.Popen[str]:
    environment = os.environ | {"DARKROOM_TESTING": "1", "DARKROOM_FAILPOINT": setting}
    command = [sys.executable, "-c", program]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own words


async def test_that_nothing_happens_unless_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DARKROOM_FAILPOINT", raising=False)
    await failpoint(name)
    monkeypatch.setenv("DARKROOM_FAILPOINT", "elsewhere=raise")
    await failpoint(name)
    blocking_failpoint(name)


async def test_that_the_named_visit_raises(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_FAILPOINT", f"{name}:2=raise")
    await failpoint(name)
    with pytest.raises(FailpointReached, match=name):
        await failpoint(name)
    await failpoint(name)


async def test_that_a_star_means_every_visit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_FAILPOINT", f"{name}:*=raise")
    for _ in range(3):
        with pytest.raises(FailpointReached, match=name):
            await failpoint(name)


def test_that_forked_children_count_together() -> None:
    with _child("here:2=kill", FORKING) as parent:
        out, _ = parent.communicate(timeout=300)
    assert out.split() == ["0", str(-signal.SIGKILL), "0"]


async def test_that_it_sleeps(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_FAILPOINT", f"{name}=sleep")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(failpoint(name), 0.05)


def test_that_a_child_is_killed_at_its_visit() -> None:
    with _child("here:2=kill") as child:
        out, _ = child.communicate(timeout=300)
    assert (out, child.returncode) == ("passed\n", -signal.SIGKILL)


@pytest.mark.parametrize("action", ["stop", "sleep"])
def test_that_a_child_is_held(action: str) -> None:
    with _child(f"here:3={action}") as child:
        assert child.stdout
        assert [child.stdout.readline() for _ in range(2)] == ["passed\n"] * 2
        time.sleep(0.3)
        assert child.poll() is None
        child.kill()
        assert child.stdout.read() == ""


@pytest.mark.parametrize("setting", ["here", "here=explode", "here:1=", "=kill:raise"])
def test_that_an_invalid_setting_is_rejected(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_TESTING", "1")
    monkeypatch.setenv("DARKROOM_FAILPOINT", setting)
    with pytest.raises(ConfigurationError, match="must be"):
        check_failpoint_settings()


def test_that_production_has_no_failpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DARKROOM_TESTING", raising=False)
    monkeypatch.setenv("DARKROOM_FAILPOINT", "here=kill")
    with pytest.raises(ConfigurationError, match="for tests only"):
        check_failpoint_settings()
    monkeypatch.delenv("DARKROOM_FAILPOINT")
    check_failpoint_settings()


def test_that_a_test_may_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_TESTING", "1")
    monkeypatch.setenv("DARKROOM_FAILPOINT", "here:2=kill")
    check_failpoint_settings()
