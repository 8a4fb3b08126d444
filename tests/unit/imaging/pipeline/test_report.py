"""The render report: the plan that was executed, and how long each part took."""

from typing import Any

import pytest
from pydantic import ValidationError

from imaging.limits import Limits
from imaging.pipeline.parse import MAX_STEPS, parse_output_options, parse_pipeline
from imaging.pipeline.report import PassReport, RenderReport, StepReport
from imaging.render import render
from tests.unit.imaging import animations
from tests.unit.imaging.files import file
from tests.unit.imaging.images import canvas

Json = dict[str, Any]


def report_of(source: bytes, steps: list[Json], **output: object) -> RenderReport:
    return render(source, parse_pipeline(steps), parse_output_options(output), limits=Limits()).report


def paths(report: RenderReport) -> list[list[str]]:
    return [[step.place for step in each.steps] for each in report.passes]


def test_steps_that_ran_together_are_reported_with_their_paths() -> None:
    steps = [{"filter": name} for name in ("blur", "invert", "gamma", "sepia")]
    report = report_of(file(canvas("RGB"), "PNG"), steps)
    assert paths(report) == [["pipeline.0"], ["pipeline.1", "pipeline.2"], ["pipeline.3"]]
    assert [name for name, _ in report.step_seconds] == [each["filter"] for each in steps]
    assert sum(seconds for _, seconds in report.step_seconds) == pytest.approx(
        sum(each.milliseconds for each in report.passes) / 1000
    )


@pytest.mark.parametrize(
    ("steps", "decoded"),
    [
        ([], ("1/1", False)),
        ([{"filter": "grayscale"}], ("1/1", True)),
        ([{"filter": "resize", "width": 20}], ("1/4", False)),
        ([{"filter": "thumbnail", "size": 8}, {"filter": "threshold"}], ("1/8", True)),
    ],
)
def test_what_was_decoded_is_reported(steps: list[Json], decoded: tuple[str, bool]) -> None:
    decode = report_of(file(canvas("RGB", (160, 128)), "JPEG"), steps).decode
    assert (decode.scale, decode.luma_only) == decoded


def test_a_grey_file_has_no_chroma_to_skip() -> None:
    decode = report_of(file(canvas("L", (160, 128)), "JPEG"), [{"filter": "grayscale"}]).decode
    assert decode.luma_only is False


def test_all_frames_of_an_animation_are_reported_together() -> None:
    report = report_of(animations.encode("GIF", animations.frames()), [{"filter": "invert"}])
    assert (report.decode.frames, paths(report)) == (4, [["pipeline.0"]])


def test_an_analysis_is_reported_as_what_was_encoded() -> None:
    report = report_of(file(canvas("RGB"), "PNG"), [], analyse=["palette"])
    assert report.passes == ()
    assert report.encode.milliseconds > 0


def test_it_is_bounded_and_ignores_unknown_fields() -> None:
    report = report_of(file(canvas("RGB"), "PNG"), [{"filter": "flip"}] * MAX_STEPS)
    assert RenderReport.model_validate({**report.model_dump(mode="json"), "of_a_later_release": 1}) == report
    one = StepReport(place="pipeline.0", filter="flip")
    with pytest.raises(ValidationError):
        PassReport(steps=(one,) * (MAX_STEPS + 1), milliseconds=0)
