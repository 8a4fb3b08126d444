"""What a filter is: its parameters are the fields of a frozen model, its work is one pure function of a picture."""

import re
from abc import abstractmethod
from typing import Any, ClassVar, Literal, cast

from PIL import Image
from pydantic import BaseModel, ConfigDict

from imaging.orientation import Orientation
from imaging.orientation import Size as Size  # noqa: PLC0414 - filters take it from here

Group = Literal["geometry", "tone", "color", "detail", "stylise", "compose"]

_BEFORE_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class Filter(BaseModel):
    """A step of a pipeline. Pictures come and go in mode L, LA, RGB or RGBA; none is changed in place."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    name: ClassVar[str]  # the class's, in snake case
    group: ClassVar[Group]  # the folder that holds its module
    summary: ClassVar[str]
    changes_alpha: ClassVar[bool] = False  # the others of tone and color leave alpha as it is, to the bit
    pixelwise: ClassVar[bool] = False  # whether what becomes of a pixel depends on its own value alone
    averages: ClassVar[bool] = False  # whether each value becomes a mean of its band, as its luma does of luma
    runs_natively: ClassVar[bool] = False  # whether they do all of it

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        cls.name = _BEFORE_CAPITAL.sub("_", cls.__name__).lower()
        cls.group = cast("Group", cls.__module__.split(".")[-2])

    @property
    def sees_luma_only(self) -> bool:
        """Whether colours matter by their BT.601 luma alone, so that the same picture in grey gives the same."""
        return False

    def as_orientation(self) -> Orientation | None:
        """Where all that it does is to lay the picture down in another way."""
        return None

    def accepts_array(self, size: Size) -> bool:  # noqa: ARG002 - of a resize it depends on that
        """Whether a picture of `size` goes to a kernel, so that Pillow need not have it before."""
        return self.runs_natively

    @abstractmethod
    def apply(self, image: Image.Image) -> Image.Image:
        """No I/O, no clock, no randomness. Raises InvalidStep when this very picture cannot take the step."""

    def size_after(self, size: Size) -> Size:
        """Width and height of what `apply` makes of a picture of `size`: asked first, to refuse what is too large.

        Where the picture itself decides, as in trim, the most that it may be.
        """
        return size

    @classmethod
    def parameters(cls) -> dict[str, Any]:
        """The JSON Schema of the parameters: defaults, ranges, units and descriptions."""
        schema = cls.model_json_schema()
        return {key: value for key, value in schema.items() if key not in {"title", "description"}}
