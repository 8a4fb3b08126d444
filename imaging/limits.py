"""How much a picture may hold, asked at every step between the file that comes in and the one that goes out."""

from dataclasses import dataclass

from core.errors import ImageTooLarge


@dataclass(frozen=True, kw_only=True)
class Limits:
    max_pixels: int = 50_000_000
    max_side: int = 16_384
    max_frames: int = 100
    # Of all frames together: they stand in memory side by side when they are encoded, 4 bytes a pixel.
    max_animation_pixels: int = 50_000_000
    max_scans: int = 100  # of a progressive JPEG: each costs a pass over all its pixels

    def check(self, size: tuple[int, int]) -> None:
        """Raises ImageTooLarge; ask before the pixels are allocated."""
        width, height = size
        if max(size) > self.max_side or width * height > self.max_pixels:
            raise ImageTooLarge(
                f"A picture of {width} x {height} pixels is too large: "
                f"at most {self.max_side:,} a side and {self.max_pixels:,} in all."
            )

    def check_frames(self, frames: int, size: tuple[int, int]) -> None:
        """Raises ImageTooLarge; ask before the last of so many frames is decoded, or made by a step."""
        width, height = size
        if frames > self.max_frames or (frames > 1 and frames * width * height > self.max_animation_pixels):
            raise ImageTooLarge(
                f"An animation of {frames} or more frames of {width} x {height} pixels is too large: "
                f"at most {self.max_frames} frames and {self.max_animation_pixels:,} pixels in all. "
                'The output option {"frames": "first"} takes its first frame.'
            )
