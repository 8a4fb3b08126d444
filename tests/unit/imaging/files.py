"""Picture files as strangers send them: right, odd, broken and hostile."""

import struct
import zlib
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
import pyjpegxl
from PIL import Image, ImageCms

QUARTERS = np.kron(
    np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[255, 255, 0], [0, 255, 255], [255, 0, 255]]]),
    np.ones((16, 16, 1)),
).astype(np.uint8)


def quarters() -> Image.Image:
    """48 x 32 pixels in six squares of different colours: no turn or flip of it looks like another."""
    return Image.fromarray(QUARTERS)


def file(image: Image.Image, pillow_format: str, **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
    if pillow_format == "JXL":
        return pyjpegxl.encode_from_numpy(np.array(image), **options)
    out = BytesIO()
    image.save(out, pillow_format, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """The pixels of a file that we wrote. Pillow knows no JPEG XL."""
    if b"JXL " in data[:8] or data.startswith(b"\xff\x0a"):
        pixels = pyjpegxl.decode_to_numpy(data)[1]
        image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
        image.format = "JXL"
        return image
    image = Image.open(BytesIO(data))
    image.load()
    return image


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_size(width: int, height: int) -> bytes:
    """A grey PNG that says its size and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(bytes(1000))), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def png_of_pixels(width: int, height: int, *, channels: int = 3) -> bytes:
    """All of them there, and black: some kilobytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2, 4: 6}[channels], 0, 0, 0)
    packer, row = zlib.compressobj(), bytes(1 + channels * width)
    pixels = b"".join([*(packer.compress(row) for _ in range(height)), packer.flush()])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def jpeg_of_scans(scans: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    source = file(quarters(), "JPEG", progressive=True)
    last = source.rindex(b"\xff\xda")
    own = source.count(b"\xff\xda")
    return source[:-2] + source[last:-2] * (scans - own) + b"\xff\xd9"


def without_adobe_marker(jpeg: bytes) -> bytes:
    start = jpeg.index(b"\xff\xee\x00\x0eAdobe")
    return jpeg[:start] + jpeg[start + 16 :]


def _xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in (x, y, z)))


def _gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"


def _profile(space: bytes, tags: dict[bytes, bytes], *, between: bytes = b"XYZ ") -> bytes:
    """ICC.1:2001, sections 6.1 and 6.2: a header, a table, the tags."""
    table, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for signature, data in tags.items():
        table += signature + struct.pack(">II", start + len(body), len(data))
        body += data
    size = start + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02100000, b"mntr", space, between) + bytes(12) + b"acsp"
    header += bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


_WHITE = _xyz(0.9642, 1, 0.8249)
_NAME = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78)


def swapped_rgb_profile() -> bytes:
    """The primaries of sRGB with red and green the other way round."""
    return _profile(
        b"RGB ",
        {
            b"desc": _NAME,
            b"wtpt": _WHITE,
            b"rXYZ": _xyz(0.3851, 0.7169, 0.0971),
            b"gXYZ": _xyz(0.4361, 0.2225, 0.0139),
            b"bXYZ": _xyz(0.1431, 0.0606, 0.7141),
            b"rTRC": _gamma(2.2),
            b"gTRC": _gamma(2.2),
            b"bTRC": _gamma(2.2),
        },
    )


def linear_rgb_profile() -> bytes:
    """The primaries of sRGB, and values in proportion to light."""
    tags = {b"desc": _NAME, b"wtpt": _WHITE, b"rXYZ": _xyz(0.4361, 0.2225, 0.0139)}
    tags |= {b"gXYZ": _xyz(0.3851, 0.7169, 0.0971), b"bXYZ": _xyz(0.1431, 0.0606, 0.7141)}
    return _profile(b"RGB ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _gamma(1)))


def linear_grey_profile() -> bytes:
    return _profile(b"GRAY", {b"desc": _NAME, b"wtpt": _WHITE, b"kTRC": _gamma(1)})


@cache
def press_profile(*, darkest: float = 0.0) -> bytes:
    """Of a press whose cyan and magenta inks were filled in the other way round, and whose black is `darkest`.

    ICC.1:2001, section 6.5.8: tables that change nothing around a grid of two steps for each ink.
    """
    grid = b"".join(
        _lab(cyan, magenta, yellow, black, darkest) for cyan, magenta, yellow, black in np.ndindex(2, 2, 2, 2)
    )
    straight = bytes(range(256))
    identity = struct.pack(">9i", *(65536, 0, 0, 0, 65536, 0, 0, 0, 65536))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + identity + straight * 4 + grid + straight * 3
    tags = {b"desc": _NAME, b"wtpt": _WHITE, b"A2B0": table, b"A2B1": table}
    return _profile(b"CMYK", tags, between=b"Lab ")


def _lab(cyan: int, magenta: int, yellow: int, black: int, darkest: float) -> bytes:
    """Of the light that such an amount of each ink leaves."""
    light = [(1 - ink) * (1 - black) for ink in (magenta, cyan, yellow)]
    color = tuple(round(255 * (darkest + (1 - darkest) * value)) for value in light)
    srgb, lab = (ImageCms.createProfile(space) for space in ("sRGB", "LAB"))
    transform = ImageCms.buildTransform(srgb, lab, "RGB", "LAB")
    pixel: Any = transform.apply(Image.new("RGB", (1, 1), color)).getpixel((0, 0))
    return bytes(pixel)
