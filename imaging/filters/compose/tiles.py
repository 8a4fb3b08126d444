"""Fills an image with copies of a tile."""

from PIL import Image


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
