"""Services and commands, forked from a process that has imported them: a start of its own takes 1 to 4 s of CPU for it.

A fork differs from a start of its own in what is done at import, where ours do not read the environment. The tests of
the command `darkroom`, of `make demo`, of the page's documents and of the installed wheel start processes of their own.
"""

import mmap
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
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

    def __init__(  # noqa: PLR0913 - what a process is made of
        self,
        module: str,
        *arguments: str,
        environment: Mapping[str, str],
        directory: Path,
        log: Path,
        errors: Path | None = None,
        stdin: Path = Path(os.devnull),
    ) -> None:
        """Start it. Both of its outputs go to `log`, or the second one to `errors`."""
        streams = (stdin, log, errors or log)
        given = ([module, *arguments], dict(environment), directory, streams)
        self._process = _forkserver.Process(target=_run, args=given, daemon=False)
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


def _run(
    command: Sequence[str], environment: Mapping[str, str], directory: Path, streams: tuple[Path, Path, Path]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(directory)
    _redirect(*streams)
    sys.argv = list(command)
    failpoints._visits = mmap.mmap(-1, 8)  # noqa: SLF001 - it is made at import, and all forks would share it
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)


def _redirect(stdin: Path, stdout: Path, stderr: Path) -> None:
    for descriptor, path in ((0, stdin), (1, stdout), (2, stderr)):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - multiprocessing has closed the one that was there
