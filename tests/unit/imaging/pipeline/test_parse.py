"""Parsing reports every error with its path; rendering fails only with errors that the worker handles."""

from collections.abc import Callable
from io import BytesIO
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import ImageTooLarge, InvalidImage, InvalidPipeline, InvalidStep, Problem
from imaging.codecs.output_options import OutputOptions
from imaging.filters import CATALOGUE, Filter
from imaging.limits import Limits
from imaging.pipeline.parse import MAX_STEPS, Pipeline, parse_output_options, parse_pipeline
from imaging.render import Rendered, render
from tests.unit.imaging import files
from tests.unit.imaging.images import array

PNG = files.file(files.quarters(), "PNG")
BLUR = {"filter": "blur"}


def _errors(steps: object) -> dict[str, str]:
    with pytest.raises(InvalidPipeline) as rejection:
        parse_pipeline(steps)
    return {problem.place: problem.message for problem in rejection.value.problems}


def _parsed[T](parse: Callable[[object], T], value: object) -> tuple[T | None, tuple[Problem, ...]]:
    try:
        return parse(value), ()
    except InvalidPipeline as rejection:
        return None, rejection.problems


def _render(source: bytes, *steps: dict[str, Any], limits: Limits | None = None, **output: Any) -> Rendered:  # noqa: ANN401 - as they come from JSON
    return render(source, parse_pipeline(list(steps)), parse_output_options(output), limits=limits or Limits())


@pytest.mark.parametrize(
    ("steps", "path", "message"),
    [
        (None, "pipeline", "must be a list of steps"),
        ("blur", "pipeline", "must be a list of steps"),
        ({"filter": "blur"}, "pipeline", "must be a list of steps"),
        ([BLUR] * (MAX_STEPS + 1), "pipeline", "has 21 steps; at most 20 are allowed"),
        ([BLUR, "blur"], "pipeline.1", "must be an object"),
        ([None], "pipeline.0", "must be an object"),
        ([{}], "pipeline.0.filter", "is required: the name of a filter or look"),
        ([{"filter": None}], "pipeline.0.filter", "is required"),
        ([{"filter": 7}], "pipeline.0.filter", "unknown filter '7'"),
        ([{"filter": ["blur"]}], "pipeline.0.filter", "unknown filter"),
        ([BLUR, {"filter": "grayscal"}], "pipeline.1.filter", "Did you mean 'grayscale'?"),
        ([{"filter": "sepia,blur"}], "pipeline.0.filter", "repeat `filter` for each"),
        ([{"filter": "BLUR"}], "pipeline.0.filter", "Did you mean 'blur'"),
        ([{"filter": "zzz"}], "pipeline.0.filter", "unknown filter 'zzz'. Known: resize"),
        ([BLUR, BLUR, {"filter": "blur", "sigma": 0.1}], "pipeline.2.sigma", "must be at least 0.3; got 0.1"),
        ([{"filter": "blur", "sigma": 251}], "pipeline.0.sigma", "must be at most 250; got 251"),
        ([{"filter": "blur", "sigma": "2"}], "pipeline.0.sigma", 'must be a number; got "2"'),
        ([{"filter": "blur", "sigma": True}], "pipeline.0.sigma", "must be a number; got true"),
        ([{"filter": "blur", "sigma": None}], "pipeline.0.sigma", "must be a number; got null"),
        ([{"filter": "blur", "sigma": float("nan")}], "pipeline.0.sigma", "must be "),
        ([{"filter": "blur", "sigma": float("inf")}], "pipeline.0.sigma", "must be "),
        ([{"filter": "blur", "sigma": 10**400}], "pipeline.0.sigma", "must be a number; got 1000"),
        ([{"filter": "blur", "sigmas": 2}], "pipeline.0.sigmas", "Did you mean 'sigma'?"),
        ([{"filter": "blur", "radius": 2}], "pipeline.0.radius", "unknown field 'radius'. Known: sigma"),
        ([{"filter": "invert", "amount": 2}], "pipeline.0.amount", "Known: none"),
        ([{"filter": "resize"}], "pipeline.0", "needs width, height or both"),
        ([{"filter": "resize", "width": 10.5}], "pipeline.0.width", "must be a whole number; got 10.5"),
        ([{"filter": "resize", "width": 16_385}], "pipeline.0.width", "must be at most 16384; got 16385"),
        ([{"filter": "resize", "width": 1, "fit": "crop"}], "pipeline.0.fit", "must be 'inside', 'cover'"),
        ([{"filter": "crop", "left": "10"}], "pipeline.0.left", "a percentage such as"),
        ([{"filter": "crop", "aspect": "1:1", "left": 0}], "pipeline.0", "cannot have both"),
        ([{"filter": "rotate", "background": "blurple"}], "pipeline.0.background", "must be a CSS colour name"),
    ],
)
def test_that_an_error_is_reported_with_its_path(steps: object, path: str, message: str) -> None:
    errors = _errors(steps)
    assert list(errors) == [path]
    assert message in errors[path]


def test_that_every_error_is_reported_at_once() -> None:
    steps = [{"filter": "blur", "sigma": 0, "sgima": 1}, BLUR, 5, {"filter": "nope"}, {"filter": "pixelate", "size": 0}]
    assert list(_errors(steps)) == [
        "pipeline.0.sigma",
        "pipeline.0.sgima",
        "pipeline.2",
        "pipeline.3.filter",
        "pipeline.4.size",
    ]


@pytest.mark.parametrize("step", [{"filter": "blur"}, {"filter": "inkwell"}])
def test_that_among_thousands_of_unknown_parameters_only_a_few_are_reported(step: dict[str, Any]) -> None:
    with pytest.raises(InvalidPipeline) as caught:
        parse_pipeline([{**step, **{f"parameter{index}": 1 for index in range(5000)}}])
    assert len(caught.value.problems) == 20


def test_that_among_thousands_of_unknown_output_options_only_a_few_are_reported() -> None:
    with pytest.raises(InvalidPipeline) as caught:
        parse_output_options({f"option{index}": 1 for index in range(5000)})
    assert len(caught.value.problems) == 20


def test_that_the_detail_is_the_first_error() -> None:
    with pytest.raises(InvalidPipeline, match=r"^pipeline\.0: must be an object .* \(and 1 more\)$"):
        parse_pipeline([1, 2])


def test_that_a_long_name_is_shortened() -> None:
    assert len(_errors([{"filter": "x" * 100_000}])["pipeline.0.filter"]) < 500
    assert all(len(message) < 500 for message in _errors([{"filter": "blur", "y" * 100_000: 1}]).values())


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("webp", "output"),
        ([], "output"),
        ({"format": "svg"}, "output.format"),
        ({"quality": 0}, "output.quality"),
        ({"quality": 101}, "output.quality"),
        ({"quality": "80"}, "output.quality"),
        ({"background": "transparent"}, "output.background"),
        ({"auto_orient": 1}, "output.auto_orient"),
        ({"qualty": 1}, "output.qualty"),
        ({"effort": 11}, "output.effort"),
        ({"lossless": 1}, "output.lossless"),
        ({"format": "jpeg", "lossless": True}, "output.lossless"),
        ({"format": "avif", "lossless": True}, "output.lossless"),
        ({"format": "webp", "subsampling": "444"}, "output.subsampling"),
        ({"subsampling": 444}, "output.subsampling"),
        ({"format": "png", "progressive": True}, "output.progressive"),
        ({"format": "png", "target_bytes": 5000}, "output.target_bytes"),
        ({"format": "webp", "lossless": True, "target_bytes": 5000}, "output.target_bytes"),
        ({"target_bytes": 99}, "output.target_bytes"),
        ({"metadata": "all"}, "output.metadata"),
        ({"icc": "p3"}, "output.icc"),
        ({"frames": 1}, "output.frames"),
        ({"loop": -1}, "output.loop"),
        ({"loop": 65_536}, "output.loop"),
    ],
)
def test_that_an_invalid_output_option_is_reported_with_its_path(value: object, path: str) -> None:
    with pytest.raises(InvalidPipeline) as rejection:
        parse_output_options(value)
    assert [problem.place for problem in rejection.value.problems] == [path]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
names = st.sampled_from(sorted({"filter"}.union(*(each.model_fields for each in CATALOGUE.values()))))


@given(
    st.lists(st.dictionaries(names, json_values | st.sampled_from(sorted(CATALOGUE)), max_size=5), max_size=4)
    | json_values
)
def test_that_any_json_is_parsed_or_rejected(steps: object) -> None:
    pipeline, problems = _parsed(parse_pipeline, steps)
    assert (pipeline is None) == bool(problems)
    assert all(problem.place.startswith("pipeline") and problem.message for problem in problems)
    assert pipeline is None or parse_pipeline(pipeline.as_json()) == pipeline


@given(json_values)
def test_that_any_output_options_are_parsed_or_rejected(value: object) -> None:
    options, problems = _parsed(parse_output_options, value)
    assert (options is None) == bool(problems)
    assert all(problem.place.startswith("output") for problem in problems)


def test_that_every_parameter_is_written_out() -> None:
    assert parse_pipeline([BLUR, {"filter": "grayscale"}]).as_json() == [
        {"filter": "blur", "sigma": 2},
        {"filter": "grayscale", "method": "luma601", "amount": 100},
    ]


def test_that_no_step_at_all_is_a_conversion() -> None:
    rendered = _render(PNG, format="webp")
    assert (rendered.format, rendered.width, rendered.height, rendered.report.passes) == ("webp", 48, 32, ())
    assert Image.open(BytesIO(rendered.data)).format == "WEBP"


def test_that_steps_apply_in_order() -> None:
    rendered = _render(PNG, {"filter": "crop", "left": 0, "top": 0, "width": 16, "height": 16}, {"filter": "invert"})
    assert [name for name, _ in rendered.report.step_seconds] == ["crop", "invert"]
    assert all(seconds >= 0 for _, seconds in rendered.report.step_seconds)
    assert array(Image.open(BytesIO(rendered.data)).convert("RGB")).reshape(-1, 3).tolist() == [[0, 255, 255]] * 256


def test_that_the_same_render_gives_the_same_bytes() -> None:
    steps: list[dict[str, Any]] = [{"filter": "rotate", "angle": 10}, BLUR, {"filter": "sepia", "amount": 40}]
    assert _render(PNG, *steps).data == _render(PNG, *steps).data


def test_that_alpha_that_a_step_adds_shows_in_the_output() -> None:
    rendered = _render(files.file(files.quarters(), "PNG"), {"filter": "rotate", "angle": 45})
    assert Image.open(BytesIO(rendered.data)).has_transparency_data


def test_that_the_output_options_apply() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    source = files.file(files.quarters(), "PNG", exif=exif)
    assert (_render(source).width, _render(source, auto_orient=False).width) == (32, 48)
    clear = files.file(Image.new("RGBA", (8, 8)), "PNG")
    red = Image.open(BytesIO(_render(clear, format="jpeg", background="red").data))
    assert array(red)[4, 4] == pytest.approx([254, 0, 0], abs=2)


def test_that_nothing_of_a_polyglot_is_in_the_output() -> None:
    script = b"<script>alert('a secret')</script>"
    for pillow_format in ("PNG", "JPEG", "WEBP", "GIF", "BMP"):
        source = files.file(files.quarters(), pillow_format) + script
        for output_format in ("jpeg", "png", "webp"):
            assert b"secret" not in _render(source, format=output_format).data


@pytest.mark.parametrize(
    ("step", "size"),
    [
        ({"filter": "resize", "width": 1000, "enlarge": True}, (1000, 667)),
        ({"filter": "resize", "width": 10, "height": 1000, "fit": "contain"}, (10, 1000)),
        ({"filter": "rotate", "angle": 45}, (57, 57)),
    ],
)
def test_that_growth_beyond_the_limits_is_rejected(step: dict[str, Any], size: tuple[int, int]) -> None:
    width, height = size
    rendered = _render(PNG, step, limits=Limits(max_pixels=width * height, max_side=max(size)))
    assert (rendered.width, rendered.height) == size
    for limits in (Limits(max_pixels=width * height - 1), Limits(max_side=max(size) - 1)):
        with pytest.raises(ImageTooLarge, match=rf"^pipeline\.1 \({step['filter']}\): An image of {width} x {height}"):
            _render(PNG, {"filter": "invert"}, step, limits=limits)


def test_that_a_giant_is_never_allocated() -> None:
    sliver = files.file(Image.new("L", (1, 16_384)), "PNG")
    with pytest.raises(ImageTooLarge):
        _render(sliver, {"filter": "resize", "width": 16_384, "enlarge": True})


def test_that_a_step_that_fails_on_this_image_is_named() -> None:
    with pytest.raises(
        InvalidStep, match=r"^pipeline\.1 \(crop\): the box starts at 500,0, outside the image"
    ) as failure:
        _render(PNG, {"filter": "invert"}, {"filter": "crop", "left": 500, "top": 0})
    assert failure.value.code == "invalid_step"


def test_that_a_source_that_is_no_image_is_rejected() -> None:
    with pytest.raises(InvalidImage):
        _render(b"hello")


class Broken(Filter):
    summary: ClassVar[str] = "Fails."

    error: str

    def apply(self, image: Image.Image) -> Image.Image:
        raise {"value": ValueError, "memory": MemoryError}[self.error](image.mode)


def test_that_a_bug_in_a_filter_is_an_invalid_step() -> None:
    with pytest.raises(InvalidStep, match=r"^pipeline\.0 \(broken\): cannot be applied to this image$"):
        render(PNG, Pipeline((Broken(error="value"),)), OutputOptions(), limits=Limits())


def test_that_memory_running_out_passes_through() -> None:
    with pytest.raises(MemoryError):
        render(PNG, Pipeline((Broken(error="memory"),)), OutputOptions(), limits=Limits())


def test_that_a_memoryview_renders_like_bytes() -> None:
    rendered = render(memoryview(PNG), parse_pipeline([]), OutputOptions(), limits=Limits())
    np.testing.assert_array_equal(array(Image.open(BytesIO(rendered.data)).convert("RGB")), files.QUARTERS)
