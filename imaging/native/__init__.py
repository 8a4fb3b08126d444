"""Arrays, and the C libraries beyond Pillow: OpenCV, simplejpeg and libdeflate.

Each function is imported when it is first used, so that API and worker, which only check pipelines, spare 28 MiB.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from PIL import Image

_MODULES = {
    "apply_lut": "color",
    "blend_with_blur": "gaussian",
    "box_blur": "neighbourhoods",
    "convolve": "neighbourhoods",
    "decode_jpeg": "jpeg",
    "decode_webp": "webp",
    "deflate_png": "png",
    "dilate": "neighbourhoods",
    "downscale": "resize",
    "erode": "neighbourhoods",
    "gaussian_blur": "gaussian",
    "inflate_png": "png",
    "is_whole_jpeg": "jpeg",
    "median_blur": "neighbourhoods",
    "mode_filter": "modes",
    "orient": "orientation",
    "premultiply": "color",
    "scale_samples": "samples",
    "sharpen": "neighbourhoods",
    "transform_colors": "color",
    "unpack_masks": "bmp",
    "unpremultiply": "color",
}

if TYPE_CHECKING:
    from imaging.native.bmp import unpack_masks
    from imaging.native.color import apply_lut, premultiply, transform_colors, unpremultiply
    from imaging.native.gaussian import blend_with_blur, gaussian_blur
    from imaging.native.jpeg import decode_jpeg, is_whole_jpeg
    from imaging.native.modes import mode_filter
    from imaging.native.neighbourhoods import (
        box_blur,
        convolve,
        dilate,
        erode,
        median_blur,
        sharpen,
    )
    from imaging.native.orientation import orient
    from imaging.native.png import deflate_png, inflate_png
    from imaging.native.resize import downscale
    from imaging.native.samples import scale_samples
    from imaging.native.webp import decode_webp
else:

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - whichever function it is
        if name not in _MODULES:
            raise AttributeError(name)
        function = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = function
        return function


__all__ = [
    "apply_lut",
    "blend_with_blur",
    "box_blur",
    "convolve",
    "decode_jpeg",
    "decode_webp",
    "deflate_png",
    "dilate",
    "downscale",
    "erode",
    "gaussian_blur",
    "inflate_png",
    "is_array",
    "is_whole_jpeg",
    "load",
    "median_blur",
    "mode_filter",
    "orient",
    "premultiply",
    "scale_samples",
    "sharpen",
    "transform_colors",
    "unpack_masks",
    "unpremultiply",
]


def load() -> None:
    """Import all of them at once, before processes that use them are forked."""
    for module in set(_MODULES.values()):
        import_module(f"{__name__}.{module}")


def is_array(image: Image.Image) -> bool:
    """Whether the pixels are an array that Pillow has no copy of. Imports nothing."""
    return getattr(image, "pixels", None) is not None
