"""Filters that take a second picture: one that its owner has uploaded before, named by its id."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Annotated, ClassVar
from uuid import UUID

from PIL import Image
from pydantic import Field

from core.errors import InvalidStep
from imaging.codecs.formats import READABLE
from imaging.filters.base import Filter
from imaging.limits import Limits

MAX_AUXILIARY_BYTES = 32 * 2**20  # of the second pictures of one task together

ImageId = Annotated[
    UUID,
    Field(strict=False, json_schema_extra={"unit": "id"}, description="A picture of yours, from POST /v1/images."),
]
ImageFunction = Callable[[Image.Image], Image.Image]


class AuxiliaryImageFilter(Filter):
    """Has to be bound to the bytes of its second picture before it can be applied."""

    accepted_formats: ClassVar[frozenset[str]] = frozenset(READABLE)  # formats of the second picture

    image_id: ImageId

    @abstractmethod
    def bind(self, data: bytes, *, limits: Limits) -> ImageFunction:
        """`apply`, once the second picture is decoded. Raises a PermanentError when it cannot be."""

    def apply(self, image: Image.Image) -> Image.Image:
        raise InvalidStep(f"a picture of {image.width} x {image.height} pixels came without its second picture")
