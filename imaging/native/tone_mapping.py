"""Brings PQ and HLG, Recommendation ITU-R BT.2100, to the range of a standard display.

Images are taken to be mastered for 1000 cd/m², and 203 cd/m² is reference white (Report ITU-R BT.2408).
"""

from typing import Literal

import numpy as np

from imaging.native.arrays import Pixels

REFERENCE_WHITE = 203.0  # cd/m²
_PEAK = 1000.0
# BT.2100, table 4
_M1, _M2, _C1, _C2, _C3 = 2610 / 16384, 2523 / 4096 * 128, 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_MOST_LIGHT = 10_000.0
# BT.2100, table 5
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073
_SYSTEM_GAMMA = 1.2  # at 1000 cd/m²
_LUMA = np.array([0.2627, 0.6780, 0.0593], np.float32)


def pq_to_linear(values: Pixels) -> Pixels:
    """Return cd/m², 0..10,000, for encoded values 0..1."""
    root = values ** (1 / _M2)
    return np.asarray(_MOST_LIGHT * (np.maximum(root - _C1, 0) / (_C2 - _C3 * root)) ** (1 / _M1))


def _linear_to_pq(light: Pixels) -> Pixels:
    power = (light / _MOST_LIGHT) ** _M1
    return np.asarray(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2)


def hlg_to_linear(values: Pixels) -> Pixels:
    """Return the light of the scene, 0..1, for encoded values 0..1."""
    return np.where(values <= 0.5, values**2 / 3, (np.exp((values - _C) / _A) + _B) / 12)  # noqa: PLR2004


def to_display(light: Pixels, hdr: Literal["pq", "hlg"]) -> Pixels:
    """Return light relative to the white of a standard display, at most 1; colours keep their hue.

    `light` is that of the display relative to reference white for PQ, and that of the scene for HLG, in rows x columns
    x bands. The largest channel is compressed, as in Report ITU-R BT.2390, and the others with it.
    """
    shown = light if hdr == "pq" else _to_display_light(light)
    largest = shown.max(axis=2, keepdims=True)
    steps = np.minimum(np.sqrt(largest) * _STEPS + 0.5, len(_FACTORS) - 1).astype(np.uint16)
    return np.asarray(shown * _FACTORS[steps], np.float32)


def _to_display_light(scene: Pixels) -> Pixels:
    """BT.2100, table 5: the opto-optical transfer function of HLG."""
    luma = scene @ _LUMA if scene.shape[2] == len(_LUMA) else scene[:, :, 0]
    return np.asarray(scene * luma[:, :, np.newaxis] ** (_SYSTEM_GAMMA - 1) * (_PEAK / REFERENCE_WHITE))


def _compress(light: Pixels) -> Pixels:
    """Report ITU-R BT.2390-11, 5.4.1: below a knee light stays as it is, above it a Hermite spline ends at the peak."""
    peak = _linear_to_pq(np.array(_PEAK))
    most = _linear_to_pq(np.array(REFERENCE_WHITE)) / peak
    value = np.minimum(_linear_to_pq(light * REFERENCE_WHITE) / peak, 1)
    knee = 1.5 * most - 0.5
    t = np.clip((value - knee) / (1 - knee), 0, 1)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * most
    return pq_to_linear(np.where(value < knee, value, spline) * peak) / REFERENCE_WHITE


# By how much light is multiplied, at its square roots, which lie closer where it is dark.
_STEPS = 8192
_LIGHT = (np.arange(1, _STEPS * np.sqrt(_MOST_LIGHT / REFERENCE_WHITE)) / _STEPS) ** 2
_FACTORS = np.concatenate([[1], _compress(_LIGHT) / _LIGHT]).astype(np.float32)
