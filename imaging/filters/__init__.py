"""The catalogue of filters. A filter is one class in a group's folder, one line here and one picture test."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from imaging.filters.base import Filter as Filter
from imaging.filters.color.channels import ColorMatrix, Lightness, Rgb, SwapChannels, Temperature, Tint
from imaging.filters.color.lut import Lut
from imaging.filters.color.palette import Quantize, SimulateColorblind
from imaging.filters.color.saturation import Grayscale, Hue, Saturation, Sepia, Vibrance
from imaging.filters.color.toning import Colorize, Duotone, GradientMap, Monochrome, Tritone
from imaging.filters.color.transparency import Flatten, MakeTransparent, Opacity, ReplaceColor
from imaging.filters.compose.framing import DropShadow, Frame, Polaroid
from imaging.filters.compose.overlay import Overlay
from imaging.filters.compose.redact import Redact
from imaging.filters.compose.text import Text
from imaging.filters.compose.watermark import Watermark
from imaging.filters.detail.blurs import Blur, BoxBlur, MotionBlur, TiltShift, ZoomBlur
from imaging.filters.detail.convolution import Convolution, Detail, EdgeEnhance, Sharpen, Smooth, UnsharpMask
from imaging.filters.detail.rank import Denoise, Max, Median, Min, Mode
from imaging.filters.geometry.crop import Crop
from imaging.filters.geometry.flips import Flip, Flop, Transpose, Transverse
from imaging.filters.geometry.pad_trim import Pad, Trim
from imaging.filters.geometry.resize import Resize, Thumbnail
from imaging.filters.geometry.rotate import Rotate
from imaging.filters.geometry.shapes import Mask, RoundCorners
from imaging.filters.geometry.warp import Perspective, Shear
from imaging.filters.stylise.edges import Contour, Emboss, FindEdges, Sketch
from imaging.filters.stylise.light_effects import CrossProcess, Fade, Glow, Vignette
from imaging.filters.stylise.painting import Cartoonify, OilPaint
from imaging.filters.stylise.patterns import Glitch, Halftone, Noise, Pixelate
from imaging.filters.tone.brightness import Brightness, Contrast, Exposure, Gamma, Highlights, Invert, Shadows
from imaging.filters.tone.curves import Curves, Levels, Linear
from imaging.filters.tone.histogram import AutoContrast, Equalize
from imaging.filters.tone.thresholds import Posterize, Solarize, Threshold

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
    """Return the name, group, summary, preview note and JSON Schema of the parameters of each filter."""
    return [
        {
            "name": each.name,
            "group": each.group,
            "summary": each.summary,
            "preview_note": each.preview_note or None,
            "parameters": each.parameters(),
        }
        for each in _FILTERS
    ]
