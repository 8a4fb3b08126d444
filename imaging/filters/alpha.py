"""Changes colours beside, or together with, their alpha."""

from collections.abc import Callable

from PIL import Image, ImageChops

from imaging import native
from imaging.colors import has_alpha
from imaging.filters.luts import tabulate


def keeping_alpha(image: Image.Image, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """ImageFunction the colours, L or RGB; the alpha, if any, stays to the bit."""
    if not has_alpha(image):
        return change(image)
    changed = change(image.convert(image.mode.removesuffix("A")))
    changed.putalpha(image.getchannel("A"))
    return changed


def apply_premultiplied(image: Image.Image, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """ImageFunction colours and alpha together; what a transparent pixel hides does not bleed into its neighbours."""
    if image.mode == "RGBA":
        return native.unpremultiply(change(native.premultiply(image)))
    return change(image.convert("La")).convert("LA") if image.mode == "LA" else change(image)


def to_color(image: Image.Image) -> Image.Image:
    """The same picture with red, green and blue."""
    return image.convert(image.mode.replace("L", "RGB")) if image.mode in {"L", "LA"} else image


def fade(image: Image.Image, opacity: float) -> Image.Image:
    """RGBA or LA, with its alpha multiplied by `opacity` per cent."""
    mode = "LA" if image.mode in {"L", "LA"} else "RGBA"
    faded = image.convert(mode)
    faded.putalpha(faded.getchannel("A").point(tabulate(lambda alpha: alpha * opacity / 100)))
    return faded


def alpha_over(image: Image.Image, layer: Image.Image) -> Image.Image:
    """`layer`, RGBA or LA and as large as the picture, on top of it; both grey stay grey."""
    if image.mode in {"L", "LA"} and layer.mode == "LA":
        alpha = image.mode == "LA"
        laid = Image.alpha_composite(image.convert("RGBA"), layer.convert("RGBA"))
        return laid.convert("LA") if alpha else laid.convert("RGB").getchannel("R")
    picture = to_color(image)
    if picture.mode == "RGBA":
        return Image.alpha_composite(picture, layer.convert("RGBA"))
    colors = layer.convert("RGB")
    return Image.composite(colors, picture, layer.getchannel("A"))


def multiply_alpha(image: Image.Image, mask: Image.Image) -> Image.Image:
    """What the mask leaves out is transparent; what was transparent stays so."""
    shown = image.copy()
    shown.putalpha(ImageChops.multiply(image.getchannel("A"), mask) if has_alpha(image) else mask)
    return shown
