"""Directories of a TIFF: the full image is found, and what is damaged, too large or not supported is named."""

from typing import Any

import numpy as np
import pytest

from core.errors import ImageTooLarge, InvalidImage, UnsupportedImageFeature
from tests.unit.imaging.codecs.sources.tiff_files import (
    CMYK,
    EXTRA_SAMPLES,
    LAB,
    ORIENTATION,
    RGB,
    STORED,
    case,
    noise,
    samples_of,
    scaled,
)
from tests.unit.imaging.codecs.tiffs import DEFLATE, LERC, tiff


def test_that_the_full_image_is_read_and_not_a_thumbnail_before_it() -> None:
    found = case("thumb_first_ifd")
    assert found.shape == (120, 160, 3)
    np.testing.assert_array_equal(np.unique(found.reshape(-1, 3), axis=0), [[0, 0, 255]])


@pytest.mark.parametrize("rows", [2, 3, 2**31, 2**32 - 2**24, 2**32 - 1])
def test_that_one_strip_may_say_that_it_has_more_rows(rows: int) -> None:
    samples = noise(2, 16)[:2]
    found = samples_of(tiff(samples, compression=DEFLATE, tags={278: (rows,), EXTRA_SAMPLES: (2,)}))
    np.testing.assert_array_equal(found, scaled(samples, 16))


@pytest.mark.parametrize("kind", [{254: (1,)}, {254: (4,)}, {255: (2,)}])
def test_that_the_full_image_is_found_in_a_subdirectory(kind: dict[int, tuple[int, ...] | bytes]) -> None:
    full = tiff(np.full((5, 6, 1), 1365, np.uint16), bits=12)
    directory = int.from_bytes(full[4:8], "little")
    thumbnail = np.zeros((1, 2, 1), np.uint8)
    found = samples_of(tiff(thumbnail, tags=kind | {330: (0, directory)}, other=full))
    np.testing.assert_array_equal(found, np.full((5, 6, 1), 85))
    np.testing.assert_array_equal(samples_of(tiff(thumbnail, tags={330: (directory,)}, other=full)), thumbnail)


@pytest.mark.parametrize("kind", [{254: (1,)}, {254: (1,), 330: (0, 9, 2**32 - 1)}])
def test_that_a_thumbnail_alone_is_read(kind: dict[int, tuple[int, ...] | bytes]) -> None:
    thumbnail = np.full((1, 2, 1), 7, np.uint8)
    np.testing.assert_array_equal(samples_of(tiff(thumbnail, tags=kind)), thumbnail)


@pytest.mark.parametrize("scale", [1, 257])
def test_that_a_palette_of_8_bit_values_has_its_colours(scale: int) -> None:
    colors = np.zeros((3, 256), int)
    colors[:, :3] = [[255, 0, 17], [0, 128, 34], [0, 0, 51]]
    indices = np.array([[0, 1, 2]], np.uint8).reshape(1, 3, 1)
    data = tiff(indices, photometric=3, tags={320: tuple((colors * scale).ravel().tolist())})
    np.testing.assert_array_equal(samples_of(data), [[[255, 0, 0], [0, 128, 0], [17, 34, 51]]])


def test_that_the_orientation_is_applied() -> None:
    samples = np.array([[0, 4095], [1365, 2730]], np.uint16).reshape(2, 2, 1)
    found = samples_of(tiff(samples, bits=12, tags={ORIENTATION: (6,)}))
    np.testing.assert_array_equal(found[:, :, 0], [[85, 0], [170, 255]])


@pytest.mark.parametrize("options", STORED.values(), ids=STORED)
def test_that_a_truncated_one_is_damaged(options: dict[str, Any]) -> None:
    data = tiff(noise(3, 12), bits=12, photometric=RGB, **options)
    moved = data.replace(data[8:200], b"")  # the pixels end too early, and the directory is elsewhere
    for broken in (data[:-40], data[: len(data) // 2], moved):
        with pytest.raises(InvalidImage, match="damaged"):
            samples_of(broken)


@pytest.mark.parametrize(
    ("size", "message"), [((16_385, 1), "is too large"), ((7_000, 7_000), "take more than 512 MiB")]
)
def test_that_one_too_large_is_rejected_by_its_header(size: tuple[int, int], message: str) -> None:
    data = tiff(np.zeros((1, 1, 3)), photometric=RGB, tags={256: size[:1], 257: size[1:]})
    with pytest.raises(ImageTooLarge, match=message):
        samples_of(data)


@pytest.mark.parametrize("tile", [(2**20, 2**20), (2**24, 1), (16, 2**28)])
def test_that_a_tile_too_large_is_rejected(tile: tuple[int, int]) -> None:
    data = tiff(noise(1, 12), bits=12, tile=16, tags={322: tile[:1], 323: tile[1:]})
    with pytest.raises(ImageTooLarge, match="tiles of this TIFF take more than 64 MiB"):
        samples_of(data)


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("This TIFF uses LERC compression", tiff(noise(1, 8), compression=LERC)),
        ("This TIFF uses JPEG XL compression", tiff(noise(1, 8), compression=50002)),
        ("This TIFF uses an unknown \\(999\\) compression", tiff(noise(1, 8), compression=999)),
        ("This TIFF stores inks other than CMYK", tiff(noise(6, 8), photometric=CMYK, tags={332: (2,), 334: (6,)})),
        ("This TIFF stores CIELab with 32 bits a sample", tiff(noise(3, 32), photometric=LAB)),
        ("This TIFF stores grey with 64 bits a sample", tiff(noise(1, 16), bits=64, tags={339: (6,)})),
        ("This TIFF stores RGB with 5, 6, 5 bits a sample", tiff(noise(3, 8), photometric=RGB, tags={258: (5, 6, 5)})),
        ("This TIFF uses predictor 2 for samples of 12 bits", tiff(noise(1, 12), bits=12, compression=8, predictor=2)),
        ("This TIFF uses predictor 9 for samples of 32 bits", tiff(noise(1, 32), compression=8, tags={317: (9,)})),
        ("This TIFF has float samples of 24 bits", tiff(noise(1, 24), bits=24, tags={339: (3,)})),
    ],
)
def test_that_what_cannot_be_read_is_named(message: str, data: bytes) -> None:
    with pytest.raises(UnsupportedImageFeature, match=f"^{message}, which is not supported"):
        samples_of(data)


RAW = {
    "a colour filter array": tiff(noise(1, 16), photometric=32803),
    "linear raw": tiff(noise(3, 16), photometric=34892),
    "DNG with a preview": tiff(noise(3, 8), photometric=RGB, tags={50706: (1, 4, 0, 0)}),
    "CR2": tiff(noise(3, 8), photometric=RGB, other=b"II*\0\0\0\0\0CR\2\0" + bytes(4)),
}


def _with_raw_below(preview: dict[int, tuple[int, ...] | bytes]) -> bytes:
    """As NEF and ARW: a preview, and the raw image in a subdirectory."""
    raw = tiff(noise(1, 16), photometric=32803)
    directory = int.from_bytes(raw[4:8], "little")
    return tiff(noise(3, 8), photometric=RGB, tags=preview | {330: (directory, 0)}, other=raw)


@pytest.mark.parametrize("data", [*RAW.values(), _with_raw_below({}), _with_raw_below({254: (1,)})])
def test_that_a_raw_photograph_is_named(data: bytes) -> None:
    with pytest.raises(UnsupportedImageFeature, match="This is a raw photograph, which is not supported"):
        samples_of(data)
