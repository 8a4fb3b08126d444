"""Copyright and creator survive as the bytes that they were, wherever a file says them."""

import struct
from io import BytesIO
from typing import Any

import pytest
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from imaging.codecs.metadata.notice import find_notice_in_xmp
from tests.unit.imaging import files
from tests.unit.imaging.codecs.cases import case, rendered

ARTIST, COPYRIGHT, MODEL, DESCRIPTION = 0x013B, 0x8298, 0x0110, 0x010E
WITH_EXIF = ["jpeg", "png", "webp", "avif", "tiff"]
TEXTS = {
    "UTF-8": "© Zoë Ødegård 山".encode(),
    "Latin-1": "© Zoë Ødegård".encode("latin-1"),
    "two parts": b"\xa9 A\0\xa9 B",
}
NAMES = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def _tiff(tags: dict[int, bytes], *, order: str = "<", kind: int = 2) -> bytes:
    """EXIF with one directory of texts."""
    start = 8 + 2 + 12 * len(tags) + 4
    entries, values = b"", b""
    for tag, text in sorted(tags.items()):
        data = text + b"\0"
        entries += struct.pack(f"{order}HHII", tag, kind, len(data), start + len(values))
        values += data
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(tags))
    return b"Exif\0\0" + head + entries + bytes(4) + values


def _source(pillow_format: str = "JPEG", **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
    return files.file(files.quarters(), pillow_format, **options)


def _text(image: Image.Image, tag: int) -> bytes:
    return str(image.getexif()[tag]).encode("latin-1")


def _written(source: bytes, metadata: str = "keep_copyright", **output: object) -> Image.Image:
    image = Image.open(BytesIO(rendered(source, metadata=metadata, **output)))
    image.load()
    return image


@pytest.mark.parametrize("output_format", WITH_EXIF)
@pytest.mark.parametrize("metadata", ["keep", "keep_copyright"])
def test_that_the_bytes_of_a_copyright_are_kept(metadata: str, output_format: str) -> None:
    text = Image.open(BytesIO(case("exif_copyright_utf8.jpg"))).getexif()[COPYRIGHT].encode("latin-1")
    assert "©".encode() in text
    assert text in rendered(case("exif_copyright_utf8.jpg"), metadata=metadata, format=output_format)


@pytest.mark.parametrize("kind", [2, 129])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("pillow_format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_that_any_text_is_kept(pillow_format: str, text: bytes, order: str, kind: int) -> None:
    tags = {ARTIST: text, COPYRIGHT: text[::-1], MODEL: text, DESCRIPTION: text}
    source = _source(pillow_format, exif=_tiff(tags, order=order, kind=kind))
    kept = _written(source, "keep", format="jpeg")
    assert {tag: _text(kept, tag) for tag in tags} == tags
    assert _text(_written(source, format="webp"), COPYRIGHT) == text[::-1]


def test_that_texts_of_other_directories_and_of_a_tiff_are_kept() -> None:
    exif = Image.Exif()
    exif[COPYRIGHT] = TEXTS["UTF-8"].decode("latin-1")
    exif.get_ifd(ExifTags.IFD.Exif)[0xA430] = TEXTS["Latin-1"].decode("latin-1")  # CameraOwnerName
    source = _source("TIFF", exif=exif.tobytes())
    assert TEXTS["UTF-8"] in source
    assert TEXTS["Latin-1"] in source
    for output_format in WITH_EXIF:
        data = rendered(source, metadata="keep", format=output_format)
        assert TEXTS["UTF-8"] in data
        assert TEXTS["Latin-1"] in data


XMP = {
    "attributes": f'<x><rdf:Description {NAMES} dc:rights="© Ada" dc:creator="Zoë"/></x>',
    "elements": f"<x {NAMES}><dc:rights>© Ada</dc:rights><dc:creator>Zoë</dc:creator></x>",
    "lists": f'<x {NAMES}><dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© Ada</rdf:li>'
    "<rdf:li>other</rdf:li></rdf:Alt></dc:rights><dc:creator><rdf:Seq><rdf:li>Zoë</rdf:li></rdf:Seq></dc:creator></x>",
    "a packet": f'<?xpacket begin="\ufeff" id="W5M0"?><x {NAMES}><dc:rights>© Ada</dc:rights>'
    '<dc:creator>Zoë</dc:creator><dc:subject>location</dc:subject></x><?xpacket end="w"?>',
}


@pytest.mark.parametrize("output_format", WITH_EXIF)
@pytest.mark.parametrize("packet", XMP.values(), ids=XMP)
def test_that_xmp_says_copyright_and_creator(packet: str, output_format: str) -> None:
    image = _written(_source(xmp=packet.encode()), format=output_format)
    assert (_text(image, ARTIST), _text(image, COPYRIGHT)) == ("Zoë".encode(), "© Ada".encode())
    if output_format != "tiff":
        kept = image.info["xmp"] if isinstance(image.info["xmp"], bytes) else image.info["xmp"].encode()
        assert find_notice_in_xmp(kept) == ("Zoë".encode(), "© Ada".encode())
        assert b"location" not in kept


def _iptc(**_: object) -> bytes:
    def dataset(number: int, text: bytes) -> bytes:
        return b"\x1c\x02" + bytes([number]) + len(text).to_bytes(2) + text

    block = dataset(80, b"Ada") + dataset(80, "Zoë".encode()) + dataset(116, "© 1843".encode())
    resource = b"8BIM\x04\x04\0\0" + len(block).to_bytes(4) + block + b"\0" * (len(block) % 2)
    content = b"Photoshop 3.0\0" + resource
    jpeg = _source()
    return jpeg[:2] + b"\xff\xed" + (len(content) + 2).to_bytes(2) + content + jpeg[2:]


@pytest.mark.parametrize("metadata", ["keep", "keep_copyright"])
def test_that_iptc_says_copyright_and_creator(metadata: str) -> None:
    image = _written(_iptc(), metadata, format="jpeg")
    assert (_text(image, ARTIST), _text(image, COPYRIGHT)) == ("Ada; Zoë".encode(), "© 1843".encode())


@pytest.mark.parametrize("metadata", ["keep", "keep_copyright"])
def test_that_the_text_of_a_png_says_copyright_and_creator(metadata: str) -> None:
    text = PngInfo()
    text.add_text("Author", "Zoë")
    text.add_itxt("Copyright", "© 山")
    text.add_text("Comment", "secret")
    data = rendered(_source("PNG", pnginfo=text), metadata=metadata, format="webp")
    image = Image.open(BytesIO(data))
    assert (_text(image, ARTIST), _text(image, COPYRIGHT)) == ("Zoë".encode(), "© 山".encode())
    assert b"secret" not in data


def test_that_exif_has_the_first_word() -> None:
    source = _source(exif=_tiff({COPYRIGHT: b"by EXIF"}), xmp=XMP["elements"].encode())
    image = _written(source, format="jpeg")
    assert (_text(image, ARTIST), _text(image, COPYRIGHT)) == ("Zoë".encode(), b"by EXIF")


@pytest.mark.parametrize(
    "packet",
    [
        b"no XML",
        b"<x>",
        b'<!DOCTYPE x [<!ENTITY e "boom">]><x xmlns:dc="http://purl.org/dc/elements/1.1/" dc:rights="&e;"/>',
        b"<x/>" + b" " * 2**21,
        b'<?xml version="1.0" encoding="shift_jis"?><x/>',
        b'<?xml version="1.0" encoding="nobody-knows"?><x/>',
        b"",
    ],
)
def test_that_xmp_that_cannot_be_read_says_nothing(packet: bytes) -> None:
    assert find_notice_in_xmp(packet) == (b"", b"")


def test_that_nothing_is_written_by_default() -> None:
    assert b"Ada" not in rendered(_source(xmp=XMP["elements"].encode()), format="jpeg")
