"""seccomp: rejects system calls that no render needs. The filter is a classic BPF program.

https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

from rendering.sandbox.libc import prctl
from rendering.sandbox.syscalls import FORBIDDEN, NEW, SPECIAL

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
# By machine: the column of our tables, and its AUDIT_ARCH_ number.
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
# Where struct seccomp_data holds them; of an argument the lower half.
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_LOAD, _RETURN = 0x20, 0x06
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_CLONE_THREAD = 0x10000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(frozen=True, slots=True)
class _Argument:
    """What an argument must be for a system call to be allowed."""

    position: int
    test: int
    value: int
    rejected_if: bool  # the test is true

    def rejection(self) -> bytes:
        return (
            _instruction(_LOAD, _ARGUMENTS + 8 * self.position)
            + _instruction(self.test, self.value, then=not self.rejected_if, otherwise=self.rejected_if)
            + _instruction(_RETURN, _ERRNO | errno.EACCES)
            + _instruction(_LOAD, _NUMBER)
        )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def restrict() -> None:
    """Restrict this process for good; requires no_new_privs. Raises OSError where seccomp is not available."""
    instructions = _filter(platform.machine(), pid=os.getpid())
    program = _Program(len(instructions) // 8, instructions)
    prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(program))


def _filter(machine: str, *, pid: int) -> bytes:
    if machine not in _MACHINES:
        raise OSError(errno.ENOSYS, f"No system call table for {machine}")
    column, architecture = _MACHINES[machine]
    program = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_EQUAL, architecture, then=1),
        _instruction(_RETURN, _KILL_PROCESS),
        _instruction(_LOAD, _NUMBER),
        _instruction(_AT_LEAST, NEW, otherwise=1),
        _instruction(_RETURN, _ERRNO | errno.ENOSYS),
    ]
    rejection = _instruction(_RETURN, _ERRNO | errno.EACCES)
    program += (_when(numbers[column], rejection) for numbers in FORBIDDEN.values())
    program += (_when(SPECIAL[name][column], argument.rejection()) for name, argument in _allowed_arguments(pid))
    return b"".join(program) + _instruction(_RETURN, _ALLOW)


def _allowed_arguments(pid: int) -> list[tuple[str, _Argument]]:
    return [
        ("open", _Argument(1, _ANY_BIT, _WRITING, rejected_if=True)),
        ("openat", _Argument(2, _ANY_BIT, _WRITING, rejected_if=True)),
        ("kill", _Argument(0, _EQUAL, pid, rejected_if=False)),
        ("tgkill", _Argument(0, _EQUAL, pid, rejected_if=False)),
        ("prlimit64", _Argument(0, _EQUAL, 0, rejected_if=False)),
        ("clone", _Argument(0, _ANY_BIT, _CLONE_THREAD, rejected_if=False)),
    ]


def _when(number: int | None, then: bytes) -> bytes:
    return b"" if number is None else _instruction(_EQUAL, number, otherwise=len(then) // 8) + then


def _instruction(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """`then` and `otherwise` are how many instructions a test skips."""
    return struct.pack("=HBBI", code, then, otherwise, value)
