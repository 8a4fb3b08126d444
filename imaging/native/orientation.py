"""Flips and right-angle rotations of arrays."""

import cv2
from PIL import Image

from imaging.native.arrays import ArrayImage, Pixels, map_pixels

_FLIP_CODES = {(True, False): 1, (False, True): 0, (True, True): -1}  # of (flip_x, flip_y), as OpenCV numbers them


def orient(image: Image.Image, *, transpose: bool, flip_x: bool, flip_y: bool) -> Image.Image:
    """Transpose if asked for; then flip from left to right (x), from top to bottom (y), or both."""

    def change(pixels: Pixels) -> Pixels:
        transposed = cv2.transpose(pixels) if transpose else pixels
        return cv2.flip(transposed, _FLIP_CODES[flip_x, flip_y]) if flip_x or flip_y else transposed

    return ArrayImage(map_pixels(change, image), image.mode)
