"""PNG: samples of 16 bits, of which Pillow decodes the high bytes, and numbers that describe colours."""

from dataclasses import replace
from io import BytesIO

from PIL import Image, ImageChops

from imaging import native
from imaging.codecs.containers.png import chunks
from imaging.codecs.containers.png.chunks import read_color_type, read_depth
from imaging.codecs.containers.png.color import read_color
from imaging.codecs.containers.png.repairs import clean
from imaging.codecs.source import BytePair, SourceImage
from imaging.codecs.source_info import DecodeHints, SourceInfo
from imaging.memory import has_room_for_words

_DEEP = 16


class PngSource(SourceImage):
    """Decodes the two bytes of each sample by themselves where all 16 bits count."""

    def _describe(self, name: str) -> SourceInfo:
        color = read_color(self.data)
        if color.overrides_profile:
            self.file.info.pop("icc_profile", None)
        self._color_space = color.space
        info = super()._describe(name)
        is_deep = read_depth(self.data) == _DEEP and not getattr(self.file, "is_animated", False)
        return replace(info, has_words=is_deep and has_room_for_words(info.size, len(self.file.getbands())))

    def _load(self, hints: DecodeHints) -> Image.Image:
        """Pillow compares eight bits of a transparent colour, or none."""
        if read_depth(self.data) != _DEEP or "transparency" not in self.file.info:
            return super()._load(hints)
        image = native.round_words(self._load_words(), None)
        image.info = {name: value for name, value in self.file.info.items() if name != "transparency"}
        return image

    def _load_words(self) -> BytePair:
        key = self.file.info.get("transparency")
        self.file.load()
        high, low = self._decode_words()
        if key is not None:
            alpha = _find_opaque((high, low), (key,) if isinstance(key, int) else key)
            high.putalpha(alpha)
            low.putalpha(alpha)
        return high, low

    def _decode_words(self) -> BytePair:
        match read_color_type(self.data):
            case chunks.GREY:
                high, low = self._decode_as("LA", "LA").split()
            case chunks.GREY_ALPHA:
                bands = self._decode_as("RGBA", "RGBA").split()
                high, low = (Image.merge("LA", bands[index::2]) for index in range(2))
            case _:
                mode = self.file.mode
                high, low = (self._decode_as(mode, f"{mode};16{order}") for order in "BL")
        return high, low

    def _decode_as(self, mode: str, rawmode: str) -> Image.Image:
        """As if the samples were of another kind, whose pixels take as many bytes."""
        file = Image.open(BytesIO(clean(self.data)), formats=["PNG"])
        file._mode = mode  # noqa: SLF001 - no public name
        file.tile = [tile._replace(args=rawmode) for tile in file.tile]
        file.load()
        return file


def _find_opaque(pair: BytePair, key: tuple[int, ...]) -> Image.Image:
    """255 for each pixel of another colour."""
    matches = Image.new("L", pair[0].size, 255)
    for image, shift in zip(pair, (8, 0), strict=True):
        for band, value in zip(image.split(), key, strict=True):
            table = [255 * (sample == value >> shift & 255) for sample in range(256)]
            matches = ImageChops.darker(matches, band.point(table))
    return ImageChops.invert(matches)
