"""`keep_all_but_location` keeps what `keep` keeps, but for everything that says where an image was made."""

import struct

import pytest
from PIL import ExifTags, Image

from tests.unit.imaging import files
from tests.unit.imaging.codecs.metadata import sources
from tests.unit.imaging.codecs.metadata.sources import dataset, packet, written, xmp_of

POLICY = "keep_all_but_location"
MODEL = ExifTags.Base.Model.value
DETAILS, GPS = ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo
EXIF_FORMATS = ["jpeg", "png", "webp", "avif", "tiff"]


@pytest.mark.parametrize("output_format", EXIF_FORMATS)
@pytest.mark.parametrize("source_format", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_that_exif_loses_the_location_alone(source_format: str, output_format: str) -> None:
    source = files.file(files.quarters(), source_format, exif=sources.located_exif().tobytes())
    exif, kept = (
        sources.opened(written(source, policy, format=output_format)).getexif() for policy in (POLICY, "keep")
    )
    assert exif[MODEL] == "Engine"
    assert exif.get_ifd(DETAILS)[0x9003] == "1843:01:01 00:00:00"
    assert GPS not in exif
    assert kept.get_ifd(GPS)[1] == "N"
    assert 0x927C not in exif.get_ifd(DETAILS)  # a maker's note, which may hold a place
    assert kept.get_ifd(DETAILS)[0x927C] == b"note of a maker"


def _big_endian_exif() -> bytes:
    """Model, a GPS directory, and a pointer to it in the Exif directory too, where none should be."""
    gps = struct.pack(">HHHI4sI", 1, 1, 2, 2, b"S\0\0\0", 0)
    details = struct.pack(">HHHIII", 1, 0x8825, 4, 1, 50, 0)
    main = struct.pack(">HHHI4s", 3, MODEL, 2, 4, b"Box\0")
    main += struct.pack(">HHII", DETAILS, 4, 1, 68) + struct.pack(">HHII", GPS, 4, 1, 50) + bytes(4)
    return b"Exif\0\0MM\0*" + struct.pack(">I", 8) + main + gps + details


@pytest.mark.parametrize("output_format", EXIF_FORMATS)
def test_that_big_endian_exif_loses_it_too(output_format: str) -> None:
    source = files.file(files.quarters(), "JPEG", exif=_big_endian_exif())
    assert sources.opened(source).getexif().get_ifd(GPS)[1] == "S"
    exif = sources.opened(written(source, POLICY, format=output_format)).getexif()
    assert (exif[MODEL], GPS in exif, dict(exif.get_ifd(DETAILS))) == ("Box", False, {})
    assert sources.opened(written(source, "keep", format=output_format)).getexif().get_ifd(GPS)[1] == "S"


def test_that_exif_in_a_text_loses_it_too() -> None:
    digits = sources.located_exif().tobytes().hex()
    texts = {"Raw profile type exif": f"\nexif\n{len(digits) // 2:8}\n{digits}\n"}
    exif = sources.opened(written(sources.png_with(texts=texts), POLICY)).getexif()
    assert exif[MODEL] == "Engine"
    assert GPS not in exif


PLACES = {
    "EXIF": 'exif:GPSLatitude="48,51.5N" exif:GPSLongitude="2,17.6E" exif:GPSVersionID="2.3.0.0"',
    "Photoshop": 'photoshop:City="48,51.5N" photoshop:State="x" photoshop:Country="2,17.6E"',
    "IPTC": 'Iptc4xmpCore:Location="48,51.5N" Iptc4xmpCore:CountryCode="2,17.6E"',
    "a drone": 'drone-dji:GpsLatitude="48,51.5N" drone-dji:GpsLongtitude="2,17.6E" drone-dji:AbsoluteAltitude="9"',
    "geo": 'geo:lat="48,51.5N" geo:long="2,17.6E"',
    "Dublin Core": 'dc:coverage="48,51.5N"',
    "a maker's note": 'GCamera:hdrp_makernote="48,51.5N"',
}
ELEMENTS = {
    "places": "<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li><rdf:Description Iptc4xmpExt:City='48,51.5N'/></rdf:li>"
    "</rdf:Bag></Iptc4xmpExt:LocationCreated><Iptc4xmpExt:LocationShown rdf:parseType='Resource'>"
    "<Iptc4xmpExt:City>2,17.6E</Iptc4xmpExt:City></Iptc4xmpExt:LocationShown>",
    "coordinates": "<exif:GPSLatitude>48,51.5N</exif:GPSLatitude><exif:GPSLongitude>2,17.6E</exif:GPSLongitude>",
}
REST = "<dc:subject>tree</dc:subject>"


@pytest.mark.parametrize("output_format", sources.XMP_FORMATS)
def test_that_xmp_loses_the_location_alone(output_format: str) -> None:
    attributes = " ".join(['xmp:Rating="5"', *PLACES.values()])
    source = sources.jpeg_with(xmp=packet(attributes, ELEMENTS["places"] + REST))
    kept = xmp_of(written(source, POLICY, format=output_format))
    assert kept.split() == packet('xmp:Rating="5"', REST).split()


@pytest.mark.parametrize("place", [*PLACES, *ELEMENTS])
def test_that_every_kind_of_place_goes(place: str) -> None:
    source = sources.jpeg_with(xmp=packet(PLACES.get(place, ""), ELEMENTS.get(place, "") + REST))
    without, kept = (written(source, policy, format="png") for policy in (POLICY, "keep"))
    assert b"48,51.5N" in kept
    for coordinate in (b"48,51.5N", b"2,17.6E"):
        assert coordinate not in without
    assert b"<dc:subject>tree" in without


UNREADABLE = {
    "unclosed": packet('exif:GPSLatitude="48,51.5N"').replace(b"</rdf:RDF>", b""),
    "a prefix without a namespace": packet('gps:Latitude="48,51.5N"'),
    "a document type": b'<!DOCTYPE x [<!ENTITY e "48,51.5N">]>' + packet('xmp:Label="&e;"'),
    "large": packet('exif:GPSLatitude="48,51.5N"') + b"<!--" + b"x" * 2**20 + b"-->",
    "Latin-1": packet('exif:GPSLatitude="48,51.5N" xmp:Label="\xe9"').decode().encode("latin-1", "replace"),
    "no XML": b"48,51.5N",
}


@pytest.mark.parametrize("policy", [POLICY, "keep"])
@pytest.mark.parametrize("xmp", UNREADABLE.values(), ids=UNREADABLE)
def test_that_xmp_in_which_no_location_can_be_found_is_not_kept(xmp: bytes, policy: str) -> None:
    data = written(files.file(files.quarters(), "WEBP", xmp=xmp), policy, format="png")
    assert b"48,51.5N" not in data
    assert not xmp_of(data)


def test_that_xmp_in_utf_16_is_read() -> None:
    xmp = packet('exif:GPSLatitude="48,51.5N"', "<dc:subject>山</dc:subject>").decode().encode("utf-16")
    kept = xmp_of(written(files.file(files.quarters(), "WEBP", xmp=xmp), POLICY, format="png"))
    assert b"GPS" not in kept
    assert "山".encode() in kept


@pytest.mark.parametrize("output_format", ["jpeg", "png", "tiff"])
def test_that_iptc_loses_the_location_alone(output_format: str) -> None:
    rest = dataset(25, b"tree") + dataset(80, b"Ada")
    places = b"".join(dataset(number, b"Paris") for number in (26, 27, 90, 92, 95, 100, 101))
    data = written(sources.jpeg_with(iptc=places + rest), POLICY, format=output_format)
    assert sources.iptc_of(data) == rest


def test_that_the_texts_of_a_png_lose_it_by_their_keywords() -> None:
    texts = {"exif:GPSLatitude": "48", "Location": "Paris", "City": "Paris", "geo:lat": "48", "Title": "mine"}
    source = sources.png_with(texts=texts)
    assert list(sources.chunks_of(written(source, POLICY))) == [b"Title"]
    assert len(sources.chunks_of(written(source, "keep"))) == 5


def test_that_the_resolution_stays() -> None:
    data = written(files.file(files.quarters(), "JPEG", dpi=(300, 300)), POLICY, format="jpeg")
    assert sources.opened(data).info["dpi"] == (300, 300)


def test_that_broken_exif_has_no_location_either() -> None:
    exif = sources.located_exif().tobytes()
    for end in range(20, len(exif), 7):
        source = files.file(files.quarters(), "PNG", exif=exif[:end])
        assert GPS not in sources.opened(written(source, POLICY, format="jpeg")).getexif()


def test_that_one_broken_tag_takes_no_other_with_it() -> None:
    exif = Image.Exif()
    exif[MODEL] = "Engine"
    exif[ExifTags.Base.XResolution.value] = 72.0
    data = bytearray(exif.tobytes())
    at = data.index(struct.pack(">H", ExifTags.Base.XResolution.value))
    value = 6 + struct.unpack_from(">I", data, at + 8)[0]
    data[value : value + 8] = bytes(8)  # 0 / 0
    kept = sources.opened(written(files.file(files.quarters(), "JPEG", exif=bytes(data)), POLICY)).getexif()
    assert kept[MODEL] == "Engine"
