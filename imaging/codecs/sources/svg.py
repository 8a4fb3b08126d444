"""SVG: drawn at the size that the plan asks for, so that it is sharp however large the output is."""

from dataclasses import replace

from PIL import Image, ImageFile

from core.errors import ImageTooLarge
from imaging import native
from imaging.codecs.containers.svg.document import SvgDocument, read_svg
from imaging.codecs.source import SourceImage
from imaging.codecs.source_info import DecodeHints, SourceInfo
from imaging.limits import Limits
from imaging.orientation import Size

_MOST_LAYER_BYTES = 2**29  # of all layers that are drawn at once
_MOST_SAMPLES = 4 * 10**9  # that one filter primitive reads: some ten seconds
_LAYERS = 3  # that any drawing needs: its own, as a PNG, and decoded
_PIXEL_BYTES = 4


class SvgFile(ImageFile.ImageFile):
    """A document, in the size that it gives itself. It has no pixels: see SvgSource."""

    format = "SVG"
    format_description = "SVG"

    def _open(self) -> None:
        self._size, self._mode, self.tile = (1, 1), "RGBA", []

    def read(self, limits: Limits) -> SvgDocument:
        """Raise InvalidImage, ImageTooLarge or UnsupportedImageFeature."""
        document = read_svg(self.fp.getvalue(), limits)  # type: ignore[union-attr] # the decoder passes a BytesIO
        self._size = document.size
        return document


class SvgSource(SourceImage):
    """Draws instead of decoding."""

    file: SvgFile

    def _describe(self, name: str) -> SourceInfo:
        self._document = self.file.read(self._limits)
        width, height = self._document.size
        pixels = min(self._limits.max_pixels, _MOST_LAYER_BYTES // _PIXEL_BYTES // (_LAYERS + self._document.layers))
        most = min((pixels / (width * height)) ** 0.5, self._limits.max_side / max(width, height))
        return replace(super()._describe(name), size=(width, height), most_enlargement=max(1, most))

    def _load(self, hints: DecodeHints) -> Image.Image:
        width, height = (max(1, round(side / hints.shrink_factor)) for side in self.info.size)
        self._check_cost((width, height), 1 / hints.shrink_factor)
        return native.draw_svg(self._document.to_text((width, height)))

    def _check_cost(self, size: Size, scale: float) -> None:
        """Raise ImageTooLarge, and MemoryError: resvg would end the process where it has no memory."""
        pixels, layers = size[0] * size[1], self._document.layers + _LAYERS
        if pixels * layers * _PIXEL_BYTES > _MOST_LAYER_BYTES:
            raise ImageTooLarge(
                f"The SVG nests {self._document.layers} layers, too many to be drawn at {size[0]} x {size[1]} pixels."
            )
        if pixels * self._document.most_samples(scale) > _MOST_SAMPLES:
            raise ImageTooLarge(f"A filter of the SVG takes too long to be drawn at {size[0]} x {size[1]} pixels.")
        bytearray(pixels * layers * _PIXEL_BYTES)
