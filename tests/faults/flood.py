"""`python -m tests.faults.flood`: one user who takes all that they can get, in a process of its own.

Clients that ask again as soon as they are answered; event streams, and connections with endless headers, that come back
a second after they were cut off. SIGTERM ends it; the counts are then
written to standard output as JSON.
"""

import argparse
import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import uvloop

_ADDRESS = "127.0.0.1"
_RETRY_SECONDS = 1.0
_SPREAD_SECONDS = 5.0  # over which so many clients begin
_MOST = 3_000
_CLOSED = "closed"
_HEADER_PIECE = b"a" * 4096


@dataclass(frozen=True, kw_only=True)
class Flood:
    port: int
    token: str
    path: str
    seen: Counter[str] = field(default_factory=Counter)  # such as "get 429"
    open_streams: set[int] = field(default_factory=set)

    async def get(self, _: int) -> None:
        """Asks on one connection until it is closed."""
        reader, writer = await asyncio.open_connection(_ADDRESS, self.port)
        try:
            while True:
                writer.write(self._request(self.path))
                self.seen[f"get {await _answer(reader)}"] += 1
        finally:
            writer.close()

    async def stream(self, number: int) -> None:
        reader, writer = await asyncio.open_connection(_ADDRESS, self.port)
        try:
            writer.write(self._request(f"{self.path}/events"))
            status = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode()
            self.seen[f"stream {status}"] += 1
            if status == "200":
                self.open_streams.add(number)
                await reader.read()
        finally:
            self.open_streams.discard(number)
            writer.close()
        await asyncio.sleep(_RETRY_SECONDS)

    async def header(self, _: int) -> None:
        reader, writer = await asyncio.open_connection(_ADDRESS, self.port)
        closed = asyncio.create_task(reader.read())
        try:
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
            while not closed.done():
                writer.write(_HEADER_PIECE)
                await writer.drain()
                await asyncio.sleep(0)
            self.seen[f"header {closed.result().split(b' ', 2)[1].decode()}"] += 1
        finally:
            closed.cancel()
            writer.close()
        await asyncio.sleep(_RETRY_SECONDS)

    def _request(self, path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {self.token}\r\n\r\n".encode()


async def _answer(reader: asyncio.StreamReader) -> str:
    """The status; reads the body as well."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    _, _, rest = head.partition("content-length: ")
    await reader.readexactly(int(rest.split("\r\n", 1)[0]))
    return head.split(" ", 2)[1]


async def _again(client: Callable[[int], Awaitable[None]], number: int, seen: Counter[str]) -> None:
    await asyncio.sleep(number / _MOST * _SPREAD_SECONDS)
    while True:
        try:
            await client(number)
        except (OSError, EOFError, IndexError):
            seen[f"{client.__name__} {_CLOSED}"] += 1
            await asyncio.sleep(0.05)


async def _run(arguments: argparse.Namespace) -> None:
    os.nice(10)  # somebody else's machine: what it computes is not to be missing here
    flood, stopping = Flood(port=arguments.port, token=arguments.token, path=arguments.path), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    counts = ((flood.get, arguments.gets), (flood.stream, arguments.streams), (flood.header, arguments.headers))
    clients = [
        asyncio.create_task(_again(client, number, flood.seen)) for client, count in counts for number in range(count)
    ]
    await stopping.wait()
    print(json.dumps({**flood.seen, "streams open": len(flood.open_streams)}))  # noqa: T201 - what was asked for
    for client in clients:
        client.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*clients, return_exceptions=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.flood", description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("token", help="value of the header field Authorization")
    parser.add_argument("path", help="of a task that does not end")
    for kind in ("gets", "streams", "headers"):
        parser.add_argument(f"--{kind}", type=int, default=0)
    return parser


if __name__ == "__main__":
    uvloop.run(_run(_parser().parse_args()))
