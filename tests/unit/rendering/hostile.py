"""Hostile code in place of a filter: the forkserver of a test preloads this module, no other process ever does."""

import ctypes
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from PIL import Image

import imaging.pipeline.parse
from core.errors import InvalidStep
from imaging.filters import CATALOGUE
from imaging.filters.base import Filter

_held: list[int] = []


class Hostile(Filter):
    summary: ClassVar[str] = "Does what no filter may do."

    act: str
    argument: str = ""

    def apply(self, image: Image.Image) -> Image.Image:
        return _ACTS[self.act](image, self.argument)


def _die(_image: Image.Image, argument: str) -> Image.Image:
    os.kill(os.getpid(), getattr(signal, argument))
    raise AssertionError


def _hang(_image: Image.Image, _argument: str) -> Image.Image:
    time.sleep(3600)
    raise AssertionError


def _nap(image: Image.Image, argument: str) -> Image.Image:
    time.sleep(float(argument))
    return image


def _grab_memory(_image: Image.Image, _argument: str) -> Image.Image:
    bytearray(4 * 2**30)
    raise AssertionError


def _exit(_image: Image.Image, _argument: str) -> Image.Image:
    os._exit(0)


def _burn(_image: Image.Image, _argument: str) -> Image.Image:
    while True:
        pass


def _write_much(_image: Image.Image, _argument: str) -> Image.Image:
    """Into the shared memory, the one thing that is there to be written to."""
    for fd in range(3, 10):
        with suppress(OSError):
            os.pwrite(fd, b"x", 2**29)
            raise AssertionError
    raise InvalidStep("refused")


def _open_many(image: Image.Image, argument: str) -> Image.Image:
    _held.extend(os.open(argument, os.O_RDONLY) for _ in range(100))
    return image


def _answer_nonsense(_image: Image.Image, argument: str) -> Image.Image:
    for fd in range(3, 10):
        try:
            os.write(fd, argument.encode() + b"\n")
        except OSError:
            continue
    time.sleep(3600)
    raise AssertionError


def _attempt(_image: Image.Image, argument: str) -> Image.Image:
    """Tells in an error what came of an attack, since nothing else gets out of here."""
    name, _, target = argument.partition(" ")
    try:
        came_of_it = f"succeeded: {_ATTACKS[name](target)!r}"
    except OSError as error:
        came_of_it = f"refused: {error}"
    raise InvalidStep(came_of_it)


def _checked(result: int) -> int:
    if result in {-1, 0xFFFFFFFF}:
        raise OSError(ctypes.get_errno(), "system call")
    return result


def _calls(numbers: str) -> dict[int, list[int]]:
    """System calls by their numbers, with arguments that no kernel does anything with: which error each ended in."""
    ended: dict[int, list[int]] = {}
    for number in map(int, numbers.split()):
        ctypes.set_errno(0)
        _libc.syscall(*(ctypes.c_long(each) for each in (number, -1, -1, -1, -1, -1, -1)))
        ended.setdefault(ctypes.get_errno(), []).append(number)
    return ended


def _write(path: str) -> int:
    return Path(path).write_text("I was here")


def _append(path: str) -> int:
    with Path(path).open("ab", buffering=0) as file:
        return file.write(b"I was here")


def _connect(address: str) -> None:
    host, _, port = address.rpartition(":")
    socket.create_connection((host, int(port)), timeout=2)


def _shell(command: str) -> int:
    return _checked(-1 if os.system(command) else 0)  # noqa: S605 - that is the point


def _exec(program: str) -> None:
    os.execv(program, [program, "-c", "kill -9 $PPID"])  # noqa: S606


def _clone_process(_: str) -> int:
    """As `fork` does it in C, past what Python checks."""
    if (pid := _libc.fork()) == 0:
        os._exit(0)
    return _checked(pid)


def _work_in_a_thread(_: str) -> list[str]:
    """No attack: codecs have threads, and these stand behind the same walls."""
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(_in_thread()))
    thread.start()
    thread.join()
    return found


def _in_thread() -> str:
    try:
        socket.socket()
    except OSError:
        return "walled in"
    return "free"


def _leftover(marker: str) -> str:
    """Looks for the image of the render before in what this process has open."""
    for descriptor in range(3, 10):
        with suppress(OSError):
            if marker.encode() in os.pread(descriptor, 2**25, 0):
                return f"descriptor {descriptor} holds {marker}"
    return "nothing"


_libc = ctypes.CDLL(None, use_errno=True)

_ATTACKS: dict[str, Callable[[str], object]] = {
    "leftover": _leftover,
    "socket": lambda family: socket.socket(getattr(socket, family)),
    "socketpair": lambda _: socket.socketpair(),
    "connect": _connect,
    "shell": _shell,
    "exec": _exec,
    "spawn": lambda program: os.posix_spawn(program, [program], {}),
    "subprocess": lambda program: subprocess.run([program], check=True),  # noqa: S603
    "fork": lambda _: os.fork(),
    "clone": _clone_process,
    "read": lambda path: len(Path(path).read_bytes()),
    "list": lambda path: list(Path(path).iterdir()),
    "write": _write,
    "append": _append,
    "make": lambda path: Path(path).mkdir(),
    "unlink": lambda path: Path(path).unlink(),
    "rename": lambda path: Path(path).rename(path + "-2"),
    "chmod": lambda path: Path(path).chmod(0o777),
    "link": lambda path: Path(path + "-2").symlink_to(path),
    "truncate": lambda path: os.truncate(path, 0),
    "kill": lambda pid: os.kill(int(pid), signal.SIGKILL),
    "calls": _calls,
    "environment": lambda _: dict(os.environ),
    "thread": _work_in_a_thread,
}


def _write_to_stdout(image: Image.Image, argument: str) -> Image.Image:
    os.write(1, argument.encode())
    return image


def _write_to_stderr(image: Image.Image, argument: str) -> Image.Image:
    os.write(2, argument.encode())
    return image


def _flood_stderr(image: Image.Image, argument: str) -> Image.Image:
    """More than any pipe holds, by the C library as decoders do it."""
    libc = ctypes.CDLL(None)
    for _ in range(2000):
        libc.dprintf(2, b"%s", argument.encode() * 1024)
    return image


def _escape(_image: Image.Image, argument: str) -> Image.Image:
    """No Exception: it ends the child."""
    raise KeyboardInterrupt(argument)


_ACTS: dict[str, Callable[[Image.Image, str], Image.Image]] = {
    "die": _die,
    "hang": _hang,
    "nap": _nap,
    "grab memory": _grab_memory,
    "exit": _exit,
    "burn": _burn,
    "attempt": _attempt,
    "write much": _write_much,
    "open many": _open_many,
    "answer nonsense": _answer_nonsense,
    "write to stdout": _write_to_stdout,
    "write to stderr": _write_to_stderr,
    "flood stderr": _flood_stderr,
    "escape": _escape,
}

setattr(imaging.pipeline.parse, "CATALOGUE", {**CATALOGUE, Hostile.name: Hostile})  # noqa: B010 - it is a Final name there
