"""JPEGs that are read straight into arrays: to the same bits as by Pillow, or not at all."""

from io import BytesIO

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from core import kernels
from core.errors import InvalidImage
from core.images import open_source
from core.limits import Limits
from core.pipeline import parse_pipeline
from core.plan import compile_plan
from tests.unit.core.canvases import array

SUBSAMPLINGS = ["444", "422", "420", "440", "411"]
LEAST_SIDE = 8
SIZES = [(64, 48), (61, 35), (17, 9), (8, 8), (333, 16)]


def _noise(size: tuple[int, int], mode: str) -> Image.Image:
    """Smooth in part, so that blocks have coefficients of every kind."""
    values = np.random.default_rng(7).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    values[:, : size[0] // 2] = values[:, :1]
    return Image.fromarray(values).convert(mode)


def _jpeg(image: Image.Image, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


def _by_pillow(data: bytes, shrunk: int, mode: str | None = None) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.draft(mode, (image.width // shrunk, image.height // shrunk))
    image.load()
    return image


def _compare(data: bytes, shrunk: int) -> None:
    for mode in (None, "L"):
        expected = _by_pillow(data, shrunk, mode)
        found = kernels.decoded(data, expected.size, expected.mode)
        if min(expected.size) < LEAST_SIDE:
            assert found is None
        else:
            assert found is not None
            assert (found.mode, found.size) == (expected.mode, expected.size)
            assert np.array_equal(array(found), array(expected))


@pytest.mark.parametrize("shrunk", [1, 2, 4, 8])
@pytest.mark.parametrize("subsampling", SUBSAMPLINGS)
@pytest.mark.parametrize("size", SIZES)
def test_that_the_bits_are_those_of_pillow(shrunk: int, subsampling: str, size: tuple[int, int]) -> None:
    """Which cannot write every subsampling."""
    _compare(simplejpeg.encode_jpeg(np.asarray(_noise(size, "RGB")), 90, "RGB", subsampling), shrunk)


@pytest.mark.parametrize("shrunk", [1, 2, 4, 8])
@pytest.mark.parametrize("size", SIZES)
def test_that_the_bits_of_a_progressive_one_are_those_of_pillow(shrunk: int, size: tuple[int, int]) -> None:
    _compare(_jpeg(_noise(size, "RGB"), progressive=True), shrunk)


def test_that_grey_is_read_as_grey() -> None:
    data = _jpeg(_noise((40, 30), "L"))
    found = kernels.decoded(data, (40, 30), "L")
    assert found is not None
    assert np.array_equal(array(found), array(_by_pillow(data, 1)))


def test_that_inks_are_left_to_pillow() -> None:
    assert kernels.decoded(_jpeg(_noise((40, 30), "CMYK")), (40, 30), "CMYK") is None


def _first(data: bytes) -> Image.Image:
    return open_source(data, limits=Limits()).first(as_array=True)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_that_a_file_cut_short_is_refused_as_before(kept: float) -> None:
    data = _jpeg(_noise((200, 150), "RGB"))
    with pytest.raises(InvalidImage):
        _first(data[: int(len(data) * kept)])


def test_that_what_libjpeg_only_warns_of_is_shown_as_before() -> None:
    """Bytes between two segments: cameras and editors leave them."""
    data = _jpeg(_noise((64, 48), "RGB"))
    odd = data[:-2] + b"some bytes that belong to nobody" + data[-2:]
    assert kernels.decoded(odd, (64, 48), "RGB") is None
    assert np.array_equal(array(_first(odd)), array(_by_pillow(odd, 1)))


def test_that_a_picture_out_of_an_array_may_be_changed() -> None:
    """By Pillow, and what kernels make of it then is made of the change."""
    for mode in ("L", "RGB"):
        image = kernels.decoded(_jpeg(_noise((32, 32), mode)), (32, 32), mode)
        assert image is not None
        before = kernels.box(image, 1, 1)
        image.paste(0, (0, 0, 32, 32))
        assert np.count_nonzero(array(kernels.box(image, 3, 3))) == 0
        assert np.count_nonzero(array(before)) > 0


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("step", [{"filter": "contrast", "amount": 30.0}, {"filter": "temperature", "amount": 40.0}])
def test_that_tables_make_the_same_of_an_array(mode: str, step: dict[str, object]) -> None:
    data = _jpeg(_noise((50, 40), mode))
    apply = parse_pipeline([step]).steps[0].apply
    assert np.array_equal(array(apply(_first(data))), array(apply(_by_pillow(data, 1))))


def test_that_its_info_is_the_files_and_its_own() -> None:
    data = _jpeg(_noise((32, 32), "RGB"), comment=b"not for the output")
    assert _first(data).info == {}


@pytest.mark.parametrize(
    ("names", "takes_arrays"),
    [
        (["blur"], True),
        (["resize"], True),
        (["flip", "resize"], True),
        (["sepia"], True),
        (["invert", "blur"], True),
        (["invert"], False),
        (["flip", "blur"], False),
        ([], False),
    ],
)
def test_that_an_array_is_made_where_a_kernel_comes_first(*, names: list[str], takes_arrays: bool) -> None:
    steps = [{"filter": name} | ({"width": 40} if name == "resize" else {}) for name in names]
    assert compile_plan(parse_pipeline(steps).steps).takes_arrays is takes_arrays
