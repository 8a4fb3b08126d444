"""The catalogue. A filter is one class in one of these files, one line here and one picture test."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from core.filters.base import Filter as Filter
from core.filters.blurs import BoxBlur, MotionBlur, TiltShift, ZoomBlur
from core.filters.channels import ColorMatrix, Lightness, Rgb, SwapChannels, Temperature, Tint
from core.filters.color import Grayscale, Hue, Saturation, Sepia, Vibrance
from core.filters.crop import Crop
from core.filters.detail import Blur, Convolution, Detail, EdgeEnhance, Sharpen, Smooth, UnsharpMask
from core.filters.edges import Contour, Emboss, FindEdges, Sketch
from core.filters.frames import DropShadow, Frame, Polaroid
from core.filters.geometry import Resize, Rotate, Thumbnail
from core.filters.histogram import AutoContrast, Equalize
from core.filters.lettering import Text
from core.filters.levels import Curves, Levels, Linear
from core.filters.light_effects import CrossProcess, Fade, Glow, Vignette
from core.filters.lut import Lut
from core.filters.margins import Pad, Trim
from core.filters.mirrors import Flip, Flop, Transpose, Transverse
from core.filters.overlay import Overlay
from core.filters.painting import Cartoonify, OilPaint
from core.filters.palette import Quantize, SimulateColorblind
from core.filters.ranks import Denoise, Max, Median, Min, Mode
from core.filters.redaction import Redact
from core.filters.shapes import Mask, RoundCorners
from core.filters.slant import Perspective, Shear
from core.filters.steps import Posterize, Solarize, Threshold
from core.filters.stylise import Glitch, Halftone, Noise, Pixelate
from core.filters.tone import Brightness, Contrast, Exposure, Gamma, Highlights, Invert, Shadows
from core.filters.toning import Colorize, Duotone, GradientMap, Monochrome, Tritone
from core.filters.transparency import Flatten, MakeTransparent, Opacity, ReplaceColor
from core.filters.watermark import Watermark

_FILTERS: tuple[type[Filter], ...] = (
    Resize,
    Thumbnail,
    Crop,
    Trim,
    Pad,
    Rotate,
    Flip,
    Flop,
    Transpose,
    Transverse,
    Shear,
    Perspective,
    RoundCorners,
    Mask,
    Brightness,
    Contrast,
    Exposure,
    Gamma,
    Highlights,
    Shadows,
    Levels,
    Curves,
    AutoContrast,
    Equalize,
    Linear,
    Threshold,
    Posterize,
    Solarize,
    Invert,
    Grayscale,
    Sepia,
    Saturation,
    Vibrance,
    Hue,
    Lightness,
    Temperature,
    Tint,
    Rgb,
    ColorMatrix,
    SwapChannels,
    Monochrome,
    Duotone,
    Tritone,
    Colorize,
    GradientMap,
    ReplaceColor,
    MakeTransparent,
    Quantize,
    SimulateColorblind,
    Opacity,
    Flatten,
    Lut,
    Blur,
    BoxBlur,
    MotionBlur,
    TiltShift,
    ZoomBlur,
    Sharpen,
    UnsharpMask,
    Smooth,
    Detail,
    EdgeEnhance,
    Median,
    Min,
    Max,
    Mode,
    Denoise,
    Convolution,
    Pixelate,
    Vignette,
    Noise,
    Emboss,
    Contour,
    FindEdges,
    Sketch,
    OilPaint,
    Cartoonify,
    Halftone,
    Glow,
    CrossProcess,
    Fade,
    Glitch,
    Text,
    Frame,
    DropShadow,
    Polaroid,
    Redact,
    Watermark,
    Overlay,
)

CATALOGUE: Mapping[str, type[Filter]] = MappingProxyType({each.name: each for each in _FILTERS})


def describe_catalogue() -> list[dict[str, Any]]:
    """Each filter's name, group, one-line summary and the JSON Schema of its parameters."""
    return [
        {"name": each.name, "group": each.group, "summary": each.summary, "parameters": each.parameters()}
        for each in _FILTERS
    ]
