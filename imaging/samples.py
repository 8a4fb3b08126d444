"""How a TIFF stores the samples of its pixels: plain numbers, so that the codec and native code share them."""

from dataclasses import dataclass
from typing import Literal

from imaging.memory import has_room_for_words

SampleKind = Literal["uint", "int", "float"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLayout:
    """Segments are the strips or tiles of a file; each of their rows begins at a whole byte."""

    size: tuple[int, int]
    bits: int  # a sample
    kind: SampleKind
    is_big_endian: bool
    stored_bands: int  # samples a pixel, with those that are not shown
    colors: int  # how many of them are colours: 1, 3 or 4
    alpha: int | None  # index of the band
    is_premultiplied: bool
    is_planar: bool  # each band in segments of its own
    predictor: int  # 1 none, 2 horizontal, 3 floating point
    segment_width: int  # pixels: of a tile, or of the image
    is_white_zero: bool
    is_lab: bool = False  # CIE L*a*b*, of which a* and b* are signed
    no_data: float | None = None  # a value that stands for no pixel

    @property
    def mode(self) -> str:
        name = {1: "L", 3: "RGB", 4: "CMYK"}[self.colors]
        return name if self.alpha is None else name + "A"

    @property
    def can_be_words(self) -> bool:
        """Whether 16 bits a sample can stay: grey or RGB, and little enough for it."""
        return self.colors <= 3 and not self.is_lab and has_room_for_words(self.size, self.stored_bands)  # noqa: PLR2004

    @property
    def planes(self) -> int:
        return self.stored_bands if self.is_planar else 1

    @property
    def plane_bands(self) -> int:
        return 1 if self.is_planar else self.stored_bands

    @property
    def segments_across(self) -> int:
        return -(-self.size[0] // self.segment_width)

    @property
    def segment_row_bytes(self) -> int:
        return (self.segment_width * self.plane_bands * self.bits + 7) // 8

    @property
    def row_bytes(self) -> int:
        return self.segments_across * self.segment_row_bytes
