"""Filters that scale the image."""

import math
from typing import Annotated, ClassVar, Literal, Self

from PIL import Image
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from imaging.colors import Color, pixel_of, promote_mode
from imaging.filters.base import Filter, Size
from imaging.filters.geometry.resampling import is_downscaled_natively, resample
from imaging.filters.parameters import OptionalPixels
from imaging.filters.pixels import Pixels
from imaging.orientation import IDENTITY, Orientation


class Resize(Filter):
    summary: ClassVar[str] = "Scales the image to a width, a height or a box of both."

    width: OptionalPixels = Field(None, description="Width of the box. If omitted, it follows from the height.")
    height: OptionalPixels = Field(None, description="Height of the box. If omitted, it follows from the width.")
    fit: Literal["inside", "cover", "contain", "fill", "outside"] = Field(
        "inside",
        description="inside: fits within the box; cover: fills the box and crops the rest; contain: fits within the "
        "box and pads it with the background; fill: stretches to the box; outside: covers the box without cropping.",
    )
    enlarge: bool = Field(
        default=False,
        description="Whether an image smaller than the box may grow. If not, the output may be smaller than the box.",
    )
    kernel: Literal["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"] = Field(
        "lanczos",
        description="Resampling kernel, from fast and coarse to slow and fine. With any but nearest, a JPEG that is "
        "scaled down in the first step is decoded at 1/2, 1/4 or 1/8 of its size: patterns as fine as its pixels may "
        "then cause moiré.",
    )
    linear: bool = Field(
        default=False,
        description="Whether light is averaged, instead of values that are encoded for the eye: fine bright detail on "
        "dark ground keeps its brightness. It takes longer.",
    )
    background: Color = Field("transparent", description="Colour of the padding that fit contain adds.")

    @model_validator(mode="after")
    def _check_box(self) -> Self:
        if self.width is None and self.height is None:
            raise PydanticCustomError("no_box", "needs width, height or both")
        return self

    def size_after(self, size: Size) -> Size:
        scaled = self.scaled(size)
        if self.width is None or self.height is None or self.fit in {"inside", "outside", "fill"}:
            return scaled
        if self.fit == "contain":
            return self.width, self.height
        return min(self.width, scaled[0]), min(self.height, scaled[1])

    def changes_nothing(self, size: Size) -> bool:
        return self.scaled(size) == self.size_after(size) == size

    @property
    def is_symmetric(self) -> bool:
        """The edge of a box falls on another pixel in a mirror image."""
        return self.kernel != "box"

    def as_resize(self) -> Self | None:
        """Return None for the kernel nearest, which would choose other pixels, and where light is averaged.

        A JPEG that is decoded smaller is an average of encoded values.
        """
        return None if self.kernel == "nearest" or self.linear else self

    def accepts_array(self, size: Size) -> bool:
        return self.linear or is_downscaled_natively(size, self.scaled(size), kernel=self.kernel)

    def apply(self, image: Image.Image) -> Image.Image:
        return self.apply_oriented(image, orientation=IDENTITY)

    def apply_oriented(self, image: Image.Image, *, orientation: Orientation) -> Image.Image:
        """Return what the resize of the oriented image gives, to a rounding. It orients last: fewer pixels move."""
        return self.apply_shrunk(image, full=image.size, shrink_factor=1, orientation=orientation)

    def apply_shrunk(
        self,
        image: Image.Image,
        *,
        full: Size,
        shrink_factor: float,
        orientation: Orientation,
        offset: tuple[float, float] = (0, 0),
    ) -> Image.Image:
        """Return the same, but for the finest detail, for an image of size `full` that was decoded smaller.

        The image starts at `offset`, which is less than a pixel from the left and the top.
        """
        seen = orientation.size_after(full)
        size, scaled = self.size_after(seen), self.scaled(seen)
        shown = (min(size[0], scaled[0]), min(size[1], scaled[1]))
        before, shown_before = orientation.size_after(scaled), orientation.size_after(shown)
        left, top, right, bottom = (side / shrink_factor for side in _centre_box(full, before, shown_before))
        across, down = offset
        width, height = image.size  # of a drawing rounded, so up to half a pixel may lack
        box = (left + across, top + down, min(right + across, width), min(bottom + down, height))
        resized = orientation.apply(
            resample(
                image, shown_before, kernel=self.kernel, box=box, is_coarse=shrink_factor > 1, is_linear=self.linear
            )
        )
        if shown == size:
            return resized
        resized = promote_mode(resized, self.background)
        canvas = Image.new(resized.mode, size, pixel_of(self.background, resized.mode))
        canvas.paste(resized, ((size[0] - shown[0]) // 2, (size[1] - shown[1]) // 2))
        return canvas

    def scaled(self, size: Size) -> Size:
        """Return the size of the whole image once it is scaled, before it is cropped or padded."""
        most = math.inf if self.enlarge else 1.0
        ratios = [min(box / own, most) for box, own in zip((self.width, self.height), size, strict=True) if box]
        across = down = max(ratios) if self.fit in {"cover", "outside"} else min(ratios)
        if self.fit == "fill":
            across, down = ratios[0], ratios[-1]
        return max(1, round(size[0] * across)), max(1, round(size[1] * down))


class Thumbnail(Filter):
    summary: ClassVar[str] = "Scales the image down to fit into a square."

    size: Annotated[int, Pixels(least=1)] = Field(
        256, ge=1, le=16_384, description="Side of the square. Smaller images stay as they are."
    )

    def size_after(self, size: Size) -> Size:
        return self.as_resize().size_after(size)

    def accepts_array(self, size: Size) -> bool:
        return self.as_resize().accepts_array(size)

    def apply(self, image: Image.Image) -> Image.Image:
        return self.as_resize().apply(image)

    def as_resize(self) -> Resize:
        return Resize(width=self.size, height=self.size)


def _centre_box(own: Size, scaled: Size, shown: Size) -> tuple[float, float, float, float]:
    """Return the central part of the unscaled image that is shown."""
    across, down = own[0] * shown[0] / scaled[0], own[1] * shown[1] / scaled[1]
    left, top = (own[0] - across) / 2, (own[1] - down) / 2
    return left, top, left + across, top + down
