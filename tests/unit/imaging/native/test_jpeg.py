"""JPEGs that are read straight into arrays: to the same bits as by Pillow, or not at all."""

import struct
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from core.errors import InvalidImage
from imaging import native
from imaging.codecs.decoder import open_image
from imaging.codecs.source_info import DecodeHints, SourceInfo
from imaging.limits import Limits
from imaging.memory import PIXELS_AT_ONCE
from imaging.native.arrays import ArrayImage
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.pipeline.plan import compile_plan
from imaging.render import render
from tests.unit.imaging.images import array


def _noise(size: tuple[int, int], mode: str) -> Image.Image:
    """Smooth in part, so that blocks have coefficients of every kind."""
    values = np.random.default_rng(7).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    values[:, : size[0] // 2] = values[:, :1]
    return Image.fromarray(values).convert(mode)


def _jpeg(image: Image.Image, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


def _lossless(side: int) -> bytes:
    """Grey, of one value: 8 bits, predicted from the left (ITU-T T.81, process 14)."""

    def segment(marker: int, payload: bytes) -> bytes:
        return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2) + payload

    frame = segment(0xC3, struct.pack(">BHHB", 8, side, side, 1) + b"\x01\x11\x00")
    table = segment(0xC4, b"\x00" + bytes([1] + [0] * 15) + b"\x00")
    scan = segment(0xDA, b"\x01\x01\x00\x01\x00\x00") + bytes(side * side // 8)
    return b"\xff\xd8" + frame + table + scan + b"\xff\xd9"


def _by_pillow(data: bytes, mode: str | None = None) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.draft(mode, image.size)
    image.load()
    return image


@pytest.mark.parametrize("subsampling", ["444", "422", "420", "440", "411"])
@pytest.mark.parametrize("size", [(64, 48), (61, 35), (17, 9), (8, 8), (3, 1)])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_that_the_bits_are_those_of_pillow(subsampling: str, size: tuple[int, int], mode: str) -> None:
    """Which cannot write every subsampling."""
    data = simplejpeg.encode_jpeg(np.asarray(_noise(size, "RGB")), 90, "RGB", subsampling)
    expected, found = _by_pillow(data, mode), native.decode_jpeg(data, size, mode)
    assert found is not None
    assert (found.mode, found.size) == (expected.mode, expected.size) == (mode, size)
    assert np.array_equal(array(found), array(expected))


def test_that_one_is_never_read_smaller_than_it_is() -> None:
    assert native.decode_jpeg(_jpeg(_noise((64, 48), "RGB")), (32, 24), "RGB") is None


@pytest.mark.parametrize("width", [40, 300, 700])
def test_that_a_lossless_one_stays_within_its_array(width: int) -> None:
    """libjpeg-turbo cannot read it smaller; simplejpeg believed it, and wrote all of it into a smaller array."""
    pipeline, output = parse_pipeline([{"filter": "resize", "width": width}]), parse_output_options({"format": "png"})
    try:
        rendered = render(_lossless(800), pipeline, output, limits=Limits())
    except InvalidImage:  # Pillow does not read it smaller either
        return
    assert (rendered.width, rendered.height) == (width, width)


def test_that_a_image_of_many_parts_is_left_to_pillow() -> None:
    image = Image.new("L", (PIXELS_AT_ONCE // 4096 + 1, 4096))
    assert native.decode_jpeg(_jpeg(image), image.size, "L") is None


def test_that_a_progressive_one_is_left_to_pillow() -> None:
    """It may be made to take long, and is decoded twice where anything is wrong with it."""
    data = _jpeg(_noise((40, 30), "RGB"), progressive=True)
    assert not isinstance(_first(data), ArrayImage)
    assert isinstance(_first(_jpeg(_noise((40, 30), "RGB"))), ArrayImage)


def test_that_grey_is_read_as_grey() -> None:
    data = _jpeg(_noise((40, 30), "L"))
    found = native.decode_jpeg(data, (40, 30), "L")
    assert found is not None
    assert np.array_equal(array(found), array(_by_pillow(data)))


def test_that_inks_are_left_to_pillow() -> None:
    assert native.decode_jpeg(_jpeg(_noise((40, 30), "CMYK")), (40, 30), "CMYK") is None


def _first(data: bytes) -> Image.Image:
    return next(open_image(data, limits=Limits()).decode(DecodeHints(as_array=True))).image


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_that_a_file_cut_short_is_rejected_as_before(kept: float) -> None:
    data = _jpeg(_noise((200, 150), "RGB"))
    with pytest.raises(InvalidImage):
        _first(data[: int(len(data) * kept)])


def test_that_what_libjpeg_only_warns_of_is_shown_as_before() -> None:
    """Bytes between two segments: cameras and editors leave them."""
    data = _jpeg(_noise((64, 48), "RGB"))
    odd = data[:-2] + b"some bytes that belong to nobody" + data[-2:]
    assert native.decode_jpeg(odd, (64, 48), "RGB") is None
    assert np.array_equal(array(_first(odd)), array(_by_pillow(odd)))


def test_that_a_image_out_of_an_array_may_be_changed() -> None:
    """By Pillow, and what kernels make of it then is made of the change."""
    for mode in ("L", "RGB"):
        image = native.decode_jpeg(_jpeg(_noise((32, 32), mode)), (32, 32), mode)
        assert image is not None
        before = native.box_blur(image, 1, 1)
        image.paste(0, (0, 0, 32, 32))
        assert np.count_nonzero(array(native.box_blur(image, 3, 3))) == 0
        assert np.count_nonzero(array(before)) > 0


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("step", [{"filter": "contrast", "amount": 30.0}, {"filter": "temperature", "amount": 40.0}])
def test_that_tables_make_the_same_of_an_array(mode: str, step: dict[str, object]) -> None:
    data = _jpeg(_noise((50, 40), mode))
    apply = parse_pipeline([step]).steps[0].apply
    assert np.array_equal(array(apply(_first(data))), array(apply(_by_pillow(data))))


def test_that_its_info_is_the_files_and_its_own() -> None:
    data = _jpeg(_noise((32, 32), "RGB"), comment=b"not for the output")
    assert _first(data).info == {}


RESIZE = {"filter": "resize", "width": 40}


@pytest.mark.parametrize(
    ("steps", "takes_array"),
    [
        (["blur"], True),
        (["sepia"], True),
        (["invert", "blur"], True),
        (["invert"], False),
        (["flip"], True),
        (["flip", "blur"], True),
        ([{"filter": "crop", "width": 50}, "blur"], False),  # Pillow cuts
        ([RESIZE], True),
        (["flip", RESIZE], True),
        ([RESIZE | {"width": 90}], False),  # which Pillow does
        ([RESIZE | {"kernel": "bicubic"}], False),
        ([{"filter": "thumbnail", "size": 40}], True),
        ([], False),
    ],
)
def test_that_an_array_is_made_where_a_kernel_comes_first(*, steps: list[Any], takes_array: bool) -> None:
    pipeline = parse_pipeline([{"filter": step} if isinstance(step, str) else step for step in steps])
    plan = compile_plan(pipeline.steps, SourceInfo(format="jpeg", size=(100, 80)))
    assert plan.decode_hints.as_array is takes_array
