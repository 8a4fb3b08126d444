"""Auxiliary images: a mark with holes, a Hald image and a .cube file, and steps bound to them."""

from uuid import UUID

import numpy as np
from PIL import Image

from imaging.filters import Filter
from imaging.filters.auxiliary import AuxiliaryImageFilter, ImageFunction
from imaging.limits import Limits
from tests.unit.imaging import files

MARK, HALD, CUBE = (UUID(int=number) for number in range(3))


def mark() -> Image.Image:
    """24 x 16, half seen through, with nothing in its middle."""
    image = Image.new("RGBA", (24, 16), (255, 255, 255, 200))
    image.paste((220, 30, 60, 255), (2, 2, 22, 14))
    image.paste((0, 0, 0, 0), (8, 5, 16, 11))
    return image


def hald(level: int, *, gamma: float = 1.0) -> Image.Image:
    """Red changes first, then green, then blue."""
    side = level**2
    blue, green, red = np.mgrid[0:side, 0:side, 0:side] / (side - 1)
    values = np.stack([red, green, blue], axis=-1).reshape(level**3, level**3, 3) ** gamma
    return Image.fromarray((values * 255 + 0.5).astype(np.uint8))


def cube(size: int, *, gamma: float = 1.0, dimensions: int = 3, head: str = "") -> bytes:
    steps = np.arange(size) / (size - 1)
    if dimensions == 1:
        rows = np.stack([steps] * 3, axis=-1) ** gamma
    else:
        blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
        rows = np.stack([red, green, blue], axis=-1).reshape(-1, 3) ** gamma
    text = "\n".join(" ".join(f"{value:.6f}" for value in row) for row in rows)
    return f'# made for a test\nTITLE "test"\n{head}LUT_{dimensions}D_SIZE {size}\n\n{text}\n'.encode()


IMAGES = {
    MARK: files.file(mark(), "PNG"),
    HALD: files.file(hald(3, gamma=2.2), "PNG"),
    CUBE: cube(5, gamma=0.6),
}


def bind(step: Filter) -> ImageFunction:
    return step.bind(IMAGES[step.image_id], limits=Limits()) if isinstance(step, AuxiliaryImageFilter) else step.apply
