"""What renders pictures, and how much of one may be copied at once."""

from importlib.metadata import version

import PIL
from PIL import _imaging

_LIBRARIES = {"OpenCV": "opencv-python-headless", "simplejpeg": "simplejpeg", "deflate": "deflate"}
ENGINE = ", ".join([f"Pillow {PIL.__version__}", *(f"{name} {version(of)}" for name, of in _LIBRARIES.items())])
PIXELS_AT_ONCE = 2**24  # a picture of more is never copied whole, to be short of memory later


def give_memory_back() -> None:
    """What Pillow keeps of pictures that are gone, for the next ones; OpenCV and the encoders cannot have it."""
    _imaging.clear_cache()
