"""Functions that keep alpha apart from colours, or process both together."""

from collections.abc import Callable

from PIL import Image, ImageChops

from imaging import native
from imaging.colors import has_alpha
from imaging.filters.luts import tabulate


def keeping_alpha(image: Image.Image, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Apply `change` to the colours, in L or RGB, and keep alpha bit for bit."""
    if not has_alpha(image):
        return change(image)
    changed = change(image.convert(image.mode.removesuffix("A")))
    changed.putalpha(image.getchannel("A"))
    return changed


def alpha_of(image: Image.Image) -> Image.Image | None:
    """Return the alpha, as a mask of what is visible; None for an image without."""
    return image.getchannel("A") if has_alpha(image) else None


def apply_premultiplied(image: Image.Image, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Apply `change` to colours multiplied by alpha, so that hidden colours do not bleed into their neighbours."""
    return unpremultiply(change(premultiply(image)))


def premultiply(image: Image.Image) -> Image.Image:
    """Convert LA to La and RGBA to RGBa; other modes are returned unchanged."""
    if image.mode == "RGBA":
        return native.premultiply(image)
    return image.convert("La") if image.mode == "LA" else image


def unpremultiply(image: Image.Image) -> Image.Image:
    """Convert La to LA and RGBa to RGBA; other modes are returned unchanged."""
    if image.mode == "RGBa":
        return native.unpremultiply(image)
    return image.convert("LA") if image.mode == "La" else image


def remove_alpha(image: Image.Image) -> Image.Image:
    """Convert LA to L and RGBA to RGB; other modes are returned unchanged."""
    return image.convert(image.mode.removesuffix("A")) if has_alpha(image) else image


def to_color(image: Image.Image) -> Image.Image:
    """Convert L to RGB and LA to RGBA; other modes are returned unchanged."""
    return image.convert(image.mode.replace("L", "RGB")) if image.mode in {"L", "LA"} else image


def fade(image: Image.Image, opacity: float) -> Image.Image:
    """Return the image in LA or RGBA, its alpha multiplied by `opacity` per cent."""
    mode = "LA" if image.mode in {"L", "LA"} else "RGBA"
    faded = image.convert(mode)
    faded.putalpha(faded.getchannel("A").point(tabulate(lambda alpha: alpha * opacity / 100)))
    return faded


def alpha_over(image: Image.Image, layer: Image.Image) -> Image.Image:
    """Composite `layer`, in LA or RGBA and of the same size, over the image. Grey over grey stays grey."""
    if image.mode in {"L", "LA"} and layer.mode == "LA":
        alpha = image.mode == "LA"
        blended = Image.alpha_composite(image.convert("RGBA"), layer.convert("RGBA"))
        return blended.convert("LA") if alpha else blended.convert("RGB").getchannel("R")
    below = to_color(image)
    if below.mode == "RGBA":
        return Image.alpha_composite(below, layer.convert("RGBA"))
    colors = layer.convert("RGB")
    return Image.composite(colors, below, layer.getchannel("A"))


def multiply_alpha(image: Image.Image, mask: Image.Image) -> Image.Image:
    """Return a copy whose alpha is multiplied by `mask`: black makes a pixel transparent."""
    shown = image.copy()
    shown.putalpha(ImageChops.multiply(image.getchannel("A"), mask) if has_alpha(image) else mask)
    return shown
