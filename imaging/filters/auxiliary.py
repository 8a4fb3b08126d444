"""Filters that use an auxiliary image: one that the user uploaded before, given by its id."""

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

MAX_AUXILIARY_BYTES = 32 * 2**20  # of all auxiliary images of one task together

ImageId = Annotated[
    UUID,
    Field(
        strict=False,
        json_schema_extra={"unit": "id"},
        description="Id of an image that you uploaded with POST /v1/images.",
    ),
]
ImageFunction = Callable[[Image.Image], Image.Image]


class AuxiliaryImageFilter(Filter):
    """A filter that must be bound to the bytes of its auxiliary image before it can be applied."""

    accepted_formats: ClassVar[frozenset[str]] = frozenset(READABLE)  # of the auxiliary image

    image_id: ImageId

    @abstractmethod
    def bind(self, data: bytes, *, limits: Limits) -> ImageFunction:
        """Decode the auxiliary image and return the function to use as `apply`.

        Raises a PermanentError if it cannot be decoded.
        """

    def apply(self, image: Image.Image) -> Image.Image:  # noqa: ARG002 - the bound function reads it
        raise InvalidStep(f"the auxiliary image {self.image_id} is missing")
