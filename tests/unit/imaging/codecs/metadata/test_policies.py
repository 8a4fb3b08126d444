"""Metadata of an output: none, the copyright, or all of the source that still fits."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.render import render
from tests.unit.imaging import files
from tests.unit.imaging.images import array

ARTIST, COPYRIGHT, MODEL, ORIENTATION = 0x013B, 0x8298, 0x0110, 0x0112
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    b'xmlns:xmp="http://ns.adobe.com/xap/1.0/"><rdf:Description tiff:Orientation="6" dc:rights="Ada"/>'
    b"<xmp:Thumbnails>AAAA</xmp:Thumbnails></x:xmpmeta>"
)


def _exif() -> Image.Exif:
    exif = Image.Exif()
    for tag, value in {ARTIST: "Ada", COPYRIGHT: "Ada 1843", MODEL: "Engine", ORIENTATION: 6}.items():
        exif[tag] = value
    exif.get_ifd(ExifTags.IFD.Exif).update({0xA002: 48, 0xA003: 32, 0x9003: "1843:01:01 00:00:00"})
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (51.0, 30.0, 0.0)})
    return exif


def _source(pillow_format: str = "JPEG", **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
    return files.file(files.quarters(), pillow_format, **({"exif": _exif()} | options))


def _written(source: bytes, **output: Any) -> Image.Image:  # noqa: ANN401 - as they come from JSON
    rendered = render(source, parse_pipeline([]), parse_output_options(output), limits=Limits())
    image = Image.open(BytesIO(rendered.data))
    image.load()
    return image


@pytest.mark.parametrize("output_format", ["jpeg", "png", "webp", "avif", "tiff", "gif", "bmp", "ico", "jpeg2000"])
def test_that_no_metadata_is_kept_by_default(output_format: str) -> None:
    source = _source(xmp=XMP, comment=b"by Ada", icc_profile=files.swapped_rgb_profile())
    rendered = render(source, parse_pipeline([]), parse_output_options({"format": output_format}), limits=Limits())
    for secret in (b"Ada", b"Engine", b"1843", b"Orientation", b"acsp"):
        assert secret not in rendered.data


@pytest.mark.parametrize("output_format", ["jpeg", "png", "webp", "avif", "tiff"])
def test_that_kept_exif_fits_the_output(output_format: str) -> None:
    image = _written(_source(), format=output_format, metadata="keep")
    exif = image.getexif()
    assert image.size == (32, 48)
    assert (exif[ARTIST], exif[COPYRIGHT], exif[MODEL]) == ("Ada", "Ada 1843", "Engine")
    assert exif.get(ORIENTATION, 1) == 1
    details = exif.get_ifd(ExifTags.IFD.Exif)
    assert 0xA002 not in details
    assert details[0x9003] == "1843:01:01 00:00:00"
    assert exif.get_ifd(ExifTags.IFD.GPSInfo)[1] == "N"


def test_that_the_layout_of_a_tiff_is_not_kept() -> None:
    exif = _written(_source("TIFF"), format="jpeg", metadata="keep").getexif()
    assert set(exif) <= {ARTIST, COPYRIGHT, MODEL, ORIENTATION, ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo}
    assert exif[MODEL] == "Engine"


def test_that_the_orientation_is_kept_where_it_was_not_applied() -> None:
    assert _written(_source(), metadata="keep", auto_orient=False).getexif()[ORIENTATION] == 6


@pytest.mark.parametrize("output_format", ["jpeg", "png", "webp", "avif"])
def test_that_kept_xmp_is_upright_and_has_no_thumbnail(output_format: str) -> None:
    image = _written(_source(xmp=XMP), format=output_format, metadata="keep")
    xmp = image.info["xmp"]
    assert b'tiff:Orientation="1"' in xmp
    assert b"Ada" in xmp
    assert b"Thumbnails" not in xmp
    kept = _written(_source(xmp=XMP), format=output_format, metadata="keep_copyright").info["xmp"]
    assert b"Ada" in kept
    assert b"tiff" not in kept


@pytest.mark.parametrize("output_format", ["jpeg", "png", "webp", "avif", "tiff"])
def test_that_copyright_alone_is_kept(output_format: str) -> None:
    exif = _written(_source(), format=output_format, metadata="keep_copyright").getexif()
    assert (exif[ARTIST], exif[COPYRIGHT]) == ("Ada", "Ada 1843")
    assert MODEL not in exif
    assert exif.get(ORIENTATION, 1) == 1
    assert not exif.get_ifd(ExifTags.IFD.GPSInfo)
    assert not exif.get_ifd(ExifTags.IFD.Exif)


@pytest.mark.parametrize("metadata", ["keep", "keep_copyright"])
@pytest.mark.parametrize("exif", [b"Exif\0\0garbage!", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b""])
def test_that_broken_metadata_is_dropped(metadata: str, exif: bytes) -> None:
    assert _written(_source("PNG", exif=exif), metadata=metadata, format="jpeg").size == (48, 32)


def test_that_metadata_too_large_for_the_format_is_dropped() -> None:
    exif = Image.Exif()
    exif[MODEL] = "x" * 70_000
    image = _written(_source("PNG", exif=exif), metadata="keep", format="jpeg")
    assert MODEL not in image.getexif()
    assert (
        "xmp"
        not in _written(_source("WEBP", xmp=XMP.replace(b"Ada", b"Ada" * 25_000)), metadata="keep", format="jpeg").info
    )


def _profile_of(image: Image.Image) -> bytes | None:
    return image.info.get("icc_profile")


@pytest.mark.parametrize("output_format", ["jpeg", "png", "webp", "avif", "tiff"])
def test_that_a_profile_is_kept_with_its_colors(output_format: str) -> None:
    profile = files.swapped_rgb_profile()
    red = files.file(Image.new("RGB", (16, 16), (255, 0, 0)), "PNG", icc_profile=profile)
    image = _written(red, format=output_format, icc="keep")
    assert _profile_of(image) == profile
    assert array(image.convert("RGB"))[8, 8] == pytest.approx((255, 0, 0), abs=4)
    assert _profile_of(_written(red, format=output_format)) is None


def test_that_a_kept_profile_has_matching_colors() -> None:
    red = files.file(Image.new("RGB", (16, 16), (255, 0, 0)), "PNG", icc_profile=files.swapped_rgb_profile())
    steps = parse_pipeline([{"filter": "grayscale"}])
    rendered = render(red, steps, parse_output_options({"icc": "keep"}), limits=Limits())
    assert Image.open(BytesIO(rendered.data)).mode == "P"  # not L, which has no RGB profile


@pytest.mark.parametrize(
    ("source", "output_format"),
    [
        (files.file(Image.new("L", (9, 9), 99), "PNG", icc_profile=files.linear_grey_profile()), "png"),
        (files.file(Image.new("RGB", (9, 9)), "PNG", icc_profile=b"garbage"), "png"),
        (files.file(Image.new("CMYK", (9, 9)), "TIFF", icc_profile=files.swapped_rgb_profile()), "tiff"),
        (files.file(Image.new("RGB", (9, 9)), "PNG", icc_profile=files.swapped_rgb_profile()), "bmp"),
        (files.file(Image.new("RGB", (9, 9)), "PNG"), "png"),
    ],
)
def test_that_a_profile_that_cannot_stay_is_applied_or_dropped(source: bytes, output_format: str) -> None:
    kept, converted = (_written(source, format=output_format, icc=icc) for icc in ("keep", "srgb"))
    assert _profile_of(kept) is None
    np.testing.assert_array_equal(array(kept), array(converted))


def test_that_srgb_is_not_embedded() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert _profile_of(_written(files.file(files.quarters(), "PNG", icc_profile=profile), icc="keep")) is None
