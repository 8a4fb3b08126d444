"""Filters that take a second picture: one that its owner has uploaded before, named by its id."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Annotated, ClassVar
from uuid import UUID

from PIL import Image, ImageChops
from pydantic import Field

from core.errors import InvalidStep
from imaging.codecs.formats import READABLE
from imaging.filters.base import Filter, as_color
from imaging.filters.luts import curve
from imaging.limits import Limits

MAX_AUXILIARY_BYTES = 32 * 2**20  # of the second pictures of one task together

ImageId = Annotated[
    UUID,
    Field(strict=False, json_schema_extra={"unit": "id"}, description="A picture of yours, from POST /v1/images."),
]
Change = Callable[[Image.Image], Image.Image]


class SecondPicture(Filter):
    """Has to be bound to the bytes of its second picture before it can be applied."""

    takes: ClassVar[frozenset[str]] = frozenset(READABLE)  # formats of the second picture

    image_id: ImageId

    @abstractmethod
    def bind(self, data: bytes, *, limits: Limits) -> Change:
        """`apply`, once the second picture is decoded. Raises a PermanentError when it cannot be."""

    def apply(self, image: Image.Image) -> Image.Image:
        raise InvalidStep(f"a picture of {image.width} x {image.height} pixels came without its second picture")


def fade(image: Image.Image, opacity: float) -> Image.Image:
    """RGBA or LA, with its alpha multiplied by `opacity` per cent."""
    mode = "LA" if image.mode in {"L", "LA"} else "RGBA"
    faded = image.convert(mode)
    faded.putalpha(faded.getchannel("A").point(curve(lambda alpha: alpha * opacity / 100)))
    return faded


def lay_over(image: Image.Image, layer: Image.Image) -> Image.Image:
    """`layer`, RGBA or LA and as large as the picture, on top of it; both grey stay grey."""
    if image.mode in {"L", "LA"} and layer.mode == "LA":
        alpha = image.mode == "LA"
        laid = Image.alpha_composite(image.convert("RGBA"), layer.convert("RGBA"))
        return laid.convert("LA") if alpha else laid.convert("RGB").getchannel("R")
    picture = as_color(image)
    if picture.mode == "RGBA":
        return Image.alpha_composite(picture, layer.convert("RGBA"))
    colors = layer.convert("RGB")
    return Image.composite(colors, picture, layer.getchannel("A"))


def multiply_alpha(layer: Image.Image, mask: Image.Image) -> Image.Image:
    """A copy of `layer`, seen only where the mask is white."""
    masked = layer.copy()
    masked.putalpha(ImageChops.multiply(layer.getchannel("A"), mask))
    return masked
