"""Sends calls and runs operations, blocking. darkroom/client/transport/asynchronous.py is the same with asyncio."""

import time
from collections.abc import Iterator
from contextlib import closing
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


class SyncTransport(Transport):
    def _open(self) -> None:
        self._http = httpx.Client()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def run[T](self, operation: Operation[T]) -> T:
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
                    proceed = partial(operation.send, self._answer(call))
                except Rejected as error:
                    proceed = partial(operation.throw, error)

    def _answer(self, call: Call) -> httpx.Response:
        attempts = Attempts(call, seconds=self.retry_seconds)
        while True:
            try:
                response = self._send(call)
            except httpx.TransportError as error:
                pause = attempts.pause_after_error(error)
            else:
                wanted = attempts.pause_after(response)
                if wanted is None:
                    return checked(response)
                pause = wanted
            time.sleep(pause)

    def _send(self, call: Call) -> httpx.Response:
        with arguments_of(call, self.login) as arguments, self._http.stream(**arguments) as response:
            if call.sink is None or response.is_error:
                response.read()
                return response
            call.sink.restart()
            for chunk in response.iter_bytes():
                call.sink.write(chunk)
            return response

    def _items(self, kind: str, **filters: Any) -> Iterator[Json]:  # noqa: ANN401 - parameters
        cursor: str | None = None
        while True:
            page = self.run(list_page(kind, cursor=cursor, **filters))
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _follow(self, reader: EventReader) -> Iterator[Event]:
        attempts = Attempts(reader.call(), seconds=self.retry_seconds)
        while not reader.has_ended:
            try:
                for line in self._lines(reader.call()):
                    if event := reader.read_line(line):
                        attempts = Attempts(reader.call(), seconds=self.retry_seconds)
                        yield event
            except httpx.TransportError as error:
                time.sleep(attempts.pause_after_error(error))
            else:
                if not reader.has_ended:
                    time.sleep(RECONNECT_SECONDS)

    def _lines(self, call: Call) -> Iterator[str]:
        with arguments_of(call, self.login) as arguments, self._http.stream(**arguments) as response:
            if response.is_error:
                response.read()
            yield from checked(response).iter_lines()
