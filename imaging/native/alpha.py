"""Colours times alpha, for what mixes pixels, and back."""

import cv2
from PIL import Image

from imaging.native.arrays import changed


def premultiplied(image: Image.Image) -> Image.Image:
    """RGBa of RGBA: to the bit what Pillow makes of it."""
    return changed(image, lambda pixels: cv2.cvtColor(pixels, cv2.COLOR_RGBA2mRGBA), reach=0, mode="RGBa")


def straight(image: Image.Image) -> Image.Image:
    """RGBA of RGBa: rounded, where Pillow cuts off; what cannot be seen is black."""
    return changed(image, lambda pixels: cv2.cvtColor(pixels, cv2.COLOR_mRGBA2RGBA), reach=0, mode="RGBA")
