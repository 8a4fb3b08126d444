"""Sends calls and runs operations with asyncio. darkroom/client/transport/blocking.py is the same, blocking."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, closing
from functools import partial
from types import TracebackType
from typing import Any, Self

import httpx

from darkroom.client.calls import Call, Operation
from darkroom.client.errors import Rejected
from darkroom.client.events import RECONNECT_SECONDS, EventReader
from darkroom.client.models import Event, Json
from darkroom.client.operations import list_page
from darkroom.client.transport.base import Transport
from darkroom.client.transport.connection import arguments_of, checked
from darkroom.client.transport.retries import Attempts


class AsyncTransport(Transport):
    def _open(self) -> None:
        self._http = httpx.AsyncClient()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def run[T](self, operation: Operation[T]) -> T:
        """Answer the calls of an operation until it returns."""
        proceed = partial(next, operation)
        with closing(operation):
            while True:
                try:
                    call = proceed()
                except StopIteration as ended:
                    result: T = ended.value
                    return result
                try:
                    proceed = partial(operation.send, await self._answer(call))
                except Rejected as error:
                    proceed = partial(operation.throw, error)

    async def _answer(self, call: Call) -> httpx.Response:
        attempts = Attempts(call, seconds=self.retry_seconds)
        while True:
            try:
                response = await self._send(call)
            except httpx.TransportError as error:
                pause = attempts.pause_after_error(error)
            else:
                wanted = attempts.pause_after(response)
                if wanted is None:
                    return checked(response)
                pause = wanted
            await asyncio.sleep(pause)

    async def _send(self, call: Call) -> httpx.Response:
        with arguments_of(call, self.login) as arguments:
            async with self._http.stream(**arguments) as response:
                if call.sink is None or response.is_error:
                    await response.aread()
                    return response
                call.sink.restart()
                async for chunk in response.aiter_bytes():
                    call.sink.write(chunk)
                return response

    async def _items(self, kind: str, **filters: Any) -> AsyncIterator[Json]:  # noqa: ANN401 - parameters
        cursor: str | None = None
        while True:
            page = await self.run(list_page(kind, cursor=cursor, **filters))
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def _follow(self, reader: EventReader) -> AsyncIterator[Event]:
        attempts = Attempts(reader.call(), seconds=self.retry_seconds)
        while not reader.has_ended:
            try:
                async with aclosing(self._lines(reader.call())) as lines:
                    async for line in lines:
                        if event := reader.read_line(line):
                            attempts = Attempts(reader.call(), seconds=self.retry_seconds)
                            yield event
            except httpx.TransportError as error:
                await asyncio.sleep(attempts.pause_after_error(error))
            else:
                if not reader.has_ended:
                    await asyncio.sleep(RECONNECT_SECONDS)

    async def _lines(self, call: Call) -> AsyncGenerator[str]:
        with arguments_of(call, self.login) as arguments:
            async with self._http.stream(**arguments) as response:
                if response.is_error:
                    await response.aread()
                async for line in checked(response).aiter_lines():
                    yield line
