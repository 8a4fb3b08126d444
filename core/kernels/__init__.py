"""The bridge to OpenCV, for what Pillow takes two to two hundred times as long for, and JPEGs read for it."""

from core.kernels.jpegs import decoded
from core.kernels.mixtures import mixed
from core.kernels.modes import most_frequent
from core.kernels.neighbourhoods import box, convolved, darkest, gaussian, lightest, median, unsharp
from core.kernels.scaling import shrunk

__all__ = [
    "box",
    "convolved",
    "darkest",
    "decoded",
    "gaussian",
    "lightest",
    "median",
    "mixed",
    "most_frequent",
    "shrunk",
    "unsharp",
]
