"""Ports for servers of the tests. No two processes are given the same one, however many test runs a machine has.

Each process has a block of ports of its own, which a lock on a file reserves until it ends. All are below the ephemeral
range (32768 on Linux), so that no outgoing connection takes one meanwhile.
"""

import fcntl
import os
import socket
import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from typing import IO

_BLOCKS = 60
_FIRST, _PORTS = 26_000, 100  # of each block
_FIRST_TWIN, _TWINS, _TWIN_DISTANCE = 12_000, 50, 10_000
_given, _given_twins = count(), count()
_held: list[IO[str]] = []


def free_port() -> int:
    """Return a port that nobody listens on."""
    first = _FIRST + _PORTS * _block()
    return next(port for number in _given if _is_free(port := first + number % _PORTS))


def free_twin_port() -> int:
    """Return a port that is free together with the one 10,000 above it, as SeaweedFS needs them."""
    first = _FIRST_TWIN + _TWINS * _block()
    ports = (first + number % _TWINS for number in _given_twins)
    return next(port for port in ports if _is_free(port) and _is_free(port + _TWIN_DISTANCE))


@cache
def _block() -> int:
    for number in range(_BLOCKS):
        file = (Path(tempfile.gettempdir()) / f"darkroom-ports-{os.getuid()}-{number}").open("w", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        _held.append(file)
        return number
    raise RuntimeError(f"More than {_BLOCKS} processes want ports for tests.")


def _is_free(port: int) -> bool:
    with socket.socket() as candidate:
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
