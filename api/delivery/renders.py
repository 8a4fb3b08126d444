"""Render processes of delivery: apart from those of tasks, with a queue that has a deadline."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from api.delivery.memory import OutputMemory
from api.delivery.stored import StoredOutputs, open_stored
from api.tasks.spec import RenderSpec
from core.errors import Overloaded, WorkerLost
from core.settings import Settings
from core.sharing.gate import Gate
from core.telemetry import DELIVERY_QUEUE_SECONDS
from imaging import Preview
from rendering import RenderedOutput, Renderer, RenderSettings, open_renderer
from storage import Storage

_WAITING_PER_SLOT = 50
_LOADED_PER_SLOT = 2  # while one image is rendered, the next is loaded: docs/adr/0009, which has the same for tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderInput:
    """What a render reads. `preview`: `source` is a proxy."""

    source: bytes = field(repr=False)
    auxiliary_images: Mapping[UUID, bytes] = field(default_factory=dict, repr=False)
    preview: Preview | None = None


type Load = Callable[[], Awaitable[RenderInput]]


class DeliveryRenders:
    """Renders in `slots` processes, which start with the first render. Owners of images take turns."""

    def __init__(self, stack: AsyncExitStack, settings: Settings) -> None:
        self._stack = stack
        self._settings = settings
        slots, loaded = settings.delivery_slots, _LOADED_PER_SLOT * settings.delivery_slots
        self._places = Gate(loaded, share=loaded)
        self._processes = Gate(slots, share=slots)
        self._starting = asyncio.Lock()
        self._renderer: Renderer | None = None

    async def render(self, load: Load, spec: RenderSpec, *, owner_id: UUID) -> RenderedOutput:
        """Load the images once a process is free or about to be, so that few wait in memory, and render them.

        Raises Overloaded when the queue is full or the deadline passes, the errors of `load`, and those of a render.
        """
        caller, queue = f"user {owner_id}", _Queue(self._settings.delivery_queue_seconds)
        if self._places.waiting >= _WAITING_PER_SLOT * self._settings.delivery_slots:
            raise Overloaded("Too many images are waiting to be rendered. Try again later.")
        async with queue.turn(self._places, caller):
            renderer = await self._start()
            loaded = await load()
            async with queue.turn(self._processes, caller, is_last=True):
                return await _render(renderer, loaded, spec)

    async def _start(self) -> Renderer:
        async with self._starting:
            if self._renderer is None:
                seconds = self._settings.render_timeout_seconds
                limits = RenderSettings(
                    max_pixels=self._settings.max_image_pixels,
                    max_side=self._settings.max_image_side,
                    max_frames=self._settings.max_frames,
                    memory_bytes=self._settings.render_memory_bytes,
                    cpu_seconds=int(seconds) + 2,  # in case nobody is left to enforce the wall clock
                )
                self._renderer = await self._stack.enter_async_context(
                    open_renderer(limits, slots=self._settings.delivery_slots, timeout_seconds=seconds)
                )
            return self._renderer


class _Queue:
    """Where one image waits: for a place, and once it is loaded, for a process. Both take `seconds` at most."""

    def __init__(self, seconds: float) -> None:
        self._time = asyncio.get_running_loop().time
        self._seconds, self._waited_seconds = seconds, 0.0

    @asynccontextmanager
    async def turn(self, gate: Gate, caller: str, *, is_last: bool = False) -> AsyncIterator[None]:
        """Wait for a turn, and hold it. Raises Overloaded if it takes too long."""
        began = self._time()
        try:
            async with asyncio.timeout(self._seconds - self._waited_seconds):
                await gate.acquire(caller)
        except TimeoutError as error:
            is_last = True
            raise Overloaded("The image waited too long to be rendered. Try again later.") from error
        finally:
            self._waited_seconds += self._time() - began
            if is_last:
                DELIVERY_QUEUE_SECONDS.observe(self._waited_seconds)
        try:
            yield
        finally:
            gate.release(caller)


async def _render(renderer: Renderer, loaded: RenderInput, spec: RenderSpec) -> RenderedOutput:
    try:
        return await renderer.render(
            loaded.source,
            pipeline=spec.pipeline.as_json(),
            output_options=spec.output.model_dump(mode="json"),
            auxiliary_images=loaded.auxiliary_images,
            preview=loaded.preview,
        )
    except WorkerLost as error:
        raise Overloaded("The render was interrupted. Try again.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderLane:
    """What delivery and previews share: render processes, and the outputs that were asked for last. `stored`: all."""

    renders: DeliveryRenders
    memory: OutputMemory
    stored: StoredOutputs


@asynccontextmanager
async def open_lane(storage: Storage, settings: Settings) -> AsyncIterator[RenderLane]:
    """Open the lane: its render processes start with the first image that is asked for."""
    async with AsyncExitStack() as stack, open_stored(storage, settings) as stored:
        lane = RenderLane(
            renders=DeliveryRenders(stack, settings),
            memory=OutputMemory(max_bytes=settings.delivery_memory_bytes),
            stored=stored,
        )
        try:
            yield lane
        finally:
            await lane.memory.close()
