"""The owner's end of one render process. Nothing here blocks the event loop."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import ResourceLimit, WorkerLost
from rendering.child_stderr import ChildStderr
from rendering.forkserver import COMMAND, KILL
from rendering.protocol import LARGEST_MESSAGE_BYTES, Greeting, RenderReply, RenderRequest
from rendering.shared_memory import LARGEST_INLINE_BYTES, replace_objects

FORK_SECONDS = 30.0  # the first one waits for the imports, on a busy machine
_STATUS_SECONDS = 1.0


class RenderProcess:
    """One process and the memory it shares with us. Unusable after anything but a complete answer."""

    def __init__(
        self,
        control: socket.socket,
        *,
        pid: int,
        memory: int,
        stderr: ChildStderr,
        ended: asyncio.Future[int | None],
    ) -> None:
        self.pid = pid
        self.renders = 0
        self.is_usable = True
        self.sandbox: dict[str, str] = {}
        self._control = control
        self._memory = memory
        self._stderr = stderr
        self._ended = ended
        self._copying: asyncio.Future[Any] | None = None
        self._oom_kills = _count_oom_kills()
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def open(self, connection: socket.socket) -> None:
        self._reader, self._writer = await asyncio.open_unix_connection(sock=connection, limit=LARGEST_MESSAGE_BYTES)
        try:
            async with asyncio.timeout(FORK_SECONDS):
                self.sandbox = Greeting.model_validate_json(await self._reader.readline()).sandbox
        except (OSError, ValueError) as error:  # a timeout is the former
            self._writer.close()
            raise WorkerLost("The render process did not start.") from error

    async def ask(self, objects: Sequence[bytes], request: RenderRequest) -> RenderReply:
        """Send `objects`, the source and the auxiliary images of the request, and wait for the reply.

        Raises WorkerLost or ResourceLimit when the process dies of it. Cancelled, it leaves the process unusable.
        """
        self.is_usable = False
        self.renders += 1
        await self._copy(sum(map(len, objects)), replace_objects, self._memory, objects)
        reply = await self._exchange(request)
        self.is_usable = reply.outcome in {"rendered", "permanent"}
        self._stderr.log(self.pid, lost=not self.is_usable)
        return reply

    async def read_output(self, output_bytes: int) -> bytes:
        """Return the output of the last reply. Raises WorkerLost when it is shorter than promised."""
        self.is_usable, was_usable = False, self.is_usable  # not while a thread reads its memory
        data = await self._copy(output_bytes, os.pread, self._memory, output_bytes, 0)
        if len(data) != output_bytes:
            raise WorkerLost("The render process reported more bytes than it wrote.")
        self.is_usable = was_usable
        return data

    async def _copy[**P, T](self, n_bytes: int, copy: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Copy in a thread, which no cancellation stops: close() waits for it before the descriptor goes."""
        if n_bytes <= LARGEST_INLINE_BYTES:
            return copy(*args, **kwargs)
        self._copying = copying = asyncio.ensure_future(asyncio.to_thread(copy, *args, **kwargs))
        return await asyncio.shield(copying)

    async def _exchange(self, request: RenderRequest) -> RenderReply:
        line = b""
        try:
            self._writer.write(request.encode())
            line = await self._reader.readline()
            return RenderReply.model_validate_json(line)
        except (OSError, ValueError) as error:
            if line:
                raise WorkerLost("The render process sent an unreadable reply.") from error
            raise await self._cause_of_death() from error

    async def _cause_of_death(self) -> WorkerLost | ResourceLimit:
        await asyncio.wait({self._ended}, timeout=_STATUS_SECONDS)
        status = self._ended.result() if self._ended.done() else None
        if status is None or not os.WIFSIGNALED(status):
            return WorkerLost("The render process ended without a reply.")
        killed_by = os.WTERMSIG(status)
        if killed_by == signal.SIGXCPU:
            return ResourceLimit("The image needs more CPU time than a render may use.")
        if killed_by == signal.SIGKILL and _count_oom_kills() > self._oom_kills:
            return ResourceLimit("The machine ran out of memory while it rendered the image.")
        return WorkerLost(f"The render process was killed by signal {killed_by}.")

    async def close(self) -> None:
        """An idle process ends with its pipe; any other one is killed."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()
        if self.is_usable:
            await asyncio.wait({self._ended}, timeout=_STATUS_SECONDS)
        with suppress(OSError):
            self._control.send(COMMAND.pack(KILL, self.pid))
        await asyncio.wait({self._ended}, timeout=_STATUS_SECONDS)
        if self._copying:
            await asyncio.wait({self._copying})
        self._stderr.log(self.pid, lost=not self.is_usable)
        self._stderr.close()
        os.close(self._memory)


def _count_oom_kills() -> int:
    """Return how many processes of this container the kernel has killed for lack of memory; 0 where it is unknown."""
    with suppress(OSError, ValueError):
        for line in Path("/sys/fs/cgroup/memory.events").read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return 0
