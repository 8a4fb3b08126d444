"""What cannot fit into memory is rejected by an estimate, before a pixel is decoded."""

from typing import Any

import pytest

from core.errors import InvalidImage, ResourceLimit
from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.render import render
from tests.unit.imaging.files import png_of_size

LIMITS = Limits(memory_bytes=640 * 2**20)
LARGE = png_of_size(7000, 7000)  # holds no pixels


def try_to_render(source: bytes, *steps: dict[str, Any], limits: Limits = LIMITS, **output: object) -> None:
    render(source, parse_pipeline(list(steps)), parse_output_options(output), limits=limits)


def test_that_an_output_says_what_it_needs() -> None:
    with pytest.raises(ResourceLimit, match=r"output: avif: 7000 x 7000 pixels at 33 bytes a pixel need 1,617 MB"):
        try_to_render(LARGE, {"filter": "sepia"}, format="avif")


def test_that_a_step_says_what_it_needs_and_what_would_fit() -> None:
    with pytest.raises(ResourceLimit, match=r"pipeline.1 \(drop_shadow\): 7036 x 7036 .* at most 34,952,533 pixels"):
        try_to_render(LARGE, {"filter": "sepia"}, {"filter": "drop_shadow"}, limits=Limits(memory_bytes=400 * 2**20))


def test_that_a_rotated_card_says_what_it_needs() -> None:
    source, limits = png_of_size(5000, 4600), Limits(memory_bytes=400 * 2**20)
    with pytest.raises(ResourceLimit, match=r"pipeline.0 \(polaroid\): 6491 x 6763 pixels at 14 bytes a pixel"):
        try_to_render(source, {"filter": "polaroid", "angle": 10}, limits=limits)


@pytest.mark.parametrize(
    ("source", "steps", "output", "limits"),
    [
        (LARGE, [{"filter": "sepia"}, {"filter": "blur"}, {"filter": "noise"}], {"format": "webp"}, LIMITS),
        (LARGE, [{"filter": "resize", "width": 3000}, {"filter": "drop_shadow"}], {"format": "avif"}, LIMITS),
        (LARGE, [{"filter": "drop_shadow"}], {}, LIMITS),
        (png_of_size(4000, 3000), [{"filter": "drop_shadow"}], {}, Limits(memory_bytes=2**20)),
    ],
)
def test_that_what_fits_is_decoded(
    source: bytes, steps: list[dict[str, Any]], output: dict[str, object], limits: Limits
) -> None:
    """And small images are always tried."""
    with pytest.raises(InvalidImage):
        try_to_render(source, *steps, limits=limits, **output)
