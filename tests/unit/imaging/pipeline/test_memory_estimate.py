"""What cannot fit into memory is rejected by an estimate, before a pixel is decoded."""

from typing import Any

import pytest
from PIL import Image

from core.errors import InvalidImage, ResourceLimit
from imaging.limits import Limits
from imaging.pipeline.memory_estimate import check_encoder_memory
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
    ("image", "output_format", "lossless", "needed"),
    [
        (Image.new("RGBA", (3000, 2000)), "webp", False, "34 bytes a pixel need 204 MB"),
        (Image.new("LA", (3000, 2000)), "jxl", False, "36 bytes a pixel need 216 MB"),
        (Image.new("RGB", (3000, 2000)), "webp", True, "34 bytes a pixel need 204 MB"),
        (Image.new("RGB", (3000, 2000)), "jpeg2000", False, "68 bytes a pixel need 408 MB"),
    ],
)
def test_that_transparency_and_lossless_need_more(
    image: Image.Image, output_format: str, needed: str, *, lossless: bool
) -> None:
    limits = Limits(memory_bytes=200 * 10**6)
    with pytest.raises(ResourceLimit, match=f"output: {output_format}: 3000 x 2000 pixels at {needed}"):
        check_encoder_memory(image, limits, output_format=output_format, lossless=lossless)


def test_that_opaque_and_small_images_are_encoded_with_less() -> None:
    limits = Limits(memory_bytes=200 * 10**6)
    check_encoder_memory(Image.new("RGBA", (3000, 2000), "red"), limits, output_format="webp", lossless=False)
    check_encoder_memory(Image.new("RGBA", (2048, 2048)), Limits(memory_bytes=1), output_format="webp", lossless=False)


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
