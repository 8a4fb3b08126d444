"""Brings a missing server onto this machine: Debian packages where we are root, else Docker Compose."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_COMPOSE_FILE = Path(__file__).with_name("compose.yml")
_POLICY = Path("/usr/sbin/policy-rc.d")
_URLS = {
    "postgres": "postgresql+asyncpg://postgres:postgres@{address}/postgres",
    "redis": "redis://{address}/0",
    "rabbitmq": "amqp://guest:guest@{address}/",
}


def _say(line: str) -> None:
    print(line, file=sys.__stderr__, flush=True)  # it takes minutes, and pytest holds stderr back


def with_apt(package: str) -> bool:
    """True when the package is there now. Its service is not started: the tests start a server of their own."""
    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0:
        return False
    _say(f"Installing {package} for the tests with apt-get …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _services_held_back():
        for arguments in (["update", "-qq"], ["install", "-qq", "--yes", "--no-install-recommends", package]):
            done = subprocess.run(  # noqa: S603 - fixed arguments
                [apt, *arguments], env=environment, capture_output=True, timeout=300, check=False
            )
    return done.returncode == 0


@contextmanager
def _services_held_back() -> Iterator[None]:
    """Debian's own switch against starting services at installation (policy-rc.d), left as it was found."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()


def _docker(*arguments: str, timeout_seconds: float) -> str | None:
    """What it printed, or None when it failed."""
    docker = shutil.which("docker")
    if not docker:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            [docker, *arguments], capture_output=True, text=True, timeout=timeout_seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def with_compose(name: str, stack: ExitStack, *, answers: Callable[[str], bool]) -> str | None:
    """The URL of a container that goes with the stack, or None where no Docker engine answers."""
    if name not in _URLS:
        return None
    if _docker("compose", "version", timeout_seconds=10) is None or _docker("info", timeout_seconds=10) is None:
        return None
    _say(f"Starting {name} for the tests with Docker Compose …")
    compose = ("compose", "--file", str(_COMPOSE_FILE), "--project-name", f"darkroom-test-{secrets.token_hex(4)}")
    stack.callback(_docker, *compose, "down", "--volumes", timeout_seconds=60)
    if _docker(*compose, "up", "--detach", "--wait", name, timeout_seconds=300) is None:
        raise RuntimeError(f"docker compose could not start {name}")
    ports = {"postgres": "5432", "redis": "6379", "rabbitmq": "5672"}
    url = _URLS[name].format(address=_docker(*compose, "port", name, ports[name], timeout_seconds=10))
    deadline = time.monotonic() + 60
    while not answers(url):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{name} from docker compose does not answer")
        time.sleep(0.5)
    return url
