"""Large images are processed in bands of rows: the pixels are those of the image as a whole."""

import random
from typing import Any

import numpy as np
import pytest
from PIL import Image

from imaging.filters import CATALOGUE
from imaging.memory import PIXELS_AT_ONCE, apply_in_bands, band_rows
from imaging.pipeline.passes import pass_of
from imaging.pipeline.run import run_pass
from imaging.quantization import quantize
from tests.unit.imaging.images import array

SIDE = 4100
ROWS = band_rows(SIDE)
# A part around the end of a band; it starts at a multiple of the scale of every pyramid that is used here.
TOP, END = ROWS - 128, ROWS + 128
CONTEXT = 64  # rows more than any of these filters reads


@pytest.fixture(scope="module")
def large() -> Image.Image:
    tile = np.random.default_rng(1).integers(0, 256, (41, 50, 4), dtype=np.uint8)
    image = Image.fromarray(tile).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    assert SIDE * SIDE > PIXELS_AT_ONCE > SIDE * (END - TOP)
    return image


def apply(image: Image.Image, name: str, **parameters: Any) -> Image.Image:  # noqa: ANN401 - as they come from JSON
    return run_pass(pass_of(CATALOGUE[name].model_validate(parameters), 0), image)


@pytest.mark.parametrize(
    ("mode", "name", "parameters"),
    [
        ("RGBA", "sepia", {}),
        ("RGBA", "blur", {}),
        ("L", "blur", {"sigma": 0.8}),
        ("RGBA", "median", {"size": 5}),
        ("L", "box_blur", {"radius": 2.5}),
        ("RGB", "cartoonify", {}),
        ("RGBA", "glow", {"sigma": 6}),
        ("L", "unsharp_mask", {}),
        ("LA", "sketch", {}),
        ("RGB", "denoise", {}),
        ("RGB", "halftone", {"size": 8}),
    ],
)
def test_that_bands_do_not_show(large: Image.Image, mode: str, name: str, parameters: dict[str, Any]) -> None:
    image = large.convert(mode)
    changed = array(apply(image, name, **parameters))
    part = array(apply(image.crop((0, TOP, SIDE, END)), name, **parameters))
    inner = slice(TOP + CONTEXT, END - CONTEXT)
    np.testing.assert_array_equal(changed[inner], part[CONTEXT:-CONTEXT])


def test_that_grain_is_one_sequence_of_random_numbers() -> None:
    grey = Image.new("L", (SIDE, SIDE), 128)
    grain = array(apply(grey, "noise", seed=5))
    ranks = np.frombuffer(random.Random(5).randbytes(SIDE * SIDE), np.uint8).reshape(SIDE, SIDE)  # noqa: S311
    for value in (0, 100, 255):
        assert len(np.unique(grain.reshape(SIDE, SIDE)[ranks == value])) == 1


@pytest.mark.parametrize("name", ["vignette", "tilt_shift"])
def test_that_a_filter_knows_where_a_band_is(name: str) -> None:
    """Both are symmetric from top to bottom."""
    striped = np.zeros((SIDE, SIDE), np.uint8)
    striped[:, ::7] = 200
    changed = array(apply(Image.fromarray(striped), name)).reshape(SIDE, SIDE)
    assert np.abs(changed[:, 1400:1420].astype(int) - changed[::-1, 1400:1420]).max() <= 1
    assert np.abs(changed[0].astype(int) - changed[SIDE // 2]).max() > 20


def test_that_a_border_is_found_across_bands() -> None:
    image = Image.new("L", (SIDE, SIDE), 10)
    image.paste(200, (5, ROWS - 9, 90, 3 * ROWS + 4))
    image.paste(200, (700, ROWS + 1, 800, ROWS + 2))
    assert apply(image, "trim").size == (795, 2 * ROWS + 13)


def test_that_few_colors_stay_as_they_are() -> None:
    tile = np.random.default_rng(2).integers(0, 4, (SIDE, SIDE), dtype=np.uint8)
    image = Image.fromarray(np.array([[9, 8, 7], [9, 8, 8], [200, 0, 0], [0, 0, 255]], np.uint8)[tile])
    np.testing.assert_array_equal(array(quantize(image, 16, dither=False).convert("RGB")), array(image))


def test_that_the_palette_of_a_large_image_is_as_good(large: Image.Image) -> None:
    image = large.convert("RGB")
    quantized = array(quantize(image, 64, dither=False).convert("RGB"))
    part = image.crop((0, 0, SIDE, END - TOP))
    as_good = np.abs(array(quantize(part, 64, dither=False).convert("RGB")).astype(int) - array(part)).mean()
    assert np.abs(quantized.astype(int) - array(image)).mean() < 1.5 * as_good


def test_that_a_band_sees_the_rows_around_it(large: Image.Image) -> None:
    heights = []

    def change(part: Image.Image, top: int) -> Image.Image:
        heights.append((top, part.height))
        return part

    grey = large.convert("L")
    np.testing.assert_array_equal(array(apply_in_bands(grey, change, reach=3)), array(grey))
    assert heights[:2] == [(0, ROWS + 3), (ROWS - 3, ROWS + 6)]
    assert sum(height for _, height in heights) == SIDE + 6 * (len(heights) - 1)
