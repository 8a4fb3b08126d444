"""IPTC-IIM 4.2: datasets of JPEG, TIFF and PNG, and how JPEG and PNG wrap them."""

import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from PIL import Image

from imaging.codecs.metadata.fields import MetadataRequest

PNG_KEYWORD = "Raw profile type iptc"  # ImageMagick's and ExifTool's: PNG has no place of its own
TIFF_TAG = 33723
_PHOTOSHOP_TAG = 34377
_RESOURCE = (
    b"8BIM\x04\x04"  # the image resource that holds IPTC, https://www.adobe.com/devnet-apps/photoshop/fileformatashtml/
)
_IPTC_RESOURCE = 0x0404
_SEGMENT = b"Photoshop 3.0\0"
_MOST_BYTES = 65_500  # what fits into a JPEG's segment
_MARKER, _HEADER_BYTES = 0x1C, 5
_MOST_DATASETS = 10_000
_APPLICATION = 2  # the record that describes the image

# Content location code and name, city, sublocation, province, country code and name.
_PLACES = {26, 27, 90, 92, 95, 100, 101}
_STATED = {"creator": 80, "copyright": 116, "description": 120}


@dataclass(frozen=True, slots=True)
class Dataset:
    record: int
    number: int
    value: bytes
    encoded: bytes


def read_iptc(file: Image.Image) -> bytes:
    """The datasets as they stand in the file; empty where there are none that can be read."""
    with suppress(Exception):
        return next(filter(None, map(_unwrap, _candidates(file))), b"")
    return b""


def _candidates(file: Any) -> Iterator[bytes]:  # noqa: ANN401 - whichever plug-in has opened it
    match file.format:
        case "JPEG" | "MPO":
            yield file.info.get("photoshop", {}).get(_IPTC_RESOURCE, b"")
        case "TIFF":
            stored = file.tag_v2._tagdata  # noqa: SLF001 - some writers store the bytes as whole numbers
            yield from (stored.get(tag, b"") for tag in (TIFF_TAG, _PHOTOSHOP_TAG))
        case "PNG":
            hexadecimal = file.info.get(PNG_KEYWORD, "").split("\n")[3:]
            yield bytes.fromhex("".join(hexadecimal))


def _unwrap(data: bytes) -> bytes:
    """The datasets, which may stand within Photoshop's image resources."""
    data = data.removeprefix(_SEGMENT)
    start = data.find(_RESOURCE)
    if start < 0 or not data.startswith(b"8BIM"):
        return data if data[:1] == bytes([_MARKER]) else b""
    name_bytes = (data[start + 6] + 2) // 2 * 2  # with its length, which fill an even number of bytes
    (length,) = struct.unpack_from(">I", data, start + 6 + name_bytes)
    begin = start + 10 + name_bytes
    return data[begin : begin + length]


def read_datasets(data: bytes) -> Iterator[Dataset]:
    """Yield each up to the first that is damaged or of more than 32,767 bytes, at most 10,000."""
    position = 0
    for _ in range(_MOST_DATASETS):
        if len(data) < position + _HEADER_BYTES or data[position] != _MARKER:
            return
        record, number, length = struct.unpack_from(">BBH", data, position + 1)
        end = position + _HEADER_BYTES + length
        if length > 0x7FFF or end > len(data):  # noqa: PLR2004 - longer ones have another header
            return
        yield Dataset(record, number, data[position + _HEADER_BYTES : end], data[position:end])
        position = end


def read_values(data: bytes, number: int) -> list[bytes]:
    """The values of a dataset of the application record."""
    return [each.value for each in read_datasets(data) if (each.record, each.number) == (_APPLICATION, number)]


def select_iptc(data: bytes, request: MetadataRequest) -> bytes:
    """The datasets that the policy keeps, without those that contradict what is stated."""
    if not request.keeps_all:
        return b""
    dropped = {_STATED[name] for name in request.statement.names & _STATED.keys()}
    dropped |= set() if request.keeps_location else _PLACES
    kept = _without(read_datasets(data), dropped)
    return kept if len(kept) <= _MOST_BYTES else b""


def _without(datasets: Iterable[Dataset], numbers: set[int]) -> bytes:
    return b"".join(each.encoded for each in datasets if each.record != _APPLICATION or each.number not in numbers)


def as_jpeg_segment(data: bytes) -> bytes:
    """An APP13 segment with one image resource."""
    resource = _RESOURCE + b"\0\0" + struct.pack(">I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"\xff\xed" + struct.pack(">H", 2 + len(_SEGMENT) + len(resource)) + _SEGMENT + resource


def as_png_text(data: bytes) -> str:
    """Hexadecimal digits behind name and length."""
    digits = data.hex()
    lines = [digits[start : start + 72] for start in range(0, len(digits), 72)]
    return "\n".join(["", "iptc", f"{len(data):8}", *lines, ""])
