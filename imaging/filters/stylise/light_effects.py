"""Effects of lenses and analogue photography: vignette, glow, cross-processing, fading."""

import math
from functools import lru_cache
from typing import ClassVar

from PIL import Image, ImageChops
from pydantic import Field

from imaging import native
from imaging.colors import OpaqueColor, pixel_of, promote_mode
from imaging.filters.alpha import keeping_alpha, remove_alpha
from imaging.filters.base import Filter
from imaging.filters.color_transform import LutFilter
from imaging.filters.luts import IDENTITY_LUT, Luts, interpolate_curve, tabulate
from imaging.filters.parameters import Sigma, Strength
from imaging.memory import apply_in_bands

_GRID = 65
# Slide film developed as negative film: more contrast in red and green, less in blue.
_CROSSED = (
    interpolate_curve(((0, 0), (64, 42), (128, 140), (192, 226), (255, 255))),
    interpolate_curve(((0, 0), (64, 52), (128, 138), (192, 214), (255, 255))),
    interpolate_curve(((0, 42), (128, 120), (255, 212))),
)


class Vignette(Filter):
    summary: ClassVar[str] = "Darkens the image towards its corners, or blends them into a colour."

    strength: Strength = Field(50, description="0 changes nothing, 100 leaves only the colour in the corners.")
    color: OpaqueColor = Field("black", description="Colour of the corners.")

    def apply(self, image: Image.Image) -> Image.Image:
        if self.strength == 0:
            return image
        weights = _corner_mask().resize(image.size, Image.Resampling.BICUBIC).point(self._weights())
        return apply_in_bands(image, lambda part, top: self._shade_rows(part, weights, top))

    def _shade_rows(self, image: Image.Image, weights: Image.Image, top: int) -> Image.Image:
        shade = weights.crop((0, top, image.width, top + image.height))
        return keeping_alpha(image, lambda colors: self._shade(colors, shade))

    def _shade(self, image: Image.Image, shade: Image.Image) -> Image.Image:
        shaded = promote_mode(image, self.color).copy()
        shaded.paste(pixel_of(self.color, shaded.mode), (0, 0, *image.size), shade)
        return shaded

    def _weights(self) -> tuple[int, ...]:
        return tabulate(lambda value: value * self.strength / 100)


class Glow(Filter):
    summary: ClassVar[str] = "Makes light areas glow into their surroundings."
    mixes_colors: ClassVar[bool] = True

    amount: Strength = Field(50, description="0 changes nothing, 100 adds all of the blurred light.")
    sigma: Sigma = Field(8, description="How far the glow reaches.")

    def apply(self, image: Image.Image) -> Image.Image:
        if self.amount == 0:
            return image
        return native.blend_with_blur(image, self.sigma, self._shine, prepare=remove_alpha)

    def _shine(self, image: Image.Image, blurred: Image.Image, _top: int) -> Image.Image:
        return keeping_alpha(
            image, lambda colors: Image.blend(colors, ImageChops.screen(colors, blurred), self.amount / 100)
        )


class CrossProcess(LutFilter):
    summary: ClassVar[str] = "Colours the image like slide film developed in the wrong chemicals."

    amount: Strength = Field(100, description="0 changes nothing.")

    def luts(self) -> Luts:
        if self.amount == 0:
            return (IDENTITY_LUT,)
        share = self.amount / 100
        mixtures = ((lambda value, table=table: value + (table[value] - value) * share) for table in _CROSSED)
        red, green, blue = map(tabulate, mixtures)
        return red, green, blue


class Fade(LutFilter):
    summary: ClassVar[str] = "Turns black into grey, like a print that faded in the sun."

    amount: Strength = Field(40, description="0 changes nothing, 100 halves the contrast.")

    def luts(self) -> Luts:
        share = self.amount / 200
        return (tabulate(lambda value: value + (0.75 * 255 - value) * share),)


@lru_cache(maxsize=1)
def _corner_mask() -> Image.Image:
    """Return a mask: 0 up to 0.3 of the way to the corners, then smoothly up to 255 in them."""
    middle = (_GRID - 1) / 2
    grid = Image.new("L", (_GRID, _GRID))
    grid.putdata([_fall_off(column / middle - 1, row / middle - 1) for row in range(_GRID) for column in range(_GRID)])
    return grid


def _fall_off(across: float, down: float) -> int:
    share = max(0.0, (math.hypot(across, down) / math.sqrt(2) - 0.3) / 0.7)
    return round(255 * min(1.0, share * share * (3 - 2 * share)))
