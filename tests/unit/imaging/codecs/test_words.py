"""Samples of 16 bits stay as they are where no step or only steps that move pixels stand between source and output."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.render import render
from tests.unit.imaging import files
from tests.unit.imaging.codecs.cases import case, pixels, rendered
from tests.unit.imaging.codecs.pngs import GREY, GREY_ALPHA, RGB, RGBA, png
from tests.unit.imaging.codecs.tiffs import tiff

type Words = NDArray[Any]  # rows x columns x bands

COLOR_TYPES = {1: GREY, 2: GREY_ALPHA, 3: RGB, 4: RGBA}
SIZE = (5, 7)  # rows and columns


def _noise(bands: int) -> Words:
    return np.random.default_rng(bands).integers(0, 2**16, (*SIZE, bands), dtype=np.uint16)


def _png(samples: Words, *chunks: bytes, interlaced: bool = False) -> bytes:
    rows = [row.astype(">u2").tobytes() for row in samples]
    return png(16, COLOR_TYPES[samples.shape[2]], rows, *chunks, interlaced=interlaced)


def _tiff(samples: Words, **options: Any) -> bytes:  # noqa: ANN401 - those of `tiff`
    extra: dict[int, tuple[int, ...] | bytes] = {338: (2,)} if samples.shape[2] in {2, 4} else {}
    return tiff(samples, photometric=1 if samples.shape[2] < 3 else 2, tags=extra, **options)


SOURCES: dict[str, Callable[[Words], bytes]] = {
    "png": _png,
    "tiff": _tiff,
    "big-endian planes": lambda samples: _tiff(samples, order=">", planar=True),
    "deflate with differences": lambda samples: _tiff(samples, compression=8, predictor=2),
}


def _words(data: bytes) -> Words:
    """By OpenCV, whose bands are blue, green, red and alpha."""
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None
    assert found.dtype == np.uint16
    found = found.reshape(*found.shape[:2], -1)
    return found if found.shape[2] < 3 else found[:, :, [2, 1, 0, 3][: found.shape[2]]]


def _grey_and_alpha(data: bytes) -> Words:
    """Of a PNG, which OpenCV reads as RGBA."""
    assert data[24:26] == bytes([16, GREY_ALPHA])
    return _words(data)[:, :, [0, 3]]


@pytest.mark.parametrize("bands", [1, 2, 3, 4])
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("target", ["png", "tiff"])
def test_that_all_bits_are_kept(bands: int, source: str, target: str) -> None:
    samples = _noise(bands)
    data = rendered(SOURCES[source](samples), format=target)
    if bands != 2:
        np.testing.assert_array_equal(_words(data), samples)
    else:  # OpenCV reads no such TIFF
        np.testing.assert_array_equal(_grey_and_alpha(rendered(data)), samples)


def test_that_an_interlaced_one_keeps_them() -> None:
    row = bytes(range(1, 7))
    np.testing.assert_array_equal(_words(rendered(png(16, RGB, [row], interlaced=True))), [[[0x102, 0x304, 0x506]]])


STEPS: dict[str, tuple[list[dict[str, object]], Callable[[Words], Words]]] = {
    "crop": ([{"filter": "crop", "left": 1, "top": 2, "width": 3, "height": 2}], lambda s: s[2:4, 1:4]),
    "flip": ([{"filter": "flip"}], lambda s: s[::-1]),
    "flop": ([{"filter": "flop"}], lambda s: s[:, ::-1]),
    "transpose": ([{"filter": "transpose"}], lambda s: s.swapaxes(0, 1)),
    "rotate": ([{"filter": "rotate", "angle": 90}], lambda s: np.rot90(s, -1)),
    "pad": (
        [{"filter": "pad", "left": 1, "color": "#804020"}],
        lambda s: np.concatenate([np.full((5, 1, 3), [0x8080, 0x4040, 0x2020]), s], axis=1),
    ),
    "copied edges": (
        [{"filter": "pad", "right": 1, "mode": "copy"}],
        lambda s: np.concatenate([s, s[:, -1:]], axis=1),
    ),
    "several": (
        [{"filter": "rotate", "angle": 270}, {"filter": "crop", "width": 2, "gravity": "west"}, {"filter": "flip"}],
        lambda s: np.rot90(s)[::-1, :2],
    ),
}


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("target", ["png", "tiff"])
def test_that_exact_steps_keep_them(name: str, target: str) -> None:
    steps, change = STEPS[name]
    samples = _noise(3)
    np.testing.assert_array_equal(_words(rendered(_png(samples), *steps, format=target)), change(samples))


def test_that_a_transparent_margin_has_alpha() -> None:
    samples = _noise(3)
    found = _words(rendered(_png(samples), {"filter": "pad", "left": 1}))
    np.testing.assert_array_equal(found[:, 1:], np.concatenate([samples, np.full((*SIZE, 1), 65535)], axis=2))
    np.testing.assert_array_equal(found[:, 0], 0)


def test_that_a_transparent_color_becomes_alpha() -> None:
    found = _words(rendered(case("rgb16_trns8040.png")))
    assert found[0, :, 3].tolist() == [65535, 0, 65535]


@pytest.mark.parametrize("orientation", [3, 6])
def test_that_they_are_oriented(orientation: int) -> None:
    samples, turns = _noise(3), {3: 2, 6: -1}[orientation]
    data = tiff(samples, photometric=2, tags={274: (orientation,)})
    np.testing.assert_array_equal(_words(rendered(data)), np.rot90(samples, turns))
    exif = files.chunk(b"eXIf", b"II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0" + bytes([orientation]) + bytes(7))
    np.testing.assert_array_equal(_words(rendered(_png(samples, exif))), np.rot90(samples, turns))


@pytest.mark.parametrize("target", ["png", "tiff"])
def test_that_metadata_and_profile_are_kept_with_them(target: str) -> None:
    exif = Image.Exif()
    exif[0x8298] = "somebody"
    samples, profile = _noise(3), files.swapped_rgb_profile()
    chunks = [files.chunk(b"iCCP", b"test\0\0" + zlib.compress(profile)), files.chunk(b"eXIf", exif.tobytes()[6:])]
    data = rendered(_png(samples, *chunks), format=target, icc="keep", metadata="keep")
    np.testing.assert_array_equal(_words(data), samples)
    file = Image.open(BytesIO(data))
    assert (file.info["icc_profile"], file.getexif()[0x8298]) == (profile, "somebody")


@pytest.mark.parametrize(
    ("data", "steps", "output"),
    [
        (_png(_noise(3)), [{"filter": "blur"}], {}),
        (_png(_noise(3)), [{"filter": "crop", "width": 3, "gravity": "entropy"}], {}),
        (_png(_noise(3)), [], {"format": "webp"}),
        (_png(_noise(3), files.chunk(b"gAMA", struct.pack(">I", 100_000))), [], {}),
        (tiff(_noise(1).astype(np.uint16) >> 4, bits=12), [], {}),
        (tiff(_noise(4), photometric=5), [], {}),
    ],
)
def test_that_all_else_has_8_bits(data: bytes, steps: list[dict[str, object]], output: dict[str, object]) -> None:
    written = np.frombuffer(rendered(data, *steps, **output), np.uint8)
    found = cv2.imdecode(written, cv2.IMREAD_UNCHANGED)
    assert found is not None
    assert found.dtype == np.uint8


def test_that_an_analysis_sees_8_bits() -> None:
    samples = np.full((1, 1, 1), 0x8080, np.uint16)
    limits, options = Limits(), parse_output_options({"analyse": ["histogram", "info"]})
    found = render(_png(samples), parse_pipeline([]), options, limits=limits).analysis
    assert found is not None
    assert found["histogram"]["luma"][128] == 1


def test_that_a_profile_is_applied_to_all_bits() -> None:
    np.testing.assert_array_equal(pixels(case("png16_linear_icc.png"))[0, :, 0], np.arange(64))


@pytest.mark.parametrize("kind", ["png", "tiff", "grey tiff"])
def test_that_linear_light_has_all_its_dark_greys(kind: str) -> None:
    """Of 8 bits, 13 of 64 would remain."""
    greys = np.arange(64) / 255
    light = np.where(greys <= 0.04045, greys / 12.92, ((greys + 0.055) / 1.055) ** 2.4)
    samples = np.repeat(np.round(light * 65535).astype(np.uint16)[np.newaxis, :, np.newaxis], 3, axis=2)
    data = {
        "png": _png(samples, files.chunk(b"gAMA", struct.pack(">I", 100_000))),
        "tiff": tiff(samples, photometric=2, tags={34675: files.linear_rgb_profile()}),
        "grey tiff": tiff(samples[:, :, :1], tags={34675: files.linear_grey_profile()}),
    }[kind]
    np.testing.assert_array_equal(pixels(data)[0, :, 0], np.arange(64))
