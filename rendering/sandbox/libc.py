"""System calls that Python has no function for. They raise OSError, as those of `os` do."""

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, *arguments: int) -> int:
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return _checked(_libc.prctl(option, *(ctypes.c_ulong(each) for each in padded)))


def syscall(number: int, *arguments: int) -> int:
    return _checked(_libc.syscall(ctypes.c_long(number), *(ctypes.c_long(each) for each in arguments)))


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
