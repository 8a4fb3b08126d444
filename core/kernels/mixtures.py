"""Mixes red, green and blue in whole numbers: weights are rounded to 1024ths, so that no processor differs."""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from core.kernels.bridge import changed


def mixed(image: Image.Image, rows: Sequence[Sequence[float]]) -> Image.Image:
    """Of a picture in RGB, what three rows of three weights make of each pixel: within a level of the exact mixture."""
    weights = np.array(rows, np.float32)
    return changed(image, lambda pixels: cv2.transform(pixels, weights), reach=0)
