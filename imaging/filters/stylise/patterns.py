"""Filters that turn the image into a pattern: squares, dots, grain, glitches."""

import random
from functools import lru_cache
from statistics import NormalDist
from typing import ClassVar

from PIL import Image, ImageChops
from pydantic import Field

from imaging.colors import OpaqueColor, rgba
from imaging.filters.alpha import keeping_alpha, to_color
from imaging.filters.base import Filter
from imaging.filters.color_transform import apply_lut
from imaging.filters.luts import tabulate
from imaging.filters.parameters import Seed, Strength

_GLITCH_STRIPS = 12
_GREY = 128


class Pixelate(Filter):
    summary: ClassVar[str] = "Turns the image into squares of one colour each."
    averages: ClassVar[bool] = True

    size: int = Field(10, ge=1, le=1000, json_schema_extra={"unit": "px"}, description="Side of a square.")

    def apply(self, image: Image.Image) -> Image.Image:
        """Fill each square with the mean of its pixels. Squares at the right and bottom edges may be cut."""
        means = image.reduce(self.size)
        squares = (0, 0, image.width / self.size, image.height / self.size)
        return means.resize(image.size, Image.Resampling.NEAREST, box=squares)


class Halftone(Filter):
    summary: ClassVar[str] = "Draws the image with dots, as in newspaper print."

    size: int = Field(8, ge=2, le=200, json_schema_extra={"unit": "px"}, description="Distance between dots.")
    ink: OpaqueColor = Field("black", description="Colour of the dots.")
    paper: OpaqueColor = Field("white", description="Colour between the dots.")

    def apply(self, image: Image.Image) -> Image.Image:
        return keeping_alpha(image, lambda colors: self._print(colors.convert("L")))

    def _print(self, image: Image.Image) -> Image.Image:
        """Compare luma with a screen of dots. A slope of 16 instead of a step smooths the edges of the dots."""
        light = ImageChops.add(image, fill_with_tiles(_halftone_cell(self.size), image.size), scale=2)
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
        return image if self.amount == 0 else keeping_alpha(image, self._add)

    def _add(self, image: Image.Image) -> Image.Image:
        """Map uniform random bytes by the inverse of the normal distribution."""
        mode = "L" if self.mono else image.mode
        count = image.width * image.height * len(Image.new(mode, (1, 1)).getbands())
        normal = NormalDist(_GREY, self.amount / 2)
        grain = Image.frombytes(mode, image.size, random.Random(self.seed).randbytes(count))  # noqa: S311 - grain, no secret
        grain = apply_lut(grain, tabulate(lambda value: normal.inv_cdf((value + 0.5) / 256)))
        return ImageChops.add(image, grain.convert(image.mode), offset=-_GREY)


class Glitch(Filter):
    summary: ClassVar[str] = "Shifts strips and channels sideways, like a damaged video tape."

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


def fill_with_tiles(tile: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Fill an image of `size` with copies of a tile, doubling the filled area each time."""
    plane = Image.new(tile.mode, size)
    plane.paste(tile)
    width, height = tile.size
    while width < size[0]:
        plane.paste(plane.crop((0, 0, width, height)), (width, 0))
        width *= 2
    while height < size[1]:
        plane.paste(plane.crop((0, 0, size[0], height)), (0, height))
        height *= 2
    return plane


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
