"""What a plan is made of: steps that run together, and the one function that does what they do."""

from dataclasses import dataclass

from imaging.filters import Filter
from imaging.filters.auxiliary import ImageFunction
from imaging.filters.base import Size
from imaging.filters.color_transform import ColorFilter, ColorTransform
from imaging.orientation import IDENTITY, Orientation


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Steps, each with its index in the pipeline. Without any, it applies the EXIF orientation of the file.

    `orientation` is what the image still needs, while it runs, to look as its last step expects.
    """

    steps: tuple[Filter, ...]
    indices: tuple[int, ...]
    apply: ImageFunction
    color_transform: ColorTransform | None = None  # where it does nothing else
    moves_pixels: bool = False  # whole ones, and changes none
    only_orients: bool = False
    orientation: Orientation = IDENTITY
    size_before: Size | None = None  # where it is not that of the decoded image

    @property
    def name(self) -> str:
        return "+".join(step.name for step in self.steps)

    @property
    def label(self) -> str:
        """The step that errors name, as `pipeline.2 (crop)`: those before it in the pass cannot fail."""
        return label_of(self.steps[-1], self.indices[-1]) if self.steps else "auto_orient"

    @property
    def reach(self) -> int | None:
        """As of a filter: how many rows above and below it a row depends on; None where it may be any."""
        return None if self.moves_pixels else self.steps[-1].reach

    @property
    def working_bytes(self) -> int:
        """As of a filter: bytes a pixel beside the image and the result."""
        return 0 if self.moves_pixels else self.steps[-1].working_bytes

    @property
    def mixes_colors(self) -> bool:
        """As of a filter: whether colours under alpha 0 would show in the visible pixels around them."""
        return not self.moves_pixels and any(step.mixes_colors for step in self.steps)

    @property
    def sees_luma_only(self) -> bool:
        return self.color_transform.sees_luma_only if self.color_transform else self.steps[0].sees_luma_only

    @property
    def only_looks_up(self) -> bool:
        """Whether it consists of look-up tables."""
        return self.color_transform is not None and self.color_transform.looks_up

    def reads_array(self, size: Size) -> bool:
        """Whether native code gets an image of `size` first."""
        if self.only_orients:
            return True
        if self.color_transform:
            return self.color_transform.mixes
        return any(step.accepts_array(self.orientation.size_after(size)) for step in self.steps[-1:])

    def size_after(self, size: Size) -> Size:
        """Width and height of its output; the sides may be swapped where the orientation is applied later."""
        seen = self.orientation.size_after(self.size_before or size)
        return self.steps[-1].size_after(seen) if self.steps else seen


def label_of(step: Filter, index: int) -> str:
    return f"pipeline.{index} ({step.name})"


def pass_of(step: Filter, index: int) -> Pass:
    """The pass that runs one step alone."""
    transform = step.color_transform() if isinstance(step, ColorFilter) else None
    return Pass(steps=(step,), indices=(index,), apply=step.apply, color_transform=transform)
