"""Proxies: a small copy of an image, made once and stored beside it, from which its previews are rendered."""

import json
from dataclasses import dataclass, field
from functools import partial
from typing import Self

from api.delivery.memory import DeliveredImage
from api.delivery.renders import RenderInput, RenderLane
from api.tasks.spec import RenderSpec, spec_from
from core.errors import SourceMissing
from core.keys import proxy_key
from core.telemetry import PROXIES
from imaging import ENGINE, MAX_PREVIEW_SIDE
from storage import ObjectStore, StoredImage

_MEDIA_TYPE, _EXTENSION = "application/octet-stream", "proxy"
_MAX_BYTES = 8 * 2**20  # a PNG of the largest proxy has about 4 MiB at most
_STEPS = [{"filter": "thumbnail", "size": MAX_PREVIEW_SIDE}]
# A JPEG stays one, at a quality that costs no visible detail; all others may be transparent.
_JPEG = {"format": "jpeg", "quality": 95, "subsampling": "444", "frames": "first"}
_PNG = {"format": "png", "effort": 3, "frames": "first"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """An image file of at most MAX_PREVIEW_SIDE pixels a side. `source_size`: of the oriented source, in pixels."""

    data: bytes = field(repr=False)
    source_size: tuple[int, int]

    def encode(self) -> bytes:
        """Return a line of JSON and the file. The engine is stored, so that another one makes its own proxy."""
        return json.dumps({"engine": ENGINE, "source_size": self.source_size}).encode() + b"\n" + self.data

    @classmethod
    def decode(cls, stored: bytes) -> Self | None:
        """Return None for the proxy of another engine."""
        head, _, data = stored.partition(b"\n")
        fields = json.loads(head)
        width, height = fields["source_size"]
        return cls(data=data, source_size=(width, height)) if fields["engine"] == ENGINE else None


class Proxies:
    def __init__(self, objects: ObjectStore, lane: RenderLane, *, max_source_bytes: int) -> None:
        self._objects = objects
        self._lane = lane
        self._max_source_bytes = max_source_bytes

    async def get(self, image: StoredImage) -> Proxy:
        """Return the proxy, which is made if there is none. Raises Overloaded, and the errors of a render."""
        kept, was_kept = await self._lane.memory.get(f"{_EXTENSION} {image.image_id}", partial(self._load, image))
        if was_kept:
            PROXIES.labels("memory").inc()
        return Proxy.decode(kept.data) or await self._make(image)

    async def _load(self, image: StoredImage) -> DeliveredImage:
        proxy = await self._stored(image) or await self._make(image)
        return DeliveredImage(data=proxy.encode(), format=_EXTENSION, media_type=_MEDIA_TYPE, extension=_EXTENSION)

    async def _stored(self, image: StoredImage) -> Proxy | None:
        try:
            stored = await self._objects.get(proxy_key(image.image_id), max_bytes=_MAX_BYTES)
        except SourceMissing:
            return None
        PROXIES.labels("stored").inc()
        return Proxy.decode(stored)

    async def _make(self, image: StoredImage) -> Proxy:
        rendered = await self._lane.renders.render(partial(self._source, image), _spec(image), owner_id=image.owner_id)
        proxy = Proxy(data=rendered.data, source_size=rendered.source_size)
        key = proxy_key(image.image_id)
        await self._objects.put(key, proxy.encode(), media_type=_MEDIA_TYPE, file_name=f"{image.image_id}.{_EXTENSION}")
        PROXIES.labels("rendered").inc()
        return proxy

    async def _source(self, image: StoredImage) -> RenderInput:
        return RenderInput(source=await self._objects.get(image.key, max_bytes=self._max_source_bytes))


def _spec(image: StoredImage) -> RenderSpec:
    return spec_from(_STEPS, _JPEG if image.format == "jpeg" else _PNG)
