"""Forks render processes from one that has Pillow imported: a new one takes milliseconds.

Runs as `python -m rendering.forkserver <control fd> <settings>`. Not multiprocessing's forkserver: that one imports the
service's main module into every child, passes on its environment, and does not report how a child ended.
"""

import importlib
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from rendering.protocol import RenderSettings
from rendering.sandbox.libc import prctl

COMMAND = struct.Struct("=cI")  # FORK, 0, with the child's socket, memory and stderr attached; KILL, pid
EVENT = struct.Struct("=cIi")  # FORKED, pid, 0; ENDED, pid, wait status
FORK, KILL, FORKED, ENDED = b"F", b"K", b"F", b"E"
_PR_SET_PDEATHSIG = 1
_STDERR = 2

type StartChild = Callable[[socket.socket, int], None]


class Forkserver:
    """One loop over its owner's commands and its children's deaths. Ends, children first, when its owner does."""

    def __init__(self, control: socket.socket, start_child: StartChild) -> None:
        self._control = control
        self._start_child = start_child
        self._children: set[int] = set()

    def serve(self) -> None:
        died = _watch_children()
        while True:
            ready, _, _ = select.select([self._control, died], [], [])
            if died in ready:
                died.recv(4096)
                self._report_deaths()
            if self._control in ready and not self._handle_command():
                return

    def kill_children(self) -> None:
        signal.set_wakeup_fd(-1)  # nobody reads it any more
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)

    def _handle_command(self) -> bool:
        """Carry out one command. False: the owner is gone."""
        data, fds, _, _ = socket.recv_fds(self._control, COMMAND.size, 3)
        if not data:
            return False
        command, pid = COMMAND.unpack(data)
        if command == FORK:
            self._fork(fds)
        elif pid in self._children:
            os.kill(pid, signal.SIGKILL)
        return True

    def _fork(self, fds: list[int]) -> None:
        parent = os.getpid()
        pid = os.fork()
        if not pid:
            self._run_child(fds, parent=parent)
        for fd in fds:
            os.close(fd)
        self._children.add(pid)
        self._control.sendall(EVENT.pack(FORKED, pid, 0))

    def _report_deaths(self) -> None:
        with suppress(ChildProcessError):
            while (death := os.waitpid(-1, os.WNOHANG))[0]:
                self._children.discard(death[0])
                self._control.sendall(EVENT.pack(ENDED, *death))

    def _run_child(self, fds: list[int], *, parent: int) -> NoReturn:
        try:
            _die_with_parent(parent)
            _ignore_signals_to_the_group()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for fd in _open_fds() - {0, 1, 2, *fds}:
                os.close(fd)
            os.dup2(fds[2], _STDERR)
            os.close(fds[2])
            self._start_child(socket.socket(fileno=fds[0]), fds[1])
        except OSError:  # the worker is gone
            os._exit(1)
        finally:  # whatever happens, a child never returns into the forkserver's loop
            if error := sys.exception():
                with suppress(OSError):  # its stderr is full
                    sys.excepthook(type(error), error, error.__traceback__)
            os._exit(int(error is not None))


def _die_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _open_fds() -> set[int]:
    return {fd for fd in (int(entry.name) for entry in Path("/dev/fd").iterdir()) if _is_open(fd)}


def _is_open(fd: int) -> bool:
    """Exclude the descriptor that listing the directory opened, which is closed by now."""
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def _watch_children() -> socket.socket:
    ours, signalled = socket.socketpair()
    signalled.settimeout(0)
    signal.set_wakeup_fd(signalled.detach(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return ours


def _ignore_signals_to_the_group() -> None:
    """Leave it to the owner who ends. Repeated in each child: what runs at a fork may have installed handlers."""
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)


def main() -> None:
    _ignore_signals_to_the_group()
    settings = RenderSettings.model_validate_json(sys.argv[2])
    child = importlib.import_module("rendering.child")
    for module in settings.preload:
        importlib.import_module(module)

    def start_child(connection: socket.socket, memory: int) -> None:
        child.serve_requests(connection, memory, settings=settings)

    forkserver = Forkserver(socket.socket(fileno=int(sys.argv[1])), start_child)
    try:
        with suppress(ConnectionError):  # the worker was killed
            forkserver.serve()
    finally:
        forkserver.kill_children()


if __name__ == "__main__":
    main()
