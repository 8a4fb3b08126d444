"""JPEGs that lack what a decoder could do without: their end, or Adobe's marker."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from core.errors import InvalidImage
from tests.unit.imaging import files
from tests.unit.imaging.codecs.cases import case, pixels
from tests.unit.imaging.images import array

KINDS = [
    ("RGB", {}),
    ("RGB", {"progressive": True}),
    ("RGB", {"restart_marker_rows": 1}),
    ("L", {}),
    ("L", {"progressive": True}),
    ("CMYK", {}),
    ("CMYK", {"progressive": True}),
]
RESIZE = {"filter": "resize", "width": 30}


def _noise(mode: str = "RGB") -> Image.Image:
    values = np.random.default_rng(7).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    return Image.fromarray(values).convert(mode)


def test_that_all_pixels_are_enough() -> None:
    whole = Image.open(BytesIO(case("no_eoi.jpg") + b"\xff\xd9")).convert("RGB")
    np.testing.assert_array_equal(pixels(case("no_eoi.jpg"), mode="RGB"), array(whole))


@pytest.mark.parametrize("step", [[], [RESIZE], [{"filter": "blur"}], [{"filter": "grayscale"}]])
@pytest.mark.parametrize(("mode", "options"), KINDS)
def test_that_the_end_of_image_can_be_missing(
    mode: str, options: dict[str, object], step: list[dict[str, object]]
) -> None:
    data = files.file(_noise(mode), "JPEG", **options)
    for cut in (1, 2):
        np.testing.assert_array_equal(pixels(data[:-cut], *step), pixels(data, *step))


TRAILERS = {"zeros": bytes(5000), "ones": b"\xff" * 777, "text": b"garbage and more", "a marker": b"\0\xff\xc4\0"}
TRAILERS |= {"noise": np.random.default_rng(3).integers(0, 256, 999, np.uint8).tobytes().replace(b"\xff\xd9", b"")}


@pytest.mark.parametrize("trailer", TRAILERS)
@pytest.mark.parametrize("step", [[], [RESIZE]])
@pytest.mark.parametrize(("mode", "options"), [KINDS[0], KINDS[1], KINDS[3], KINDS[6]])
def test_that_something_else_can_be_in_place_of_the_end(
    mode: str, options: dict[str, object], step: list[dict[str, object]], trailer: str
) -> None:
    data = files.file(_noise(mode), "JPEG", **options)
    np.testing.assert_array_equal(pixels(data[:-2] + TRAILERS[trailer], *step), pixels(data, *step))


@pytest.mark.parametrize("step", [[], [RESIZE]])
@pytest.mark.parametrize(("mode", "options"), [KINDS[0], KINDS[1]])
def test_that_garbage_does_not_hide_missing_pixels(
    mode: str, options: dict[str, object], step: list[dict[str, object]]
) -> None:
    data = files.file(_noise(mode), "JPEG", **options)
    for trailer in (b"garbage", b"\xff" * 777):
        with pytest.raises(InvalidImage):
            pixels(data[: len(data) // 2] + trailer, *step)


@pytest.mark.parametrize("step", [[], [RESIZE]])
@pytest.mark.parametrize(("mode", "options"), KINDS)
def test_that_missing_pixels_are_an_error(mode: str, options: dict[str, object], step: list[dict[str, object]]) -> None:
    data = files.file(_noise(mode), "JPEG", **options)
    for cut in (12, 200, len(data) // 2):
        with pytest.raises(InvalidImage):
            pixels(data[:-cut], *step)


def test_that_a_progressive_one_needs_all_of_its_scans() -> None:
    data = files.file(_noise(), "JPEG", progressive=True)
    scans = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xda"]
    assert len(scans) > 3
    for start in scans[1:]:
        end = data.rindex(b"\xff\xc4", 0, start) if b"\xff\xc4" in data[start - 60 : start] else start
        with pytest.raises(InvalidImage):
            pixels(data[:end])


def test_that_cmyk_without_adobes_marker_is_inverted_too() -> None:
    assert abs(pixels(case("cmyk_noadobe.jpg"), mode="RGB")[0, 0] - [255, 0, 0]).max() <= 2
