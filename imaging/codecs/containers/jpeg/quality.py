"""Estimates the quality that a JPEG was saved with from its quantization table. ITU-T T.81, annex K.1; jcparam.c."""

from collections.abc import Sequence

# For luma at quality 50, in rows.
_LUMA = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)
_MIDDLE = 50


def estimate_quality(luma: Sequence[int]) -> int:
    """The quality, 1 to 100, whose table in libjpeg comes closest to `luma`, 64 values in rows.

    Exact for what libjpeg wrote, and about as fine for the tables of others.
    """
    return min(range(1, 101), key=lambda quality: sum(map(_distance, luma, _scale(quality))))


def _scale(quality: int) -> list[int]:
    percent = 5000 // quality if quality < _MIDDLE else 200 - 2 * quality
    return [min(255, max(1, (value * percent + 50) // 100)) for value in _LUMA]


def _distance(one: int, other: int) -> float:
    """Relative, as fine steps matter more."""
    return abs(one - other) / (one + other)
