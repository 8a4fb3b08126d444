"""HEIC: the image that is meant, upright, in its colours; and what is wrong with one that cannot be rendered.

`make_heic_cases` has written the files.
"""

import struct
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageTooLarge, InvalidImage, PermanentError, UnsupportedImageFeature
from imaging.codecs.decoder import open_image
from imaging.codecs.formats import needs_more, sniff
from imaging.limits import Limits
from tests.unit.imaging.codecs.cases import case, pixels, rendered
from tests.unit.imaging.files import QUARTERS, quarters
from tests.unit.imaging.images import array

FORTY_NINE_MP = Path(__file__).parents[1] / "heic_49_mp.heic"


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


@pytest.mark.parametrize("name", ["heic_rgb", "heic_10_bit", "heic_second_is_primary", "heic_exif_orientation"])
def test_that_every_pixel_is_right(name: str) -> None:
    assert np.abs(pixels(case(f"{name}.heic"), mode="RGB").astype(int) - QUARTERS).max() <= 1


def test_that_tiles_are_joined() -> None:
    expected = array(quarters().resize((144, 96), Image.Resampling.NEAREST))
    assert np.array_equal(pixels(case("heic_tiles.heic"), mode="RGB"), expected)


def test_that_alpha_and_grey_stay() -> None:
    alpha = array(Image.linear_gradient("L").resize((48, 32)))
    with opened(rendered(case("heic_alpha.heic"))) as image:
        assert np.array_equal(array(image.convert("RGBA"))[:, :, 3:], alpha)
    with opened(rendered(case("heic_grey.heic"), format="jpeg")) as image:
        assert image.mode == "L"


@pytest.mark.parametrize("auto_orient", [True, False])
def test_that_the_container_orients_it_and_exif_does_not_do_so_again(*, auto_orient: bool) -> None:
    """A HEIC is rotated by its `irot`, which no reader ignores; EXIF repeats it or, as here, contradicts it."""
    data = rendered(case("heic_rotated.heic"), auto_orient=auto_orient, metadata="keep")
    with opened(data) as image:
        assert np.array_equal(array(image.convert("RGB")), np.rot90(QUARTERS, -1))
        assert image.getexif()[0x0112] == 1
    with opened(rendered(case("heic_exif_orientation.heic"), auto_orient=auto_orient)) as image:
        assert image.size == (48, 32)


def test_that_its_profile_is_applied() -> None:
    assert np.abs(pixels(case("heic_profile.heic"), mode="RGB")[8, 8].astype(int) - [0, 255, 0]).max() <= 2


def test_that_colours_by_numbers_are_converted() -> None:
    """200, 100, 60 in Display P3 and in PQ of BT.2020."""
    assert np.abs(pixels(case("heic_p3.heic"), mode="RGB")[8, 8].astype(int) - [215, 93, 47]).max() <= 2
    assert pixels(case("heic_pq.heic"), mode="RGB")[8, 8].astype(int).tolist() != [200, 100, 60]


@pytest.mark.parametrize(("policy", "text"), [("keep", "Ada"), ("keep_copyright", "Ada"), ("strip", None)])
def test_that_metadata_follows_the_same_rules(policy: str, text: str | None) -> None:
    with opened(rendered(case("heic_rgb.heic"), format="jpeg", metadata=policy)) as image:
        assert image.getexif().get(0x8298) == text
        assert ("xmp" in image.info) == (text is not None)


def test_that_auto_is_jpeg() -> None:
    with opened(rendered(case("heic_alpha.heic"), format="auto", quality=90)) as image:
        assert (image.format, image.mode) == ("JPEG", "RGB")


def test_that_the_size_is_checked_before_a_pixel_is_decoded() -> None:
    data = case("heic_tiles.heic")
    size = struct.pack(">4sIII", b"ispe", 0, 144, 96)
    assert size in data
    huge = data.replace(size, struct.pack(">4sIII", b"ispe", 0, 20_000, 30_000))
    with pytest.raises(ImageTooLarge, match="20000 x 30000"):
        open_image(huge, limits=Limits())
    with pytest.raises(InvalidImage):  # within the limits, but not what the pixels have
        pixels(data.replace(size, struct.pack(">4sIII", b"ispe", 0, 480, 320)))


def test_that_what_cannot_be_read_is_named() -> None:
    with pytest.raises(UnsupportedImageFeature, match="HEVC"):
        pixels(case("heic_rgb.heic").replace(b"hvc1", b"vvc1"))


def test_that_damage_is_called_damage() -> None:
    data = case("heic_rgb.heic")
    for length in range(32, len(data), 97):
        with pytest.raises(PermanentError):
            pixels(data[:length])
    with pytest.raises(InvalidImage, match="truncated"):  # libheif would fill the tiles that are missing
        pixels(case("heic_tiles.heic")[:-10])


def test_that_no_byte_does_harm() -> None:
    """Each of the first boxes, where sizes and counts are, with other bytes in it."""
    data = case("heic_tiles.heic")
    for at in range(16, 700, 5):
        for value in (b"\0\0\0\0", b"\xff\xff\xff\xff"):
            with suppress(PermanentError):
                assert pixels(data[:at] + value + data[at + 4 :]).size


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"Exif\0", b"E\x80if\0"),
        (b"application/rdf+xml", b"application/rdf\xff\xff\xff\xff"),
        (b"mime\0", b"m\xffme\0"),
    ],
)
def test_that_items_whose_type_is_no_text_are_rejected(was: bytes, becomes: bytes) -> None:
    """pi-heif would crash."""
    data = case("heic_rgb.heic")
    assert was in data
    with pytest.raises(InvalidImage, match="type of one of its items"):
        pixels(data.replace(was, becomes, 1))


def test_that_an_avif_is_not_mistaken_for_it() -> None:
    brands = b"\0\0\0\x1cftypmif1\0\0\0\0mif1miafavif"
    assert all(needs_more(brands[:length]) for length in range(len(brands)))
    assert sniff(brands) == "avif"
    assert sniff(brands.replace(b"avif", b"heic")) == "heic"


def test_that_49_megapixels_are_rendered() -> None:
    image = opened(rendered(FORTY_NINE_MP.read_bytes(), {"filter": "resize", "width": 70}, format="jpeg"))
    assert image.size == (70, 70)
