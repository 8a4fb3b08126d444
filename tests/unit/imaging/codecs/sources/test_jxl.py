"""JPEG XL: read upright and in its colours, written for other readers, and named where it cannot be read.

`make_jxl_cases` has written the files.
"""

import os
import subprocess
import sys
from contextlib import suppress
from io import BytesIO

import brotli
import numpy as np
import pyjpegxl
import pytest
from PIL import Image

from core.errors import ImageTooLarge, InvalidImage, PermanentError, UnsupportedImageFeature
from imaging import native
from imaging.codecs.containers.jxl.boxes import JxlParts, read_parts, write_parts
from imaging.codecs.containers.jxl.header import read_header
from imaging.codecs.decoder import open_image
from imaging.limits import Limits
from tests.harness.deployment import ROOT
from tests.unit.imaging.codecs.cases import case, pixels, rendered
from tests.unit.imaging.files import QUARTERS, file, quarters, swapped_rgb_profile
from tests.unit.imaging.images import MODES, array, canvas

SOURCE = file(quarters(), "PNG")
LOSSLESS = rendered(SOURCE, format="jxl", lossless=True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(23, 17), (1, 1), (1920, 8), (300, 200)])
def test_that_lossless_loses_nothing(mode: str, size: tuple[int, int]) -> None:
    image = canvas(mode, size)
    data = rendered(file(image, "TIFF"), format="jxl", lossless=True)
    assert np.array_equal(pixels(data, mode=mode), array(image))
    header = read_header(read_parts(data).codestream)
    assert (header.size, header.mode, header.is_xyb) == (size, mode, False)


@pytest.mark.parametrize("mode", MODES)
def test_that_other_readers_see_the_same(mode: str) -> None:
    """A reader without our parser: what is written has no box that libjxl does not know, and is sRGB."""
    image = canvas(mode)
    options = {"lossless": True, "copyright": "Ada", "icc": "keep"}
    data = rendered(file(image, "TIFF"), format="jxl", **options)
    found, decoded = pyjpegxl.decode_to_numpy(data)
    assert np.array_equal(decoded, array(image))
    assert found.exif
    assert found.xmp
    assert found.exif.startswith(b"\0\0\0\0MM")
    assert (b"Ada" in found.exif, b"Ada" in found.xmp) == (True, True)


def test_that_quality_costs_bytes() -> None:
    photo = (ROOT / "examples/pictures/coffee.jpg").read_bytes()
    step = {"filter": "resize", "width": 200}
    sizes = [len(rendered(photo, step, format="jxl", quality=quality)) for quality in (5, 30, 60, 80, 95, 100)]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == len(sizes)
    assert len(rendered(photo, step, format="jxl", quality=95, effort=10)) < sizes[4]
    assert len(rendered(photo, step, format="jxl", target_bytes=sizes[2])) <= sizes[2]


def test_that_sixteen_bits_stay() -> None:
    words = (np.arange(64 * 48, dtype=np.uint16) * 21).reshape(48, 64)
    deep = np.stack([words, words[::-1], words.T.reshape(48, 64)], axis=2)
    data = pyjpegxl.encode_from_numpy(np.ascontiguousarray(deep), lossless=True)
    assert np.array_equal(pyjpegxl.decode_to_numpy(rendered(data, format="jxl", lossless=True))[1], deep)
    flopped = rendered(data, {"filter": "flop"}, format="jxl", lossless=True)
    assert np.array_equal(pyjpegxl.decode_to_numpy(flopped)[1], deep[:, ::-1])
    assert read_header(read_parts(rendered(data, {"filter": "sepia"}, format="jxl")).codestream).bits == 8


@pytest.mark.parametrize("auto_orient", [True, False])
def test_that_the_codestream_orients_it_and_exif_does_not_do_so_again(*, auto_orient: bool) -> None:
    data = rendered(case("jxl_of_a_sideways_jpeg.jxl"), auto_orient=auto_orient, metadata="keep")
    with Image.open(BytesIO(data)) as image:
        assert np.abs(array(image.convert("RGB")) - np.rot90(QUARTERS, -1))[8, 8].max() <= 3
        assert image.size == (32, 48)
        assert dict(image.getexif()) == {0x0112: 1, 0x8298: "Ada"}


def test_that_its_colours_become_srgb() -> None:
    """200, 100, 60 in Display P3 and in PQ of BT.2020, and a profile, which an output cannot hold."""
    assert np.abs(pixels(case("jxl_p3.jxl"), mode="RGB")[8, 8] - [215, 93, 47]).max() <= 2
    assert np.array_equal(pixels(case("jxl_pq.jxl"), mode="RGB")[8, 8], pixels(case("heic_pq.heic"), mode="RGB")[8, 8])
    foreign = file(quarters(), "PNG", icc_profile=swapped_rgb_profile())
    kept = rendered(foreign, format="jxl", lossless=True, icc="keep")
    assert np.array_equal(pixels(kept, mode="RGB"), pixels(foreign, mode="RGB"))


def test_that_multiplied_colours_are_divided() -> None:
    seen = pixels(case("jxl_premultiplied.jxl"))
    assert np.array_equal(seen[31, :, :3], QUARTERS[31])
    assert seen[16, 0, 3] == 132


@pytest.mark.parametrize(("name", "reason"), [("animated", "is animated"), ("cmyk", "has CMYK colours")])
def test_that_what_cannot_be_read_is_named(name: str, reason: str) -> None:
    with pytest.raises(UnsupportedImageFeature, match=f"This JPEG XL {reason}"):
        pixels(case(f"jxl_{name}.jxl"))


def test_that_metadata_is_read_compressed_or_not() -> None:
    exif = b"II*\0\x08\0\0\0\x01\0\x98\x82\x02\0\x04\0\0\0Ada\0\0\0\0\0"
    parts = JxlParts(codestream=LOSSLESS, exif=exif, xmp=b"<x/>")
    assert read_parts(write_parts(parts)) == JxlParts(codestream=LOSSLESS, exif=b"Exif\0\0" + exif, xmp=b"<x/>")
    packed = brotli.compress(b"\0\0\0\0" + exif)
    box = (8 + 4 + len(packed)).to_bytes(4) + b"brobExif" + packed
    with_box = write_parts(parts)[:32] + box + write_parts(JxlParts(codestream=LOSSLESS, xmp=b"<x/>"))[32:]
    assert read_parts(with_box).exif == b"Exif\0\0" + exif
    with Image.open(BytesIO(rendered(with_box, format="jpeg", metadata="keep_copyright"))) as image:
        assert image.getexif()[0x8298] == "Ada"


def test_that_compressed_metadata_is_bounded() -> None:
    packed = brotli.compress(bytes(2**26), quality=5)
    assert len(packed) < 2**10
    assert len(native.decompress_brotli(packed, most_bytes=2**20)) < 2**22
    with pytest.raises(ValueError, match="brotli"):
        native.decompress_brotli(b"\xff\xff\xff", most_bytes=10)


def test_that_the_size_is_checked_before_a_pixel_is_decoded() -> None:
    with pytest.raises(ImageTooLarge, match="48 x 32"):
        open_image(LOSSLESS, limits=Limits(max_pixels=1000))


def test_that_damage_is_called_damage() -> None:
    data = rendered(SOURCE, format="jxl", copyright="Ada")
    for length in range(2, len(data), 23):
        with pytest.raises(InvalidImage):
            pixels(data[:length])


def test_that_no_byte_does_harm() -> None:
    data = rendered(SOURCE, format="jxl", copyright="Ada")
    for at in range(0, len(data) - 4, 3):
        for value in (b"\0\0\0\0", b"\xff\xff\xff\xff"):
            with suppress(PermanentError):
                assert pixels(data[:at] + value + data[at + 4 :]).size


_ENCODE = """
import resource, sys
import numpy as np
from imaging import native
from imaging.native.arrays import ArrayImage
image = ArrayImage(np.zeros((4000, 4000, 3), np.uint8), "RGB")
native.encode_jxl(ArrayImage(np.zeros((8, 8, 3), np.uint8), "RGB"), distance=1, effort=3)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**27,) * 2)
try:
    native.encode_jxl(image, distance=1, effort=3)
except MemoryError:
    sys.exit(7)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_that_an_encoder_without_memory_does_not_end_the_process() -> None:
    """In libjxl, which would call abort."""
    ended = subprocess.run([sys.executable, "-c", _ENCODE], cwd=ROOT, env=os.environ, check=False)  # noqa: S603 - ours
    assert ended.returncode == 7
