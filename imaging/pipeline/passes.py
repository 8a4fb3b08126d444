"""What a plan is made of: the steps that are taken at once, and the one function that takes them."""

from dataclasses import dataclass

from imaging.filters import Filter
from imaging.filters.auxiliary import ImageFunction
from imaging.filters.base import Size
from imaging.filters.color_transform import ColorFilter, ColorTransform
from imaging.orientation import IDENTITY, Orientation


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Steps, each with its place in the pipeline. Without any it turns a picture upright as its EXIF says.

    `turn`: what the picture is still to take for the last step to see it as its author did.
    """

    steps: tuple[Filter, ...]
    places: tuple[int, ...]
    apply: ImageFunction
    recoloring: ColorTransform | None = None  # where that is all that they do
    moves: bool = False  # pixels, and changes none
    turns: bool = False  # all of them, and does nothing else
    turn: Orientation = IDENTITY
    size_before: Size | None = None  # where it is not that of what was decoded

    @property
    def name(self) -> str:
        return "+".join(step.name for step in self.steps)

    @property
    def blame(self) -> str:
        """The step that is to be named in errors: those before it cannot fail."""
        return f"pipeline.{self.places[-1]} ({self.steps[-1].name})"

    @property
    def sees_luma_only(self) -> bool:
        return self.recoloring.sees_luma_only if self.recoloring else self.steps[0].sees_luma_only

    def takes_array(self, size: Size) -> bool:
        """Whether it is a kernel that a picture of `size` is handed to."""
        if self.turns:
            return True
        if self.recoloring:
            return self.recoloring.mixes
        return any(step.accepts_array(self.turn.size_after(size)) for step in self.steps[-1:])

    @property
    def looks_up(self) -> bool:
        """Whether tables are all that it takes."""
        return self.recoloring is not None and self.recoloring.looks_up

    def size_after(self, size: Size) -> Size:
        """Or with its sides swapped, where the picture is turned later."""
        seen = self.turn.size_after(self.size_before or size)
        return self.steps[-1].size_after(seen) if self.steps else seen


def pass_of(step: Filter, place: int) -> Pass:
    recoloring = step.color_transform() if isinstance(step, ColorFilter) else None
    return Pass(steps=(step,), places=(place,), apply=step.apply, recoloring=recoloring)
