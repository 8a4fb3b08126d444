"""Arrays, and the C libraries beyond Pillow: OpenCV, simplejpeg, libdeflate, libheif, libjxl and resvg.

Each function is imported when it is first used, so that API and worker, which only check pipelines, spare 28 MiB.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from PIL import Image

_MODULES = {
    "HeicImageFile": "formats.heif",
    "apply_lut": "color",
    "blend_with_blur": "gaussian",
    "box_blur": "neighbourhoods",
    "clear_hidden_colors": "hidden_colors",
    "convert_to_srgb": "color_spaces",
    "convolve": "neighbourhoods",
    "crc32": "formats.png",
    "decode_jpeg": "formats.jpeg",
    "decompress_brotli": "formats.jxl",
    "decode_jxl": "formats.jxl",
    "decode_jxl_words": "formats.jxl",
    "decode_webp": "formats.webp",
    "deflate_png": "formats.png",
    "dilate": "neighbourhoods",
    "downscale": "resize",
    "draw_svg": "formats.svg",
    "encode_jxl": "formats.jxl",
    "erode": "neighbourhoods",
    "fill_hidden_colors": "hidden_colors",
    "gaussian_blur": "gaussian",
    "hides_colors": "hidden_colors",
    "index_colors": "palettes",
    "inflate_png": "formats.png",
    "interleave_words": "words",
    "count_extra_bytes": "formats.jpeg",
    "is_grey": "palettes",
    "median_blur": "neighbourhoods",
    "mode_filter": "modes",
    "orient": "orientation",
    "premultiply": "color",
    "read_jxl_profile": "formats.jxl",
    "resample_light": "resize",
    "round_words": "words",
    "scale_samples": "samples",
    "scale_to_words": "samples",
    "sharpen": "neighbourhoods",
    "transform_colors": "color",
    "unpack_masks": "formats.bmp",
    "unpremultiply": "color",
}

if TYPE_CHECKING:
    from imaging.native.color import apply_lut, premultiply, transform_colors, unpremultiply
    from imaging.native.color_spaces import convert_to_srgb
    from imaging.native.formats.bmp import unpack_masks
    from imaging.native.formats.heif import HeicImageFile
    from imaging.native.formats.jpeg import count_extra_bytes, decode_jpeg
    from imaging.native.formats.jxl import decode_jxl, decode_jxl_words, decompress_brotli, encode_jxl, read_jxl_profile
    from imaging.native.formats.png import crc32, deflate_png, inflate_png
    from imaging.native.formats.svg import draw_svg
    from imaging.native.formats.webp import decode_webp
    from imaging.native.gaussian import blend_with_blur, gaussian_blur
    from imaging.native.hidden_colors import clear_hidden_colors, fill_hidden_colors, hides_colors
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
    from imaging.native.palettes import index_colors, is_grey
    from imaging.native.resize import downscale, resample_light
    from imaging.native.samples import scale_samples, scale_to_words
    from imaging.native.words import interleave_words, round_words
else:

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - whichever function it is
        if name not in _MODULES:
            raise AttributeError(name)
        function = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = function
        return function


__all__ = [
    "HeicImageFile",
    "apply_lut",
    "blend_with_blur",
    "box_blur",
    "clear_hidden_colors",
    "convert_to_srgb",
    "convolve",
    "count_extra_bytes",
    "crc32",
    "decode_jpeg",
    "decode_jxl",
    "decode_jxl_words",
    "decode_webp",
    "decompress_brotli",
    "deflate_png",
    "dilate",
    "downscale",
    "draw_svg",
    "encode_jxl",
    "erode",
    "fill_hidden_colors",
    "gaussian_blur",
    "hides_colors",
    "index_colors",
    "inflate_png",
    "interleave_words",
    "is_array",
    "is_grey",
    "load",
    "median_blur",
    "mode_filter",
    "orient",
    "premultiply",
    "read_jxl_profile",
    "resample_light",
    "round_words",
    "scale_samples",
    "scale_to_words",
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
