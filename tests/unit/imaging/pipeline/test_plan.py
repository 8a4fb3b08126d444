"""A plan gives what its steps give one after the other: to the bit, or within the tolerance stated here."""

import re
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import InvalidStep
from imaging import native
from imaging.codecs.decoder import decode
from imaging.codecs.source_info import DecodeHints, SourceInfo
from imaging.codecs.sources.jpeg import SHRINK_FACTORS
from imaging.colors import has_alpha
from imaging.filters.base import Filter
from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.pipeline.plan import compile_plan
from imaging.render import render
from tests.harness.deployment import ROOT
from tests.unit.imaging.files import file
from tests.unit.imaging.images import MODES, Array, array, canvas

LIMITS = Limits()
JPEG = SourceInfo(format="jpeg", size=(4000, 3000), shrink_factors=SHRINK_FACTORS, has_luma_plane=True)
PHOTOGRAPHS = [ROOT / "examples" / "pictures" / name for name in ("coffee.jpg", "astronaut.jpg")]
Json = dict[str, Any]

amounts = st.integers(-100, 100).map(float)
strengths = st.integers(0, 100).map(float)
levels = st.integers(0, 255)


def step(name: str, **parameters: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({"filter": st.just(name), **parameters})


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


def apply_in_turn(source: bytes, steps: list[Json]) -> Image.Image:
    image = decode(source, limits=LIMITS, auto_orient=True)
    for each in parse_pipeline(steps).steps:
        image = _apply(each, image)
    return image


def _apply(step: Filter, image: Image.Image) -> Image.Image:
    """Apply a step as the runner does: with visible colours in place of hidden ones (ADR 45)."""
    if step.mixes_colors and has_alpha(image) and native.hides_colors(image):
        return native.clear_hidden_colors(step.apply(native.fill_hidden_colors(image)))
    return step.apply(image)


def render_planned(source: bytes, steps: list[Json]) -> Image.Image:
    rendered = render(source, parse_pipeline(steps), parse_output_options({"format": "tiff"}), limits=LIMITS)
    names = {step.place: step.filter for each in rendered.report.passes for step in each.steps}
    assert names == {f"pipeline.{index}": each["filter"] for index, each in enumerate(steps)}
    with Image.open(BytesIO(rendered.data)) as image:
        image.load()
        return image


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


@cache
def photograph(mode: str, pillow_format: str, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    with Image.open(PHOTOGRAPHS[0]) as image:
        part = image.crop((0, 0, 201, 149)).convert("RGB")
    if mode == "RGBA":
        part.putalpha(part.getchannel("G").point(lambda value: min(255, 2 * value)))
    return file(part.convert(mode), pillow_format, exif=exif, **{"quality": 95} if pillow_format == "JPEG" else {})


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


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("photograph", PHOTOGRAPHS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "first",
    [
        {"filter": "resize", "width": 97},
        {"filter": "thumbnail", "size": 60},
        {"filter": "resize", "width": 70, "height": 70, "fit": "cover"},
        {"filter": "resize", "width": 90, "height": 40, "fit": "contain", "kernel": "bicubic"},
        {"filter": "resize", "width": 30, "height": 120, "fit": "fill"},
        {"filter": "resize", "width": 40, "height": 40, "fit": "outside"},
    ],
)
def test_a_photograph_decoded_smaller_is_resized_as_well(photograph: Any, first: Json, orientation: int) -> None:  # noqa: ANN401 - a path
    """From 36 dB on nobody sees a difference: a JPEG of quality 85 is further from its source."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    with Image.open(photograph) as image:
        source = file(image.convert("RGB").crop((0, 0, 401, 299)), "JPEG", quality=95, exif=exif)
    expected, got = apply_in_turn(source, [first]), render_planned(source, [first])
    assert (got.size, got.mode) == (expected.size, expected.mode)
    assert psnr(got, expected) >= 36


@pytest.mark.parametrize(
    "steps",
    [
        [{"filter": "grayscale"}],
        [{"filter": "duotone"}],
        [{"filter": "resize", "width": 390}, {"filter": "tritone"}],
        [{"filter": "blur"}, {"filter": "grayscale"}, {"filter": "invert"}],
        [{"filter": "box_blur", "radius": 3.5}, {"filter": "duotone"}],
        [{"filter": "pixelate"}, {"filter": "flip"}, {"filter": "monochrome"}],
        [{"filter": "resize", "width": 390}, {"filter": "grayscale"}, {"filter": "sharpen"}],
    ],
)
@pytest.mark.parametrize("photograph", PHOTOGRAPHS, ids=lambda path: path.stem)
def test_luma_alone_is_decoded_where_it_is_all_that_matters(photograph: Any, steps: list[Json]) -> None:  # noqa: ANN401 - a path
    """The file's own luma instead of that of clipped colours: below half a level on average."""
    source = photograph.read_bytes()
    expected, got = apply_in_turn(source, steps), render_planned(source, steps)
    assert (got.size, got.mode) == (expected.size, expected.mode)
    assert np.abs(array(got) - array(expected)).mean() < 0.5


@pytest.mark.parametrize(
    ("steps", "luma_only"),
    [
        ([], False),
        ([{"filter": "grayscale"}], True),
        ([{"filter": "grayscale", "amount": 99}], False),
        ([{"filter": "grayscale", "method": "average"}], False),
        ([{"filter": "sepia"}], False),
        ([{"filter": "blur"}, {"filter": "grayscale"}], True),
        ([{"filter": "blur"}, {"filter": "box_blur"}, {"filter": "grayscale"}], False),
        ([{"filter": "sharpen"}, {"filter": "grayscale"}], False),
        ([{"filter": "crop", "width": 9}, {"filter": "rotate"}, {"filter": "threshold"}], True),
        ([{"filter": "saturation", "amount": -40}, {"filter": "grayscale"}], True),
        ([{"filter": "thumbnail"}, {"filter": "gradient_map"}], True),
        ([{"filter": "thumbnail"}, {"filter": "thumbnail"}, {"filter": "threshold"}], False),
    ],
)
def test_chroma_is_not_decoded_where_the_first_step_reads_luma(steps: list[Json], *, luma_only: bool) -> None:
    assert hints(steps).luma_only is luma_only


@pytest.mark.parametrize(
    ("first", "factor"),
    [
        ({"filter": "resize", "width": 400}, 8),
        ({"filter": "resize", "width": 401}, 4),
        ({"filter": "resize", "width": 800}, 4),
        ({"filter": "resize", "width": 801}, 2),
        ({"filter": "resize", "width": 1601}, 1),
        ({"filter": "resize", "width": 400, "kernel": "nearest"}, 1),
        ({"filter": "resize", "width": 800, "height": 800, "fit": "cover"}, 2),
        ({"filter": "crop", "width": 10, "height": 10}, 1),
        ({"filter": "crop", "left": 5000, "width": 10}, 1),
    ],
)
def test_a_smaller_decoding_has_a_quarter_more_pixels_a_side_than_needed(first: Json, factor: int) -> None:
    assert hints([first]).shrink_factor == factor


@pytest.mark.parametrize(("width", "factor"), [(200, 8), (201, 4)])
def test_a_part_is_decoded_as_much_smaller_as_it_is_resized(width: int, factor: int) -> None:
    steps: list[Json] = [{"filter": "crop", "width": "50%", "height": "50%"}, {"filter": "resize", "width": width}]
    assert hints(steps).shrink_factor == factor


def test_an_analysis_and_other_formats_are_decoded_whole() -> None:
    steps = parse_pipeline([{"filter": "thumbnail"}, {"filter": "grayscale"}]).steps
    plan = compile_plan(steps, JPEG, whole=True)
    assert (plan.decode_hints.shrink_factor, plan.decode_hints.luma_only) == (1, False)
    assert compile_plan(steps, replace(JPEG, shrink_factors=())).decode_hints.shrink_factor == 1


def hints(steps: list[Json]) -> DecodeHints:
    return compile_plan(parse_pipeline(steps).steps, JPEG).decode_hints


@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
@pytest.mark.parametrize("photograph", PHOTOGRAPHS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "crop",
    [
        {"aspect": "1:1"},
        {"left": 31, "top": 17, "width": 207, "height": 141},
        {"width": "61%", "height": "77%", "gravity": "southeast"},
    ],
)
@pytest.mark.parametrize(
    "resize",
    [{"width": 30}, {"width": 31, "height": 33, "fit": "cover"}, {"width": 40, "height": 20, "fit": "contain"}],
)
def test_a_photograph_is_decoded_smaller_for_a_crop_and_a_resize_too(
    photograph: Any,  # noqa: ANN401 - a path
    crop: Json,
    resize: Json,
    orientation: int,
) -> None:
    """A pixel of what is decoded may lie across the edge that was cut: it is less than half of one that comes out."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    with Image.open(photograph) as image:
        source = file(image.convert("RGB").crop((0, 0, 401, 299)), "JPEG", quality=95, exif=exif)
    steps = [{"filter": "crop", **crop}, {"filter": "resize", **resize}]
    rendered = render(source, parse_pipeline(steps), parse_output_options({"format": "png"}), limits=LIMITS)
    assert rendered.report.decode.scale != "1/1"
    expected, got = apply_in_turn(source, steps), render_planned(source, steps)
    assert (got.size, got.mode) == (expected.size, expected.mode)
    assert psnr(got, expected) >= 36


def psnr(one: Image.Image, other: Image.Image) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, np.square(array(one) - array(other)).mean())))
