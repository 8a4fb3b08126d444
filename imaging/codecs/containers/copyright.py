"""Who made an image and who owns it, as XMP, IPTC and the text of a PNG say it."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from PIL import Image, IptcImagePlugin

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_CREATOR, _COPYRIGHT = (2, 80), (2, 116)  # IPTC-IIM 4.2: By-line, Copyright Notice
_MOST_BYTES = 10_000  # of a creator or a copyright: a JPEG holds 64 KiB of EXIF
_MOST_XMP_BYTES = 2**20


class Notice(NamedTuple):
    """Creator and copyright as bytes: UTF-8, or whatever IPTC was written in; empty where nothing is said."""

    creator: bytes = b""
    copyright: bytes = b""


def find_notice(file: Image.Image) -> Notice:
    """What the first of XMP, IPTC and PNG text says, each for itself; broken metadata says nothing."""
    found = Notice()
    for read in (_read_xmp_notice, _read_iptc, _read_png_text):
        with suppress(Exception):
            found = Notice(*(known or other[:_MOST_BYTES] for known, other in zip(found, read(file), strict=True)))
    return found


def read_xmp(file: Image.Image) -> bytes:
    """The packet that the file holds; empty where there is none."""
    found = file.info.get("xmp", b"")
    return found.encode() if isinstance(found, str) else bytes(found)


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


def write_xmp(notice: Notice) -> bytes:
    """A packet that says nothing but the notice; empty for none."""
    said = "".join(
        f"<dc:{name}><rdf:{kind}><rdf:li{lang}>{escape(text.decode(errors='replace'))}</rdf:li></rdf:{kind}></dc:{name}>"
        for name, kind, lang, text in (
            ("creator", "Seq", "", notice.creator),
            ("rights", "Alt", ' xml:lang="x-default"', notice.copyright),
        )
        if text
    )
    if not said:
        return b""
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}"><rdf:Description rdf:about="" '
        f'xmlns:dc="{_DUBLIN_CORE}">{said}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


def _values(tree: ET.Element, name: str) -> Iterator[str]:
    """Texts of a property, which is an element with or without a list, or an attribute."""
    tag = f"{{{_DUBLIN_CORE}}}{name}"
    for element in tree.iter():
        if value := element.get(tag, "").strip():
            yield value
        if element.tag == tag:
            items = element.iter(f"{{{_RDF}}}li")
            yield from filter(None, [(item.text or "").strip() for item in items] or [(element.text or "").strip()])


def _read_xmp_notice(file: Image.Image) -> Notice:
    return find_notice_in_xmp(read_xmp(file))


def _read_iptc(file: Any) -> Notice:  # noqa: ANN401 - whichever plug-in has opened it
    found = IptcImagePlugin.getiptcinfo(file) or {}
    values = (found.get(key, b"") for key in (_CREATOR, _COPYRIGHT))
    return Notice(*(b"; ".join(value) if isinstance(value, list) else value for value in values))


def _read_png_text(file: Image.Image) -> Notice:
    """Keywords of PNG 3, section 11.3.3.2."""
    values = (file.info.get(key, "") if file.format == "PNG" else "" for key in ("Author", "Copyright"))
    return Notice(*(str(value).encode() for value in values))
