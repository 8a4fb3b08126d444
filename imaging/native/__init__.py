"""The bridge to OpenCV, for what Pillow takes two to two hundred times as long for, and to codecs."""

from imaging.native.color import looked_up, mixed, premultiplied, straight
from imaging.native.jpeg import decoded
from imaging.native.modes import most_frequent
from imaging.native.neighbourhoods import box, convolved, darkest, gaussian, lightest, median, unsharp
from imaging.native.orient import turned
from imaging.native.png import compressed, inflated
from imaging.native.resize import shrunk

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
