"""What the decoder accepts, and what it rejects before decoding."""

import contextlib
import warnings
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngInfo

from core.errors import ImageTooLarge, InvalidImage, UnsupportedImageFeature
from imaging.codecs.decoder import decode
from imaging.codecs.formats import READABLE, SNIFF_BYTES, sniff
from imaging.limits import Limits
from tests.harness.scale import within
from tests.unit.imaging import animations, files
from tests.unit.imaging.images import MODES, array

LIMITS = Limits()
PILLOW_FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"]
UPRIGHT = {
    1: files.QUARTERS,
    2: files.QUARTERS[:, ::-1],
    3: files.QUARTERS[::-1, ::-1],
    4: files.QUARTERS[::-1],
    5: files.QUARTERS.transpose(1, 0, 2),
    6: np.rot90(files.QUARTERS, -1),
    7: np.rot90(files.QUARTERS, 2).transpose(1, 0, 2),
    8: np.rot90(files.QUARTERS),
}


def _decode(data: bytes, *, limits: Limits = LIMITS, auto_orient: bool = True) -> Image.Image:
    return decode(data, limits=limits, auto_orient=auto_orient)


@pytest.mark.parametrize("pillow_format", PILLOW_FORMATS)
def test_that_every_supported_format_is_recognised_and_decoded(pillow_format: str) -> None:
    data = files.file(files.quarters(), pillow_format)
    name = sniff(data[:SNIFF_BYTES])
    assert name == pillow_format.lower()
    assert name in READABLE
    image = _decode(data)
    assert (image.size, image.mode) == ((48, 32), "RGB")
    assert np.abs(array(image) - files.QUARTERS).mean() < 6


def test_that_a_memoryview_is_accepted() -> None:
    data = files.file(files.quarters(), "PNG")
    assert decode(memoryview(data), limits=LIMITS, auto_orient=True).size == (48, 32)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"", None),
        (b"\xff\xd8", None),
        (b"BM and other words that begin so ", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "svg"),
        (b"%PDF-1.7", None),
        (b"%!PS-Adobe-3.0 EPSF-3.0", None),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "avif"),
        (b"\0\0\0\x1cftypavis\0\0\0\0avifmsf1", "avif"),
        (b"II+\0\x08\0\0\0", "tiff"),
        (b"MM\0*", "tiff"),
        (b"RIFF\n\n\n\nWEBPVP8 ", "webp"),
        (b"RIFF\0\0\0\0WAVE", None),
    ],
)
def test_that_the_first_bytes_identify_the_format(head: bytes, name: str | None) -> None:
    assert sniff(head) == name


@pytest.mark.parametrize(
    ("pillow_format", "named"),
    [
        ("EPS", "This is a PostScript document, which is not supported."),
        ("PDF", "This is a PDF document, which is not supported."),
        ("ICO", "This is an ICO icon, which is not supported."),
        ("PPM", "This is a Netpbm image, which is not supported."),
        ("JPEG2000", "This is a JPEG 2000 image, which is not supported."),
        ("DDS", "This is a DDS texture, which is not supported."),
        ("ICNS", "This is an ICNS icon, which is not supported."),
        ("TGA", "Unsupported image format."),
        ("SGI", "Unsupported image format."),
    ],
)
def test_that_other_formats_are_rejected_by_name(pillow_format: str, named: str) -> None:
    with pytest.raises(InvalidImage, match=f"{named} Supported: JPEG, PNG") as raised:
        _decode(files.file(files.quarters(), pillow_format))
    assert isinstance(raised.value, UnsupportedImageFeature) == named.startswith("This is")


def test_that_a_file_with_wrong_first_bytes_is_rejected() -> None:
    png = files.file(files.quarters(), "PNG")
    with pytest.raises(InvalidImage):
        _decode(b"GIF89a" + png)


@pytest.mark.parametrize("pillow_format", PILLOW_FORMATS)
def test_that_a_truncated_file_is_rejected(pillow_format: str) -> None:
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    data = files.file(noise, pillow_format)
    with pytest.raises(InvalidImage):
        _decode(data[: len(data) * 2 // 3])
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


@pytest.mark.parametrize("size", [(1, 49_000_000), (49_000_000, 1), (20_000, 20_000), (7_072, 7_072), (16_385, 1)])
def test_that_an_image_too_large_is_rejected_by_its_header(size: tuple[int, int]) -> None:
    with within(1), pytest.raises(ImageTooLarge):
        _decode(files.png_of_size(*size))


def test_that_pillows_own_limit_is_an_error_and_its_warnings_stay_unchanged() -> None:
    before = list(warnings.filters)
    generous = Limits(max_pixels=2**40, max_side=2**30)
    for size in [(10_000, 10_000), (20_000, 20_000)]:
        with pytest.raises(ImageTooLarge, match="more pixels than can be decoded"):
            _decode(files.png_of_size(*size), limits=generous)
    assert list(warnings.filters) == before


def test_that_the_largest_allowed_side_is_allowed() -> None:
    assert _decode(files.file(Image.new("L", (16_384, 1)), "PNG")).size == (16_384, 1)


def test_that_a_jpeg_of_many_scans_is_rejected_before_decoding() -> None:
    with within(1), pytest.raises(ImageTooLarge, match="more than 100 scans"):
        _decode(files.jpeg_of_scans(2000))
    assert _decode(files.jpeg_of_scans(100)).size == (48, 32)


def test_that_scans_cannot_hide_behind_a_reserved_marker() -> None:
    data = files.jpeg_of_scans(2000)
    last = data.index(b"\xff\xda")
    with pytest.raises(ImageTooLarge):
        _decode(data[:last] + b"\xff\x02\xff\xff" + data[last:])


def test_that_a_flood_of_markers_is_rejected() -> None:
    jpeg = files.file(files.quarters(), "JPEG")
    with within(1), pytest.raises(ImageTooLarge):
        _decode(jpeg[:2] + b"\xff\xfe\x00\x02" * 2_000_000 + jpeg[2:])


def test_that_a_second_start_of_image_is_rejected() -> None:
    jpeg = files.file(files.quarters(), "JPEG")
    with pytest.raises(InvalidImage):
        _decode(jpeg[:2] + b"\xff\xd8" + jpeg[2:])


def test_that_a_video_behind_a_photograph_has_no_scans() -> None:
    motion_photo = files.file(files.quarters(), "JPEG") + b"\0\0\0\x18ftypmp42" + b"\xff\xda\x00\x02" * 5000
    assert _decode(motion_photo).size == (48, 32)


def test_that_scans_of_a_jpeg_without_end_are_counted_to_its_last_byte() -> None:
    with pytest.raises(ImageTooLarge):
        _decode(files.jpeg_of_scans(150)[:-2])


def test_that_only_the_first_frame_is_read() -> None:
    data = animations.encode("GIF", animations.frames())
    second = data.index(b"!\xf9\x04", data.index(b",\0\0\0\0"))
    assert _decode(data[:second] + b",garbage").size == animations.SIZE


def test_that_a_multi_picture_jpeg_is_its_first_image() -> None:
    second = Image.new("RGB", (10, 10))
    data = files.file(files.quarters(), "MPO", save_all=True, append_images=[second])
    assert _decode(data).size == (48, 32)


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("pillow_format", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_that_the_exif_orientation_is_applied(pillow_format: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if pillow_format == "WEBP" else {"quality": 95}
    image = _decode(files.file(files.quarters(), pillow_format, exif=exif, **options))
    np.testing.assert_array_equal(image.size, UPRIGHT[orientation].shape[1::-1])
    assert np.abs(array(image) - UPRIGHT[orientation]).mean() < 6


def test_that_the_exif_orientation_is_ignored_on_request() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = _decode(files.file(files.quarters(), "PNG", exif=exif), auto_orient=False)
    np.testing.assert_array_equal(array(image), files.QUARTERS)


@pytest.mark.parametrize("pillow_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0garbage!",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\2\0\0\0\2A\0\0\0",  # an orientation of "A"
        b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\x63\0\0",  # and one of 99
    ],
)
def test_that_broken_exif_does_not_spoil_the_image(pillow_format: str, exif: bytes) -> None:
    assert _decode(files.file(files.quarters(), pillow_format, exif=exif)).size == (48, 32)


@pytest.mark.parametrize("pillow_format", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
def test_that_no_metadata_is_passed_on(pillow_format: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret"
    text = PngInfo()
    text.add_text("Comment", "a secret")
    data = files.file(files.quarters(), pillow_format, exif=exif, comment="a secret", pnginfo=text)
    image = _decode(data)
    assert image.info == {}
    for output in ("JPEG", "PNG", "WEBP"):
        assert b"secret" not in files.file(image, output)


def test_that_memory_running_out_is_no_invalid_image(monkeypatch: pytest.MonkeyPatch) -> None:
    def run_out(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Image, "open", run_out)
    with pytest.raises(MemoryError):
        _decode(files.file(Image.new("L", (1, 1)), "PNG"))


def test_that_another_format_than_the_first_bytes_indicate_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    gif = Image.open(BytesIO(files.file(files.quarters(), "GIF")))
    monkeypatch.setattr(Image, "open", lambda *_, **__: gif)
    with pytest.raises(InvalidImage, match="starts like png but contains GIF"):
        _decode(files.file(files.quarters(), "PNG"))


def test_that_mutants_of_a_file_are_decoded_or_rejected() -> None:
    random = np.random.default_rng(1)
    for pillow_format in PILLOW_FORMATS:
        data = np.frombuffer(files.file(files.quarters(), pillow_format), np.uint8)
        for _ in range(60):
            mutant = data.copy()
            places = random.integers(0, len(data), 4)
            mutant[places] = random.integers(0, 256, 4)
            with contextlib.suppress(InvalidImage, ImageTooLarge):
                assert _decode(mutant.tobytes()).mode in MODES
