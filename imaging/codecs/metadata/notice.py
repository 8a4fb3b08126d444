"""Who made an image and who owns it, as XMP, IPTC and the text of a PNG say it."""

from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree as ET

from PIL import Image

from imaging.codecs.metadata.iptc import read_values

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_CREATOR, _COPYRIGHT = 80, 116  # IPTC-IIM 4.2: By-line, Copyright Notice
_MOST_BYTES = 10_000  # of a creator or a copyright: a JPEG holds 64 KiB of EXIF
_MOST_XMP_BYTES = 2**20


class Notice(NamedTuple):
    """Creator and copyright as bytes: UTF-8, or whatever IPTC was written in; empty where nothing is said."""

    creator: bytes = b""
    copyright: bytes = b""


def find_notice(file: Image.Image, *, xmp: bytes, iptc: bytes) -> Notice:
    """What the first of XMP, IPTC and PNG text says, each for itself; broken metadata says nothing."""
    found = Notice()
    for other in (find_notice_in_xmp(xmp), _find_in_iptc(iptc), _find_in_png_text(file)):
        found = Notice(*(known or new[:_MOST_BYTES] for known, new in zip(found, other, strict=True)))
    return found


def find_notice_in_xmp(packet: bytes) -> Notice:
    """dc:creator and dc:rights of a packet; nothing for one that is no XML, or that declares entities."""
    data = packet.strip(b"\0 \r\n")
    if not data or len(data) > _MOST_XMP_BYTES or b"<!" in data.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
        return Notice()
    try:
        tree = ET.fromstring(data)  # noqa: S314 - of bounded size, without a document type
    except (ET.ParseError, ValueError, LookupError, OSError):  # also for an encoding that nobody knows
        return Notice()
    creators, rights = (list(_values(tree, name)) for name in ("creator", "rights"))
    return Notice("; ".join(creators).encode()[:_MOST_BYTES], (rights[0] if rights else "").encode()[:_MOST_BYTES])


def _values(tree: ET.Element, name: str) -> Iterator[str]:
    """Texts of a property, which is an element with or without a list, or an attribute."""
    tag = f"{{{_DUBLIN_CORE}}}{name}"
    for element in tree.iter():
        if value := element.get(tag, "").strip():
            yield value
        if element.tag == tag:
            items = element.iter(f"{{{_RDF}}}li")
            yield from filter(None, [(item.text or "").strip() for item in items] or [(element.text or "").strip()])


def _find_in_iptc(datasets: bytes) -> Notice:
    return Notice(*(b"; ".join(read_values(datasets, number)) for number in (_CREATOR, _COPYRIGHT)))


def _find_in_png_text(file: Image.Image) -> Notice:
    """Keywords of PNG 3, section 11.3.3.2."""
    values = (file.info.get(key, "") if file.format == "PNG" else "" for key in ("Author", "Copyright"))
    return Notice(*(str(value).encode(errors="replace") for value in values))
