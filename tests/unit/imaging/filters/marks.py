"""A step with an auxiliary image, and images to give it."""

from typing import Any

from PIL import Image

from imaging.filters import CATALOGUE
from imaging.filters.auxiliary import AuxiliaryImageFilter
from imaging.limits import Limits
from tests.unit.imaging import files
from tests.unit.imaging.filters import auxiliary
from tests.unit.imaging.images import Array, array

ID = str(auxiliary.MARK)


def step(name: str, **parameters: Any) -> AuxiliaryImageFilter:  # noqa: ANN401 - as they come from JSON
    step = CATALOGUE[name].model_validate({"image_id": ID, **parameters})
    assert isinstance(step, AuxiliaryImageFilter)
    return step


def apply(name: str, image: Image.Image, second: bytes, **parameters: Any) -> Image.Image:  # noqa: ANN401 - as above
    return step(name, **parameters).bind(second, limits=Limits())(image)


def png(image: Image.Image) -> bytes:
    return files.file(image, "PNG")


STAMP = Image.new("RGB", (6, 4), "red")


def rgba(image: Image.Image) -> Array:
    return array(image.convert("RGBA"))
