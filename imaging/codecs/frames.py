"""What decoder, pipeline and encoder hand to each other: one frame, or a sequence of them."""

from dataclasses import dataclass, field

from PIL import Image

from imaging.codecs.metadata import Metadata


@dataclass(frozen=True, slots=True)
class Frame:
    """A complete image in mode L, LA, RGB or RGBA, without metadata. `duration_ms` is 0 where nothing is animated.

    Where 16 bits a sample are kept, the image has the high bytes, and `low_bytes` is an image of the low ones.
    """

    image: Image.Image
    duration_ms: float = 0
    low_bytes: Image.Image | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSequence:
    """One image, or the frames of an animation, each in mode L, LA, RGB or RGBA; `loop_count` 0 repeats forever."""

    images: tuple[Image.Image, ...]
    durations_ms: tuple[float, ...] = ()
    loop_count: int = 0
    metadata: Metadata = field(default_factory=Metadata)
    low_bytes: Image.Image | None = None  # of a single image whose 16 bits a sample are kept

    @property
    def is_animated(self) -> bool:
        return len(self.images) > 1
