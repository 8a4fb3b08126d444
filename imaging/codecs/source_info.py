"""What is known of a file before it is decoded, and how much of it a plan needs."""

from dataclasses import dataclass

from imaging.orientation import IDENTITY, Orientation, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """What is known of a file before its pixels are decoded, and what its decoder can do for a plan."""

    format: str
    size: Size  # of the stored pixels, before any orientation is applied
    exif_orientation: int = 1  # 1..8
    pending_orientation: Orientation = IDENTITY  # left to the plan; other decoders orient what they return
    shrink_factors: tuple[int, ...] = ()  # by which each side can be divided while decoding, largest first
    most_enlargement: float = 1  # of each side: what a drawing, which has no pixels of its own, can be drawn at
    has_luma_plane: bool = False  # whether luma can be decoded without chroma
    decoder_bytes: int | None = None  # a pixel, where the file decides and not its format
    has_words: bool = False  # whether samples have more than 8 bits, and 16 can be decoded


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeHints:
    """How much of a file a plan needs."""

    shrink_factor: float = 1  # 1, one of `SourceInfo.shrink_factors`, or at least 1 / `SourceInfo.most_enlargement`
    luma_only: bool = False
    as_array: bool = False  # native code reads the pixels first, so Pillow needs no copy of them
    keep_words: bool = False  # whether 16 bits a sample are to stay, unless colours have to be converted


EVERYTHING = DecodeHints()
