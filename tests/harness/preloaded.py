"""Services that are forked from a process which has imported them: a start of its own takes 2 to 4 s of CPU for that.

A fork differs from a start of its own in what is done at import, where our services do not read the environment. The
tests of the commands, of `make demo`, of the page's documents and of the installed wheel start processes of their own.
"""

import mmap
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from core import failpoints

_SERVICES = ("api.__main__", "worker.__main__")
_IMPORTED_LATER = ("alembic.command", "alembic.context", "alembic.runtime.migration", "fakeredis", "numpy")
_forkserver = multiprocessing.get_context("forkserver")
_forkserver.set_forkserver_preload([*_SERVICES, *_IMPORTED_LATER, __name__])


def start_afresh(module: str, *, environment: Mapping[str, str], directory: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start `python -m module` in the ordinary way, as for a measurement."""
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", module],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=environment,
        )


class PreloadedProcess:
    """`python -m module`, with what the tests use of subprocess.Popen."""

    def __init__(self, module: str, *, environment: Mapping[str, str], directory: Path, log: Path) -> None:
        """Start it. Both of its outputs go to `log`."""
        self._process = _forkserver.Process(target=_run, args=(module, dict(environment), directory, log), daemon=False)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code. Raises TimeoutExpired."""
        self._process.join(timeout)
        if (code := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def send_signal(self, signal_number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal_number)


def _run(module: str, environment: Mapping[str, str], directory: Path, log: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(directory)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.close(output)
    sys.argv = [module]
    failpoints._visits = mmap.mmap(-1, 8)  # noqa: SLF001 - it is made at import, and all forks would share it
    runpy.run_module(module, run_name="__main__", alter_sys=True)
