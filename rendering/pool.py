"""A fixed number of render processes, one task at a time in each: whatever an image does, it harms no other task."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from types import MappingProxyType
from typing import Any
from uuid import UUID

import structlog

from core.errors import (
    RenderTimeout,
    ResourceLimit,
    TransientError,
)
from core.retries import backoff_seconds
from core.telemetry import CHILDREN_LOST, SLOTS, SLOTS_BUSY
from imaging import Preview, RenderReport, RenderWarning
from rendering.child_process import RenderProcess
from rendering.failures import raise_failure
from rendering.forkserver_client import ForkserverClient, open_forkserver
from rendering.protocol import RenderReply, RenderRequest, RenderSettings
from rendering.render_metrics import count_render, report_sandbox
from rendering.shared_memory import LARGEST_INLINE_BYTES

_log = structlog.get_logger()
_CLOSE_SECONDS = 3.0
_RENDERS_PER_PROCESS = 200  # then a fresh one: 0.2 ms a render, and no leak of a decoder ever adds up


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedOutput:
    data: bytes
    format: str
    width: int
    height: int
    sha256: str
    source_size: tuple[int, int]  # width and height of the oriented source, in pixels
    report: RenderReport | None
    warnings: tuple[RenderWarning, ...] = ()
    analysis: dict[str, Any] | None = None

    def report_with_warnings(self) -> dict[str, Any] | None:
        """Return the report as it is stored: with the warnings, which share its column."""
        warnings = [each.model_dump(mode="json") for each in self.warnings]
        return {**self.report.model_dump(mode="json"), "warnings": warnings} if self.report else None


class Renderer:
    """The pool. A process that died, was killed or is old is replaced at once."""

    def __init__(self, forkserver: ForkserverClient, *, timeout_seconds: float, renders_per_process: int) -> None:
        self._forkserver = forkserver
        self._timeout_seconds = timeout_seconds
        self._renders_per_process = renders_per_process
        self._idle: asyncio.LifoQueue[RenderProcess] = asyncio.LifoQueue()  # the warmest first
        self._replacing: set[asyncio.Task[None]] = set()
        self._closing = False
        self.sandbox: dict[str, str] = {}  # by layer: "active", or why it is missing

    async def start(self, slots: int) -> None:
        for _ in range(slots):
            self._idle.put_nowait(process := await self._forkserver.fork())
            self.sandbox = process.sandbox
        SLOTS.inc(slots)
        report_sandbox(self.sandbox)

    async def render(
        self,
        source: bytes,
        *,
        pipeline: Sequence[Mapping[str, Any]],
        output_options: Mapping[str, Any],
        auxiliary_images: Mapping[UUID, bytes] = MappingProxyType({}),
        preview: Preview | None = None,
    ) -> RenderedOutput:
        """Render `source` in the next idle process. `auxiliary_images` are those that steps refer to, by their ids.

        With `preview`, `source` is a proxy.

        A process that has rendered before may have less memory than a fresh one: what fails there is tried once more.
        Raises the PermanentError of the image, ResourceLimit among them, InvalidPipeline, RenderTimeout or WorkerLost.
        Cancelling it kills the process: a render cannot be stopped in any other way.
        """
        request = RenderRequest.model_validate(
            {
                "source_bytes": len(source),
                "auxiliary_images": [(image_id, len(data)) for image_id, data in auxiliary_images.items()],
                "pipeline": pipeline,
                "output_options": output_options,
                "preview": preview,
            }
        )
        reply, data = await self._render_in_turn([source, *auxiliary_images.values()], request)
        return RenderedOutput(
            data=data,
            format=reply.format,
            width=reply.width,
            height=reply.height,
            sha256=await _sha256(data),
            source_size=reply.source_size,
            report=reply.report,
            warnings=reply.warnings,
            analysis=reply.analysis,
        )

    async def _render_in_turn(self, objects: Sequence[bytes], request: RenderRequest) -> tuple[RenderReply, bytes]:
        process = await self._idle.get()
        try:
            with SLOTS_BUSY.track_inprogress():
                try:
                    return await self._render(process, objects, request)
                except ResourceLimit:
                    if process.is_usable or process.renders == 1:
                        raise
                    fresh = await self._forkserver.fork()
                    self._in_background(process.close())
                    process = fresh
                    return await self._render(process, objects, request)
        finally:
            self._release(process)

    async def _render(
        self, process: RenderProcess, objects: Sequence[bytes], request: RenderRequest
    ) -> tuple[RenderReply, bytes]:
        started = monotonic()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                reply = await process.ask(objects, request)
                raise_failure(reply)
                data = await process.read_output(reply.output_bytes)
        except TimeoutError as error:
            CHILDREN_LOST.labels(RenderTimeout.code).inc()
            raise RenderTimeout(f"The render took longer than {self._timeout_seconds:g} s.") from error
        except (TransientError, ResourceLimit) as error:
            if not process.is_usable:
                CHILDREN_LOST.labels(error.code).inc()
            raise
        count_render(reply, source_bytes=request.source_bytes, seconds=monotonic() - started)
        return reply, data

    def _release(self, process: RenderProcess) -> None:
        if process.is_usable and process.renders < self._renders_per_process:
            self._idle.put_nowait(process)
            return
        self._in_background(self._replace(process))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    async def _replace(self, process: RenderProcess) -> None:
        await process.close()
        failures = 0
        while not self._closing:
            try:
                fresh = await self._forkserver.fork()
            except (TransientError, OSError) as error:
                failures += 1
                _log.warning("render_process_not_replaced", detail=str(error))
                await asyncio.sleep(backoff_seconds(failures, base_seconds=0.5))
            else:
                self._idle.put_nowait(fresh)
                return

    async def close(self) -> None:
        self._closing = True
        if self._replacing:
            _, late = await asyncio.wait(self._replacing, timeout=_CLOSE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        while not self._idle.empty():
            await self._idle.get_nowait().close()


@asynccontextmanager
async def open_renderer(
    settings: RenderSettings, *, slots: int, timeout_seconds: float, renders_per_process: int = _RENDERS_PER_PROCESS
) -> AsyncIterator[Renderer]:
    async with open_forkserver(settings) as forkserver:
        renderer = Renderer(forkserver, timeout_seconds=timeout_seconds, renders_per_process=renders_per_process)
        try:
            await renderer.start(slots)
            yield renderer
        finally:
            await renderer.close()
            SLOTS.dec(slots)


async def _sha256(data: bytes) -> str:
    if len(data) <= LARGEST_INLINE_BYTES:
        return hashlib.sha256(data).hexdigest()
    return (await asyncio.to_thread(hashlib.sha256, data)).hexdigest()
