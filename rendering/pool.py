"""Renders pictures in child processes, one task at a time in each: whatever a picture does, it harms no other task."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from types import MappingProxyType
from typing import Any
from uuid import UUID

import structlog

from core.errors import (
    ImageTooLarge,
    InvalidImage,
    InvalidStep,
    PermanentError,
    RenderTimeout,
    ResourceLimit,
    TransientError,
    WorkerLost,
)
from core.retries import backoff_seconds
from core.telemetry import (
    CHILDREN_LOST,
    OUTPUT_BYTES,
    OUTPUT_PIXELS,
    RENDER_SECONDS,
    SLOTS,
    SLOTS_BUSY,
    SOURCE_BYTES,
    SOURCE_PIXELS,
    STEP_SECONDS,
    WALLS,
)
from imaging.pipeline.report import RenderReport
from rendering.child_process import ForkserverClient, RenderChild, open_forkserver
from rendering.protocol import ChildSettings, RenderReply, RenderRequest
from rendering.sandbox.sandbox import UP

_log = structlog.get_logger()
_PERMANENT = {error.code: error for error in (InvalidImage, ImageTooLarge, InvalidStep)}
_CLOSE_SECONDS = 3.0
_RENDERS_PER_CHILD = 200  # then a fresh one: 0.2 ms a render, and no leak of a decoder ever adds up


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedOutput:
    data: bytes
    format: str
    width: int
    height: int
    sha256: str
    report: RenderReport | None
    analysis: dict[str, Any] | None = None


class Renderer:
    """A fixed number of render children. One that died, was killed or grew old is replaced at once."""

    def __init__(self, forkserver: ForkserverClient, *, timeout_seconds: float, renders_per_child: int) -> None:
        self._forkserver = forkserver
        self._timeout_seconds = timeout_seconds
        self._renders_per_child = renders_per_child
        self._idle: asyncio.LifoQueue[RenderChild] = asyncio.LifoQueue()  # the warmest first
        self._replacing: set[asyncio.Task[None]] = set()
        self._closing = False
        self.walls: dict[str, str] = {}  # around each child: "up", or why one is missing

    async def start(self, slots: int) -> None:
        for _ in range(slots):
            self._idle.put_nowait(child := await self._forkserver.fork())
            self.walls = child.walls
        SLOTS.inc(slots)
        _tell(self.walls)

    async def render(
        self,
        source: bytes,
        *,
        pipeline: Sequence[Mapping[str, Any]],
        output_options: Mapping[str, Any],
        pictures: Mapping[UUID, bytes] = MappingProxyType({}),
    ) -> RenderedOutput:
        """`pictures` are the second ones that steps name.

        Raises the PermanentError of the picture, or RenderTimeout, ResourceLimit or WorkerLost.

        Cancelling it kills the child: a render cannot be stopped in any other way.
        """
        request = RenderRequest.model_validate(
            {
                "source_bytes": len(source),
                "pictures": [(image_id, len(data)) for image_id, data in pictures.items()],
                "pipeline": pipeline,
                "output_options": output_options,
            }
        )
        child = await self._idle.get()
        try:
            with SLOTS_BUSY.track_inprogress():
                reply, data = await self._render(child, [source, *pictures.values()], request)
        finally:
            self._take_back(child)
        sha256 = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        return RenderedOutput(
            data=data,
            format=reply.format,
            width=reply.width,
            height=reply.height,
            sha256=sha256,
            report=reply.report,
            analysis=reply.analysis,
        )

    async def _render(
        self, child: RenderChild, objects: Sequence[bytes], request: RenderRequest
    ) -> tuple[RenderReply, bytes]:
        started = monotonic()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                reply = await child.ask(objects, request)
                _raise_failure(reply)
                data = await child.read_output(reply.output_bytes)
        except TimeoutError as error:
            CHILDREN_LOST.labels(RenderTimeout.code).inc()
            raise RenderTimeout(f"The render took longer than {self._timeout_seconds:g} s.") from error
        except TransientError as error:
            CHILDREN_LOST.labels(error.code).inc()
            raise
        _observe(reply, source_bytes=request.source_bytes, seconds=monotonic() - started)
        return reply, data

    def _take_back(self, child: RenderChild) -> None:
        if child.is_usable and child.renders < self._renders_per_child:
            self._idle.put_nowait(child)
            return
        task = asyncio.create_task(self._replace(child))
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    async def _replace(self, child: RenderChild) -> None:
        await child.close()
        failures = 0
        while not self._closing:
            try:
                fresh = await self._forkserver.fork()
            except (TransientError, OSError) as error:
                failures += 1
                _log.warning("render_child_not_replaced", detail=str(error))
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
    settings: ChildSettings, *, slots: int, timeout_seconds: float, renders_per_child: int = _RENDERS_PER_CHILD
) -> AsyncIterator[Renderer]:
    async with open_forkserver(settings) as forkserver:
        renderer = Renderer(forkserver, timeout_seconds=timeout_seconds, renders_per_child=renders_per_child)
        try:
            await renderer.start(slots)
            yield renderer
        finally:
            await renderer.close()
            SLOTS.dec(slots)


def _tell(walls: Mapping[str, str]) -> None:
    for name, state in walls.items():
        WALLS.labels(name).set(state == UP)
    if missing := {name: state for name, state in walls.items() if state != UP}:
        _log.warning("render_walls_missing", **missing)


def _raise_failure(reply: RenderReply) -> None:
    match reply.outcome:
        case "permanent":
            raise _PERMANENT.get(reply.code, PermanentError)(reply.detail)
        case "resource_limit":
            raise ResourceLimit(reply.detail)
        case "crashed":
            _log.error("render_crashed", traceback=reply.detail)
            raise WorkerLost("The render ended in an unexpected error.")


def _observe(reply: RenderReply, *, source_bytes: int, seconds: float) -> None:
    RENDER_SECONDS.labels(reply.format).observe(seconds)
    SOURCE_BYTES.inc(source_bytes)
    SOURCE_PIXELS.inc(reply.source_pixels)
    OUTPUT_BYTES.inc(reply.output_bytes)
    OUTPUT_PIXELS.inc(reply.width * reply.height)
    for name, step_seconds in reply.report.step_seconds if reply.report else ():
        STEP_SECONDS.labels(name).observe(step_seconds)
