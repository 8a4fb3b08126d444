"""A plan gives what its steps give one after the other: to the bit, or within the tolerance stated here."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import InvalidStep
from imaging.colors import has_alpha
from tests.unit.imaging.files import file
from tests.unit.imaging.images import MODES, Array, array, canvas
from tests.unit.imaging.pipeline.planned import (
    Json,
    apply_in_turn,
    photograph,
    psnr,
    render_planned,
    step,
)

amounts = st.integers(-100, 100).map(float)
strengths = st.integers(0, 100).map(float)
levels = st.integers(0, 255)
points = st.one_of(
    *(step(name, amount=amounts) for name in ("brightness", "contrast", "exposure", "highlights", "shadows")),
    *(step(name, amount=amounts) for name in ("lightness", "temperature", "tint")),
    *(step(name, amount=strengths) for name in ("fade", "cross_process", "colorize")),
    *(step(name, threshold=levels) for name in ("solarize",)),
    step("gamma", gamma=st.floats(0.1, 10)),
    step("linear", a=st.floats(-10, 10), b=st.floats(-255, 255)),
    step("posterize", bits=st.integers(1, 8)),
    step("rgb", r=amounts, g=amounts, b=amounts),
    step("levels", in_black=st.integers(0, 100), in_white=st.integers(101, 255), gamma=st.floats(0.1, 10)),
    step(
        "curves", rgb=st.just([[0, 20], [255, 200]]), red=st.sampled_from([[[0, 0], [255, 255]], [[0, 9], [99, 200]]])
    ),
    step("invert"),
)


moves = st.one_of(
    *(step(name) for name in ("flip", "flop", "transpose", "transverse")),
    step("rotate", angle=st.sampled_from([0, 90, 180, 270, -90, 30]), expand=st.booleans()),
    step("crop", left=st.integers(0, 9), top=st.integers(0, 9), width=st.integers(1, 30), height=st.integers(1, 30)),
    step("crop", aspect=st.sampled_from(["1:1", "16:9"]), gravity=st.sampled_from(["west", "southeast", "entropy"])),
)


# Fused, these are exact: no rounding between them is omitted.
others = st.one_of(
    *(step(name) for name in ("grayscale", "sepia", "threshold", "duotone", "monochrome", "sharpen", "equalize")),
    *(step(name) for name in ("vibrance", "simulate_colorblind", "opacity", "flatten", "make_transparent", "vignette")),
    step("saturation", amount=st.integers(1, 100).map(float)),
    step("sepia", amount=strengths.filter(bool)),
)


mixtures = st.one_of(
    step("saturation", amount=amounts),
    step("grayscale", amount=strengths, method=st.sampled_from(["luma601", "luma709", "average"])),
    step("sepia", amount=strengths),
    step("monochrome", intensity=strengths),
    step("hue", angle=st.integers(-360, 360).map(float)),
    step("swap_channels", order=st.sampled_from(["rbg", "gbr", "bgr"])),
)


resizes = st.one_of(
    step("resize", width=st.integers(1, 40), enlarge=st.booleans()),
    step(
        "resize",
        width=st.integers(5, 40),
        height=st.integers(5, 40),
        fit=st.sampled_from(["cover", "contain", "fill", "outside"]),
        kernel=st.sampled_from(["nearest", "box", "bilinear", "bicubic", "lanczos"]),
    ),
    step("thumbnail", size=st.integers(1, 40)),
)


def rgba(image: Image.Image) -> Array:
    return array(image.convert("RGBA"))


@given(st.lists(points | others | moves, max_size=8), st.sampled_from(MODES))
def test_what_is_reordered_or_fused_is_the_same_to_the_bit(steps: list[Json], mode: str) -> None:
    source = file(canvas(mode), "PNG")
    try:
        expected = apply_in_turn(source, steps)
    except InvalidStep as error:
        with pytest.raises(InvalidStep, match=re.escape(error.detail)):
            render_planned(source, steps)
        return
    got = render_planned(source, steps)
    assert got.size == expected.size
    assert np.array_equal(rgba(got), rgba(expected))


@given(mixtures, mixtures, st.sampled_from(MODES))
def test_two_fused_mixtures_are_within_two_levels(first: Json, second: Json, mode: str) -> None:
    source = file(canvas(mode), "PNG")
    got, expected = (rgba(each(source, [first, second])) for each in (render_planned, apply_in_turn))
    assert np.abs(got - expected).max() <= 2


gentle = st.one_of(
    *(step(name, amount=st.integers(-20, 20).map(float)) for name in ("brightness", "contrast", "tint", "saturation")),
    *(step(name) for name in ("grayscale", "sepia", "invert", "monochrome", "blur", "duotone")),
    step("hue", angle=st.integers(-30, 30).map(float)),
)


kinds = st.sampled_from(
    [("RGB", "JPEG"), ("L", "JPEG"), ("CMYK", "JPEG"), ("RGB", "PNG"), ("RGBA", "PNG"), ("P", "PNG"), ("L", "WEBP")]
)


def seen(image: Image.Image) -> Image.Image:
    """Premultiplied: the colour of what is all but transparent is next to nothing."""
    return image.convert("RGBA").convert("RGBa")


@given(st.lists(gentle | moves | resizes, max_size=6), kinds, st.integers(1, 8))
def test_a_plan_gives_the_image_that_its_steps_give(steps: list[Json], kind: tuple[str, str], turned: int) -> None:
    """Whatever is decoded, omitted, reordered or fused: size and visible pixels are the same."""
    source = photograph(*kind, turned)
    try:
        expected = apply_in_turn(source, steps)
    except InvalidStep:
        with pytest.raises(InvalidStep):
            render_planned(source, steps)
        return
    got = render_planned(source, steps)
    assert (got.size, has_alpha(got)) == (expected.size, has_alpha(expected))
    assert psnr(seen(got), seen(expected)) >= 32
