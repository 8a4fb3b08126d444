"""Functions of single pixels: matrices, look-up tables, multiplication by alpha."""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from imaging.native.arrays import apply_natively


def transform_colors(image: Image.Image, matrix: Sequence[Sequence[float]]) -> Image.Image:
    """Multiply each pixel of an RGB image by a matrix of three rows, to within a level of the exact result.

    OpenCV rounds the weights to 1024ths and adds integers, so every processor gives the same result.
    """
    weights = np.array(matrix, np.float32)
    return apply_natively(image, lambda pixels: cv2.transform(pixels, weights), reach=0)


def apply_lut(image: Image.Image, tables: Sequence[Sequence[int]]) -> Image.Image:
    """Apply one table of 256 levels to each band, alpha included. The result is that of Pillow, bit for bit."""
    different = tables if any(table != tables[0] for table in tables) else tables[:1]
    columns = np.array(different, np.uint8).T.reshape(1, 256, len(different))
    return apply_natively(image, lambda pixels: cv2.LUT(pixels, columns), reach=0)


def premultiply(image: Image.Image) -> Image.Image:
    """Convert RGBA to RGBa. The result is that of Pillow, bit for bit."""
    return apply_natively(image, lambda pixels: cv2.cvtColor(pixels, cv2.COLOR_RGBA2mRGBA), reach=0, mode="RGBa")


def unpremultiply(image: Image.Image) -> Image.Image:
    """Convert RGBa to RGBA, rounding where Pillow truncates. Fully transparent pixels become black."""
    return apply_natively(image, lambda pixels: cv2.cvtColor(pixels, cv2.COLOR_mRGBA2RGBA), reach=0, mode="RGBA")
