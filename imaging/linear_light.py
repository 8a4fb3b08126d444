"""The transfer function of sRGB, IEC 61966-2-1: between encoded values and linear light."""

_KNEE, _LINEAR_KNEE = 0.04045, 0.0031308


def to_linear(value: float) -> float:
    """Return linear light, 0..1, for an encoded value, 0..255."""
    share = value / 255
    return share / 12.92 if share <= _KNEE else ((share + 0.055) / 1.055) ** 2.4


def from_linear(light: float) -> float:
    """Return the encoded value, 0..255, for linear light, 0..1. Neither is clipped."""
    return 255 * (light * 12.92 if light <= _LINEAR_KNEE else 1.055 * light ** (1 / 2.4) - 0.055)
