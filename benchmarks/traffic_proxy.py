"""Proxies in front of servers that count the traffic of our processes: requests by kind, and bytes."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

# The kind of the frame at the start of some bytes and its length; None: more bytes are needed.
type Parser = Callable[[bytes], tuple[str, int] | None]

_CHUNK_BYTES = 256 * 1024
_AMQP_METHODS = {(60, 40): "publish", (60, 60): "deliver", (60, 80): "ack"}


def postgres(head: bytes) -> tuple[str, int] | None:
    """Startup packets have no type; their first byte is the zero of a length."""
    if len(head) < 5:  # noqa: PLR2004 - a type and a length
        return None
    if not head[0]:
        return "startup", int.from_bytes(head[:4])
    kind = {"E": "statement", "Q": "transaction_control"}.get(chr(head[0]), "")
    return kind, 1 + int.from_bytes(head[1:5])


def redis(head: bytes) -> tuple[str, int] | None:
    line, found, _ = head.partition(b"\r\n")
    if not found:
        return None
    length = len(line) + 2
    return ("command", length) if line.startswith(b"*") else ("", length + int(line[1:]) + 2)


def amqp(head: bytes) -> tuple[str, int] | None:
    if head.startswith(b"AMQP"):
        return "", 8
    if len(head) < 11:  # noqa: PLR2004 - up to the method's number, or a whole heartbeat
        return ("", 8) if head[:1] == b"\x08" and len(head) >= 8 else None  # noqa: PLR2004
    method = int.from_bytes(head[7:9]), int.from_bytes(head[9:11])
    return _AMQP_METHODS.get(method, "") if head[0] == 1 else "", 8 + int.from_bytes(head[3:7])


def http(head: bytes) -> tuple[str, int] | None:
    text, found, _ = head.partition(b"\r\n\r\n")
    if not found:
        return None
    lengths = [line.partition(b":")[2] for line in text.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    return text.partition(b" ")[0].decode(), len(text) + 4 + int(lengths[0] if lengths else 0)


def nothing(head: bytes) -> tuple[str, int] | None:
    return "", len(head)


class Stream:
    """One direction of one connection."""

    def __init__(self, counts: Counter[str], parse: Parser) -> None:
        self._counts = counts
        self._parse = parse
        self._head = b""
        self._rest_bytes = 0

    def feed(self, data: bytes) -> None:
        while data:
            skipped = min(self._rest_bytes, len(data))
            self._rest_bytes -= skipped
            self._head, data = self._head + data[skipped:], b""
            if self._head and (found := self._parse(self._head)):
                kind, self._rest_bytes = found
                self._counts[kind] += bool(kind)
                self._head, data = b"", self._head


class TrafficProxy:
    """One proxy. `counts` holds kinds of frames, and `bytes_sent` and `bytes_received` seen from our processes."""

    def __init__(self, host: str, port: int, *, sent: Parser, received: Parser = nothing) -> None:
        self.counts: Counter[str] = Counter()
        self.target = (host, port)
        self.port = 0
        self._parsers = (sent, received)

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self.target)
        sent, received = (Stream(self.counts, parser) for parser in self._parsers)
        await asyncio.gather(
            self._pump(reader, far_writer, stream=sent, name="bytes_sent"),
            self._pump(far_reader, writer, stream=received, name="bytes_received"),
            return_exceptions=True,
        )

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, stream: Stream, name: str
    ) -> None:
        try:
            while data := await reader.read(_CHUNK_BYTES):
                self.counts[name] += len(data)
                stream.feed(data)
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()


@contextmanager
def serve_proxies(*proxies: TrafficProxy) -> Iterator[None]:
    """Run the proxies in a thread while the body runs."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    servers = [asyncio.run_coroutine_threadsafe(proxy.serve(), loop).result(5) for proxy in proxies]
    try:
        yield
    finally:
        for server in servers:
            loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
