"""Filters that turn the image into a pattern: squares, dots, grain, glitches."""

import random
from functools import lru_cache
from statistics import NormalDist
from typing import Annotated, ClassVar

from PIL import Image, ImageChops
from pydantic import Field

from imaging.colors import OpaqueColor, rgba
from imaging.filters.alpha import keeping_alpha, to_color
from imaging.filters.base import Filter
from imaging.filters.color_transform import apply_lut
from imaging.filters.compose.tiles import fill_with_tiles
from imaging.filters.luts import tabulate
from imaging.filters.parameters import Seed, Strength
from imaging.filters.pixels import Pixels
from imaging.memory import apply_in_bands

_GLITCH_STRIPS = 12
_GREY = 128


class Pixelate(Filter):
    summary: ClassVar[str] = "Turns the image into squares of one colour each."
    averages: ClassVar[bool] = True

    size: Annotated[int, Pixels(least=1)] = Field(10, ge=1, le=1000, description="Side of a square.")

    def apply(self, image: Image.Image) -> Image.Image:
        """Fill each square with the mean of its pixels. Squares at the right and bottom edges may be cut."""
        means = image.reduce(self.size)
        squares = (0, 0, image.width / self.size, image.height / self.size)
        return means.resize(image.size, Image.Resampling.NEAREST, box=squares)


class Halftone(Filter):
    summary: ClassVar[str] = "Draws the image with dots, as in newspaper print."
    preview_note: ClassVar[str] = "Dots in a preview are at least two of its pixels apart."

    size: Annotated[int, Pixels(least=2)] = Field(8, ge=2, le=200, description="Distance between dots.")
    ink: OpaqueColor = Field("black", description="Colour of the dots.")
    paper: OpaqueColor = Field("white", description="Colour between the dots.")

    def apply(self, image: Image.Image) -> Image.Image:
        screen = fill_with_tiles(_halftone_cell(self.size), image.size)

        def print_rows(part: Image.Image, top: int) -> Image.Image:
            own = screen.crop((0, top, part.width, top + part.height))
            return keeping_alpha(part, lambda colors: self._print(colors.convert("L"), own))

        return apply_in_bands(image, print_rows)

    def _print(self, image: Image.Image, screen: Image.Image) -> Image.Image:
        """Compare luma with a screen of dots. A slope of 16 instead of a step smooths the edges of the dots."""
        light = ImageChops.add(image, screen, scale=2)
        shown = light.point(tabulate(lambda value: 127.5 + 2 * 16 * (value - 127.5)))
        printed = Image.new("RGB", image.size, rgba(self.ink)[:3])
        printed.paste(rgba(self.paper)[:3], mask=shown)
        return printed


class Noise(Filter):
    summary: ClassVar[str] = "Adds grain. The same seed gives the same grain."

    amount: Strength = Field(15, description="0 changes nothing. Half of it is the standard deviation in levels.")
    seed: Seed = Field(0, description="Each number gives different grain.")
    mono: bool = Field(default=True, description="Whether the grain is grey. If not, each channel has its own.")

    def apply(self, image: Image.Image) -> Image.Image:
        """Take the bands of a large image from one sequence of random bytes: whole words of it each."""
        if self.amount == 0:
            return image
        chance = random.Random(self.seed)  # noqa: S311 - grain, no secret
        return apply_in_bands(image, lambda part, _: keeping_alpha(part, lambda colors: self._add(colors, chance)))

    def _add(self, image: Image.Image, chance: random.Random) -> Image.Image:
        """Map uniform random bytes by the inverse of the normal distribution."""
        mode = "L" if self.mono else image.mode
        count = image.width * image.height * len(Image.new(mode, (1, 1)).getbands())
        normal = NormalDist(_GREY, self.amount / 2)
        grain = Image.frombytes(mode, image.size, chance.randbytes(count))
        grain = apply_lut(grain, tabulate(lambda value: normal.inv_cdf((value + 0.5) / 256)))
        return ImageChops.add(image, grain.convert(image.mode), offset=-_GREY)


class Glitch(Filter):
    summary: ClassVar[str] = "Shifts strips and channels sideways, like a damaged video tape."
    mixes_colors: ClassVar[bool] = True
    working_bytes: ClassVar[int] = 9
    preview_note: ClassVar[str] = "In a preview, strips begin and shift by whole pixels of it."

    amount: Strength = Field(30, description="0 changes nothing, 100 shifts by up to a quarter of the width.")
    seed: Seed = Field(0, description="Each number shifts other strips.")

    def apply(self, image: Image.Image) -> Image.Image:
        return image if self.amount == 0 else keeping_alpha(to_color(image), self._break)

    def _break(self, image: Image.Image) -> Image.Image:
        chance = random.Random(self.seed)  # noqa: S311 - a pattern, no secret
        most = image.width * self.amount / 400
        red, green, blue = image.split()
        shift = round(most / 4)
        broken = Image.merge("RGB", (ImageChops.offset(red, shift, 0), green, ImageChops.offset(blue, -shift, 0)))
        for _ in range(_GLITCH_STRIPS):
            top = int(chance.random() * image.height)
            box = (0, top, image.width, min(image.height, top + 1 + int(chance.random() * image.height / 10)))
            strip = ImageChops.offset(broken.crop(box), round((2 * chance.random() - 1) * most), 0)
            broken.paste(strip, box)
        return broken


@lru_cache(maxsize=8)
def _halftone_cell(size: int) -> Image.Image:
    """Return one cell of a halftone screen, with dots at 45 degrees, like the squares of one colour on a chessboard.

    Its values are equally frequent, so that the area of ink matches the luma. They stay eight levels away from black
    and white, which get no dots at all.
    """
    places = [(column, row) for row in range(size) for column in range(size)]
    heights = [_screen_height(column / size, row / size) for column, row in places]
    ranks = {place: rank for rank, place in enumerate(sorted(range(len(places)), key=heights.__getitem__))}
    cell = Image.new("L", (size, size))
    cell.putdata([round(8 + (ranks[index] + 0.5) * 239 / len(places)) for index in range(len(places))])
    return cell


def _screen_height(across: float, down: float) -> float:
    """Return the height of a bump in the middle of the cell, and of a dip at its corners."""
    folded_across, folded_down = abs(across - 0.5), abs(down - 0.5)
    return round(folded_across + folded_down, 9)
