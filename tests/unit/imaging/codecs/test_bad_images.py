"""Holds promise 16: whatever a file contains, it is rendered or rejected with a reason, and soon."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from core.errors import ImageTooLarge, InvalidImage, InvalidStep
from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.render import Rendered, render
from tests.harness.scale import figure, within
from tests.unit.imaging import corpus, files

LIMITS = Limits(max_pixels=1_000_000, max_side=5000, max_animation_pixels=1_000_000)
MUTANTS = figure(part=5_000, whole=25_000)
OUTPUTS = ("jpeg", "png", "webp", "gif")
REJECTIONS = (InvalidImage, ImageTooLarge, InvalidStep)


def rendered(data: bytes, output_format: str = "webp", **options: object) -> Rendered:
    output = parse_output_options({"format": output_format, "frames": "all"} | options)
    return render(data, parse_pipeline([]), output, limits=LIMITS)


def ends_well(name: str, data: bytes, output_format: str = "webp") -> bool:
    """Whether it was rendered; any outcome but that or a rejection is a bug."""
    try:
        with within(5):
            output = rendered(data, output_format)
    except REJECTIONS:
        return False
    except Exception as error:
        raise AssertionError(f"{name}: {error!r}") from error
    assert output.width * output.height <= LIMITS.max_pixels, name
    return True


@pytest.mark.parametrize("part", range(5))
def test_mutants_are_rendered_or_rejected(part: int) -> None:
    """Holds promise 16."""
    each = MUTANTS // 5
    made = corpus.mutants(each, seed=part)
    outputs = [ends_well(name, data, OUTPUTS[n // 21 % len(OUTPUTS)]) for n, (name, data) in enumerate(made)]
    assert len(outputs) == each
    assert each / 10 < sum(outputs) < each * 9 / 10, "mutants that all fail, or all succeed, test nothing"


@pytest.mark.parametrize("name", corpus.tiny())
def test_a_file_truncated_anywhere_is_rendered_or_rejected(name: str) -> None:
    """Holds promise 16: at every byte, so at each structural point too."""
    data = corpus.tiny()[name]
    assert ends_well(name, data)
    for length in range(len(data)):
        ends_well(f"{name}, its first {length} bytes", data[:length])


def test_a_file_truncated_in_its_pixels_is_rejected() -> None:
    """Holds promise 16: half an image is not rendered as if it were whole."""
    assert [name for name, data in corpus.tiny().items() if ends_well(name, data[: len(data) // 2])] == []


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_text_that_inflates_to_100_mb_is_skipped(kind: bytes) -> None:
    """Holds promise 16."""
    bomb = corpus.text_bomb(kind, 100)
    assert len(bomb) < 200_000
    with within(5):
        assert rendered(bomb).width == 48


def test_so_are_many_small_texts() -> None:
    """Holds promise 16."""
    text = files.chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2**20 - 1), 9))
    with within(5):
        rendered(corpus.png_with(b"tEXt", b"a\0b")[:33] + text * 70 + files.file(files.quarters(), "PNG")[33:])


def test_a_gif_of_many_large_frames_is_rejected() -> None:
    """Holds promise 16: 500 frames of 7000 x 7000 in some kilobytes."""
    bomb = gif_of_frames(500, side=7000)
    assert len(bomb) < 200_000
    output = parse_output_options({"format": "gif", "frames": "all"})
    with within(10), pytest.raises(ImageTooLarge):
        render(bomb, parse_pipeline([]), output, limits=Limits())


def gif_of_frames(frames: int, *, side: int) -> bytes:
    """The first fills the canvas, the others are one pixel each."""
    still = files.file(Image.new("P", (1, 1)), "GIF")
    start = still.index(b",\0\0\0\0")
    frame = still[start:-1]
    return still[:6] + struct.pack("<HH", side, side) + still[10:start] + frame * frames + b";"


PAYLOADS = {
    "a script": b"<script>alert('polyglot')</script>",
    "a page": b"<!DOCTYPE html><html><body onload=alert('polyglot')>",
    "an archive": b"PK\x03\x04polyglot" + bytes(100) + b"PK\x05\x06" + bytes(18),
    "a document": b"%PDF-1.7 polyglot",
    "an applet": b"\xca\xfe\xba\xbepolyglot",
    "a program": b"#!/bin/sh\necho polyglot\n",
}


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("output_format", OUTPUTS)
def test_no_output_contains_what_was_hidden_in_its_source(payload: str, output_format: str) -> None:
    """Holds promise 16 and promise 24: an output is never a polyglot."""
    hidden = PAYLOADS[payload]
    for name, data in carriers(hidden).items():
        assert b"polyglot" in data or payload == "an archive"
        output = rendered(data, output_format).data
        assert hidden not in output, name
        assert b"polyglot" not in output, name
        with Image.open(BytesIO(output)) as image:
            assert not {"comment", "exif", "xmp", "icc_profile", "Comment"} & image.info.keys(), name


def carriers(hidden: bytes) -> dict[str, bytes]:
    picture = files.quarters()
    exif = Image.Exif()
    exif[0x010E] = hidden.decode("latin-1")
    png = files.file(picture, "PNG")
    # XML allows nothing behind it.
    behind = {f"behind a {name}": data + hidden for name, data in corpus.tiny().items() if name != "svg"}
    return behind | {
        "jpeg comment": files.file(picture, "JPEG", comment=hidden),
        "jpeg exif": files.file(picture, "JPEG", exif=exif),
        "gif comment": files.file(picture, "GIF", comment=hidden),
        "png text": corpus.png_with(b"tEXt", b"Comment\0" + hidden),
        "png private chunk": corpus.png_with(b"prIv", hidden),
        "png behind its pixels": png[:-12] + files.chunk(b"tEXt", b"Comment\0" + hidden) + png[-12:],
        "webp exif": files.file(picture, "WEBP", exif=exif),
        "tiff description": files.file(picture, "TIFF", tiffinfo={270: hidden.decode("latin-1")}),
    }
