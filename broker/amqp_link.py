"""One AMQP connection that comes back by itself, so that neither start nor request ever waits for a server.

aio-pika's robust connection replays state behind our back and has no answer to "is it up?"; this has one owner.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.connection import Connection, make_url
from aio_pika.exceptions import CONNECTION_EXCEPTIONS

from core.errors import DependencyUnavailable
from core.retries import backoff_seconds

_log = structlog.get_logger()
_CONNECT_SECONDS = 5.0
_CLOSE_SECONDS = 1.0
_HEARTBEAT_SECONDS = 10  # a frozen broker is given up after 33 s, a frozen worker's messages move on after 20-30 s
_BACKOFF_BASE_SECONDS = 0.25
_LONGEST_BACKOFF_ATTEMPT = 4  # 2 s, so that a broker that is back is consumed from within 5 s


@asynccontextmanager
async def answering(seconds: float) -> AsyncIterator[None]:
    """Turn everything that aio-pika raises, or does not raise in time, into DependencyUnavailable."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except asyncio.CancelledError:
        # aiormq cancels whoever waits on a connection that broke; nobody asked this task to stop.
        if (task := asyncio.current_task()) and task.cancelling():
            raise
        raise DependencyUnavailable("broker", "The connection to the broker broke.") from None
    except TimeoutError as error:
        raise DependencyUnavailable("broker", f"The broker did not answer in {seconds:g} s.") from error
    except CONNECTION_EXCEPTIONS as error:
        raise DependencyUnavailable("broker", f"The broker cannot be reached: {type(error).__name__}.") from error
    except Exception as error:
        if type(error) is not Exception:
            raise
        # aiormq raises it from whatever waits on a connection that the server closes.
        raise DependencyUnavailable("broker", "The connection to the broker was closed.") from error


class Link:
    """Keeps one connection with one channel open in the background; `prepare` gets every new channel."""

    def __init__(self, url: str, *, purpose: str, prepare: Callable[[AbstractChannel], Awaitable[None]]) -> None:
        self._url = url
        self._purpose = purpose
        self._prepare = prepare
        self._channel: AbstractChannel | None = None
        self._failure = ""
        self._attempted = asyncio.Event()
        self._lost = asyncio.Event()

    async def channel(self) -> AbstractChannel:
        """Wait for the attempt in progress, if any. Raises DependencyUnavailable at once if that fails."""
        await self._attempted.wait()
        if self._channel is None:
            raise DependencyUnavailable("broker", self._failure)
        return self._channel

    @property
    def is_open(self) -> bool:
        """And prepared."""
        return self._channel is not None

    def drop(self) -> None:
        """Give up on this connection and open a new one."""
        self._lost.set()

    @asynccontextmanager
    async def kept_open(self) -> AsyncIterator["Link"]:
        task = asyncio.create_task(self._keep_open())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _keep_open(self) -> None:
        failures = 0
        while True:
            try:
                async with self._opened():
                    failures = 0
                    await self._lost.wait()
            except DependencyUnavailable as error:
                failures += 1
                self._note_failure(error.detail, failures=failures)
            except Exception as error:  # noqa: BLE001 - nobody else would open it again
                failures += 1
                _log.exception("broker_link_crashed", purpose=self._purpose)
                self._note_failure(repr(error), failures=failures)
            attempt = min(failures + 1, _LONGEST_BACKOFF_ATTEMPT)
            await asyncio.sleep(backoff_seconds(attempt, base_seconds=_BACKOFF_BASE_SECONDS))

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            async with answering(_CONNECT_SECONDS):
                connection = Connection(make_url(self._url, heartbeat=_HEARTBEAT_SECONDS))
                stack.push_async_callback(_close, connection)  # also when it never opens
                await connection.connect()
                channel = await connection.channel(on_return_raises=True)
                self._watch(connection, channel)
                await self._prepare(channel)
            self._note_channel(channel)
            try:
                yield
            finally:
                self._channel = None
                self._attempted.clear()
                _log.info("broker_disconnected", purpose=self._purpose)

    def _watch(self, connection: AbstractConnection, channel: AbstractChannel) -> None:
        self._lost = lost = asyncio.Event()
        connection.close_callbacks.add(lambda *_: lost.set())
        channel.close_callbacks.add(lambda *_: lost.set())

    def _note_channel(self, channel: AbstractChannel) -> None:
        self._channel = channel
        self._attempted.set()
        _log.info("broker_connected", purpose=self._purpose)

    def _note_failure(self, detail: str, *, failures: int) -> None:
        self._failure = detail
        self._attempted.set()
        if failures == 1:
            _log.warning("broker_unavailable", purpose=self._purpose, detail=detail)


async def _close(connection: AbstractConnection) -> None:
    """Close the connection even when the broker is frozen and never confirms it.

    One that stays unclosed starts `Connection.close` when it is garbage, whether or not an event loop runs there then.
    """
    with suppress(DependencyUnavailable):
        async with answering(_CLOSE_SECONDS):
            await connection.close()
    await connection.close()  # without a transport, which the first call took: only marks it as closed
