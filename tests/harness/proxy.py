"""A TCP proxy between the service and a server: refuses, resets, swallows, dawdles and cuts short, as networks do."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from threading import Thread
from typing import Any

_PIECE_BYTES = 65536
_ANSWER_SECONDS = 60.0


class Proxy:
    """Always on the same port of its own, whatever happens to it."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._room_bytes: int | None = None
        self._bytes_a_second: float | None = None
        self.port = 0

    @property
    def connections(self) -> int:
        return len(self._pipes)

    async def start(self) -> None:
        """Listens, and lets everything through."""
        self._flowing.set()
        self._room_bytes = self._bytes_a_second = None
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Nobody listens any more and every connection is closed."""
        if self._server:
            self._server.close()
            self._server = None
        await self.reset()

    async def reset(self) -> None:
        """Every connection is closed; new ones are welcome."""
        pipes = list(self._pipes)
        for pipe in pipes:
            pipe.cancel()
        await asyncio.gather(*pipes, return_exceptions=True)

    def freeze(self) -> None:
        """A black hole: connections open and stay open, and no byte passes."""
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def slow_down(self, *, bytes_a_second: float) -> None:
        self._bytes_a_second = bytes_a_second

    def cut_after(self, *, room_bytes: int) -> None:
        """So many more bytes, all connections and directions together; then each one is closed that carries more."""
        self._room_bytes = room_bytes

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._connect(reader, writer))
        self._pipes.add(task)
        task.add_done_callback(self._pipes.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        try:
            with suppress(OSError):
                await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        finally:
            writer.transport.abort()
            far_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_PIECE_BYTES):
            await self._flowing.wait()
            if self._bytes_a_second:
                await asyncio.sleep(len(data) / self._bytes_a_second)
            if self._room_bytes is not None:
                self._room_bytes -= len(data)
                if self._room_bytes < 0:
                    raise ConnectionResetError
            writer.write(data)
            await writer.drain()
        writer.close()


class Network:
    """Proxies on an event loop of their own, for tests that have none."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._proxies: list[Proxy] = []

    def proxy(self, host: str, port: int) -> Proxy:
        proxy = self.call(lambda: _started(host, port))
        self._proxies.append(proxy)
        return proxy

    def call[T](self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result(_ANSWER_SECONDS)

    def tell(self, work: Callable[[], None]) -> None:
        """For what is no coroutine: an event may only be set on its loop."""
        self.call(lambda: _run(work))

    def close(self) -> None:
        for proxy in self._proxies:
            self.call(proxy.cut)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ANSWER_SECONDS)
        self._loop.close()


async def _run(work: Callable[[], None]) -> None:
    work()


async def _started(host: str, port: int) -> Proxy:
    proxy = Proxy(host, port)
    await proxy.start()
    return proxy
