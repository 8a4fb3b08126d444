"""AVIF files are recognised by any brand of their first box."""

import struct

import pytest

from core.errors import InvalidImage
from imaging.codecs.formats import SNIFF_BYTES, needs_more, sniff
from tests.unit.imaging import files
from tests.unit.imaging.codecs.cases import case, pixels


def _box(*brands: bytes, major: bytes = b"mif1", length: int | None = None) -> bytes:
    content = major + bytes(4) + b"".join(brands)
    return struct.pack(">I", 8 + len(content) if length is None else length) + b"ftyp" + content


def _rebranded(major: bytes, *brands: bytes) -> bytes:
    """An AVIF with another first box; its offsets hold as `free` boxes would not be counted by them."""
    data = files.file(files.quarters(), "AVIF", quality=100)
    length = int.from_bytes(data[:4])
    box = _box(*brands, major=major, length=length)
    assert len(box) <= length
    return box.ljust(length, b"\0") + data[length:]


def test_that_the_fifth_compatible_brand_counts() -> None:
    assert abs(pixels(case("avif_mif1_5th.avif"))[0, 0] - [200, 30, 30, 255]).max() <= 3


@pytest.mark.parametrize("major", [b"miaf", b"MA1B", b"msf1", b"heix", b"\0\1\2\3"])
def test_that_the_major_brand_may_be_any(major: bytes) -> None:
    data = _rebranded(major, b"avif")
    assert sniff(data[:SNIFF_BYTES]) == "avif"
    assert pixels(data).shape == (32, 48, 4)


def test_that_brands_beyond_the_first_box_do_not_count() -> None:
    assert sniff(_box(b"heic", b"mif1", major=b"heic") + b"avif") == "heic"
    assert sniff(_box(b"heic")[:-1] + b"avif") == "heic"
    assert sniff(b"\0\0\0\x10ftypheicavif") == "heic"  # a version, not a brand
    assert sniff(b"\0\0\0\x01ftyp" + struct.pack(">Q", 28) + b"mif1\0\0\0\0avif") == "avif"
    assert sniff(b"\0\0\0\0ftypmif1\0\0\0\0avif") == "avif"


def test_that_the_whole_box_is_awaited() -> None:
    box = _box(*[b"miaf"] * 30, b"avif")
    assert all(needs_more(box[:length]) for length in range(len(box)))
    assert (needs_more(box), sniff(box)) == (False, "avif")
    assert not needs_more(_box(*[b"heic"] * 10))
    endless = _box(*[b"miaf"] * 2000, length=2**31)
    assert (needs_more(endless[:100]), needs_more(endless)) == (True, False)


def test_that_a_file_of_that_name_and_no_content_is_rejected() -> None:
    with pytest.raises(InvalidImage):
        pixels(_box(b"avif") + b"garbage")
