"""New colours for pixels, each by its own alone; colours times alpha, and back."""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from imaging.native.arrays import apply_in_bands


def transform_colors(image: Image.Image, rows: Sequence[Sequence[float]]) -> Image.Image:
    """Of a picture in RGB, what three rows of three weights make of each pixel: within a level of the exact mixture.

    In whole numbers, as OpenCV rounds such weights to 1024ths: no processor adds them up to something else.
    """
    weights = np.array(rows, np.float32)
    return apply_in_bands(image, lambda pixels: cv2.transform(pixels, weights), reach=0)


def apply_lut(image: Image.Image, tables: Sequence[Sequence[int]]) -> Image.Image:
    """A table of 256 levels for each band, alpha too: to the bit what Pillow makes of them."""
    different = tables if any(table != tables[0] for table in tables) else tables[:1]
    columns = np.array(different, np.uint8).T.reshape(1, 256, len(different))
    return apply_in_bands(image, lambda pixels: cv2.LUT(pixels, columns), reach=0)


def premultiply(image: Image.Image) -> Image.Image:
    """RGBa of RGBA: to the bit what Pillow makes of it."""
    return apply_in_bands(image, lambda pixels: cv2.cvtColor(pixels, cv2.COLOR_RGBA2mRGBA), reach=0, mode="RGBa")


def unpremultiply(image: Image.Image) -> Image.Image:
    """RGBA of RGBa: rounded, where Pillow cuts off; what cannot be seen is black."""
    return apply_in_bands(image, lambda pixels: cv2.cvtColor(pixels, cv2.COLOR_mRGBA2RGBA), reach=0, mode="RGBA")
