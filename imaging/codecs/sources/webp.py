"""WebP: large still images are decoded without the canvases of an animation, of which Pillow's decoder needs two."""

from typing import Any

from PIL import WebPImagePlugin

from imaging import native
from imaging.codecs.containers.webp import read_chunks
from imaging.memory import PIXELS_AT_ONCE

_HEAD_BYTES = 30
_ANIMATED, _HAS_ALPHA = 0x02, 0x10  # flags of a VP8X chunk
_LOSSLESS_HAS_ALPHA = 0x10  # of the fifth byte of a VP8L chunk
_METADATA = {b"ICCP": "icc_profile", b"EXIF": "exif", b"XMP ": "xmp"}


class WebpFile(WebPImagePlugin.WebPImageFile):
    """A WebP as Pillow opens it, or a large still one, whose chunks are read here."""

    def _open(self) -> None:
        self._data = b""
        data: bytes = self.fp.getvalue()  # type: ignore[union-attr] # the decoder passes a BytesIO
        width, height = WebPImagePlugin._get_size(data[:_HEAD_BYTES]) or (0, 0)  # noqa: SLF001 - no public name
        chunks = dict(reversed([*read_chunks(data)]))  # the first of a name
        is_animated = bool(chunks.get(b"VP8X", b"\0")[0] & _ANIMATED)
        if width * height <= PIXELS_AT_ONCE or is_animated:
            super()._open()
            return
        self._data, self._size, self._mode = data, (width, height), "RGBA" if _has_alpha(chunks) else "RGB"
        self.n_frames, self.is_animated = 1, False
        self.info |= {key: bytes(chunks[name]) for name, key in _METADATA.items() if chunks.get(name)}

    def load(self) -> Any:  # noqa: ANN401 - as Pillow's
        """Raise OSError for what is damaged."""
        if not self._data:
            return super().load()
        if self._im is None:
            image = native.decode_webp(self._data, self._size, self._mode)
            self.im, self._mode = image.im, image.mode
        return self.im.pixel_access(self.readonly)


def _has_alpha(chunks: dict[bytes, memoryview]) -> bool:
    extended, lossless = chunks.get(b"VP8X"), chunks.get(b"VP8L")
    if extended:
        return bool(extended[0] & _HAS_ALPHA)
    return lossless is not None and len(lossless) > 4 and bool(lossless[4] & _LOSSLESS_HAS_ALPHA)  # noqa: PLR2004
