"""Landlock: no files but some to read, no TCP, no signals to other processes.

https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from rendering.sandbox.libc import syscall

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1  # a flag: return the version of Landlock that this kernel has
_PATH_BENEATH = 1
_READ_FILE, _READ_DIRECTORY = 1 << 2, 1 << 3
# How many rights to a file, to TCP ports and across processes each version knows; all of them are taken away.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_NEWEST_FILE_RIGHTS = 16
_NETWORK_SINCE, _NETWORK_RIGHTS = 4, 2
_SCOPES_SINCE, _SCOPES = 6, 2


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _layout_ = "ms"
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("directory", ctypes.c_int32))


def restrict(*, readable: Iterable[Path]) -> None:
    """Restrict this process for good; requires no_new_privs. Raises OSError where the kernel has no Landlock."""
    version = syscall(_CREATE_RULESET, 0, 0, _VERSION)
    attributes = _Ruleset(
        files=_all(_FILE_RIGHTS.get(version, _NEWEST_FILE_RIGHTS)),
        network=_all(_NETWORK_RIGHTS) if version >= _NETWORK_SINCE else 0,
        scopes=_all(_SCOPES) if version >= _SCOPES_SINCE else 0,
    )
    ruleset = syscall(_CREATE_RULESET, ctypes.addressof(attributes), ctypes.sizeof(attributes), 0)
    try:
        for directory in readable:
            _allow_reading(ruleset, directory)
        syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow_reading(ruleset: int, directory: Path) -> None:
    opened = os.open(directory, os.O_PATH | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        rule = _PathBeneath(allowed=_READ_FILE | _READ_DIRECTORY, directory=opened)
        syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.addressof(rule), 0)
    finally:
        os.close(opened)


def _all(rights: int) -> int:
    return (1 << rights) - 1
