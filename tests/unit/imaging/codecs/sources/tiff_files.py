"""TIFFs to decode: noise, and cases that other programs wrote."""

from pathlib import Path
from typing import Any

import numpy as np

from imaging.codecs.decoder import decode
from imaging.limits import Limits
from tests.unit.imaging.codecs.tiffs import DEFLATE, NONE, Samples
from tests.unit.imaging.images import array

CASES = Path(__file__).parents[1] / "cases"
GREY, RGB, CMYK, LAB = 1, 2, 5, 8
EXTRA_SAMPLES, NO_DATA, ORIENTATION = 338, 42113, 274
SIZE = (7, 37)  # rows and columns: no multiple of a tile, of a strip, or of a byte


def samples_of(data: bytes) -> Samples:
    """Rows x columns x bands."""
    image = decode(data, limits=Limits(), auto_orient=True)
    return array(image).reshape(image.height, image.width, -1).astype(int)


def case(name: str) -> Samples:
    return samples_of((CASES / f"{name}.tif").read_bytes())


def noise(bands: int, bits: int) -> Samples:
    kind = np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32
    return np.random.default_rng(bits).integers(0, 2**bits, (*SIZE, bands), kind)


def scaled(samples: Samples, bits: int) -> Samples:
    scaled: Samples = np.floor(samples.astype(float) * 255 / (2**bits - 1) + 0.5).astype(int)
    return scaled


STORED: dict[str, dict[str, Any]] = {
    "strips": {"compression": NONE},
    "deflate": {"compression": DEFLATE},
    "tiles": {"compression": DEFLATE, "tile": 16},
}
