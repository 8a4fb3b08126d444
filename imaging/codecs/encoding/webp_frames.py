"""WebP animations that lose nothing: libwebp keeps colours under alpha 0 in still images only."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from imaging.codecs.containers.webp import replace_frames
from imaging.codecs.frames import FrameSequence
from imaging.colors import has_alpha

_OF_STILLS = ("lossless", "exact", "quality", "method")


def keep_hidden_colors(data: bytes, sequence: FrameSequence, options: Mapping[str, Any]) -> bytes:
    """The animation in `data`, of whole frames if any of them has colours under alpha 0."""
    if not any(has_alpha(image) and image.getchannel("A").histogram()[0] for image in sequence.images):
        return data
    frames = []
    for image in sequence.images:
        file = BytesIO()
        image.save(file, "WEBP", **{name: options[name] for name in _OF_STILLS})
        frames.append(file.getvalue())
    return replace_frames(data, frames, [round(duration) for duration in sequence.durations_ms])
