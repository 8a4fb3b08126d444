"""What libwebp leaves out of the WebP files that it writes. WebP Container Specification, extended file format."""

_EXTENDED = slice(12, 16)
_FLAGS, _HAS_ALPHA = 20, 0x10


def set_alpha_flag(data: bytes) -> bytes:
    """Say that the canvas has transparent pixels: libwebp asks the frames alone, and not what they leave uncovered."""
    if data[_EXTENDED] != b"VP8X":
        return data
    return data[:_FLAGS] + bytes([data[_FLAGS] | _HAS_ALPHA]) + data[_FLAGS + 1 :]
