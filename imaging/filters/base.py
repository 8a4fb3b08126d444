"""The base of all filters: parameters are the fields of a frozen model, `apply` is a pure function of an image."""

import re
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Literal, Protocol, Self, cast

from PIL import Image
from pydantic import BaseModel, ConfigDict, PrivateAttr
from pydantic.fields import FieldInfo

from imaging.filters.pixels import Pixels
from imaging.orientation import IDENTITY, Box, Orientation
from imaging.orientation import Size as Size  # noqa: PLC0414 - filters import it from here

Group = Literal["geometry", "tone", "color", "detail", "stylise", "compose"]

_BEFORE_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class Scaling(Protocol):
    """A resize that gives the same, to a rounding, for an image that is oriented later or was decoded smaller."""

    @property
    def is_symmetric(self) -> bool:
        """Whether the resize of a mirrored image is the mirror image of the resize."""

    def scaled(self, size: Size) -> Size: ...

    def apply_oriented(self, image: Image.Image, *, orientation: Orientation) -> Image.Image: ...

    def apply_shrunk(
        self,
        image: Image.Image,
        *,
        full: Size,
        shrink_factor: float,
        orientation: Orientation,
        offset: tuple[float, float],
    ) -> Image.Image: ...


class Filter(BaseModel):
    """A step of a pipeline. Images are in mode L, LA, RGB or RGBA, and are never changed in place."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    name: ClassVar[str]  # the class's, in snake case
    group: ClassVar[Group]  # the folder that holds its module
    summary: ClassVar[str]
    changes_alpha: ClassVar[bool] = False  # every other filter of tone and color keeps alpha bit for bit
    pixelwise: ClassVar[bool] = False  # each new pixel depends only on the old value of that pixel
    averages: ClassVar[bool] = False  # each value is a mean of its band, so that luma is a mean of luma
    runs_natively: ClassVar[bool] = False  # imaging.native does all of it
    mixes_colors: ClassVar[bool] = False  # of neighbours, whatever their alpha: the runner replaces hidden ones
    working_bytes: ClassVar[int] = 0  # a pixel that `apply` takes beside a large image and the result
    sizes_by_content: ClassVar[bool] = False  # the output's size depends on more than the size of the image
    preview_note: ClassVar[str] = ""  # why a preview, made from a smaller copy, differs visibly from the output

    # How long a pixel of the original image is here: 1, or less in a preview, which is made from a smaller copy.
    _pixel: float = PrivateAttr(default=1.0)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        cls.name = _BEFORE_CAPITAL.sub("_", cls.__name__).lower()
        cls.group = cast("Group", cls.__module__.split(".")[-2])

    @property
    def sees_luma_only(self) -> bool:
        """Whether it reads only the BT.601 luma of colours, so that a grey copy of the image gives the same."""
        return False

    @property
    def moves_samples(self) -> bool:
        """Whether size alone decides which sample goes where, and it adds none but a colour's.

        It then does the same to the high and the low bytes of samples of 16 bits.
        """
        return self.as_orientation() is not None or self.as_crop() is not None

    @property
    def reach(self) -> int | None:
        """How many rows above and below it a row of the output depends on, wherever it is; None if on any.

        A large image is processed in bands of some rows, so that there is no second copy of it at any moment.
        """
        return 0 if self.pixelwise else None

    def as_orientation(self) -> Orientation | None:
        """Return the orientation, if the filter does nothing but flip or rotate by right angles."""
        return None

    def as_crop(self) -> Callable[[Size], Box] | None:
        """Return the function from an image's size to the box it cuts out, if size alone decides it.

        That function raises InvalidStep if nothing is left.
        """
        return None

    def as_resize(self) -> Scaling | None:
        """Return the resize, if it only scales and the image may be oriented later or decoded smaller."""
        return None

    def changes_nothing(self, size: Size) -> bool:
        """Whether the parameters leave every image of `size` as it is. At an `amount` of 0, every filter does."""
        crop = self.as_crop()
        if crop:
            return crop(size) == (0, 0, *size)
        return self.as_orientation() == IDENTITY or getattr(self, "amount", None) == 0

    def is_cut_off(self, size: Size) -> bool:  # noqa: ARG002 - text decides by it
        """Whether a part of what the filter draws lies outside of an image of `size`."""
        return False

    def accepts_array(self, size: Size) -> bool:  # noqa: ARG002 - a resize decides by it
        """Whether an image of `size` is passed to native code first, so that Pillow needs no copy of it."""
        return self.runs_natively

    @abstractmethod
    def apply(self, image: Image.Image) -> Image.Image:
        """Return the new image. Pure: no I/O, no clock, no randomness.

        Raises InvalidStep if the step cannot be applied to this particular image.
        """

    def size_after(self, size: Size) -> Size:
        """Return the width and height that `apply` gives an image of `size`, to reject large outputs beforehand.

        Where the content decides, as in trim, the largest possible size.
        """
        return size

    def for_preview(self, factor: float) -> Self:
        """Return the step for a copy of the image whose sides are `factor` times as long; factor is 0..1.

        A filter that reaches over neighbours without a parameter in pixels reads `_pixel`.
        """
        declared = {name: marks[0] for name, field in type(self).model_fields.items() if (marks := _pixels_of(field))}
        values = {name: mark.scale(getattr(self, name), factor) for name, mark in declared.items()}
        step = self.model_copy(update=values)
        step._pixel = self._pixel * factor  # noqa: SLF001 - its own class
        return step

    @classmethod
    def parameters(cls) -> dict[str, Any]:
        """Return the JSON Schema of the parameters: defaults, ranges, units and descriptions."""
        schema = cls.model_json_schema()
        return {key: value for key, value in schema.items() if key not in {"title", "description"}}


def _pixels_of(field: FieldInfo) -> list[Pixels]:
    return [mark for mark in field.metadata if isinstance(mark, Pixels)]
