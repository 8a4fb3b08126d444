"""A corpus of bad pictures, made anew for each run: files cut short, mutants, and carriers of something else."""

import struct
import zlib
from collections.abc import Iterator

import numpy as np

from tests.unit.imaging import animations, files
from tests.unit.imaging.codecs.cases import case, rendered

PNG_SIGNATURE = 8
_MOST_CHANGES = 4


def tiny() -> dict[str, bytes]:
    """The smallest file of each kind that takes another way through the decoders, by name."""
    picture = files.quarters().resize((12, 8))
    grey, clear, indexed = picture.convert("L"), picture.convert("RGBA"), picture.quantize(8)
    indexed.info["transparency"] = 3
    moving = [frame.resize((12, 8)) for frame in animations.frames(3)]
    return {
        "jpeg": files.file(picture, "JPEG"),
        "progressive jpeg": files.file(picture, "JPEG", progressive=True),
        "cmyk jpeg": files.file(picture.convert("CMYK"), "JPEG"),
        "jpeg with a profile": files.file(picture, "JPEG", icc_profile=files.swapped_rgb_profile()),
        "png": files.file(picture, "PNG"),
        "palette png": files.file(indexed, "PNG"),
        "16-bit png": files.file(grey.convert("I;16"), "PNG"),
        "animated png": animations.encode("PNG", moving),
        "webp": files.file(picture, "WEBP"),
        "lossless webp": files.file(clear, "WEBP", lossless=True),
        "animated webp": animations.encode("WEBP", moving),
        "gif": files.file(indexed, "GIF"),
        "animated gif": animations.encode("GIF", moving),
        "tiff": files.file(picture, "TIFF"),
        "deflated tiff": files.file(clear, "TIFF", compression="tiff_adobe_deflate"),
        "fax tiff": files.file(picture.convert("1"), "TIFF", compression="group4"),
        "jpeg in tiff": files.file(picture, "TIFF", compression="jpeg"),
        "bmp": files.file(picture, "BMP"),
        "palette bmp": files.file(indexed, "BMP"),
        "avif": files.file(picture, "AVIF"),
        "animated avif": animations.encode("AVIF", moving),
        "heic": case("heic_rgb.heic"),
        "tiled heic": case("heic_tiles.heic"),
        "jxl": rendered(files.file(picture, "PNG"), format="jxl", copyright="Ada"),
        "lossless jxl": rendered(files.file(clear, "PNG"), format="jxl", lossless=True),
        "jxl of a jpeg": case("jxl_of_a_sideways_jpeg.jxl"),
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="5"><path d="M0 0H9V5"/><text>a</text></svg>',
    }


def mutants(count: int, *, seed: int) -> Iterator[tuple[str, bytes]]:
    """Each file in turn with one to four bytes changed, some moved, dropped or doubled; half the PNGs with sums mended.

    The name tells which file of which seed it was: the same seed makes the same mutants.
    """
    random = np.random.default_rng(seed)
    sources = list(tiny().items())
    for number in range(count):
        name, data = sources[number % len(sources)]
        mutant = _mutated(data, random)
        if "png" in name and random.integers(2):
            mutant = with_right_sums(mutant)
        yield f"{name}, mutant {number} of seed {seed}", mutant


def _mutated(data: bytes, random: np.random.Generator) -> bytes:
    mutant = bytearray(data)
    for place in random.integers(0, len(data), random.integers(1, _MOST_CHANGES + 1)):
        mutant[place] = random.choice([0, 0x7F, 0x80, 0xFF, int(random.integers(256))])
    start, length = int(random.integers(len(data))), int(random.integers(1, 17))
    match random.integers(8):
        case 0:
            del mutant[start : start + length]
        case 1:
            mutant[start:start] = mutant[start : start + length]
        case 2:
            del mutant[start:]
    return bytes(mutant)


def with_right_sums(png: bytes) -> bytes:
    """Or next to no mutant would get past the first wrong one."""
    mended, at = png[:PNG_SIGNATURE], PNG_SIGNATURE
    while at + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, at)
        body = png[at + 4 : at + 8 + length]
        mended += png[at : at + 4] + body + struct.pack(">I", zlib.crc32(body))
        at += 12 + length
    return mended


def png_with(kind: bytes, data: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    png = files.file(files.quarters(), "PNG")
    return png[:33] + files.chunk(kind, data) + png[33:]


def text_bomb(kind: bytes, megabytes: int) -> bytes:
    """A PNG of some kilobytes whose text or profile takes megabytes."""
    packed = zlib.compress(bytes(megabytes * 2**20), 9)
    head = {b"zTXt": b"Comment\0\0", b"iCCP": b"icc\0\0", b"iTXt": b"Comment\0\1\0\0\0"}[kind]
    return png_with(kind, head + packed)
