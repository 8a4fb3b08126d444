"""Ports for the embedded S3 server. They stay the same between two runs, because presigned links contain one."""

import asyncio
import random
import socket
import time

from pydantic import BaseModel, ConfigDict

from core.errors import ConfigurationError

_GRPC = 10_000  # SeaweedFS adds this for the second port of each part
_LEAVING_SECONDS = 3.0  # a server that was just killed lets its ports go within this time
_TRIES = 1000


class Ports(BaseModel):
    """One for each part of the server; its gRPC port is 10,000 above."""

    model_config = ConfigDict(frozen=True)

    master: int
    volume: int
    filer: int
    s3: int
    admin: int


def choose_ports() -> Ports:
    """Below the ephemeral range, gRPC ports included, so that no outgoing connection takes one meanwhile."""
    candidates = random.sample(range(12_000, 22_000), _TRIES)
    free = (port for port in candidates if is_free(port))
    try:
        return Ports(**{name: next(free) for name in Ports.model_fields})
    except (StopIteration, RuntimeError) as error:
        raise ConfigurationError("No free ports for the embedded object store below 32000.") from error


async def still_free(ports: Ports) -> bool:
    deadline = time.monotonic() + _LEAVING_SECONDS
    while not all(map(is_free, ports.model_dump().values())):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.1)
    return True


def is_free(port: int) -> bool:
    """Whether the port and its gRPC port can both be had."""
    try:
        for candidate in (port, port + _GRPC):
            with socket.socket() as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(("127.0.0.1", candidate))
    except OSError:
        return False
    return True
