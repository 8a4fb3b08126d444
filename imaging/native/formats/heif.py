"""Decodes HEIC with libheif and libde265, which pi-heif has."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from pi_heif import HeifFile, HeifImage, options, set_orientation
from PIL import ImageFile

from core.errors import ImageTooLarge, UnsupportedImageFeature

options.DECODE_THREADS = 0  # a worker runs one render a core
options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False

# How libheif's messages begin.
_UNSUPPORTED = ("Unsupported feature", "Unsupported file-type", "No decoding plugin", "Error while loading plugin")
_TOO_LARGE = ("Security limit", "Memory allocation error: Security limit")
_DAMAGED = ("Memory allocation error: Invalid image size",)
_NO_MEMORY = ("Memory allocation error",)
_KEPT = ("exif", "xmp", "icc_profile")


class HeicImageFile(ImageFile.ImageFile):
    """The primary image of a HEIC, which libheif composes of its tiles, orients and converts to 8 bits a sample.

    `info` has its EXIF and XMP, with a normal orientation, and its ICC profile.
    """

    format = "HEIF"
    format_description = "HEIC"

    def _open(self) -> None:
        data = self.fp.getvalue()  # type: ignore[union-attr] # the decoder passes a BytesIO
        self._primary = _translated(lambda: _open_primary(data))
        self._size, self._mode, self.tile = self._primary.size, self._primary.mode, []
        set_orientation(self._primary.info)  # to normal: that of the container counts, and libheif applies it
        self.info = {name: value for name, value in self._primary.info.items() if name in _KEPT and value}

    def load(self) -> Any:  # noqa: ANN401 - as Pillow's
        """Raise ValueError or RuntimeError for what is damaged."""
        if self._primary is not None:
            primary, self._primary = self._primary, None
            pixels = _translated(lambda: primary.data)
            self.load_prepare()
            self.frombytes(pixels, "raw", (primary.mode, primary.stride))
        return super().load()


def _open_primary(data: bytes) -> HeifImage:
    file = HeifFile(BytesIO(data), convert_hdr_to_8bit=True, remove_stride=False)
    if not len(file):
        raise UnsupportedImageFeature("This HEIC does not use HEVC compression, which is the only one supported.")
    return file[file.primary_index]


def _translated[T](read: Callable[[], T]) -> T:
    """Raise what the message of libheif means; others are errors of the file."""
    try:
        return read()
    except (RuntimeError, SyntaxError, ValueError) as error:
        message = str(error)
        if message.startswith(_TOO_LARGE):
            raise ImageTooLarge("The HEIC has more pixels, tiles or boxes than can be decoded.") from error
        if message.startswith(_NO_MEMORY) and not message.startswith(_DAMAGED):
            raise MemoryError(message) from error
        if message.startswith(_UNSUPPORTED):
            raise UnsupportedImageFeature("This HEIC is stored in a way that is not supported.") from error
        raise ValueError(message) from error
