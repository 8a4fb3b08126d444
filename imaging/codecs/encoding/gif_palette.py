"""Converts frames to what GIF can hold: 256 colours each, of which one may be transparent."""

from collections.abc import Sequence
from itertools import batched

from PIL import Image, ImageChops

from imaging.colors import has_alpha
from imaging.quantization import quantize

_MOST_COLORS = 256
_CLEAR = 255  # the transparent index
_VISIBLE = 128  # the least alpha that is shown
_REPLACES = 2  # disposal: this frame does not show through the holes of the next


def to_palettes(frames: Sequence[Image.Image]) -> list[Image.Image]:
    """Frames in mode P, or L where that is enough. If one has transparent pixels, all have `info["transparency"]`.

    Otherwise readers that go by the first frame, Pillow among them, show those of later ones black.
    """
    if not any(map(_has_holes, frames)):
        return [_index_opaque(frame) for frame in frames]
    indexed = [_index_with_holes(frame) for frame in frames]
    color = _unused_color(indexed)
    for frame in indexed:
        frame.putpalette([*(frame.getpalette() or [])[: _CLEAR * 3], *color])
    return indexed


def join_same(frames: Sequence[Image.Image], durations_ms: Sequence[float]) -> tuple[list[Image.Image], list[float]]:
    """Frames without those that look like the one before, which is shown for longer."""
    images, durations = [frames[0]], [durations_ms[0]]
    for frame, duration in zip(frames[1:], durations_ms[1:], strict=True):
        # Copies, as `convert` changes the palette of an image with a transparent index.
        before, after = (image.copy().convert("RGBA") for image in (images[-1], frame))
        if ImageChops.difference(before, after).getbbox(alpha_only=False):
            images.append(frame)
            durations.append(duration)
        else:
            durations[-1] += duration
    return images, durations


def choose_disposal(frames: Sequence[Image.Image]) -> int:
    """How a frame is removed before the next, as GIF numbers it."""
    return _REPLACES if any("transparency" in frame.info for frame in frames) else 0


def _has_holes(image: Image.Image) -> bool:
    return has_alpha(image) and any(image.getchannel("A").histogram()[:_VISIBLE])


def _index_opaque(image: Image.Image) -> Image.Image:
    return (
        image if image.mode == "L" else _quantize(image if image.mode == "RGB" else image.convert("RGB"), _MOST_COLORS)
    )


def _index_with_holes(image: Image.Image) -> Image.Image:
    alpha = image.convert("RGBA").getchannel("A")
    holes = alpha.point([255 * (value < _VISIBLE) for value in range(256)])
    colors = image.convert("RGB")
    colors.paste((0, 0, 0), mask=holes)  # hidden colours need no place in the palette
    indexed = _quantize(colors, _CLEAR)
    indexed.putpalette(bytes(indexed.getpalette() or []).ljust((_CLEAR + 1) * 3, b"\0"))
    indexed.paste(_CLEAR, mask=holes)
    indexed.info["transparency"] = _CLEAR
    return indexed


def _quantize(image: Image.Image, most: int) -> Image.Image:
    """At most so many colours: the same where there are no more, else dithered."""
    return quantize(image, most, dither=image.getcolors(most) is None)


def _unused_color(frames: Sequence[Image.Image]) -> tuple[int, int, int]:
    """Pillow recognises a hole by its colour when it looks for what a frame changes."""
    used = {color for frame in frames for color in batched(frame.getpalette() or [], 3)}
    return next(color for value in range(2**24) if (color := (value >> 16, value >> 8 & 255, value & 255)) not in used)
