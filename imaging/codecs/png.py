"""PNG: a transparent colour of 16 bits, of which Pillow compares eight or none."""

from io import BytesIO

from PIL import Image, ImageChops

from imaging.codecs.containers.png_chunks import read_depth
from imaging.codecs.containers.png_color import read_color
from imaging.codecs.containers.png_repairs import clean
from imaging.codecs.source import DecodeHints, SourceImage, SourceInfo
from imaging.codecs.srgb import to_8_bit

_DEEP = 16
# How Pillow calls the high and the low bytes of samples.
_BYTES = {"RGB": ("RGB;16B", "RGB;16L"), "L": ("L;16B", "L;16")}


class PngSource(SourceImage):
    """Finds the transparent pixels by decoding the two bytes of each sample by themselves."""

    def _describe(self, name: str) -> SourceInfo:
        color = read_color(self.data)
        if color.overrides_profile:
            self.file.info.pop("icc_profile", None)
        self._color_space = color.space
        return super()._describe(name)

    def _load(self, hints: DecodeHints) -> Image.Image:
        key = self.file.info.get("transparency") if read_depth(self.data) == _DEEP else None
        image = super()._load(hints)
        if key is None or image.mode not in {"RGB", "I;16"}:
            return image
        alpha = self._find_opaque((key,) if isinstance(key, int) else key)
        opaque = image.copy() if image.mode == "RGB" else to_8_bit(image)
        opaque.info = {name: value for name, value in self.file.info.items() if name != "transparency"}
        opaque.putalpha(alpha)
        return opaque

    def _find_opaque(self, key: tuple[int, ...]) -> Image.Image:
        """255 for each pixel of another colour."""
        matches = Image.new("L", self.file.size, 255)
        mode = "L" if len(key) == 1 else "RGB"
        for rawmode, shift in zip(_BYTES[mode], (8, 0), strict=True):
            for band, value in zip(self._decode_bytes(mode, rawmode).split(), key, strict=True):
                table = [255 * (sample == value >> shift & 255) for sample in range(256)]
                matches = ImageChops.darker(matches, band.point(table))
        return ImageChops.invert(matches)

    def _decode_bytes(self, mode: str, rawmode: str) -> Image.Image:
        file = Image.open(BytesIO(clean(self.data)), formats=["PNG"])
        file._mode = mode  # noqa: SLF001 - no public name
        file.tile = [tile._replace(args=rawmode) for tile in file.tile]
        file.load()
        return file
