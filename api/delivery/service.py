"""Makes delivery URLs, and delivers what they name."""

import time
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from api.delivery.memory import DeliveredImage, image_of
from api.delivery.negotiation import Client, Negotiation, varying_headers
from api.delivery.paths import DeliveryPath, NamedImage, format_path, parse_named_image, parse_path
from api.delivery.recent import RECHECK_SECONDS, Recent
from api.delivery.renders import RenderInput, RenderLane
from api.delivery.signatures import UNSIGNED, check_thumbor, parse_key, parse_signature, signed_path
from api.delivery.sources import Source, Sources
from api.presets.service import Presets
from api.schemas import NewDeliveryUrlBody
from api.tasks.auxiliary_images import auxiliary_keys, check_auxiliary_images
from api.tasks.spec import RenderSpec, check_format, rejection
from core.errors import DarkroomError, DeliveryKeyMissing, LinkInvalid, NotFound, Problem
from core.settings import Settings
from core.telemetry import DELIVERIES
from imaging import AUTO
from rendering import RenderedOutput
from storage import DeliveryKey, Storage

_REMEMBERED = 1000  # versions: most requests are for those that were requested before
_MAY_CHANGE_SECONDS = 300  # how long a URL may be cached whose preset or source may change


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An image that was asked for, before it is rendered. `version` names its bytes."""

    source: Source
    spec: RenderSpec
    version: str
    max_age_seconds: int
    may_change: bool  # the same URL may have another version later
    vary: str  # request headers that choose among the versions of the URL


class Deliveries:
    def __init__(
        self, storage: Storage, presets: Presets, sources: Sources, lane: RenderLane, *, settings: Settings
    ) -> None:
        self._storage = storage
        self._presets = presets
        self._sources = sources
        self._lane = lane
        self._settings = settings
        self._negotiation = Negotiation(formats=tuple(settings.auto_formats))
        self._keys = Recent[UUID, DeliveryKey | None](seconds=RECHECK_SECONDS)

    async def sign(self, owner_id: UUID, body: NewDeliveryUrlBody) -> str:
        """Return the path of a URL, signed with the newest key. Raises the errors of a task, and DeliveryKeyMissing."""
        keys = await self._storage.delivery_keys.list(owner_id)
        if not keys:
            raise DeliveryKeyMissing("There is no key to sign with. Create one with POST /v1/delivery-keys.")
        spec = await self._presets.spec(body.steps, body.output, owner_id=owner_id)
        image = parse_named_image(body.source) if body.image_id is None else body.image_id
        await self._check(spec, await self._sources.find(image, owner_id=owner_id))
        expires = int(body.expires_at.timestamp()) if body.expires_at else None
        return signed_path(keys[-1], format_path(spec, image, hints=body.client_hints), expires=expires)

    async def find(self, signature: str, path: str, client: Client) -> Delivery:
        """Raises LinkInvalid or LinkExpired, and then the errors of a task."""
        if signature == UNSIGNED and self._settings.delivery_unsigned == "presets":
            return await self._find_unsigned(parse_path(path), client)
        parsed = parse_signature(signature)
        key = parsed.check(await self._key(parsed.key_id), path)
        return await self._find(key.owner_id, parse_path(path), client, expires=parsed.expires)

    def recall(self, signature: str, path: str, client: Client) -> Delivery | None:
        """Return the same for what is remembered: an uploaded image, by steps without auxiliary images.

        None also for what is an error.
        """
        try:
            parsed = parse_signature(signature)
            key = parsed.check(self._keys.recall(parsed.key_id), path)
            wanted = parse_path(path)
            spec = wanted.spec
        except DarkroomError:
            return None
        if spec is None or isinstance(wanted.image, NamedImage) or any(spec.pipeline.auxiliary_images):
            return None
        source = self._sources.uploaded.recall(wanted.image, owner_id=key.owner_id)
        return self._delivery(wanted, spec, source, client, expires=parsed.expires) if source else None

    def recall_image(self, delivery: Delivery) -> DeliveredImage | None:
        """Return the bytes if they are in memory: then all that could be wrong with the delivery was checked."""
        return self._lane.memory.recall(delivery.version)

    async def _find_unsigned(self, wanted: DeliveryPath, client: Client) -> Delivery:
        """Use the presets of the image's owner: what else anybody could ask for costs a render each."""
        has_options = wanted.output.keys() != {"format"} or wanted.hints
        if not wanted.is_preset or has_options or isinstance(wanted.image, NamedImage):
            raise LinkInvalid("Without a signature, only presets of uploaded images are delivered.")
        owner_id = await self._storage.images.owner_of(wanted.image)
        if owner_id is None:
            raise NotFound("Image not found.")
        return await self._find(owner_id, wanted, client, expires=None)

    async def find_thumbor(self, key_id: str, mac: str, path: str, client: Client, *, sent_path: str) -> Delivery:
        """Do the same for a URL of thumbor. `sent_path` still has its percent-encoding, which thumbor signs too."""
        key = check_thumbor(await self._key(parse_key(key_id)), mac, (sent_path, path))
        return await self._find(key.owner_id, self._sources.parse_thumbor_path(path), client, expires=None)

    async def _key(self, key_id: UUID) -> DeliveryKey | None:
        return await self._keys.get(key_id, partial(self._storage.delivery_keys.get, key_id))

    async def _find(self, owner_id: UUID, wanted: DeliveryPath, client: Client, *, expires: int | None) -> Delivery:
        spec = wanted.spec or await self._presets.spec(wanted.steps, wanted.output, owner_id=owner_id)
        source = await self._sources.find(wanted.image, owner_id=owner_id)
        await self._check(spec, source)
        return self._delivery(wanted, spec, source, client, expires=expires)

    def _delivery(
        self, wanted: DeliveryPath, spec: RenderSpec, source: Source, client: Client, *, expires: int | None
    ) -> Delivery:
        choose = _choose_again if spec is wanted.spec else _choose  # the spec of a preset is new for each request
        chosen, version = choose(self._negotiation, spec, client, wanted.hints, source.format, source.identity)
        return Delivery(
            source=source,
            spec=chosen,
            version=version,
            max_age_seconds=self._max_age(wanted, source, expires=expires),
            may_change=wanted.may_change or source.image_id is None,
            vary=varying_headers(is_auto=spec.output.format == AUTO, hints=wanted.hints),
        )

    async def deliver(self, delivery: Delivery) -> DeliveredImage:
        """Return the bytes. Raises Overloaded, and the PermanentError of an image that cannot be rendered."""
        is_first = False

        async def make() -> DeliveredImage:
            nonlocal is_first
            is_first = True
            render = partial(self._render, delivery)
            output, origin = await self._lane.stored.get(delivery.version, delivery.source, render)
            DELIVERIES.labels(origin).inc()
            return output

        output, was_kept = await self._lane.memory.get(delivery.version, make)
        if not is_first:
            DELIVERIES.labels("memory" if was_kept else "joined").inc()
        return output

    async def _check(self, spec: RenderSpec, source: Source) -> None:
        if spec.output.format != AUTO:
            check_format(spec, source.format)
        if spec.output.analyse:
            raise rejection([Problem("output.analyse", "is available in tasks only")])
        await check_auxiliary_images(spec, self._storage.images, owner_id=source.owner_id)

    def _max_age(self, wanted: DeliveryPath, source: Source, *, expires: int | None) -> int:
        may_change = wanted.may_change or source.image_id is None
        longest = _MAY_CHANGE_SECONDS if may_change else self._settings.delivery_max_age_seconds
        return longest if expires is None else max(0, min(longest, int(expires - time.time())))

    async def _render(self, delivery: Delivery) -> DeliveredImage:
        load = partial(self._load, delivery)
        rendered = await self._lane.renders.render(load, delivery.spec, owner_id=delivery.source.owner_id)
        return image_of(rendered.data, rendered.format, rendered=_recorded(rendered))

    async def _load(self, delivery: Delivery) -> RenderInput:
        keys = await auxiliary_keys(delivery.spec, self._storage.images, owner_id=delivery.source.owner_id)
        get = partial(self._storage.objects.get, max_bytes=self._settings.max_upload_bytes)
        auxiliary_images = {image_id: await get(key) for image_id, key in keys.items()}
        return RenderInput(source=await delivery.source.load(), auxiliary_images=auxiliary_images)


def _recorded(rendered: RenderedOutput) -> dict[str, Any]:
    """Return what a task records of such an output, beside its format and size."""
    return {
        "width": rendered.width,
        "height": rendered.height,
        "sha256": rendered.sha256,
        "render_report": rendered.report_with_warnings(),
    }


def _choose(  # noqa: PLR0913, PLR0917 - what an image depends on
    negotiation: Negotiation,
    spec: RenderSpec,
    client: Client,
    hints: tuple[str, ...],
    source_format: str,
    identity: tuple[str, ...],
) -> tuple[RenderSpec, str]:
    """Return the spec for this client, and the version of its bytes."""
    chosen = negotiation.apply(spec, client, hints=hints, source_format=source_format)
    return chosen, chosen.digest(*identity)


_choose_again = lru_cache(maxsize=_REMEMBERED)(_choose)
