"""What renders pictures. OpenCV is loaded by whoever uses it first, so that API and worker spare its 28 MiB."""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import PIL
from PIL import Image, _imaging

_LIBRARIES = {"OpenCV": "opencv-python-headless", "simplejpeg": "simplejpeg", "deflate": "deflate"}
ENGINE = ", ".join([f"Pillow {PIL.__version__}", *(f"{name} {version(of)}" for name, of in _LIBRARIES.items())])
PIXELS_AT_ONCE = 2**24  # a picture of more is never copied whole, to be short of memory later


def give_memory_back() -> None:
    """What Pillow keeps of pictures that are gone, for the next ones; OpenCV and the encoders cannot have it."""
    _imaging.clear_cache()


def is_array(image: Image.Image) -> bool:
    """Whether kernels have its pixels at hand, and Pillow has not. Asked without importing them."""
    return getattr(image, "pixels", None) is not None


class _Kernels:
    """`imaging.native`, imported when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever is there
        return getattr(import_module("imaging.native"), name)


if TYPE_CHECKING:
    from imaging import native as kernels
else:
    kernels = _Kernels()

__all__ = ["ENGINE", "PIXELS_AT_ONCE", "give_memory_back", "is_array", "kernels"]
