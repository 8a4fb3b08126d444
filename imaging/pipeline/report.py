"""The render report: the plan that was executed and how long each part took. The API returns it as it is."""

from importlib.metadata import version
from typing import Annotated

import PIL
from pydantic import BaseModel, ConfigDict, Field

from imaging.pipeline.parse import MAX_STEPS

_LIBRARIES = {"OpenCV": "opencv-python-headless", "simplejpeg": "simplejpeg", "deflate": "deflate"}
ENGINE = ", ".join([f"Pillow {PIL.__version__}", *(f"{name} {version(of)}" for name, of in _LIBRARIES.items())])

Milliseconds = Annotated[float, Field(ge=0, description="Wall-clock time of all frames together.")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class DecodeReport(_Part):
    scale: Annotated[str, Field(description="Scale at which a JPEG was decoded.", examples=["1/1", "1/2", "1/8"])]
    luma_only: Annotated[bool, Field(description="Whether a JPEG was decoded without its colours.")]
    frames: Annotated[int, Field(ge=1, description="Frames that were rendered.")]
    milliseconds: Milliseconds


class StepReport(_Part):
    place: Annotated[str, Field(description="Index in the submitted pipeline, looks expanded.")]
    filter: Annotated[str, Field(description="Name of the filter.")]


class PassReport(_Part):
    """Steps that ran together. Without steps: the EXIF orientation was applied."""

    steps: Annotated[tuple[StepReport, ...], Field(max_length=MAX_STEPS, description="Its steps, in order.")]
    milliseconds: Milliseconds


class EncodeReport(_Part):
    milliseconds: Milliseconds


class RenderReport(_Part):
    """What was decoded, the passes in the order in which they ran, and the time for encoding or analysis."""

    engine: Annotated[
        str,
        Field(
            description="Libraries and their versions.",
            examples=["Pillow 13.0.0, OpenCV 5.0.0, simplejpeg 1.9.0"],
        ),
    ]
    decode: Annotated[DecodeReport, Field(description="How the source was decoded.")]
    passes: Annotated[tuple[PassReport, ...], Field(max_length=MAX_STEPS + 1, description="In the order of the run.")]
    encode: Annotated[EncodeReport, Field(description="Encoding or analysis.")]

    @property
    def step_seconds(self) -> list[tuple[str, float]]:
        """Filter and seconds of each step; steps that ran together have equal shares."""
        return [
            (step.filter, each.milliseconds / 1000 / len(each.steps)) for each in self.passes for step in each.steps
        ]
