"""Filters that draw edges instead of areas."""

from typing import ClassVar

from PIL import Image, ImageChops
from pydantic import Field

from imaging import native
from imaging.filters.alpha import keeping_alpha, remove_alpha
from imaging.filters.base import Filter
from imaging.filters.parameters import Sigma, Strength

_OUTLINE = (-1, -1, -1, -1, 8, -1, -1, -1, -1)
_RELIEF = (0, 0, 0, 0, 1, 0, -1, 0, 0)
_REACH = 1  # rows


class Emboss(Filter):
    summary: ClassVar[str] = "Turns the image into a relief, lit from the top left."
    mixes_colors: ClassVar[bool] = True
    runs_natively: ClassVar[bool] = True

    @property
    def reach(self) -> int:
        return _REACH

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: native.convolve(colors, _RELIEF, scale=1 / self._pixel, offset=128))


class Contour(Filter):
    summary: ClassVar[str] = "Draws edges as dark lines on white."
    mixes_colors: ClassVar[bool] = True
    preview_note: ClassVar[str] = "A preview lacks the finest detail, which this filter draws."
    runs_natively: ClassVar[bool] = True

    @property
    def reach(self) -> int:
        return _REACH

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: native.convolve(colors, _OUTLINE, offset=255))


class FindEdges(Filter):
    summary: ClassVar[str] = "Draws edges as light lines on black."
    mixes_colors: ClassVar[bool] = True
    preview_note: ClassVar[str] = "A preview lacks the finest detail, which this filter draws."
    runs_natively: ClassVar[bool] = True

    @property
    def reach(self) -> int:
        return _REACH

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, detect_edges)


class Sketch(Filter):
    summary: ClassVar[str] = "Turns the image into a pencil drawing."
    mixes_colors: ClassVar[bool] = True

    strength: Strength = Field(50, description="Darkness of the strokes; 0 leaves white paper.")
    sigma: Sigma = Field(4, description="Width of the strokes.")

    def apply(self, image: Image.Image) -> Image.Image:
        return native.blend_with_blur(image, self.sigma, self._draw, prepare=_to_grey)

    def _draw(self, image: Image.Image, blurred: Image.Image, _top: int) -> Image.Image:
        """Draw each pixel as dark as it is darker than its surroundings, times strength / 10."""
        pressure = self.strength / 10
        if pressure == 0:
            return keeping_alpha(image, lambda colors: Image.new("L", colors.size, 255))
        return keeping_alpha(
            image,
            lambda colors: ImageChops.invert(ImageChops.subtract(blurred, _to_grey(colors), scale=1 / pressure)),
        )


def _to_grey(image: Image.Image) -> Image.Image:
    return remove_alpha(image).convert("L")


def detect_edges(image: Image.Image) -> Image.Image:
    """Return an image that is light where values exceed those of their neighbours."""
    return native.convolve(image, _OUTLINE)
