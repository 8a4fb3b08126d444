"""`copyright`, `creator`, `description` and `dpi` are written as EXIF and XMP, whatever the source says."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import ExifTags, Image

from core.errors import InvalidPipeline
from imaging.codecs.metadata.notice import find_notice_in_xmp
from imaging.pipeline.parse import parse_output_options
from tests.unit.imaging import files
from tests.unit.imaging.codecs.metadata import sources
from tests.unit.imaging.codecs.metadata.sources import dataset, packet, written, xmp_of

ARTIST, COPYRIGHT, DESCRIPTION = (
    getattr(ExifTags.Base, name).value for name in ("Artist", "Copyright", "ImageDescription")
)
STATED = {"copyright": "© Zoë & 山", "creator": "Zoë <z@example.org>", "description": 'A tree,\nin "bloom"'}
EXIF_FORMATS = ["jpeg", "png", "webp", "avif", "tiff"]
POLICIES = ["strip", "keep_copyright", "keep", "keep_all_but_location"]


def _exif(data: bytes) -> dict[str, str]:
    exif = sources.opened(data).getexif()
    tags = {"copyright": COPYRIGHT, "creator": ARTIST, "description": DESCRIPTION}
    return {name: str(exif[tag]).encode("latin-1").decode() for name, tag in tags.items() if tag in exif}


def _xmp(data: bytes) -> dict[str, str]:
    tree = ET.fromstring(xmp_of(data))  # noqa: S314 - as above
    found = {}
    for name, option in (("rights", "copyright"), ("creator", "creator"), ("description", "description")):
        texts = ["".join(each.itertext()).strip() for each in tree.iter(f"{{{sources.NAMES['dc']}}}{name}")]
        assert len(texts) <= 1
        if texts:
            found[option] = texts[0]
    return found


@pytest.mark.parametrize("output_format", EXIF_FORMATS)
@pytest.mark.parametrize("metadata", POLICIES)
def test_that_it_is_written_as_exif_and_xmp(metadata: str, output_format: str) -> None:
    data = written(files.file(files.quarters(), "PNG"), metadata, format=output_format, **STATED)
    assert _exif(data) == STATED
    assert _xmp(data) == STATED


@pytest.mark.parametrize("output_format", ["gif", "jpeg2000"])
def test_that_it_is_written_as_xmp_where_there_is_no_exif(output_format: str) -> None:
    for source in (files.file(files.quarters(), "PNG"), files.file(Image.new("L", (9, 9)), "PNG")):
        assert _xmp(written(source, "strip", format=output_format, **STATED)) == STATED


def test_that_an_animation_carries_it() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "lime")]
    source = files.file(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
    for output_format in ("gif", "webp", "png", "avif"):
        data = written(source, "strip", format=output_format, **STATED)
        assert sources.opened(data).n_frames == 2  # type: ignore[attr-defined] # of animations
        assert _xmp(data) == STATED


@pytest.mark.parametrize("metadata", ["keep", "keep_copyright"])
@pytest.mark.parametrize("option", STATED)
def test_that_it_replaces_what_the_source_says_alone(option: str, metadata: str) -> None:
    exif = Image.Exif()
    exif[ARTIST], exif[COPYRIGHT], exif[DESCRIPTION] = "old creator", "old copyright", "old description"
    exif[ExifTags.Base.XPAuthor.value] = "old creator".encode("utf-16-le")
    properties = 'dc:rights="old copyright" tiff:Artist="old creator" xmp:Rating="5"'
    elements = "<dc:creator>old creator</dc:creator><dc:description>old description</dc:description>"
    iptc = dataset(80, b"old creator") + dataset(116, b"old copyright") + dataset(120, b"old description")
    source = sources.jpeg_with(exif=exif, xmp=packet(properties, elements), iptc=iptc)
    data = written(source, metadata, **{option: STATED[option]})
    assert _exif(data)[option] == _xmp(data)[option] == STATED[option]
    others = set(STATED) - {option} if metadata == "keep" else {"creator", "copyright"} - {option}
    for other in others:
        assert _exif(data)[other] == f"old {other}"
        assert f"old {other}".encode() in xmp_of(data)
    assert f"old {option}".encode() not in data
    assert "old creator".encode("utf-16-le") not in data or option != "creator"
    assert (b"Rating" in data) == (metadata == "keep")


def test_that_it_replaces_the_texts_of_a_png() -> None:
    source = sources.png_with(texts={"Copyright": "old", "Author": "Ada", "Title": "mine"})
    assert set(sources.chunks_of(written(source, copyright="new"))) == {b"Author", b"Title", b"XML:com.adobe.xmp"}


@pytest.mark.parametrize("xmp", [b"no XML", b"<x/>", packet()[:100], packet().replace(b"rdf:RDF", b"rdf:rdf")])
def test_that_it_is_written_beside_xmp_that_cannot_be_edited(xmp: bytes) -> None:
    data = written(files.file(files.quarters(), "WEBP", xmp=xmp), "keep", **STATED)
    assert _xmp(data) == STATED


def test_that_it_is_written_though_the_rest_is_too_large() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Model.value] = "x" * 70_000
    source = files.file(files.quarters(), "WEBP", exif=exif, xmp=packet(f'xmp:Label="{"x" * 65_000}"'))
    longest = dict.fromkeys(STATED, "山" * 2000)
    data = written(source, "keep", format="jpeg", **longest)
    assert _exif(data) == _xmp(data) == longest


@pytest.mark.parametrize("output_format", [*EXIF_FORMATS, "bmp"])
@pytest.mark.parametrize("dpi", [1, 240, 65_535])
def test_that_a_resolution_is_written(dpi: int, output_format: str) -> None:
    data = written(files.file(files.quarters(), "JPEG", dpi=(72, 72)), "strip", format=output_format, dpi=dpi)
    image = sources.opened(data)
    if output_format not in {"webp", "avif"}:
        assert image.info["dpi"] == pytest.approx((dpi, dpi), abs=0.02)
    if output_format != "bmp":
        exif = image.getexif()
        assert (exif[ExifTags.Base.XResolution.value], exif[ExifTags.Base.ResolutionUnit.value]) == (dpi, 2)
        assert f"<tiff:XResolution>{dpi}/1<".encode() in xmp_of(data)


def test_that_nothing_is_written_unasked() -> None:
    data = written(files.file(files.quarters(), "PNG"), "keep", format="jpeg")
    assert not sources.opened(data).getexif()
    assert not xmp_of(data)


@pytest.mark.parametrize(
    ("option", "output_format"),
    [
        *(("dpi", name) for name in ("gif", "ico", "jpeg2000")),
        *((option, name) for option in STATED for name in ("bmp", "ico")),
    ],
)
def test_that_a_format_that_cannot_hold_it_is_an_error(option: str, output_format: str) -> None:
    value: Any = 300 if option == "dpi" else "text"
    with pytest.raises(
        InvalidPipeline, match=rf"output\.{option}: is not available for {output_format}; omit it, or choose"
    ):
        parse_output_options({"format": output_format, option: value})


@pytest.mark.parametrize(("source_format", "stated"), [("GIF", {"dpi": 300}), ("BMP", {"creator": "Ada"})])
def test_that_it_is_one_where_the_format_is_the_sources(source_format: str, stated: dict[str, Any]) -> None:
    source = files.file(files.quarters(), source_format)
    with pytest.raises(
        InvalidPipeline,
        match=rf"output\.{next(iter(stated))}: .* for {source_format.lower()}, the format of the source; omit",
    ):
        written(source, format="auto", **stated)
    assert written(source, format="png", **stated)


@pytest.mark.parametrize("option", STATED)
@pytest.mark.parametrize("value", ["", " \n", "a\0b", "a\x1bb", "a\ufffe", "\ud800", "x" * 2001, 5, None, ["x"]])
def test_that_text_is_checked(value: object, option: str) -> None:
    if value is None:
        assert getattr(parse_output_options({option: value}), option) is None
        return
    with pytest.raises(InvalidPipeline) as raised:
        parse_output_options({option: value})
    assert [problem.place for problem in raised.value.problems] == [f"output.{option}"]


@pytest.mark.parametrize("value", [0, -1, 65_536, 1.5, "300", True])
def test_that_a_resolution_is_checked(value: object) -> None:
    with pytest.raises(InvalidPipeline, match=r"output\.dpi"):
        parse_output_options({"dpi": value})


def test_that_what_was_written_is_found_again() -> None:
    data = written(files.file(files.quarters(), "PNG"), "strip", format="webp", **STATED)
    again = written(data, "keep_copyright", format="jpeg")
    assert (_exif(again)["creator"], _exif(again)["copyright"]) == (STATED["creator"], STATED["copyright"])
    assert find_notice_in_xmp(xmp_of(again)) == (STATED["creator"].encode(), STATED["copyright"].encode())
