"""Ctrl+C that nothing swallows: neither a destructor in which it is raised, nor a connection that is being closed."""

import asyncio
import signal
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any


class Interrupts:
    def __init__(self) -> None:
        self._received = False
        self._task: asyncio.Task[Any] | None = None

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Receive them, unless this is not the main thread or the caller handles them already."""
        is_main = threading.current_thread() is threading.main_thread()
        if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return
        signal.signal(signal.SIGINT, self._receive)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def check(self) -> None:
        """Raise KeyboardInterrupt if there was one."""
        if self._received:
            raise KeyboardInterrupt

    def run[T](self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run it until it ends, or until Ctrl+C has cancelled it."""
        try:
            result = asyncio.run(self._cancellable(coroutine))
        except asyncio.CancelledError:
            self.check()
            raise
        self.check()
        return result

    async def _cancellable[T](self, coroutine: Coroutine[Any, Any, T]) -> T:
        self._task = asyncio.current_task()
        try:
            return await coroutine
        finally:
            self._task = None

    def _receive(self, *_: object) -> None:
        """Cancel what runs; a second one, or one while nothing runs, is raised where the program is."""
        task, is_first = self._task, not self._received
        self._received = True
        if task is None or not is_first:
            raise KeyboardInterrupt
        task.get_loop().call_soon_threadsafe(task.cancel)
