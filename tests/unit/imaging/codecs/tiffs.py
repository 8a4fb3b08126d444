"""TIFFs of any kind, written by the specification alone."""

import struct
import zlib
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

NONE, DEFLATE, LERC = 1, 8, 34887
type Order = Literal["<", ">"]
Samples = NDArray[Any]  # rows x columns x bands


def tiff(  # noqa: PLR0913 - fields of the format
    samples: Samples,
    *,
    bits: int | None = None,
    photometric: int = 1,
    planar: bool = False,
    order: Order = "<",
    compression: int = NONE,
    predictor: int = 1,
    tile: int = 0,
    tags: dict[int, tuple[int, ...] | bytes] | None = None,
    other: bytes = b"",
) -> bytes:
    """`samples` of a kind whose width is not that of an array are packed to `bits`; two rows make a strip.

    `other` is a TIFF whose directory and pixels are in the file too.
    """
    height, width, bands = samples.shape
    bits = bits or samples.dtype.itemsize * 8
    planes = [samples[:, :, [band]] for band in range(bands)] if planar else [samples]
    segments = [part for plane in planes for part in (_tiles(plane, tile) if tile else _strips(plane))]
    packed = [_compress(_pack(part, bits, order, predictor), compression) for part in segments]
    starts = np.cumsum([max(8, len(other)), *(len(part) for part in packed)]).tolist()
    kind = {"u": 1, "i": 2, "f": 3}[samples.dtype.kind]
    where = {322: (tile,), 323: (tile,), 324: starts[:-1], 325: [*map(len, packed)]}
    if not tile:
        where = {273: starts[:-1], 278: (2,), 279: [*map(len, packed)]}
    fields: dict[int, Any] = {256: (width,), 257: (height,), 258: (bits,) * bands, 259: (compression,)}
    fields |= {262: (photometric,), 277: (bands,), 284: (1 + planar,), 317: (predictor,), 339: (kind,) * bands}
    return _join(other[8:] + b"".join(packed), fields | where | (tags or {}), order)


def _strips(plane: Samples) -> list[Samples]:
    return [plane[top : top + 2] for top in range(0, len(plane), 2)]


def _tiles(plane: Samples, side: int) -> list[Samples]:
    height, width = plane.shape[:2]
    padded = np.pad(plane, ((0, -height % side), (0, -width % side), (0, 0)))
    corners = [(top, left) for top in range(0, height, side) for left in range(0, width, side)]
    return [padded[top : top + side, left : left + side] for top, left in corners]


def _pack(part: Samples, bits: int, order: Order, predictor: int) -> bytes:
    if bits == 24:
        return (
            np.ascontiguousarray(part.astype("<u4"))
            .view(np.uint8)
            .reshape(-1, 4)[:, :3][:, :: 1 if order == "<" else -1]
            .tobytes()
        )
    if bits not in {8, 16, 32, 64}:
        ones = (part.reshape(len(part), -1, 1).astype(np.uint64) >> np.arange(bits, dtype=np.uint64)[::-1]) & 1
        return np.packbits(ones.astype(np.uint8).reshape(len(part), -1), axis=1).tobytes()
    if predictor == 2:
        part = part.view(f"u{bits // 8}")
        part = np.concatenate([part[:, :1], np.diff(part, axis=1)], axis=1)
    if predictor == 3:
        return _float_differences(part)
    return part.astype(part.dtype.newbyteorder(order)).tobytes()


def _float_differences(part: Samples) -> bytes:
    size, bands = part.dtype.itemsize, part.shape[2]
    places = part.astype(part.dtype.newbyteorder(">")).view(np.uint8).reshape(len(part), -1, size).swapaxes(1, 2)
    rows = places.reshape(len(part), -1, bands)
    return np.concatenate([rows[:, :1], np.diff(rows, axis=1)], axis=1).tobytes()


def _compress(data: bytes, compression: int) -> bytes:
    return zlib.compress(data) if compression == DEFLATE else data


def _join(pixels: bytes, fields: dict[int, Any], order: Order) -> bytes:
    start = 8 + len(pixels) + len(pixels) % 2
    behind, entries, values = start + 2 + 12 * len(fields) + 4, b"", b""
    for tag, given in sorted(fields.items()):
        kind, count = (7 if tag == 34675 else 2, len(given)) if isinstance(given, bytes) else (4, len(given))
        data = given if isinstance(given, bytes) else struct.pack(f"{order}{count}I", *given)
        inline = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack(f"{order}I", behind + len(values))
        values += data if len(data) > 4 else b""
        entries += struct.pack(f"{order}HHI", tag, kind, count) + inline
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", start)
    body = struct.pack(f"{order}H", len(fields)) + entries + bytes(4) + values
    return (head + pixels).ljust(start, b"\0") + body
