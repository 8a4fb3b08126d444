"""How large an image may be, checked at every step from the file that is read to the one that is written."""

from dataclasses import dataclass

from core.errors import ImageTooLarge


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Sizes are in pixels."""

    max_pixels: int = 50_000_000
    max_side: int = 16_384
    max_frames: int = 100
    # Of all frames together: all are in memory when they are encoded, at 4 bytes a pixel.
    max_animation_pixels: int = 50_000_000
    memory_bytes: int | None = None  # for the pixels of a render; None: not known
    max_scans: int = 100  # of a progressive JPEG: each costs a pass over all its pixels

    def check(self, size: tuple[int, int]) -> None:
        """Raise ImageTooLarge; call it before the pixels are allocated."""
        width, height = size
        if max(size) > self.max_side or width * height > self.max_pixels:
            raise ImageTooLarge(
                f"An image of {width} x {height} pixels is too large: "
                f"at most {self.max_side:,} pixels a side and {self.max_pixels:,} in total are allowed."
            )

    def check_frames(self, frames: int, size: tuple[int, int]) -> None:
        """Raise ImageTooLarge; call it before the last of so many frames is decoded or processed."""
        width, height = size
        if frames > self.max_frames or (frames > 1 and frames * width * height > self.max_animation_pixels):
            raise ImageTooLarge(
                f"An animation of {frames} or more frames of {width} x {height} pixels is too large: "
                f"at most {self.max_frames} frames and {self.max_animation_pixels:,} pixels in total are allowed. "
                'Use the output option {"frames": "first"} to render its first frame only, or upload a part of it.'
            )
