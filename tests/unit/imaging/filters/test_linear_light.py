"""A resize of linear light keeps the light of an image, where averages of encoded values get too dark."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imaging.filters.geometry.resize import Resize
from imaging.linear_light import from_linear, to_linear
from tests.unit.imaging import files
from tests.unit.imaging.codecs.cases import pixels
from tests.unit.imaging.images import array, canvas

STRIPES = Image.fromarray(np.tile(np.array([0, 255], np.uint8), (64, 32)))
HALF = round(from_linear(0.5))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("kernel", ["box", "lanczos"])
@pytest.mark.parametrize("fit", ["inside", "cover", "contain"])
def test_that_stripes_have_half_the_light(mode: str, kernel: str, fit: str) -> None:
    step = Resize(width=16, height=16, kernel=kernel, fit=fit, linear=True)  # type: ignore[arg-type] # literals
    scaled = step.apply(STRIPES.convert(mode))
    assert (scaled.size, scaled.mode) == ((16, 16), mode)
    inside = array(scaled)[4:-4, 4:-4]
    colors = inside[:, :, : 1 if mode.startswith("L") else 3]
    assert np.abs(colors - HALF).max() <= 2
    encoded = array(step.model_copy(update={"linear": False}).apply(STRIPES.convert(mode)))
    assert abs(encoded[8, 8, 0] - 128) <= 2


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_that_light_is_weighted_by_alpha(mode: str) -> None:
    image = Image.merge("LA", [STRIPES, Image.eval(STRIPES, lambda value: 255 - value)]).convert(mode)
    scaled = array(Resize(width=32, kernel="box", linear=True).apply(image))
    np.testing.assert_array_equal(scaled[:, :, :-1], 0)  # the white stripes are hidden
    np.testing.assert_array_equal(scaled[:, :, -1], 128)


@pytest.mark.parametrize("kernel", ["nearest", "box", "bicubic", "lanczos"])
def test_that_a_resize_to_the_same_size_keeps_hidden_colours(kernel: str) -> None:
    image = Image.merge("LA", [Image.new("L", (5, 13), 161), Image.new("L", (5, 13), 0)])
    step = Resize(width=5, kernel=kernel, linear=True)  # type: ignore[arg-type] # literals
    assert step.changes_nothing(image.size)
    np.testing.assert_array_equal(array(step.apply(image)), array(image))


def test_that_each_pixel_is_the_mean_of_its_light() -> None:
    image = canvas("RGB", (12, 8))
    light = np.vectorize(to_linear)(array(image)).reshape(4, 2, 6, 2, 3).mean(axis=(1, 3))
    scaled = array(Resize(width=6, kernel="box", linear=True).apply(image))
    np.testing.assert_allclose(scaled, np.vectorize(from_linear)(light), atol=1)


def test_that_a_jpeg_is_not_decoded_smaller() -> None:
    data = files.file(STRIPES.convert("RGB"), "JPEG", quality=100)
    found = pixels(data, {"filter": "resize", "width": 8, "linear": True}, mode="RGB")
    assert np.abs(found - HALF).max() <= 5
    assert np.abs(pixels(data, {"filter": "resize", "width": 8}, mode="RGB") - 128).max() <= 5


def test_that_a_file_is_oriented_and_cropped_as_before() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = files.file(files.quarters(), "JPEG", quality=100, exif=exif)
    steps = [{"filter": "crop", "width": 16, "height": 16, "left": 0, "top": 0}, {"filter": "resize", "width": 8}]
    plain = pixels(data, *steps, mode="RGB")
    found = pixels(data, steps[0], steps[1] | {"linear": True}, mode="RGB")
    assert np.abs(found - plain).mean() < 6
    assert Image.open(BytesIO(data)).size == (48, 32)
