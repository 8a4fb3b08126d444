"""PNGs of few colours are stored as palettes, and grey as grey, in as few bits as that needs; nothing is lost."""

import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from imaging.codecs.encoder import encode
from imaging.codecs.frames import FrameSequence
from imaging.codecs.output_options import OutputOptions
from imaging.memory import PIXELS_AT_ONCE
from tests.unit.imaging import animations, files
from tests.unit.imaging.codecs.cases import rendered
from tests.unit.imaging.images import array, canvas

_PHOTOGRAPH = Path("examples/pictures/astronaut.jpg")
_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGBA = 0, 2, 3, 4, 6  # colour types


def _encode(image: Image.Image) -> bytes:
    return encode(FrameSequence(images=(image,)), "png", OutputOptions()).data


def _kind(data: bytes) -> tuple[int, int]:
    """Colour type and bits a sample."""
    return data[25], data[24]


def _of_colors(mode: str, count: int, size: tuple[int, int] = (60, 41)) -> Image.Image:
    """Random pixels of exactly so many values."""
    random = np.random.default_rng(count)
    values = np.unique(random.integers(0, 256, (4 * count, len(mode)), dtype=np.uint8), axis=0)
    values = random.permutation(values)[:count]
    order = np.concatenate([np.arange(count), random.integers(count, size=size[0] * size[1] - count)])
    image = Image.new(mode, size)
    image.frombytes(values[order].tobytes())
    return image


def _assert_same(data: bytes, image: Image.Image) -> None:
    with Image.open(BytesIO(data)) as written:
        np.testing.assert_array_equal(array(written.convert("RGBA")), array(image.convert("RGBA")))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA"])
@pytest.mark.parametrize(("count", "bits"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 4), (16, 4), (17, 8), (200, 8)])
def test_that_few_colors_are_a_palette(mode: str, count: int, bits: int) -> None:
    image = _of_colors(mode, count)
    data = _encode(image)
    assert _kind(data) == (_PALETTE, bits)
    _assert_same(data, image)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA"])
@pytest.mark.parametrize(("step", "bits"), [(255, 1), (85, 2), (17, 4), (1, 8)])
def test_that_grey_is_grey(mode: str, step: int, bits: int) -> None:
    image = canvas("L", (61, 47)).point([round(value / step) * step for value in range(256)]).convert(mode)
    data = _encode(image)
    assert _kind(data) == (_GREY, bits)
    _assert_same(data, image)


def test_that_uneven_greys_are_a_palette() -> None:
    image = _of_colors("L", 9)
    assert _kind(_encode(image)) == (_PALETTE, 4)
    _assert_same(_encode(image), image)


def test_that_many_colors_keep_their_mode() -> None:
    for mode, kind in {"RGB": _RGB, "RGBA": _RGBA, "LA": _GREY_ALPHA}.items():
        image = canvas(mode, (60, 41))
        assert _kind(_encode(image)) == (kind, 8)
        _assert_same(_encode(image), image)
    grey = Image.merge("RGBA", [*[canvas("L", (60, 41))] * 3, canvas("L", (60, 41), seed=8)])
    assert _kind(_encode(grey)) == (_GREY_ALPHA, 8)
    _assert_same(_encode(grey), grey)


def test_that_a_palette_is_not_larger_than_the_pixels() -> None:
    image = _of_colors("RGB", 64, (8, 8))
    assert _kind(_encode(image)) == (_RGB, 8)


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_that_a_large_drawing_is_indexed_too(mode: str) -> None:
    size = (PIXELS_AT_ONCE // 4096 + 1, 4096)
    image = Image.new(mode, size)
    ImageDraw.Draw(image).ellipse((100, 100, 3000, 3900), fill=(255,) * len(mode))
    data = _encode(image)
    assert _kind(data) == (_GREY if mode == "L" else _PALETTE, 1)
    with Image.open(BytesIO(data)) as written:
        assert written.convert(mode).tobytes() == image.tobytes()


@pytest.mark.parametrize("count", [2, 4, 16, 64, 200])
@pytest.mark.parametrize("dither", [Image.Dither.NONE, Image.Dither.FLOYDSTEINBERG])
def test_that_an_indexed_png_does_not_grow(count: int, dither: Image.Dither) -> None:
    with Image.open(_PHOTOGRAPH) as photograph:
        palette = photograph.quantize(count)
        indexed = photograph.quantize(palette=palette, dither=dither)
    source = files.file(indexed, "PNG", optimize=True)
    assert len(rendered(source)) <= len(source)


def test_that_a_scan_of_1_bit_does_not_grow() -> None:
    with Image.open(_PHOTOGRAPH) as photograph:
        scan = photograph.convert("L").point([255 * (value > 128) for value in range(256)]).convert("1")
    source = files.file(scan, "PNG", optimize=True)
    data = rendered(source)
    assert _kind(data) == (_GREY, 1)
    assert len(data) <= len(source)


def test_that_a_grey_page_does_not_grow() -> None:
    page = Image.new("L", (400, 300), 255)
    ImageDraw.Draw(page).ellipse((30, 30, 370, 270), fill=90)
    page = page.resize((600, 450), Image.Resampling.BICUBIC)
    source = files.file(page, "PNG", optimize=True)
    assert len(rendered(source)) <= len(source)


@pytest.mark.parametrize(("colors", "bits"), [(2, 1), (4, 2), (16, 4), (64, 8)])
def test_that_quantize_gives_a_palette(colors: int, bits: int) -> None:
    data = rendered(_PHOTOGRAPH.read_bytes(), {"filter": "quantize", "colors": colors})
    assert _kind(data) == (_PALETTE, bits)


def test_that_a_profile_of_colors_keeps_grey_in_color() -> None:
    grey = files.quarters().convert("L").convert("RGB")
    noisy = Image.merge("RGB", [canvas("L", (60, 41))] * 3)
    for image, kind in ((grey, _PALETTE), (noisy, _PALETTE)):
        source = files.file(image, "PNG", icc_profile=files.swapped_rgb_profile())
        data = rendered(source, icc="keep")
        assert _kind(data)[0] == kind
        _assert_same(data, image)


def test_that_frames_of_an_animation_keep_their_colors() -> None:
    images = [Image.new("L", (20, 20), level) for level in (0, 255, 7)]
    data = encode(FrameSequence(images=tuple(images), durations_ms=(50.0,) * 3), "png", OutputOptions()).data
    assert [values[0, 0, 0] for values in animations.seen(data)[0]] == [0, 255, 7]


def test_that_samples_are_packed_from_the_left() -> None:
    image = Image.new("L", (5, 1))
    image.frombytes(bytes([255, 0, 255, 255, 0]))
    data = _encode(image)
    at = data.index(b"IDAT")
    assert zlib.decompress(data[at + 4 : -16])[1:] == bytes([0b10110000])
