"""Animations as users upload them, and the frames that are seen of one."""

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageSequence

from tests.unit.imaging.images import Array, array

SIZE = (40, 30)
DURATIONS = [40, 100, 250, 70]


def frames(count: int = 4, *, mode: str = "RGBA") -> list[Image.Image]:
    """A square goes from left to right, over nothing where there is alpha, else over grey."""
    drawn = []
    for index in range(count):
        image = Image.new(mode, SIZE, (0, 0, 0, 0) if mode == "RGBA" else (90, 90, 90))
        image.paste((250, 40 * index % 256, 10), (4 + index * 7 % 30, 8, 10 + index * 7 % 30, 20))
        drawn.append(image)
    return drawn


def encode(pillow_format: str, images: list[Image.Image], **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
    lossless: dict[str, dict[str, Any]] = {
        "WEBP": {"lossless": True},
        "AVIF": {"quality": 100, "subsampling": "4:4:4"},
        "GIF": {"disposal": 2},
    }
    out = BytesIO()
    given = {"duration": DURATIONS[: len(images)], "loop": 0} | lossless.get(pillow_format, {}) | options
    images[0].save(out, pillow_format, save_all=True, append_images=images[1:], **given)
    return out.getvalue()


def decoded(data: bytes) -> list[Image.Image]:
    """Each frame, with the colours that cannot be seen."""
    with Image.open(BytesIO(data)) as image:
        return [frame.copy() for frame in ImageSequence.Iterator(image)]


def seen(data: bytes) -> tuple[list[Array], list[int]]:
    """Each frame as RGBA, what cannot be seen as zeros, and its milliseconds."""
    shown, durations = [], []
    with Image.open(BytesIO(data)) as image:
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            image.load()
            values = array(image.convert("RGBA"))
            shown.append(values * (values[:, :, 3:] > 0))
            durations.append(round(image.info.get("duration", 0)))
    return shown, durations


def difference(one: list[Array], other: list[Array]) -> float:
    """The largest over all frames."""
    return max(float(np.abs(left - right).max()) for left, right in zip(one, other, strict=True))
