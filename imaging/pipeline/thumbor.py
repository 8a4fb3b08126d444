"""Filter strings of thumbor and imagor, such as `thumbor:filters:brightness(10):grayscale()`, as steps of a pipeline.

https://thumbor.readthedocs.io/en/latest/filters.html; docs/filters.md has the table of what maps to what.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import InvalidPipeline, Problem

PREFIX = "thumbor:"
_CALL = re.compile(r"([a-z_0-9]+)\(([^()]*)\)(?::|$)")
Step = dict[str, Any]


def steps_from(text: str) -> list[Step]:
    """Raises InvalidPipeline that names the first filter of the string that is unknown or cannot be read."""
    rest = text.removeprefix(PREFIX).strip().strip("/").removeprefix("filters:")
    steps: list[Step] = []
    index = 0
    while rest:
        call = _CALL.match(rest)
        if call is None:
            raise _refusal(index, f"cannot read {rest[:40]!r}; write name(value,value):name()")
        steps.extend(_mapped(index, call[1], call[2]))
        rest, index = rest[call.end() :], index + 1
    return steps


def _mapped(index: int, name: str, text: str) -> list[Step]:
    if name not in MAPPINGS:
        raise _refusal(index, f"{name[:50]!r} is not taken over from thumbor; there are {', '.join(MAPPINGS)}")
    try:
        step = MAPPINGS[name](*[each.strip() for each in text.split(",") if each.strip()])
    except (TypeError, ValueError) as error:
        raise _refusal(index, f"{name}({text[:40]}) has other values than thumbor's {name} takes") from error
    return [step] if step else []


def _refusal(index: int, message: str) -> InvalidPipeline:
    place = f"pipeline.{index}.filter"
    return InvalidPipeline(f"{place}: {message}", problems=(Problem(place, message),))


def _amount(name: str, *, most: float = 100) -> Callable[[str], Step]:
    return lambda amount: {"filter": name, "amount": max(-most, min(most, float(amount)))}


def _plain(name: str) -> Callable[[], Step]:
    return lambda: {"filter": name}


def _color(text: str) -> str:
    """Thumbor leaves the # out."""
    return f"#{text}" if re.fullmatch(r"[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8}", text) else text


def _blur(radius: str, sigma: str = "") -> Step:
    """Thumbor's sigma is its radius unless it is given; 0 is none at all."""
    size = float(sigma or radius)
    return {"filter": "blur", "sigma": max(0.3, min(250.0, size))} if size > 0 else {}


def _sharpen(amount: str, _radius: str = "1", _luminance_only: str = "true") -> Step:
    """Thumbor's amount is about 0 to 10, imagor's a sigma."""
    return {"filter": "sharpen", "amount": max(0.0, min(100.0, float(amount) * 10))}


def _rgb(red: str, green: str, blue: str) -> Step:
    return {"filter": "rgb", "r": float(red), "g": float(green), "b": float(blue)}


def _saturation(factor: str) -> Step:
    """Thumbor's 1 changes nothing."""
    return {"filter": "saturation", "amount": max(-100.0, min(100.0, (float(factor) - 1) * 100))}


def _rotate(angle: str) -> Step:
    """Thumbor's angles run counter-clockwise."""
    return {"filter": "rotate", "angle": -float(angle) % 360}


def _round_corner(radius: str, *_color: str) -> Step:
    return {"filter": "round_corners", "radius": int(radius.split("|", maxsplit=1)[0])}


def _convolution(weights: str, columns: str, normalize: str = "true") -> Step:
    kernel = [float(weight) for weight in weights.split(";")]
    if len(kernel) != int(columns) ** 2:
        raise ValueError(columns)
    return {"filter": "convolution", "kernel": kernel} | ({} if normalize.lower() == "true" else {"divisor": 1.0})


def _noise(amount: str, seed: str = "0") -> Step:
    return {"filter": "noise", "amount": max(0.0, min(100.0, float(amount))), "seed": int(seed)}


MAPPINGS: Mapping[str, Callable[..., Step]] = {
    "background_color": lambda color: {"filter": "flatten", "background": _color(color)},
    "blur": _blur,
    "brightness": _amount("brightness"),
    "contrast": _amount("contrast"),
    "convolution": _convolution,
    "equalize": _plain("equalize"),
    "grayscale": _plain("grayscale"),
    "hue": lambda angle: {"filter": "hue", "angle": float(angle) % 360},
    "noise": _noise,
    "pixelate": lambda size: {"filter": "pixelate", "size": int(size)},
    "rgb": _rgb,
    "rotate": _rotate,
    "round_corner": _round_corner,
    "saturation": _saturation,
    "sepia": _plain("sepia"),
    "sharpen": _sharpen,
    "trim": lambda threshold="10": {"filter": "trim", "threshold": int(threshold)},
}
