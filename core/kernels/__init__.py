"""The bridge to OpenCV, for what Pillow takes two to two hundred times as long for, and to codecs."""

from core.kernels.alpha import premultiplied, straight
from core.kernels.jpegs import decoded
from core.kernels.modes import most_frequent
from core.kernels.neighbourhoods import box, convolved, darkest, gaussian, lightest, median, unsharp
from core.kernels.pngs import compressed, inflated
from core.kernels.recoloring import looked_up, mixed
from core.kernels.scaling import shrunk
from core.kernels.turning import turned

__all__ = [
    "box",
    "compressed",
    "convolved",
    "darkest",
    "decoded",
    "gaussian",
    "inflated",
    "lightest",
    "looked_up",
    "median",
    "mixed",
    "most_frequent",
    "premultiplied",
    "shrunk",
    "straight",
    "turned",
    "unsharp",
]
