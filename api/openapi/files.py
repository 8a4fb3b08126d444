"""Answers that are no JSON: their media types, and the headers that a cache or a download needs."""

from collections.abc import Iterator, Mapping
from typing import Any

type Json = dict[str, Any]

_BROWSER_IMAGES = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif")
_ANY_FILE = ("application/octet-stream",)
_CACHED = ("ETag", "Cache-Control")
_PARTIAL = ("Content-Range", "Accept-Ranges")
_DELIVERED = ("Last-Modified", "Vary", "Accept-Ranges", "Content-Disposition")
_MEDIA_TYPES: Mapping[str, tuple[str, ...]] = {
    "getDelivery": (*_BROWSER_IMAGES, *_ANY_FILE),
    "getThumborDelivery": (*_BROWSER_IMAGES, *_ANY_FILE),
    "createPreview": _BROWSER_IMAGES,
    "getImageThumbnail": ("image/webp",),
    "getTaskThumbnail": ("image/webp",),
    "getOutput": _ANY_FILE,
    "getObject": _ANY_FILE,
    "metrics": ("text/plain",),
}
_HEADERS: Mapping[tuple[str, str], tuple[str, ...]] = {
    **{(name, "200"): (*_CACHED, *_DELIVERED) for name in ("getDelivery", "getThumborDelivery")},
    **{(name, "206"): (*_CACHED, *_DELIVERED, "Content-Range") for name in ("getDelivery", "getThumborDelivery")},
    **{(name, "200"): (*_CACHED, "Content-Disposition") for name in ("getImageThumbnail", "getTaskThumbnail")},
    ("createPreview", "200"): (*_CACHED, "Content-Disposition", "Darkroom-Warnings"),
    ("getOutput", "200"): ("Content-Disposition",),
    ("getOutput", "307"): ("Location",),
    ("getObject", "200"): ("ETag", "Accept-Ranges", "Content-Disposition"),
    ("getObject", "206"): ("ETag", *_PARTIAL, "Content-Disposition"),
    ("listFilters", "200"): _CACHED,
}


def describe_files(operations: Iterator[Json]) -> None:
    for operation in operations:
        for media_type in _MEDIA_TYPES.get(operation["operationId"], ()):
            for status in operation["responses"].keys() & {"200", "206"}:
                content = operation["responses"][status].setdefault("content", {})
                content[media_type] = {"schema": {"type": "string", "format": "binary"}}


def file_headers(operation_id: str, status: str) -> tuple[str, ...]:
    """Return the names of the headers of such an answer."""
    return _HEADERS.get((operation_id, status), ())
