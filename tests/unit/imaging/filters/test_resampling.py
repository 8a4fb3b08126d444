"""Shrinking by OpenCV is as good as by Pillow, and whatever it is not good for stays with Pillow."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageChops

from imaging.filters.geometry.resampling import resample
from tests.harness.deployment import ROOT
from tests.unit.imaging.images import array, psnr

PHOTOGRAPHS = ("astronaut", "chelsea", "coffee")


def photograph(name: str, mode: str = "RGB") -> Image.Image:
    image = Image.open(ROOT / f"examples/pictures/{name}.jpg").convert(mode)
    if mode.endswith("A"):
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def by_both(image: Image.Image, times: float, *, is_coarse: bool = False) -> tuple[Image.Image, Image.Image]:
    size = round(image.width / times), round(image.height / times)
    found = resample(image, size, kernel="lanczos", box=(0, 0, *image.size), is_coarse=is_coarse)
    return found, image.resize(size, Image.Resampling.LANCZOS)


def decibels(found: Image.Image, wanted: Image.Image) -> float:
    assert (found.mode, found.size) == (wanted.mode, wanted.size)
    as_seen = found.mode.replace("A", "a")  # colours weigh as much as they are seen
    return psnr(array(found.convert(as_seen)), array(wanted.convert(as_seen)))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("times", [1.95, 2.0, 2.6, 4.0])
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_come_out_as_from_pillow(name: str, times: float, mode: str) -> None:
    found, wanted = by_both(photograph(name, mode), times)
    assert 44 < decibels(found, wanted) < float("inf")


@pytest.mark.parametrize("times", [1.02, 1.25, 1.5])
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_what_was_decoded_smaller_may_be_shrunk_by_less(name: str, times: float) -> None:
    found, wanted = by_both(photograph(name), times, is_coarse=True)
    assert 44 < decibels(found, wanted) < float("inf")


@pytest.mark.parametrize("times", [1.95, 2.5, 4.0])
def test_even_noise_comes_out_as_from_pillow(times: float) -> None:
    """It has as much in the finest detail as in all else."""
    noise = np.random.default_rng(1).integers(0, 256, (700, 900, 3), dtype=np.uint8)
    found, wanted = by_both(Image.fromarray(noise), times)
    assert 40 < decibels(found, wanted) < float("inf")


@pytest.mark.parametrize("size", [(128, 77), (90, 60), (50, 44)])
def test_one_colour_stays_what_it_is(size: tuple[int, int]) -> None:
    image = Image.new("RGB", (180, 120), (3, 128, 251))
    found = resample(image, size, kernel="lanczos", box=(0, 0, 180, 120), is_coarse=True)
    assert found.getcolors() == [(size[0] * size[1], (3, 128, 251))]


def test_what_nobody_sees_does_not_bleed_into_its_neighbours() -> None:
    image = Image.new("RGBA", (200, 200), (255, 0, 0, 0))
    image.paste((0, 255, 0, 255), (0, 0, 100, 200))
    found = resample(image, (90, 90), kernel="lanczos", box=(0, 0, 200, 200), is_coarse=False)
    red, _, _, alpha = found.split()
    assert ImageChops.multiply(red, alpha).getextrema() == (0, 0)


def test_a_part_is_that_of_the_cut_out_image() -> None:
    image = photograph("coffee")
    found = resample(image, (100, 80), kernel="lanczos", box=(40, 20, 240, 180), is_coarse=False)
    cut_out = image.crop((40, 20, 240, 180))
    assert found == resample(cut_out, (100, 80), kernel="lanczos", box=(0, 0, 200, 160), is_coarse=False)
    assert found != cut_out.resize((100, 80), Image.Resampling.LANCZOS)


@pytest.mark.parametrize(
    ("kernel", "size", "box"),
    [
        ("bicubic", (200, 150), lambda image: (0, 0, *image.size)),
        ("lanczos", (200, 150), lambda image: (0.5, 0, *image.size)),
        ("lanczos", (590, 390), lambda image: (0, 0, *image.size)),
        ("lanczos", (900, 700), lambda image: (0, 0, *image.size)),
        ("lanczos", (200, 90), lambda image: (0, 0, *image.size)),
    ],
    ids=["another kernel", "a pixel cut in two", "little smaller", "larger", "much smaller in one direction"],
)
def test_the_rest_is_pillows(
    kernel: str, size: tuple[int, int], box: Callable[[Image.Image], tuple[float, float, float, float]]
) -> None:
    image = photograph("coffee")
    found = resample(image, size, kernel=kernel, box=box(image), is_coarse=False)
    assert found == image.resize(size, Image.Resampling[kernel.upper()], box(image))
