"""Files with metadata of every kind, and what is read of it in an output."""

import re
import struct
from io import BytesIO
from typing import Any
from zlib import decompress

from PIL import ExifTags, Image, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo

from tests.unit.imaging import files
from tests.unit.imaging.codecs.cases import rendered

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NAMES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpNote": "http://ns.adobe.com/xmp/note/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
    "HDRGainMap": "http://ns.apple.com/HDRGainMap/1.0/",
    "GCamera": "http://ns.google.com/photos/1.0/camera/",
    "Container": "http://ns.google.com/photos/1.0/container/",
    "GPano": "http://ns.google.com/photos/1.0/panorama/",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "drone-dji": "http://www.dji.com/drone-dji/1.0/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
}
XMP_FORMATS = ["jpeg", "png", "webp", "avif", "tiff", "gif", "jpeg2000"]


def packet(attributes: str = "", elements: str = "", *, names: dict[str, str] | None = None) -> bytes:
    """XMP with properties of one description."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in (NAMES | (names or {})).items())
    return (
        f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about="" {declared} {attributes}>{elements}</rdf:Description>'
        f'</rdf:RDF></x:xmpmeta>\n  <?xpacket end="w"?>'
    ).encode()


def dataset(number: int, text: bytes, *, record: int = 2) -> bytes:
    return bytes([0x1C, record, number]) + struct.pack(">H", len(text)) + text


def resources(iptc: bytes) -> bytes:
    """Photoshop's image resources: a resolution, IPTC and something else."""
    found = b""
    for number, name, content in (
        (0x03ED, b"\0\0", bytes(16)),
        (0x0404, b"\x03abc", iptc),
        (0x0409, b"\0\0", b"thumb"),
    ):
        found += b"8BIM" + struct.pack(">H", number) + name + struct.pack(">I", len(content)) + content
        found += b"\0" * (len(content) % 2)
    return found


def png_with(*, iptc: bytes = b"", texts: dict[str, str] | None = None) -> bytes:
    info = PngInfo()
    for keyword, text in (texts or {}).items():
        info.add_text(keyword, text)
    if iptc:
        info.add_text("Raw profile type iptc", f"\niptc\n{len(iptc):8}\n{iptc.hex()}\n", zip=True)
    return files.file(files.quarters(), "PNG", pnginfo=info)


def jpeg_with(*, iptc: bytes = b"", **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
    content = b"Photoshop 3.0\0" + resources(iptc)
    segment = b"\xff\xed" + struct.pack(">H", len(content) + 2) + content if iptc else b""
    return files.file(files.quarters(), "JPEG", extra=segment, **options)


def tiff_with(*, tags: dict[int, Any] | None = None, **options: Any) -> bytes:  # noqa: ANN401 - as above
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in (tags or {}).items():
        directory[tag] = value
    return files.file(files.quarters(), "TIFF", tiffinfo=directory, **options)


def gif_with(xmp: bytes) -> bytes:
    data = files.file(files.quarters(), "GIF")
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    return b"GIF89a" + data[6:-1] + b"!\xff\x0bXMP DataXMP" + xmp + trailer + b";"


def located_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Model.value] = "Engine"
    exif.get_ifd(ExifTags.IFD.Exif).update({0x927C: b"note of a maker", 0x9003: "1843:01:01 00:00:00"})
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (51.0, 30.0, 0.0)})
    return exif


def written(source: bytes, metadata: str = "keep", *steps: dict[str, object], **output: object) -> bytes:
    return rendered(source, *steps, metadata=metadata, **output)


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def xmp_of(data: bytes) -> bytes:
    """The packet in a file, wherever its format has it."""
    found = opened(data).info.get("xmp") or b"".join(
        re.findall(rb"<\?xpacket begin.*<\?xpacket end[^>]*>", data, re.DOTALL)
    )
    return found if isinstance(found, bytes) else found.encode()


def iptc_of(data: bytes) -> bytes:
    image = opened(data)
    if image.format == "JPEG":
        return bytes(image.info.get("photoshop", {}).get(0x0404, b""))
    if image.format == "PNG":
        return bytes.fromhex("".join(image.info.get("Raw profile type iptc", "").split("\n")[3:]))
    return bytes(getattr(image, "tag_v2", {}).get(33723, b""))


def chunks_of(data: bytes) -> dict[bytes, str]:
    """Texts of a PNG by keyword."""
    found, position = {}, 8
    while position < len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        keyword, _, rest = data[position + 8 : position + 8 + length].partition(b"\0")
        if name in {b"tEXt", b"zTXt", b"iTXt"}:
            found[keyword] = (decompress(rest[1:]) if name == b"zTXt" else rest).decode("latin-1")
        position += 12 + length
    return found
