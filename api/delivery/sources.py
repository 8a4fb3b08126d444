"""Where delivered images come from: uploads of their owner, and named sources."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from api.delivery.negotiation import supported_options
from api.delivery.paths import DeliveryPath, NamedImage, check_source_path, parse_image
from api.delivery.recent import RECHECK_SECONDS, Recent
from api.tasks.auxiliary_images import check_source
from core.errors import NotFound, Overloaded
from core.settings import EVERYBODY, NamedSource, Settings, WebSource
from imaging import AUTO, READABLE, parse_output_options, parse_thumbor_url
from storage import (
    FoundImage,
    ImageRepository,
    ObjectStore,
    Origin,
    Storage,
    StoredImage,
    UserRepository,
    normalize_email,
    open_origins,
)

_WITHOUT_SLASH = re.compile(r"(?<=https):/(?!/)|(?<=http):/(?!/)")  # proxies merge slashes
_FORMATS = {"png": "png", "gif": "gif", "svg": "svg"}  # for `auto`; all others have a JPEG as fallback


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An image before it is loaded. `identity` changes with its bytes; `image_id`: of an uploaded one."""

    name: str  # of the file that is delivered, without extension
    owner_id: UUID
    image_id: UUID | None
    identity: tuple[str, ...]
    format: str
    modified_at: datetime
    load: Callable[[], Awaitable[bytes]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedSources:
    images: ImageRepository
    objects: ObjectStore
    max_bytes: int
    recent: Recent[tuple[UUID, UUID], StoredImage | None]

    async def find(self, image_id: UUID, *, owner_id: UUID) -> Source:
        """Raises NotFound for an image that the owner does not have, and InvalidRequest for a file that is no image."""
        look = partial(self.images.get, image_id, owner_id=owner_id)
        image = await self.recent.get((image_id, owner_id), look)
        if image is None:
            raise NotFound("Image not found.")
        check_source(image)
        return self._source(image, owner_id)

    def recall(self, image_id: UUID, *, owner_id: UUID) -> Source | None:
        """Return the source if its row is remembered, and it is an image."""
        image = self.recent.recall((image_id, owner_id))
        return self._source(image, owner_id) if image and image.format in READABLE else None

    def _source(self, image: StoredImage, owner_id: UUID) -> Source:
        return Source(
            name=str(image.image_id),
            owner_id=owner_id,
            image_id=image.image_id,
            identity=(str(owner_id), image.sha256),
            format=image.format,
            modified_at=image.created_at,
            load=partial(self.objects.get, image.key, max_bytes=self.max_bytes),
        )


class NamedSources:
    """Looks an image up at its origin at most once in `source_check_seconds`, also to see whether it has changed."""

    def __init__(self, users: UserRepository, origins: Mapping[str, Origin], settings: Settings) -> None:
        self._users = users
        self._origins = origins
        self._sources = settings.named_sources
        self._max_bytes = settings.max_upload_bytes
        self._checked = Recent[NamedImage, FoundImage](seconds=settings.source_check_seconds)

    async def find(self, image: NamedImage, *, owner_id: UUID) -> Source:
        """Raises NotFound also for a source that the owner may not use, and the errors of `Origin.look`."""
        source = self._sources.get(image.source)
        if source is None or not await self._may_use(source, owner_id):
            raise NotFound("Image not found.")
        found = await self._checked.get(image, partial(self._origins[image.source].look, image.path))
        stem, _, suffix = image.path.rpartition("/")[2].rpartition(".")
        return Source(
            name=_file_name(stem or suffix),
            owner_id=owner_id,
            image_id=None,
            identity=(image.source, image.path, found.version, str(owner_id)),
            format=_FORMATS.get(suffix.lower(), ""),
            modified_at=found.modified_at,
            load=partial(self._read, image, found.version),
        )

    async def _may_use(self, source: NamedSource, owner_id: UUID) -> bool:
        if source.users == EVERYBODY:
            return True
        user = await self._users.get(owner_id)
        return user is not None and user.email in map(normalize_email, source.users)

    async def _read(self, image: NamedImage, version: str) -> bytes:
        try:
            return await self._origins[image.source].read(image.path, version=version, max_bytes=self._max_bytes)
        except (NotFound, Overloaded):  # it has changed since the last look
            self._checked.drop(image)
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    uploaded: UploadedSources
    named: NamedSources
    urls: Mapping[str, str]  # of origins, each with the name of its source

    def parse_thumbor_path(self, path: str) -> DeliveryPath:
        """Return what a URL of thumbor names. Its image is an id, `shop:cat.jpg` or a URL of a named origin."""
        found = parse_thumbor_url(path)
        output = {"format": AUTO, **found.output}
        if (wanted := output["format"]) != AUTO:  # as thumbor does it: a PNG has no quality, which is no error
            options = parse_output_options({**output, "format": AUTO}).model_copy(update={"format": wanted})
            output = supported_options(options, wanted)
        return DeliveryPath(image=self._image(found.image), steps=found.steps, output=output)

    def _image(self, text: str) -> UUID | NamedImage:
        text = _WITHOUT_SLASH.sub("://", text, count=1)
        for url, name in self.urls.items():
            if text.startswith(url):
                return NamedImage(name, check_source_path(text.removeprefix(url)))
        return parse_image(text)

    async def find(self, image: UUID | NamedImage, *, owner_id: UUID) -> Source:
        if isinstance(image, NamedImage):
            return await self.named.find(image, owner_id=owner_id)
        return await self.uploaded.find(image, owner_id=owner_id)


@asynccontextmanager
async def open_sources(storage: Storage, settings: Settings) -> AsyncIterator[Sources]:
    async with open_origins(settings) as origins:
        yield Sources(
            uploaded=UploadedSources(
                images=storage.images,
                objects=storage.objects,
                max_bytes=settings.max_upload_bytes,
                recent=Recent(seconds=RECHECK_SECONDS),
            ),
            named=NamedSources(storage.users, origins, settings),
            urls=_urls(settings.named_sources),
        )


def _urls(sources: Mapping[str, NamedSource]) -> Mapping[str, str]:
    """Return the URLs of origins, the longest first: one may begin with another."""
    found = {f"{each.url.rstrip('/')}/": name for name, each in sources.items() if isinstance(each, WebSource)}
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def _file_name(text: str) -> str:
    """Return a name that a header can have."""
    return "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "_" for char in text) or "image"
