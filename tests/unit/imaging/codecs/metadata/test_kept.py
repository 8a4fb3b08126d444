"""`keep` keeps XMP, IPTC, PNG text and comments in every format that can hold them, but for what no longer holds."""

import struct
from typing import Any

import pytest
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from tests.unit.imaging import files
from tests.unit.imaging.codecs.metadata import sources
from tests.unit.imaging.codecs.metadata.sources import packet, written, xmp_of

SUBJECT = "<dc:subject><rdf:Bag><rdf:li>Zoë &amp; 山</rdf:li></rdf:Bag></dc:subject>"
MINE = sources.dataset(90, b"\x1b%G", record=1) + sources.dataset(25, "trée".encode()) + sources.dataset(5, b"Title")


@pytest.mark.parametrize("output_format", sources.XMP_FORMATS)
@pytest.mark.parametrize("source_format", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "GIF"])
def test_that_xmp_keeps_its_bytes_in_every_format(source_format: str, output_format: str) -> None:
    xmp = packet('xmp:Rating="5"', SUBJECT)
    options: dict[str, Any] = {"xmp": xmp}
    match source_format:
        case "PNG":
            options = {"pnginfo": _itxt(xmp)}
        case "TIFF":
            options = {"tiffinfo": {700: xmp}}
    source = sources.gif_with(xmp) if source_format == "GIF" else files.file(files.quarters(), source_format, **options)
    assert xmp_of(written(source, format=output_format)) == xmp


def _itxt(xmp: bytes) -> PngInfo:
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp.decode())
    return info


@pytest.mark.parametrize("output_format", ["bmp", "ico"])
def test_that_a_format_without_xmp_carries_none(output_format: str) -> None:
    source = sources.jpeg_with(xmp=packet('xmp:Rating="5"'), iptc=MINE)
    data = written(source, format=output_format)
    assert b"Rating" not in data
    assert b"Title" not in data


STALE = {
    "gain map": 'hdrgm:Version="1.0" hdrgm:GainMapMax="3" HDRGainMap:HDRGainMapVersion="131072"',
    "motion photo": 'GCamera:MotionPhoto="1" GCamera:MicroVideo="1" GCamera:MicroVideoOffset="999"',
    "sizes": 'exif:PixelXDimension="48" exif:PixelYDimension="32" tiff:ImageWidth="48" tiff:BitsPerSample="8"',
    "format and extended XMP": 'dc:format="image/jpeg" xmpNote:HasExtendedXMP="0123456789ABCDEF"',
}
STALE_ELEMENTS = {
    "container": '<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item>x</Container:Item>'
    "</rdf:li></rdf:Seq></Container:Directory>",
    "empty": "<hdrgm:Version/><hdrgm:GainMapMax></hdrgm:GainMapMax>",
    "nested": "<hdrgm:Gamma><rdf:Seq><rdf:li>1<!-- > --></rdf:li><rdf:li><hdrgm:Gamma>2</hdrgm:Gamma></rdf:li>"
    "</rdf:Seq></hdrgm:Gamma>",
    "thumbnails": "<xmp:Thumbnails><rdf:Alt><rdf:li>AAAA</rdf:li></rdf:Alt></xmp:Thumbnails>",
}


@pytest.mark.parametrize("claims", STALE.values(), ids=STALE)
def test_that_attributes_that_claim_what_is_gone_go(claims: str) -> None:
    source = sources.jpeg_with(xmp=packet(f'xmp:Rating="5" {claims} xmp:Label="a > b"', SUBJECT))
    kept = xmp_of(written(source, format="webp"))
    assert kept == packet('xmp:Rating="5"  xmp:Label="a > b"', SUBJECT).replace(b"  xmp:Label", b" xmp:Label")


@pytest.mark.parametrize("claims", STALE_ELEMENTS.values(), ids=STALE_ELEMENTS)
def test_that_elements_that_claim_what_is_gone_go(claims: str) -> None:
    source = sources.jpeg_with(xmp=packet(elements=claims + SUBJECT))
    assert xmp_of(written(source, format="webp")) == packet(elements=SUBJECT)


def test_that_names_count_and_not_their_prefixes() -> None:
    names = {"a": sources.NAMES["hdrgm"], "hdrgm": "http://example.org/mine/"}
    kept = xmp_of(
        written(sources.jpeg_with(xmp=packet('a:Version="gone" hdrgm:Version="mine"', names=names)), format="png")
    )
    assert b"gone" not in kept
    assert b"mine" in kept


@pytest.mark.parametrize("claim", ['tiff:Orientation="6"', "tiff:Orientation = '6'"])
@pytest.mark.parametrize("auto_orient", [True, False])
def test_that_the_orientation_is_normal_once_it_was_applied(claim: str, auto_orient: bool) -> None:  # noqa: FBT001 - parametrized
    for xmp in (packet(claim), packet(elements="<tiff:Orientation>6</tiff:Orientation>")):
        kept = xmp_of(written(sources.jpeg_with(xmp=xmp), format="png", auto_orient=auto_orient))
        assert (b"6" in kept.replace(b"W5M0MpCehiHzreSzNTczkc9d", b"").split(b"Orientation")[1]) != auto_orient


REGIONS = 'GPano:CroppedAreaImageWidthPixels="48" GPano:ProjectionType="equirectangular" exif:SubjectArea="1 2"'
FACES = "<mwg-rs:Regions>face</mwg-rs:Regions>"


@pytest.mark.parametrize(
    ("steps", "is_kept"),
    [
        ([], True),
        ([{"filter": "sepia"}, {"filter": "blur", "sigma": 2}, {"filter": "rotate", "angle": 0}], True),
        ([{"filter": "resize", "width": 24}], False),
        ([{"filter": "flop"}], False),
        ([{"filter": "frame"}], False),
    ],
)
def test_that_coordinates_stay_where_no_pixel_moved(steps: list[dict[str, object]], is_kept: bool) -> None:  # noqa: FBT001 - parametrized
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[0x9214] = (20, 10, 5, 5)
    data = written(sources.jpeg_with(xmp=packet(REGIONS, FACES), exif=exif), "keep", *steps, format="webp")
    assert all((name in xmp_of(data)) == is_kept for name in (b"Cropped", b"SubjectArea", b"face"))
    assert (0x9214 in sources.opened(data).getexif().get_ifd(ExifTags.IFD.Exif)) == is_kept


def test_that_an_applied_orientation_moves_pixels() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation.value] = 6
    source = sources.jpeg_with(xmp=packet(REGIONS), exif=exif)
    assert b"Cropped" not in xmp_of(written(source, format="png"))
    assert b"Cropped" in xmp_of(written(source, format="png", auto_orient=False))


@pytest.mark.parametrize("icc", ["srgb", "keep"])
def test_that_a_color_space_that_was_left_is_not_claimed(icc: str) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif).update({0xA001: 65535, 0xA500: 2.2, 0xA005: {1: "R03"}})
    xmp = packet('photoshop:ICCProfile="Adobe RGB" exif:ColorSpace="65535" xmp:Rating="5"')
    source = sources.jpeg_with(xmp=xmp, exif=exif, icc_profile=files.swapped_rgb_profile())
    data = written(source, format="png", icc=icc)
    details = sources.opened(data).getexif().get_ifd(ExifTags.IFD.Exif)
    assert details[0xA001] == (1 if icc == "srgb" else 65535)
    assert (0xA500 in details, 0xA005 in details) == ((False, False) if icc == "srgb" else (True, True))
    assert xmp_of(data).count(b"Adobe RGB") == xmp_of(data).count(b"65535") == (icc == "keep")


def test_that_a_thumbnail_is_not_kept() -> None:
    main = struct.pack(">HHHI4sI", 1, ExifTags.Base.Model.value, 2, 4, b"Box\0", 26)
    thumbnail = struct.pack(">HHHIIHHIII", 2, 0x201, 4, 1, 56, 0x202, 4, 1, 9, 0) + b"thumbnail"
    exif = b"Exif\0\0MM\0*" + struct.pack(">I", 8) + main + thumbnail
    source = sources.jpeg_with(exif=exif)
    assert sources.opened(source).getexif().get_ifd(ExifTags.IFD.IFD1)[0x202] == 9
    for output_format in ("jpeg", "png", "webp", "avif", "tiff"):
        data = written(source, format=output_format)
        assert sources.opened(data).getexif()[ExifTags.Base.Model.value] == "Box"
        assert b"thumbnail" not in data


def test_that_no_second_image_and_no_index_of_it_is_written() -> None:
    first, second = files.quarters(), Image.new("RGB", (24, 16))
    source = files.file(first, "MPO", save_all=True, append_images=[second], exif=sources.located_exif())
    assert b"MPF\0" in source
    data = written(source, format="jpeg")
    assert b"MPF\0" not in data
    assert data.count(b"\xff\xd8\xff") == 1
    assert sources.opened(data).getexif()[ExifTags.Base.Model.value] == "Engine"


IPTC_SOURCES = {
    "jpeg": sources.jpeg_with(iptc=MINE),
    "png": sources.png_with(iptc=MINE),
    "png of resources": sources.png_with(iptc=sources.resources(MINE)),
    "tiff": sources.tiff_with(tags={33723: MINE}),
    "tiff of resources": sources.tiff_with(tags={34377: sources.resources(MINE)}),
}


@pytest.mark.parametrize("output_format", ["jpeg", "png", "tiff"])
@pytest.mark.parametrize("source", IPTC_SOURCES)
def test_that_iptc_is_kept(source: str, output_format: str) -> None:
    assert sources.iptc_of(written(IPTC_SOURCES[source], format=output_format)) == MINE
    assert b"thumb" not in written(IPTC_SOURCES[source], format=output_format)
    assert not sources.iptc_of(written(IPTC_SOURCES[source], "keep_copyright", format=output_format))


@pytest.mark.parametrize("rest", [b"\x1c\x02", b"\x1c\x02\x19\xff\xff", b"\x1c\x02\x19\0\x09abc", b"no dataset"])
def test_that_iptc_is_kept_up_to_what_is_broken(rest: bytes) -> None:
    assert sources.iptc_of(written(sources.jpeg_with(iptc=MINE + rest), format="jpeg")) == MINE


def test_that_the_texts_of_a_png_are_kept() -> None:
    info = PngInfo()
    info.add_text("Title", "Zoë")
    info.add_itxt("Comment", "山", lang="ja", tkey="コメント")
    info.add_text("Warning", "long " * 100, zip=True)
    source = files.file(files.quarters(), "PNG", pnginfo=info)
    kept = sources.chunks_of(written(source))
    assert kept == sources.chunks_of(source)
    assert len(kept) == 3
    assert not sources.chunks_of(written(source, "keep_copyright"))
    assert not sources.chunks_of(written(source, "strip"))


def test_that_texts_beyond_the_bound_are_not_kept() -> None:
    source = sources.png_with(texts={"Title": "mine", "Comment": "x" * (2**20 + 1)})
    assert list(sources.chunks_of(written(source))) == [b"Title"]


@pytest.mark.parametrize("wrapped", ["exif", "xmp", "iptc", "APP1", "icc"])
def test_that_what_a_text_wraps_is_not_kept_as_text(wrapped: str) -> None:
    source = sources.png_with(
        texts={f"Raw profile type {wrapped}": f"\n{wrapped}\n       4\n00000000\n", "Title": "mine"}
    )
    assert list(sources.chunks_of(written(source))) == [b"Title"]


@pytest.mark.parametrize(("source_format", "output_format"), [("JPEG", "gif"), ("GIF", "jpeg"), ("JPEG", "jpeg")])
def test_that_a_comment_is_kept(source_format: str, output_format: str) -> None:
    source = files.file(files.quarters(), source_format, comment="山 by Ada".encode())
    assert sources.opened(written(source, format=output_format)).info["comment"] == "山 by Ada".encode()
    assert b"by Ada" not in written(source, "keep_copyright", format=output_format)


def test_that_a_tiff_with_metadata_is_compressed() -> None:
    flat = files.file(Image.new("RGB", (400, 300)), "JPEG", exif=sources.located_exif())
    data = written(flat, format="tiff")
    image = sources.opened(data)
    assert len(data) < 10_000
    assert image.getexif()[ExifTags.Base.Model.value] == "Engine"
    assert image.getexif().get_ifd(ExifTags.IFD.GPSInfo)[1] == "N"
    assert image.getextrema() == ((0, 0),) * 3
