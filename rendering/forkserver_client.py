"""Starts the forkserver and has render processes forked by it. Nothing here blocks the event loop."""

import asyncio
import os
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from core.errors import WorkerLost
from core.telemetry import CHILDREN_STARTED
from rendering.child_process import FORK_SECONDS, RenderProcess
from rendering.child_stderr import ChildStderr
from rendering.forkserver import COMMAND, ENDED, EVENT, FORK
from rendering.protocol import RenderSettings
from rendering.shared_memory import create_shared_memory

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
    """Return what render processes get of the service's environment."""
    inherited = {name: service[name] for name in (*_INHERITED, *_TUNING) if name in service}
    path = os.pathsep.join(filter(None, (str(_ROOT), service.get("PYTHONPATH"))))
    return _TUNING | inherited | {"PYTHONPATH": path}


class ForkserverClient:
    """Starts the forkserver, and another one should it die."""

    def __init__(self, settings: RenderSettings) -> None:
        self._settings = settings
        self._control: socket.socket | None = None
        self._listening: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._forking: deque[asyncio.Future[_Forked]] = deque()
        self._ended: dict[int, asyncio.Future[int | None]] = {}

    async def fork(self) -> RenderProcess:
        """Start a render process. Raises WorkerLost when the forkserver or the process does not come up."""
        async with self._starting:
            control = await self._connection()
        memory, stderr = create_shared_memory(), ChildStderr()
        ours, theirs = socket.socketpair()
        pid = 0
        try:
            with theirs, stderr.handing_over() as write_fd:
                pid, ended = await self._request_fork(control, [theirs.fileno(), memory, write_fd])
            process = RenderProcess(control, pid=pid, memory=memory, stderr=stderr, ended=ended)
            await process.open(ours)
        except BaseException:
            stderr.log(pid, lost=True)
            stderr.close()
            ours.close()
            os.close(memory)
            raise
        CHILDREN_STARTED.inc()
        return process

    async def _request_fork(self, control: socket.socket, fds: Sequence[int]) -> _Forked:
        forked: asyncio.Future[_Forked] = asyncio.get_running_loop().create_future()
        self._forking.append(forked)
        try:
            socket.send_fds(control, [COMMAND.pack(FORK, 0)], fds)
            async with asyncio.timeout(FORK_SECONDS):
                return await forked
        except (OSError, TimeoutError) as error:
            self._shut_down()
            raise WorkerLost("The forkserver does not respond.") from error

    async def _connection(self) -> socket.socket:
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
        """The render processes died with it."""
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
async def open_forkserver(settings: RenderSettings) -> AsyncIterator[ForkserverClient]:
    client = ForkserverClient(settings)
    try:
        yield client
    finally:
        await client.close()
