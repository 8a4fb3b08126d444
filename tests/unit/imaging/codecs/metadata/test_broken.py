"""Broken and hostile metadata never fails a render, and never opens a bound."""

import struct

import pytest

from imaging.codecs.metadata.xmp_editor import edit
from tests.unit.imaging import files
from tests.unit.imaging.codecs.metadata import sources
from tests.unit.imaging.codecs.metadata.sources import packet, written, xmp_of

POLICIES = ["keep_copyright", "keep", "keep_all_but_location"]
ENTITIES = "".join(f'<!ENTITY e{index} "{f"&e{index - 1};" * 10}">' for index in range(1, 10))
HOSTILE = {
    "entities": f'<!DOCTYPE x [<!ENTITY e0 "ha">{ENTITIES}]><x>&e9;</x>'.encode(),
    "an outer entity": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>',
    "an outer document type": b'<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd"><x/>',
    "deep": packet(elements="<dc:a>" * 101 + "</dc:a>" * 101),
    "deep enough to end a recursion": b"<a>" * 60_000 + b"</a>" * 60_000,
    "many": packet(elements="<dc:a/>" * 10_000),
    "wide": packet(" ".join(f'xmp:A{index}=""' for index in range(6_000))),
    "endless attribute": packet()[:400] + b'"' + b"x" * 500_000,
    "controls": packet('xmp:Label="\x01"'),
    "empty": b"",
    "zeros": bytes(1000),
}


@pytest.mark.parametrize("metadata", POLICIES)
@pytest.mark.parametrize("xmp", HOSTILE.values(), ids=HOSTILE)
def test_that_hostile_xmp_is_not_kept(xmp: bytes, metadata: str) -> None:
    assert not xmp_of(written(files.file(files.quarters(), "WEBP", xmp=xmp), metadata, format="jpeg"))


def test_that_an_entity_is_never_expanded() -> None:
    for xmp in (HOSTILE["entities"], HOSTILE["an outer entity"], b"<x>&lt;&unknown;</x>"):
        with pytest.raises(ValueError, match="the XMP"):
            edit(xmp, drops=lambda _: False, values={})


@pytest.mark.parametrize("kind", [3, 4])
def test_that_xmp_of_a_tiff_that_is_a_number_takes_no_memory(kind: int) -> None:
    tiff = bytearray(sources.tiff_with(tags={700: b"abcd"}))
    at = tiff.index(struct.pack("<HHI", 700, 1, 4))
    struct.pack_into("<HHII", tiff, at, 700, kind, 1, 2**30 if kind == 4 else 60_000)
    for metadata in POLICIES:
        assert not xmp_of(written(bytes(tiff), metadata, format="webp"))


@pytest.mark.parametrize(
    "resource", [b"8BIM", b"8BIM\x04\x04", b"8BIM\x04\x04\xff", b"8BIM\x04\x04\0\0\xff\xff\xff\xff"]
)
def test_that_broken_resources_hold_no_iptc(resource: bytes) -> None:
    for metadata in POLICIES:
        assert not sources.iptc_of(written(sources.tiff_with(tags={34377: resource}), metadata, format="jpeg"))


@pytest.mark.parametrize("text", ["", "\n\n\n", "\niptc\n 4\nxyz", "\niptc\n 4\nff"])
def test_that_a_broken_text_holds_no_iptc(text: str) -> None:
    source = sources.png_with(texts={"Raw profile type iptc": text})
    assert not sources.iptc_of(written(source, "keep", format="jpeg"))


def test_that_iptc_too_large_for_a_segment_is_not_kept() -> None:
    iptc = sources.dataset(25, b"x" * 30_000) * 3
    assert not sources.iptc_of(written(sources.tiff_with(tags={33723: iptc}), "keep", format="jpeg"))


@pytest.mark.parametrize("ending", [b"", b"\x01\xff\xfe"])
def test_that_xmp_of_a_gif_without_an_end_is_not_kept(ending: bytes) -> None:
    gif = sources.gif_with(packet('xmp:Rating="5"'))
    start = gif.index(b"\x01\xff\xfe")
    assert b"Rating" not in written(gif[:start] + ending + b";", "keep", format="gif")
