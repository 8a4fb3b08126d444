"""Small files, each of which stands for a kind that came out wrong, and what is rendered of them."""

from io import BytesIO
from pathlib import Path

from PIL import Image

from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.render import render
from tests.unit.imaging.images import Array, array

CASES = Path(__file__).parent / "cases"


def case(name: str) -> bytes:
    return (CASES / name).read_bytes()


def rendered(data: bytes, *steps: dict[str, object], **output: object) -> bytes:
    """The output file; PNG, unless said."""
    options = parse_output_options({"format": "png"} | output)
    return render(data, parse_pipeline(list(steps)), options, limits=Limits()).data


def pixels(data: bytes, *steps: dict[str, object], mode: str = "RGBA") -> Array:
    """The first frame."""
    return array(Image.open(BytesIO(rendered(data, *steps))).convert(mode))
