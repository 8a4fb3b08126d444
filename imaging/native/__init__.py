"""Arrays, and the C libraries beyond Pillow: OpenCV, simplejpeg and libdeflate.

Each function is imported when it is first used, so that API and worker, which only check pipelines, spare 28 MiB.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from PIL import Image

_MODULES = {
    "box": "neighbourhoods",
    "compressed": "png",
    "convolved": "neighbourhoods",
    "darkest": "neighbourhoods",
    "decoded": "jpeg",
    "gaussian": "neighbourhoods",
    "inflated": "png",
    "lightest": "neighbourhoods",
    "looked_up": "color",
    "median": "neighbourhoods",
    "mixed": "color",
    "most_frequent": "modes",
    "premultiplied": "color",
    "shrunk": "resize",
    "straight": "color",
    "turned": "orientation",
    "unsharp": "neighbourhoods",
}

if TYPE_CHECKING:
    from imaging.native.color import looked_up, mixed, premultiplied, straight
    from imaging.native.jpeg import decoded
    from imaging.native.modes import most_frequent
    from imaging.native.neighbourhoods import box, convolved, darkest, gaussian, lightest, median, unsharp
    from imaging.native.orientation import turned
    from imaging.native.png import compressed, inflated
    from imaging.native.resize import shrunk
else:

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - whichever function it is
        if name not in _MODULES:
            raise AttributeError(name)
        function = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = function
        return function


__all__ = [
    "box",
    "compressed",
    "convolved",
    "darkest",
    "decoded",
    "gaussian",
    "inflated",
    "is_array",
    "lightest",
    "load",
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


def load() -> None:
    """Import all of them at once, before processes that use them are forked."""
    for module in set(_MODULES.values()):
        import_module(f"{__name__}.{module}")


def is_array(image: Image.Image) -> bool:
    """Whether the pixels are an array that Pillow has no copy of. Imports nothing."""
    return getattr(image, "pixels", None) is not None
