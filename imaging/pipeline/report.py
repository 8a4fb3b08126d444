"""How a task was rendered: the plan that its pipeline came to, and where the time went. It goes to the API as it is."""

from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from imaging.pipeline.parse import MAX_STEPS

Milliseconds = Annotated[float, Field(ge=0, description="Wall clock, of all frames together.")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class DecodeReport(_Part):
    scale: Annotated[str, Field(description="Of each side, as a JPEG was decoded.", examples=["1/1", "1/2", "1/8"])]
    luma_only: Annotated[bool, Field(description="Whether a JPEG was decoded without its colours.")]
    frames: Annotated[int, Field(ge=1)]
    milliseconds: Milliseconds


class StepReport(_Part):
    place: Annotated[str, Field(description="In the pipeline as it was sent, looks written out.")]
    filter: str


class PassReport(_Part):
    """Steps that were taken at once. None: the picture was turned upright, as its EXIF says."""

    steps: Annotated[tuple[StepReport, ...], Field(max_length=MAX_STEPS)]
    milliseconds: Milliseconds


class EncodeReport(_Part):
    milliseconds: Milliseconds


class RenderReport(_Part):
    """What was decoded, the passes in the order in which they were taken, and what encoding or analysis took."""

    engine: Annotated[
        str, Field(description="What rendered it.", examples=["Pillow 13.0.0, OpenCV 5.0.0, simplejpeg 1.9.0"])
    ]
    decode: DecodeReport
    passes: Annotated[tuple[PassReport, ...], Field(max_length=MAX_STEPS + 1)]
    encode: EncodeReport

    @property
    def step_seconds(self) -> list[tuple[str, float]]:
        """Each step's filter and its time; steps that were taken at once have equal shares."""
        return [
            (step.filter, taken.milliseconds / 1000 / len(taken.steps)) for taken in self.passes for step in taken.steps
        ]


def scale_of(shrunk: int) -> str:
    """1/1, 1/2, 1/4 or 1/8."""
    scale = Fraction(1, shrunk)
    return f"{scale.numerator}/{scale.denominator}"
