"""Small pictures in the four modes that filters see, as Pillow and as numpy know them."""

import numpy as np
import numpy.typing as npt
from PIL import Image

MODES = ("L", "LA", "RGB", "RGBA")
Array = npt.NDArray[np.float64]


def canvas(mode: str, size: tuple[int, int] = (23, 17), *, seed: int = 7) -> Image.Image:
    """Every value is random, alpha included."""
    width, height = size
    bands = len(Image.new(mode, (1, 1)).getbands())
    values = np.random.default_rng(seed).integers(0, 256, (height, width, bands), dtype=np.uint8)
    return Image.merge(mode, [Image.fromarray(np.ascontiguousarray(values[:, :, band])) for band in range(bands)])


def array(image: Image.Image) -> Array:
    """Height x width x bands."""
    values = np.asarray(image, dtype=np.float64)
    return values[:, :, np.newaxis] if values.ndim == 2 else values


def colors(image: Image.Image) -> Array:
    """The same without alpha."""
    values = array(image)
    return values[:, :, :-1] if image.mode in {"LA", "RGBA"} else values


def rounded(values: Array) -> Array:
    """As Pillow stores them."""
    return np.clip(np.floor(values + 0.5), 0, 255)


def gaussian(sigma: float, reach: int) -> Array:
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    return np.asarray(weights / weights.sum())


def blurred(values: Array, sigma: float) -> Array:
    """By a Gaussian bell, down and across; beyond the edge the last values go on."""
    reach = int(5 * sigma) + 1
    for axis in (0, 1):
        margins = [(reach, reach) if each == axis else (0, 0) for each in range(values.ndim)]
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, margins, mode="edge"), 2 * reach + 1, axis)
        values = windows @ gaussian(sigma, reach)
    return values


def psnr(one: Array, other: Array) -> float:
    return float(10 * np.log10(255**2 / max(np.mean((one - other) ** 2), 1e-9)))
