"""What a render says of itself: the plan that was carried out, and where the time went."""

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


def places(report: RenderReport) -> list[list[str]]:
    return [[step.place for step in each.steps] for each in report.passes]


def test_steps_that_were_taken_at_once_are_told_with_their_places() -> None:
    steps = [{"filter": name} for name in ("blur", "invert", "gamma", "sepia")]
    report = report_of(file(canvas("RGB"), "PNG"), steps)
    assert places(report) == [["pipeline.0"], ["pipeline.1", "pipeline.2"], ["pipeline.3"]]
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
def test_what_was_decoded_is_told(steps: list[Json], decoded: tuple[str, bool]) -> None:
    decode = report_of(file(canvas("RGB", (160, 128)), "JPEG"), steps).decode
    assert (decode.scale, decode.luma_only) == decoded


def test_a_grey_file_has_no_colors_to_leave_out() -> None:
    decode = report_of(file(canvas("L", (160, 128)), "JPEG"), [{"filter": "grayscale"}]).decode
    assert decode.luma_only is False


def test_all_frames_of_a_film_are_told_of_together() -> None:
    report = report_of(animations.film("GIF", animations.frames()), [{"filter": "invert"}])
    assert (report.decode.frames, places(report)) == (4, [["pipeline.0"]])


def test_an_analysis_is_told_of_as_what_was_written() -> None:
    report = report_of(file(canvas("RGB"), "PNG"), [], analyse=["palette"])
    assert report.passes == ()
    assert report.encode.milliseconds > 0


def test_it_is_bounded_and_survives_what_it_does_not_know() -> None:
    report = report_of(file(canvas("RGB"), "PNG"), [{"filter": "flip"}] * MAX_STEPS)
    assert RenderReport.model_validate({**report.model_dump(mode="json"), "of_a_later_release": 1}) == report
    one = StepReport(place="pipeline.0", filter="flip")
    with pytest.raises(ValidationError):
        PassReport(steps=(one,) * (MAX_STEPS + 1), milliseconds=0)
