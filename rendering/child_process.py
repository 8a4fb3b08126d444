"""The worker's end of the forkserver and of each render child. Nothing here ever blocks the event loop."""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import structlog

from core.errors import ResourceLimit, TransientError, WorkerLost
from core.telemetry import CHILDREN_STARTED
from rendering.child_stderr import ChildStderr
from rendering.forkserver import COMMAND, ENDED, EVENT, FORK, KILL
from rendering.protocol import LARGEST_MESSAGE_BYTES, ChildGreeting, ChildSettings, RenderReply, RenderRequest

_log = structlog.get_logger()
_FORK_SECONDS = 30.0  # the first one waits for the imports, on a busy machine
_STATUS_SECONDS = 1.0
_KEPT_MEMORY_BYTES = 2**24  # shared memory that stays warm between renders

type _Forked = tuple[int, asyncio.Future[int | None]]  # its pid, and its wait status once it ended
_ROOT = Path(__file__).resolve().parent.parent

# docs: performance. Both are read when the process starts: Pillow keeps its blocks, glibc gives nothing back.
_TUNING = {
    "PILLOW_BLOCKS_MAX": "32",
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    "OPENBLAS_NUM_THREADS": "1",  # that of numpy, whose threads would each take 30 MiB of the address space
}
# Nothing else of the service's environment: it holds the secrets.
_INHERITED = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "LD_PRELOAD", "PYTHONHOME"),
    *("DARKROOM_FAILPOINT", "DARKROOM_TESTING", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"),
)


def child_environment(service: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: service[name] for name in (*_INHERITED, *_TUNING) if name in service}
    path = os.pathsep.join(filter(None, (str(_ROOT), service.get("PYTHONPATH"))))
    return _TUNING | inherited | {"PYTHONPATH": path}


def _shared_memory() -> int:
    """A descriptor without a name: whoever is killed, nothing is left behind."""
    if sys.platform == "linux":
        return os.memfd_create("darkroom-render")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


class RenderChild:
    """One process and the memory it shares with us. Unusable after anything but a proper answer."""

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
        self.walls: dict[str, str] = {}
        self._control = control
        self._memory = memory
        self._stderr = stderr
        self._ended = ended
        self._copying: asyncio.Future[Any] | None = None
        self._oom_kills = _oom_kills()
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def open(self, connection: socket.socket) -> None:
        self._reader, self._writer = await asyncio.open_unix_connection(sock=connection, limit=LARGEST_MESSAGE_BYTES)
        try:
            async with asyncio.timeout(_FORK_SECONDS):
                self.walls = ChildGreeting.model_validate_json(await self._reader.readline()).walls
        except (OSError, ValueError) as error:  # a timeout is the former
            self._writer.close()
            raise WorkerLost("The render child did not come up.") from error

    async def ask(self, objects: Sequence[bytes], request: RenderRequest) -> RenderReply:
        """`objects` are the source and the second pictures that the request tells of.

        Raises WorkerLost or ResourceLimit when the child dies of it. Cancelled, it leaves an unusable child.
        """
        self.is_usable = False
        self.renders += 1
        await self._copy(_write, self._memory, objects)
        reply = await self._exchange(request)
        self.is_usable = reply.outcome in {"rendered", "permanent"}
        self._stderr.log(self.pid, lost=not self.is_usable)
        return reply

    async def read_output(self, output_bytes: int) -> bytes:
        self.is_usable, was_usable = False, self.is_usable  # not while a thread reads its memory
        data = await self._copy(os.pread, self._memory, output_bytes, 0)
        if len(data) != output_bytes:
            raise WorkerLost("The render child promised more bytes than it wrote.")
        if os.fstat(self._memory).st_size > _KEPT_MEMORY_BYTES:
            os.ftruncate(self._memory, _KEPT_MEMORY_BYTES)
        self.is_usable = was_usable
        return data

    async def _copy[**P, T](self, copy: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In a thread, which no cancellation stops: close() waits for it before the descriptor goes."""
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
                raise WorkerLost("The render child answered what cannot be read.") from error
            raise await self._cause_of_death() from error

    async def _cause_of_death(self) -> TransientError:
        await asyncio.wait({self._ended}, timeout=_STATUS_SECONDS)
        status = self._ended.result() if self._ended.done() else None
        if status is None or not os.WIFSIGNALED(status):
            return WorkerLost("The render child ended without an answer.")
        killed_by = os.WTERMSIG(status)
        if killed_by == signal.SIGXCPU:
            return ResourceLimit("The picture needs more CPU time than a render may use.")
        if killed_by == signal.SIGKILL and _oom_kills() > self._oom_kills:
            return ResourceLimit("The machine ran out of memory while it rendered the picture.")
        return WorkerLost(f"The render child was killed by signal {killed_by}.")

    async def close(self) -> None:
        """An idle child ends with its pipe; any other one is killed."""
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


class ForkserverClient:
    """Starts the forkserver, forks children from it, and starts another one should it die."""

    def __init__(self, settings: ChildSettings) -> None:
        self._settings = settings
        self._control: socket.socket | None = None
        self._listening: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._forking: deque[asyncio.Future[_Forked]] = deque()
        self._ended: dict[int, asyncio.Future[int | None]] = {}

    async def fork(self) -> RenderChild:
        async with self._starting:
            control = await self._running()
        memory, stderr = _shared_memory(), ChildStderr()
        ours, theirs = socket.socketpair()
        pid = 0
        try:
            with theirs, stderr.handing_over() as write_fd:
                pid, ended = await self._request_fork(control, [theirs.fileno(), memory, write_fd])
            child = RenderChild(control, pid=pid, memory=memory, stderr=stderr, ended=ended)
            await child.open(ours)
        except BaseException:
            stderr.log(pid, lost=True)
            stderr.close()
            ours.close()
            os.close(memory)
            raise
        CHILDREN_STARTED.inc()
        return child

    async def _request_fork(self, control: socket.socket, fds: Sequence[int]) -> _Forked:
        forked: asyncio.Future[_Forked] = asyncio.get_running_loop().create_future()
        self._forking.append(forked)
        try:
            socket.send_fds(control, [COMMAND.pack(FORK, 0)], fds)
            async with asyncio.timeout(_FORK_SECONDS):
                return await forked
        except (OSError, TimeoutError) as error:
            self._shut_down()
            raise WorkerLost("The forkserver does not answer.") from error

    async def _running(self) -> socket.socket:
        if self._control and self._listening and not self._listening.done():
            return self._control
        if self._control:
            self._control.close()
        self._control, theirs = socket.socketpair()
        reading = self._control.dup()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "rendering.forkserver", str(theirs.fileno()), self._settings.model_dump_json()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                env=child_environment(os.environ),
                cwd="/",
                pass_fds=[theirs.fileno()],
            )
        self._listening = asyncio.create_task(self._listen(process, reading))
        return self._control

    async def _listen(self, process: asyncio.subprocess.Process, control: socket.socket) -> None:
        reader, writer = await asyncio.open_unix_connection(sock=control)
        try:
            with suppress(asyncio.IncompleteReadError, OSError):
                while True:
                    self._note(*EVENT.unpack(await reader.readexactly(EVENT.size)))
        finally:
            writer.close()
            self._note_forkserver_gone()
            await process.wait()

    def _note(self, event: bytes, pid: int, status: int) -> None:
        if event == ENDED:
            self._ended.pop(pid).set_result(status)
            return
        ended = self._ended[pid] = asyncio.get_running_loop().create_future()
        forked = self._forking.popleft()
        if not forked.done():
            forked.set_result((pid, ended))

    def _note_forkserver_gone(self) -> None:
        """Its children died with it."""
        for ended in self._ended.values():
            ended.set_result(None)
        self._ended.clear()
        for forked in self._forking:
            if not forked.done():
                forked.set_exception(WorkerLost("The forkserver ended."))
        self._forking.clear()

    def _shut_down(self) -> None:
        if self._control:
            with suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)

    async def close(self) -> None:
        self._shut_down()
        if self._listening:
            await asyncio.wait({self._listening})
        if self._control:
            self._control.close()


@asynccontextmanager
async def open_forkserver(settings: ChildSettings) -> AsyncIterator[ForkserverClient]:
    client = ForkserverClient(settings)
    try:
        yield client
    finally:
        await client.close()


def _write(memory: int, objects: Sequence[bytes]) -> None:
    """One behind the other."""
    start = 0
    for data in objects:
        written = 0
        while written < len(data):
            written += os.pwrite(memory, memoryview(data)[written:], start + written)
        start += len(data)


def _oom_kills() -> int:
    """How many processes of this container the kernel has killed for want of memory; 0 where it does not say."""
    with suppress(OSError, ValueError):
        for line in Path("/sys/fs/cgroup/memory.events").read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return 0
