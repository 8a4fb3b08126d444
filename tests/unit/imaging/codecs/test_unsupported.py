"""A file that is not supported is named, and not called damaged."""

import pytest

from imaging.codecs.containers.unsupported import describe_unsupported
from imaging.codecs.formats import READABLE, list_formats, needs_more, sniff


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"8BPS\0\1", "a Photoshop document"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 image"),
        (b"\xff\x4f\xff\x51\0\x2f", "a JPEG 2000 image"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "a raw photograph"),
        (b"FUJIFILMCCD-RAW 0201", "a raw photograph"),
        (b"IIU\0\x18\0\0\0", "a raw photograph"),
        (b"IIRO\x08\0\0\0", "a raw photograph"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "a video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "a video"),
        (b"\x1a\x45\xdf\xa3\x01\0", "a video"),
        (b"RIFF\0\0\0\0AVI LIST", "a video"),
        (b"DDS \x7c\0\0\0", "a DDS texture"),
        (b"\0\0\1\0\1\0\x10\x10", "an ICO icon"),
        (b"icns\0\0\0\x20", "an ICNS icon"),
        (b"\x1f\x8b\x08\0", "a gzip archive"),
        (b"PK\3\4\x14\0", "a ZIP archive"),
        (b"\n<!DOCTYPE html><html>", "an HTML page"),
        (b"#?RADIANCE\n", "a Radiance HDR image"),
    ],
)
def test_that_it_is_named(head: bytes, name: str) -> None:
    head = head.ljust(64, b"\0")
    assert sniff(head) is None
    assert not needs_more(head)
    assert describe_unsupported(head, supported="A").startswith(f"This is {name}, which is not supported. Supported: A")


def test_that_the_unknown_is_not_guessed() -> None:
    assert describe_unsupported(b"anything", supported="A, B") == "Unsupported image format. Supported: A, B."


def test_that_formats_have_one_order() -> None:
    assert list_formats().startswith("JPEG, PNG, WebP, AVIF, HEIC")
    assert list_formats(reversed(READABLE)) == list_formats()
