"""What succeeded and is probably not what was asked for. Codes are stable: docs/errors.md lists them."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Annotated, Literal

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from core.errors import PermanentError
from imaging.codecs.formats import ANIMATED, Format
from imaging.codecs.output_options import OutputOptions
from imaging.codecs.source import SourceImage
from imaging.colors import OPAQUE, has_alpha
from imaging.filters import Filter
from imaging.orientation import Size

Code = Literal["step_without_effect", "text_cut_off", "transparency_lost", "frames_dropped", "target_bytes_exceeded"]
MEANINGS: dict[Code, str] = {
    "step_without_effect": "with these parameters, the step leaves an image of this size as it is",
    "text_cut_off": "a part of the text lies outside of the image",
    "transparency_lost": "transparent parts became opaque, as the format of the output has no transparency",
    "frames_dropped": "only the first frame of an animation is in the output, as its format has no frames",
    "target_bytes_exceeded": "the output is larger than `target_bytes`, at the lowest quality",
}
_OPAQUE_FORMATS = frozenset({"jpeg", "bmp"})


class RenderWarning(BaseModel):
    model_config = ConfigDict(frozen=True)

    code: Annotated[Code, Field(description="Stable and machine-readable; see docs/errors.md.")]
    message: Annotated[str, Field(description="Human-readable explanation.")]
    path: Annotated[str, Field(description="What it is about, such as `pipeline.2` or `output.target_bytes`.")]


def find_step_warnings(steps: Sequence[Filter], size: Size) -> Iterator[RenderWarning]:
    """Yield warnings about the steps, for an image of `size`, as far as sizes do not depend on its content."""
    for index, step in enumerate(steps):
        path, seen = f"pipeline.{index}", f"an image of {size[0]:,} x {size[1]:,} pixels"
        if step.changes_nothing(size):
            message = f"{step.name} changes nothing: with these parameters, {seen} stays as it is."
            yield RenderWarning(code="step_without_effect", message=message, path=path)
        if step.is_cut_off(size):
            message = (
                f"{step.name} does not fit into {seen}: a part lies outside. Choose a smaller size, or let it wrap."
            )
            yield RenderWarning(code="text_cut_off", message=message, path=path)
        if step.sizes_by_content:
            return
        size = step.size_after(size)


def find_format_warnings(
    source: SourceImage, first: Image.Image, options: OutputOptions, output_format: Format
) -> Iterator[RenderWarning]:
    """Yield warnings about what the format of the output cannot hold of the frames; `first` is the first one."""
    if output_format in _OPAQUE_FORMATS and has_alpha(first) and _is_translucent(first):
        message = (
            f"{output_format} has no transparency: transparent parts became {options.background}. Choose another "
            "format, such as webp or png."
        )
        yield RenderWarning(code="transparency_lost", message=message, path="output.format")
    if options.frames == "all" and output_format not in ANIMATED and _is_animated(source):
        message = (
            f"{output_format} has no frames: only the first one was kept. Choose webp, gif or png, or set frames to "
            "first if that is meant."
        )
        yield RenderWarning(code="frames_dropped", message=message, path="output.format")


def find_size_warnings(output_bytes: int, options: OutputOptions) -> Iterator[RenderWarning]:
    if options.target_bytes and output_bytes > options.target_bytes:
        message = (
            f"The output has {output_bytes:,} bytes at the lowest quality, more than {options.target_bytes:,}. Resize "
            "the image, or choose webp or avif."
        )
        yield RenderWarning(code="target_bytes_exceeded", message=message, path="output.target_bytes")


def _is_translucent(image: Image.Image) -> bool:
    least, _ = image.getchannel("A").getextrema()
    return isinstance(least, int) and least < OPAQUE


def _is_animated(source: SourceImage) -> bool:
    """Return False where a later frame cannot be read: the first one can."""
    with suppress(PermanentError):
        return source.is_animated
    return False
