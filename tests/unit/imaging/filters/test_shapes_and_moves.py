"""Filters that move pixels or cut outlines, against slices, paddings and areas in numpy."""

from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from imaging.filters import CATALOGUE
from imaging.filters.geometry.crop import Crop
from tests.unit.imaging.images import MODES, array, canvas


def apply(name: str, image: Image.Image, **parameters: Any) -> Image.Image:  # noqa: ANN401 - as they come from JSON
    return CATALOGUE[name].model_validate(parameters).apply(image)


@pytest.mark.parametrize("mode", MODES)
def test_that_mirrors_are_slices(mode: str) -> None:
    image = canvas(mode)
    own = array(image)
    np.testing.assert_array_equal(array(apply("flip", image)), own[::-1])
    np.testing.assert_array_equal(array(apply("flop", image)), own[:, ::-1])
    np.testing.assert_array_equal(array(apply("transpose", image)), own.transpose(1, 0, 2))
    np.testing.assert_array_equal(array(apply("transverse", image)), own[::-1, ::-1].transpose(1, 0, 2))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("how", "numpy_mode"), [("copy", "edge"), ("mirror", "symmetric")])
@pytest.mark.parametrize("margins", [(1, 2, 3, 4), (0, 0, 0, 9), (40, 60, 50, 70)])
def test_that_pad_goes_on_as_numpy_does(how: str, numpy_mode: Any, margins: tuple[int, ...], mode: str) -> None:  # noqa: ANN401 - one of numpy's words
    top, right, bottom, left = margins
    image = canvas(mode)
    padded = apply("pad", image, mode=how, top=top, right=right, bottom=bottom, left=left)
    expected = np.pad(array(image), ((top, bottom), (left, right), (0, 0)), mode=numpy_mode)
    np.testing.assert_array_equal(array(padded), expected)


def test_that_pad_shows_its_color() -> None:
    padded = array(apply("pad", canvas("L"), top=3, left=2, color="#ff800080"))
    np.testing.assert_array_equal(padded[0, 0], [255, 128, 0, 128])
    np.testing.assert_array_equal(padded[3:, 2:, 0], array(canvas("L"))[:, :, 0])
    assert apply("pad", canvas("RGB")).mode == "RGB"


@pytest.mark.parametrize(
    ("size", "aspect", "padded"), [((40, 20), "1:1", (40, 40)), ((40, 20), "4:1", (80, 20)), ((7, 7), "16:9", (12, 7))]
)
def test_that_pad_reaches_an_aspect(size: tuple[int, int], aspect: str, padded: tuple[int, int]) -> None:
    assert apply("pad", canvas("RGB", size), aspect=aspect).size == padded


@pytest.mark.parametrize("mode", MODES)
def test_that_trim_cuts_the_border(mode: str) -> None:
    inner = canvas(mode, (9, 7)).point(lambda value: value // 4 + 100)
    border = Image.new(mode, (20, 20), tuple([4] * len(inner.getbands())))
    border.paste(inner, (5, 6))
    np.testing.assert_array_equal(array(apply("trim", border)), array(inner))


def test_that_trim_looks_for_a_color_or_for_alpha() -> None:
    image = Image.new("RGB", (20, 20), "white")
    image.paste((250, 250, 250), (2, 2, 18, 18))
    image.paste((200, 0, 0), (5, 5, 9, 12))
    assert apply("trim", image, color="white").size == (4, 7)
    assert apply("trim", image, color="white", threshold=3).size == (16, 16)
    assert apply("trim", image, color="blue").size == (20, 20)
    hidden = canvas("RGBA", (20, 20))
    hidden.putalpha(0)
    hidden.paste((1, 2, 3, 255), (4, 4, 10, 12))
    assert apply("trim", hidden).size == (6, 8)
    assert apply("trim", hidden, color="transparent").size == (6, 8)
    assert apply("trim", Image.new("L", (5, 5))).size == (5, 5)


def test_that_a_thumbnail_fits_into_its_square() -> None:
    assert apply("thumbnail", canvas("RGB", (400, 200)), size=100).size == (100, 50)
    assert apply("thumbnail", canvas("RGB", (40, 20)), size=100).size == (40, 20)


@pytest.mark.parametrize(("focal", "left"), [(0.0, 0), (0.2, 10), (0.5, 40), (0.6, 50), (1.0, 80)])
def test_that_a_focal_point_comes_to_the_middle(focal: float, left: int) -> None:
    image = canvas("RGB", (100, 10))
    cropped = Crop(width=20, height=10, focal_x=focal).apply(image)
    np.testing.assert_array_equal(array(cropped), array(image)[:, left : left + 20])


@pytest.mark.parametrize("place", [(0, 0), (60, 80), (50, 20)])
def test_that_entropy_finds_where_the_most_is_to_be_seen(place: tuple[int, int]) -> None:
    image = Image.new("RGB", (100, 120), "teal")
    image.paste(canvas("RGB", (30, 30)), place)
    cropped = Crop(width=40, height=40, gravity="entropy").apply(image)
    busy = (array(cropped) != [0, 128, 128]).any(2).sum()
    assert busy > 0.8 * 900


def test_that_entropy_takes_the_middle_at_a_tie() -> None:
    stripes = Image.fromarray(np.tile(np.arange(80, dtype=np.uint8), (40, 1)))
    cropped = Crop(aspect="1:1", gravity="entropy").apply(stripes)
    np.testing.assert_array_equal(array(cropped)[0, :, 0], np.arange(20, 60))


@pytest.mark.parametrize("mode", MODES)
def test_that_shear_moves_rows_by_their_height(mode: str) -> None:
    ramp = Image.fromarray(np.tile(np.arange(0, 200, 2, dtype=np.uint8), (40, 1))).convert(mode)
    step = CATALOGUE["shear"].model_validate({"x": 45.0, "background": "black"})
    sheared = array(step.apply(ramp))
    assert sheared.shape[:2] == (40, 140)
    for row in (5, 20, 35):
        np.testing.assert_allclose(sheared[row, 45:95, 0], 2 * (np.arange(45, 95) - 0.5 - row + 0.5), atol=2)


def test_that_shear_to_a_line_is_rejected() -> None:
    with pytest.raises(ValidationError, match="flat"):
        CATALOGUE["shear"].model_validate({"x": 45.0, "y": 45.0})
    assert apply("shear", canvas("RGB"), y=-20.0).size == (23, 26)


def test_that_perspective_brings_each_corner_to_its_place() -> None:
    image = Image.new("RGB", (200, 100), "white")
    colors = {"top_left": "red", "top_right": "lime", "bottom_right": "blue", "bottom_left": "black"}
    boxes = ((0, 0, 40, 20), (160, 0, 200, 20), (160, 80, 200, 100), (0, 80, 40, 100))
    for color, box in zip(colors.values(), boxes, strict=True):
        image.paste(color, box)
    corners = {"top_left": [10, 20], "top_right": [80, 5], "bottom_right": [95, 90], "bottom_left": [20, 70]}
    seen = apply("perspective", image, **corners).convert("RGBA")
    middle = np.mean(list(corners.values()), axis=0)
    for name, color in colors.items():
        across, down = np.array(corners[name]) + 0.06 * (middle - corners[name])
        assert seen.getpixel((round(across * 2), round(down))) == Image.new("RGBA", (1, 1), color).getpixel((0, 0))
    assert seen.getpixel((2, 2)) == (0, 0, 0, 0)


def test_that_perspective_of_a_rectangle_is_a_resize() -> None:
    ramp = Image.fromarray(np.tile(np.arange(0, 200, 2, dtype=np.uint8), (60, 1)))
    seen = array(
        apply("perspective", ramp, top_left=[0, 0], top_right=[50, 0], bottom_right=[50, 50], bottom_left=[0, 50])
    )
    np.testing.assert_allclose(seen[2:28, 2:48, 0], np.tile(4 * (np.arange(2, 48) + 0.5) - 1, (26, 1)), atol=2)


@pytest.mark.parametrize("corner", [[100, 100], [150, 50], [0, 100]])
def test_that_a_dent_is_rejected(corner: list[int]) -> None:
    with pytest.raises(ValidationError, match="dent"):
        CATALOGUE["perspective"].model_validate({"top_left": corner})


@pytest.mark.parametrize(
    ("shape", "share"),
    [
        ("circle", np.pi / 4),
        ("ellipse", np.pi / 2),
        ("diamond", 0.5),
        ("triangle", 0.5),
        ("hexagon", 3 * np.sqrt(3) / 8),
        ("star", 5 * 0.5 * 0.190983 * np.sin(np.pi / 5)),
        ("heart", 180 * np.pi / 1024),
    ],
)
@pytest.mark.parametrize("mode", MODES)
def test_that_a_mask_has_the_area_of_its_shape(shape: str, share: float, mode: str) -> None:
    image = canvas(mode.removesuffix("A"), (200, 100)).convert(mode)
    masked, hole = apply("mask", image, shape=shape), apply("mask", image, shape=shape, invert=True)
    alpha = array(masked)[:, :, -1]
    assert alpha.sum() / 255 == pytest.approx(share * 100 * 100, rel=0.03)
    np.testing.assert_array_equal(array(hole)[:, :, -1], 255 - alpha)


@pytest.mark.parametrize(("radius", "pixels"), [(10, 10), ("50%", 30), (1000, 30)])
def test_that_round_corners_lack_what_is_outside_of_the_circles(radius: int | str, pixels: int) -> None:
    rounded = array(apply("round_corners", canvas("RGB", (80, 60)), radius=radius))[:, :, 3]
    assert (255 - rounded).sum() / 255 == pytest.approx((4 - np.pi) * pixels**2, rel=0.04)
    np.testing.assert_array_equal(rounded, rounded[::-1])
    np.testing.assert_array_equal(rounded, rounded[:, ::-1])


def test_that_a_cut_outline_shows_nothing_that_was_hidden() -> None:
    image = canvas("RGBA", (40, 40))
    for name in ("mask", "round_corners"):
        assert (array(apply(name, image))[:, :, 3] <= array(image)[:, :, 3]).all()
