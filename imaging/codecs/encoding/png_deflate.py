"""Compresses PNGs by libdeflate: Pillow tries five filters a row, and its zlib is slow (ADR 22)."""

from collections.abc import Iterator
from enum import IntEnum

from PIL import Image, ImageFile, _imaging

from imaging import native


class Kind(IntEnum):
    """In place of zlib's strategies 0 to 4, as the option `compress_type` of a PNG."""

    PHOTOGRAPH = 100
    DRAWING = 101


_DEPTHS = {"1": 1, "2": 2, "4": 4}  # bits a sample, as in the raw mode "P;4"


class _Compressor(ImageFile.PyEncoder):
    """Registered as the encoder that Pillow uses for a PNG's IDAT chunks."""

    _pushes_fd = True  # so that `encode` is called once, for everything

    def encode(self, _bufsize: int) -> tuple[int, int, bytes]:
        rawmode, _optimize, level, kind, _dictionary = self.args
        is_known = kind in set(Kind)
        data = self._deflate(rawmode, level, kind) if is_known else b"".join(self._encode_by_pillow())
        return len(data), 1, data

    def _deflate(self, rawmode: str, level: int, kind: int) -> bytes:
        assert self.im is not None  # noqa: S101 - set by Pillow before it asks
        image = Image.Image()._new(self.im)  # noqa: SLF001 - no public name
        depth = _DEPTHS.get(rawmode.partition(";")[2], 8)
        return bytes(native.deflate_png(image, level=level, is_drawing=kind == Kind.DRAWING, depth=depth))

    def _encode_by_pillow(self) -> Iterator[bytes]:
        encoder = _imaging.zip_encoder(self.mode, *self.args)
        encoder.setimage(self.im, self.state.extents())
        done = 0
        while not done:
            _, done, data = encoder.encode(ImageFile.MAXBLOCK)
            yield data


Image.register_encoder("zip", _Compressor)
