"""Runs Darkroom for a few minutes: embedded, on a free port, with a temporary data directory."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

# Both end what hangs. On a busy machine, the first start of a fresh clone, which compiles everything, takes a minute.
_READY_SECONDS = 300.0
_STOP_SECONDS = 120.0
_SLOW_SECONDS = 10.0


class DemoFailed(Exception):
    """The message says in a line or two what failed."""


@contextmanager
def service() -> Iterator[str]:
    """Yield the URL of a ready service, and stop it afterwards. Raises DemoFailed where it does not start or stop."""
    with tempfile.TemporaryDirectory(prefix="darkroom-demo-") as directory:
        log = Path(directory) / "log"
        url, process = _start(directory, log)
        try:
            _wait_until_ready(url, process, log)
            yield url
        finally:
            code = _stop(process)
        if code != 0:
            raise DemoFailed(f"The service did not stop cleanly (exit code {code}):\n{_tail(log)}")


def _start(directory: str, log: Path) -> tuple[str, subprocess.Popen[bytes]]:
    """Starts it with the defaults, whatever DARKROOM_… variables the user has set for another service."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DARKROOM_")}
    settings = {"DARKROOM_PORT": port, "DARKROOM_DATA_DIR": str(Path(directory) / "data")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "api"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**inherited, **settings},
            cwd=Path(__file__).parent.parent,
        )
    return f"http://127.0.0.1:{port}", process


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    if _is_ready_within(_SLOW_SECONDS, url, process, log):
        return
    sys.stdout.write("It takes longer than usual: the first start compiles the code, and this machine is busy.\n")
    sys.stdout.flush()
    if not _is_ready_within(_READY_SECONDS, url, process, log):
        raise DemoFailed(f"The service was not ready after {_READY_SECONDS:.0f} s:\n{_tail(log)}")


def _is_ready_within(seconds: float, url: str, process: subprocess.Popen[bytes], log: Path) -> bool:
    deadline = time.monotonic() + seconds
    while not _is_ready(url):
        if process.poll() is not None:
            raise DemoFailed(f"The service did not start:\n{_tail(log)}")
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    try:
        return process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])
