"""From values as files hold them to amounts of light and back: IEC 61966-2-1, the transfer function of sRGB."""

_KNEE, _LINEAR_KNEE = 0.04045, 0.0031308


def to_linear(value: float) -> float:
    """Light, 0..1, of a value, 0..255."""
    share = value / 255
    return share / 12.92 if share <= _KNEE else ((share + 0.055) / 1.055) ** 2.4


def from_linear(light: float) -> float:
    """Value, 0..255, of light, 0..1; both go on beyond."""
    return 255 * (light * 12.92 if light <= _LINEAR_KNEE else 1.055 * light ** (1 / 2.4) - 0.055)
