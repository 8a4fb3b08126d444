"""Finds what a preview or thumbnail shows, and renders it."""

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from typing import Literal
from uuid import UUID

from api.delivery.memory import DeliveredImage, Make, image_of
from api.delivery.renders import Load, RenderInput, RenderLane
from api.presets.service import Presets
from api.previews.proxies import Proxies
from api.tasks.auxiliary_images import auxiliary_keys, check_auxiliary_images, check_source
from api.tasks.spec import RenderSpec, rejection, spec_from
from core.errors import NotFound, Problem
from core.settings import Settings
from core.tasks import Output, Task
from core.telemetry import PREVIEWS
from imaging import ENGINE, MAX_AUXILIARY_BYTES, READABLE, Preview
from storage import Storage, StoredImage

THUMBNAIL_SIDE = 256  # pixels
_SHOWN = {"jpeg", "png", "webp", "gif", "avif"}  # by browsers; other formats are previewed as PNG
_THUMBNAIL = {"format": "webp", "quality": 80, "frames": "first"}
_Kind = Literal["preview", "image", "task"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallOutput:
    """A preview or thumbnail before it is rendered. `version` names its bytes."""

    kind: _Kind
    version: str
    make: Make


class Previews:
    def __init__(self, storage: Storage, presets: Presets, lane: RenderLane, settings: Settings) -> None:
        self._storage = storage
        self._presets = presets
        self._lane = lane
        self._max_source_bytes = settings.max_upload_bytes
        self._proxies = Proxies(storage.objects, lane, max_source_bytes=settings.max_upload_bytes)

    async def preview(
        self, owner_id: UUID, image_id: UUID, *, pipeline: object, output: object, max_side: int
    ) -> SmallOutput:
        """Raises the errors of a task, which include those of its steps."""
        spec = await self._presets.spec(pipeline, output, owner_id=owner_id)
        image = await self._image(image_id, owner_id=owner_id)
        spec = _for_browsers(spec, image)
        await check_auxiliary_images(spec, self._storage.images, owner_id=owner_id)
        return self._from_proxy("preview", image, spec, max_side=max_side)

    async def thumbnail(self, owner_id: UUID, image_id: UUID) -> SmallOutput:
        image = await self._image(image_id, owner_id=owner_id)
        return self._from_proxy("image", image, spec_from([], _THUMBNAIL), max_side=THUMBNAIL_SIDE)

    def task_thumbnail(self, task: Task, output: Output) -> SmallOutput:
        """Raises NotFound for an output that is no image that can be read."""
        if output.format not in READABLE:
            raise NotFound(f"The output is a file in the format {output.format}, of which no thumbnail can be made.")
        spec = spec_from([{"filter": "thumbnail", "size": THUMBNAIL_SIDE}], _THUMBNAIL)
        load = partial(self._load_output, output)
        version = _version(output.sha256, spec, THUMBNAIL_SIDE)
        return SmallOutput(kind="task", version=version, make=partial(self._render, load, spec, owner_id=task.owner_id))

    async def render(self, wanted: SmallOutput) -> DeliveredImage:
        """Return the bytes. Raises Overloaded, and the PermanentError of an image that cannot be rendered."""
        output, _ = await self._lane.memory.get(wanted.version, wanted.make)
        PREVIEWS.labels(wanted.kind).inc()
        return output

    async def _image(self, image_id: UUID, *, owner_id: UUID) -> StoredImage:
        image = await self._storage.images.get(image_id, owner_id=owner_id)
        if image is None:
            raise NotFound("Image not found.")
        check_source(image)
        return image

    def _from_proxy(self, kind: _Kind, image: StoredImage, spec: RenderSpec, *, max_side: int) -> SmallOutput:
        make = partial(self._render_preview, image, spec, max_side=max_side)
        return SmallOutput(kind=kind, version=_version(str(image.image_id), spec, max_side), make=make)

    async def _render_preview(self, image: StoredImage, spec: RenderSpec, *, max_side: int) -> DeliveredImage:
        proxy = await self._proxies.get(image)
        preview = Preview(source_size=proxy.source_size, max_side=max_side)
        load = partial(self._load, proxy.data, spec, preview, owner_id=image.owner_id)
        return await self._render(load, spec, owner_id=image.owner_id)

    async def _render(self, load: Load, spec: RenderSpec, *, owner_id: UUID) -> DeliveredImage:
        rendered = await self._lane.renders.render(load, spec, owner_id=owner_id)
        return image_of(rendered.data, rendered.format, warnings=rendered.warnings)

    async def _load(self, data: bytes, spec: RenderSpec, preview: Preview, *, owner_id: UUID) -> RenderInput:
        keys = await auxiliary_keys(spec, self._storage.images, owner_id=owner_id)
        get = partial(self._storage.objects.get, max_bytes=MAX_AUXILIARY_BYTES)
        auxiliary_images = {image_id: await get(key) for image_id, key in keys.items()}
        return RenderInput(source=data, auxiliary_images=auxiliary_images, preview=preview)

    async def _load_output(self, output: Output) -> RenderInput:
        return RenderInput(source=await self._storage.objects.get(output.key, max_bytes=self._max_source_bytes))


def _for_browsers(spec: RenderSpec, image: StoredImage) -> RenderSpec:
    """Return the spec with a format and the first frame. Raises InvalidPipeline for what no preview can show."""
    problems = [
        Problem(f"output.{name}", "is available in tasks only")
        for name, is_given in (("analyse", spec.output.analyse), ("auto_orient", not spec.output.auto_orient))
        if is_given
    ]
    if problems:
        raise rejection(problems)
    own = image.format if image.format in _SHOWN else "png"
    given = {"frames": "first", "format": own if spec.output.format == "auto" else spec.output.format}
    return spec_from(spec.pipeline.as_json(), {**spec.output.model_dump(mode="json"), **given}, preset=spec.preset)


def _version(source: str, spec: RenderSpec, max_side: int) -> str:
    """Return the digest of all that determines the bytes: source, canonical steps and options, side and engine."""
    fields = [source, spec.pipeline.as_json(), spec.output.model_dump(mode="json"), max_side, ENGINE]
    return hashlib.sha256(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
