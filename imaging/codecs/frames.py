"""A picture between its decoder and its encoder."""

from dataclasses import dataclass, field

from PIL import Image

from imaging.codecs.metadata import Metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One frame, or those of an animation, each in mode L, LA, RGB or RGBA. `plays` 0: shown for ever."""

    frames: tuple[Image.Image, ...]
    durations_ms: tuple[float, ...] = ()
    plays: int = 0
    metadata: Metadata = field(default_factory=Metadata)

    @property
    def is_animated(self) -> bool:
        return len(self.frames) > 1
