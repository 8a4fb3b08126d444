"""Turns by right angles, and mirrors."""

import cv2
from PIL import Image

from imaging.native.arrays import ArrayImage, Pixels, map_pixels

_FLIPS = {(True, False): 1, (False, True): 0, (True, True): -1}  # as OpenCV numbers them


def orient(image: Image.Image, *, swaps: bool, across: bool, down: bool) -> Image.Image:
    """Rows become columns if it `swaps`; then left and right change places `across`, top and bottom `down`."""

    def change(pixels: Pixels) -> Pixels:
        laid = cv2.transpose(pixels) if swaps else pixels
        return cv2.flip(laid, _FLIPS[across, down]) if across or down else laid

    return ArrayImage(map_pixels(change, image), image.mode)
