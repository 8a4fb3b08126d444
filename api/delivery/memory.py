"""Outputs in memory: those that were asked for last, and one render for all who ask at the same time."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from imaging import MEDIA_TYPES, RenderWarning, extension


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredImage:
    data: bytes = field(repr=False)
    format: str
    media_type: str
    extension: str
    warnings: tuple[RenderWarning, ...] = ()  # of previews; an output that was stored has none
    rendered: dict[str, Any] | None = field(default=None, repr=False)  # what a task records of such an output


def image_of(
    data: bytes,
    image_format: str,
    *,
    warnings: tuple[RenderWarning, ...] = (),
    rendered: dict[str, Any] | None = None,
) -> DeliveredImage:
    """Return the image with the media type and extension of its format."""
    return DeliveredImage(
        data=data,
        format=image_format,
        media_type=MEDIA_TYPES[image_format],
        extension=extension(image_format),
        warnings=warnings,
        rendered=rendered,
    )


Make = Callable[[], Awaitable[DeliveredImage]]


class OutputMemory:
    """Keeps up to `max_bytes` of outputs, and drops those that were not used for longest."""

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, DeliveredImage] = OrderedDict()
        self._running: dict[str, asyncio.Task[DeliveredImage]] = {}

    async def get(self, key: str, make: Make) -> tuple[DeliveredImage, bool]:
        """Return the output, and whether it was kept. Otherwise `make` it, once for all who wait for this key.

        It is made to its end though a client disconnects: others may wait for it.
        """
        if kept := self.recall(key):
            return kept, True
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = asyncio.create_task(self._make(key, make))
            running.add_done_callback(lambda task: self._finish(key, task))
        return await asyncio.shield(running), False

    def recall(self, key: str) -> DeliveredImage | None:
        """Return the output if it is kept."""
        if kept := self._kept.get(key):
            self._kept.move_to_end(key)
        return kept

    async def close(self) -> None:
        """Cancel what is being made."""
        for task in (running := tuple(self._running.values())):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _make(self, key: str, make: Make) -> DeliveredImage:
        image = await make()
        if len(image.data) <= self._max_bytes:
            self._kept[key] = image
            self._bytes += len(image.data)
        while self._bytes > self._max_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest.data)
        return image

    def _finish(self, key: str, task: asyncio.Task[DeliveredImage]) -> None:
        del self._running[key]
        if not task.cancelled():
            task.exception()  # everybody who waited may have disconnected
