"""XMP in a GIF: an application extension whose packet is not in sub-blocks. ISO 16684-3, 2.1.2."""

_HEAD = b"!\xff\x0bXMP DataXMP"
# Wherever a reader that counts sub-blocks leaves the packet, it gets to the end of these.
_TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
_SCREEN, _FLAGS, _HAS_TABLE = 13, 10, 0x80


def find_xmp(data: bytes) -> bytes:
    """The first packet; empty if there is none, or no end to it."""
    start = data.find(_HEAD)
    end = data.find(_TRAILER, start)
    return data[start + len(_HEAD) : end] if 0 <= start < end else b""


def insert_xmp(data: bytes, packet: bytes) -> bytes:
    """The GIF with a packet before its first frame. Extensions need version 89a."""
    flags = data[_FLAGS]
    at = _SCREEN + (6 << (flags & 7) if flags & _HAS_TABLE else 0)
    return b"".join([b"GIF89a", data[6:at], _HEAD, packet, _TRAILER, data[at:]])
