"""An image that is sent in place of an error, so that a page shows it where an image is missing."""

from dataclasses import dataclass, field
from pathlib import Path

from starlette.responses import Response

from api.errors import headers_of, status_of
from core.errors import ConfigurationError, DarkroomError
from core.telemetry import REJECTIONS
from imaging import MEDIA_TYPES, READABLE, sniff

_LARGEST_BYTES = 2**20  # it is kept in memory, and sent for every error


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackImage:
    data: bytes = field(repr=False)
    media_type: str

    def respond(self, error: DarkroomError) -> Response:
        """Return the image with the status of the error, which no cache keeps. Its code is in a header."""
        REJECTIONS.labels(error.code).inc()
        own = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "cross-origin", "X-Error-Code": error.code}
        headers = {**headers_of(error), **own}
        return Response(self.data, status_of(type(error)), headers=headers, media_type=self.media_type)


def read_fallback(path: str) -> FallbackImage | None:
    """Return the image of the setting, if there is one. Raises ConfigurationError for a file that is no image."""
    if not path:
        return None
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"DARKROOM_DELIVERY_FALLBACK: {path} cannot be read.") from error
    found = sniff(data)
    if found not in READABLE or found == "svg" or len(data) > _LARGEST_BYTES:
        raise ConfigurationError(f"DARKROOM_DELIVERY_FALLBACK: {path} must be an image of at most 1 MiB, and no SVG.")
    return FallbackImage(data=data, media_type=MEDIA_TYPES[found])
