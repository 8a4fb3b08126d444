"""Translates filter strings of thumbor and imagor, such as `thumbor:filters:brightness(10):grayscale()`, to steps.

https://thumbor.readthedocs.io/en/latest/filters.html; docs/filters.md has the table of filters.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import InvalidPipeline, Problem

PREFIX = "thumbor:"
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)
_CALL = re.compile(r"([a-z_0-9]+)\(([^()]*)\)(?::|$)")
Step = dict[str, Any]


def parse_filters(text: str) -> list[Step]:
    """The steps as JSON. Raises InvalidPipeline for the first filter of the string that is unknown or malformed."""
    calls = split_calls(text.removeprefix(PREFIX).strip().strip("/").removeprefix("filters:"))
    return [step for index, (name, values) in enumerate(calls) for step in _map_call(index, name, values)]


def split_calls(text: str) -> list[tuple[str, str]]:
    """Return the names and the values of `blur(2):sepia()`. Raises InvalidPipeline for the first that is malformed."""
    calls: list[tuple[str, str]] = []
    while text:
        call = _CALL.match(text)
        if call is None:
            raise _rejection(len(calls), f"Malformed filter {text[:40]!r}. Expected name(value,value):name()")
        calls.append((call[1], call[2]))
        text = text[call.end() :]
    return calls


def _map_call(index: int, name: str, text: str) -> list[Step]:
    if name not in MAPPINGS:
        raise _rejection(index, f"Unsupported thumbor filter {name[:50]!r}. Supported: {', '.join(MAPPINGS)}")
    try:
        step = MAPPINGS[name](*_values(text))
    except (TypeError, ValueError) as error:
        raise _rejection(index, f"Invalid values in {name}({text[:40]}). See thumbor's documentation") from error
    return [step] if step else []


def _values(text: str) -> list[str]:
    """The values between the parentheses. Empty ones at the end are the defaults; any other would be an error."""
    values = [each.strip() for each in text.split(",")]
    while values and not values[-1]:
        values.pop()
    return values


def _number(text: str) -> float:
    """A decimal number. Raises ValueError for what only Python reads as one: nan, inf, 1_000, other scripts' digits."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return float(text)


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _rejection(index: int, message: str) -> InvalidPipeline:
    path = f"pipeline.{index}.filter"
    return InvalidPipeline(f"{path}: {message}", problems=(Problem(path, message),))


def _amount(name: str, *, most: float = 100) -> Callable[[str], Step]:
    return lambda amount: {"filter": name, "amount": max(-most, min(most, _number(amount)))}


def _plain(name: str) -> Callable[[], Step]:
    return lambda: {"filter": name}


def _color(text: str) -> str:
    """Thumbor writes hexadecimal colours without #."""
    return f"#{text}" if re.fullmatch(r"[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8}", text) else text


def _blur(radius: str, sigma: str = "") -> Step:
    """Thumbor's sigma defaults to its radius; 0 is no blur."""
    sizes = _number(radius), _number(sigma or radius)
    if min(sizes) < 0:
        raise ValueError(sizes)
    return {"filter": "blur", "sigma": max(0.3, min(250.0, sizes[1]))} if sizes[1] else {}


def _sharpen(amount: str, radius: str = "1", _luminance_only: str = "true") -> Step:
    """Thumbor's amount is about 0 to 10; imagor's is a sigma. The radius is not applied."""
    _number(radius)
    return {"filter": "sharpen", "amount": max(0.0, min(100.0, _number(amount) * 10))}


def _rgb(red: str, green: str, blue: str) -> Step:
    return {"filter": "rgb", "r": _number(red), "g": _number(green), "b": _number(blue)}


def _saturation(factor: str) -> Step:
    """Thumbor's 1 changes nothing."""
    return {"filter": "saturation", "amount": max(-100.0, min(100.0, (_number(factor) - 1) * 100))}


def _rotate(angle: str) -> Step:
    """Thumbor's angles are counter-clockwise."""
    return {"filter": "rotate", "angle": -_number(angle) % 360}


def _round_corner(radius: str, *_color: str) -> Step:
    return {"filter": "round_corners", "radius": _whole(radius.split("|", maxsplit=1)[0])}


def _convolution(weights: str, columns: str, normalize: str = "true") -> Step:
    kernel = [_number(weight) for weight in weights.split(";")]
    if len(kernel) != _whole(columns) ** 2:
        raise ValueError(columns)
    return {"filter": "convolution", "kernel": kernel} | ({} if normalize.lower() == "true" else {"divisor": 1.0})


def _noise(amount: str, seed: str = "0") -> Step:
    return {"filter": "noise", "amount": max(0.0, min(100.0, _number(amount))), "seed": _whole(seed)}


MAPPINGS: Mapping[str, Callable[..., Step]] = {
    "background_color": lambda color: {"filter": "flatten", "background": _color(color)},
    "blur": _blur,
    "brightness": _amount("brightness"),
    "contrast": _amount("contrast"),
    "convolution": _convolution,
    "equalize": _plain("equalize"),
    "grayscale": _plain("grayscale"),
    "hue": lambda angle: {"filter": "hue", "angle": _number(angle) % 360},
    "noise": _noise,
    "pixelate": lambda size: {"filter": "pixelate", "size": _whole(size)},
    "rgb": _rgb,
    "rotate": _rotate,
    "round_corner": _round_corner,
    "saturation": _saturation,
    "sepia": _plain("sepia"),
    "sharpen": _sharpen,
    "trim": lambda threshold="10": {"filter": "trim", "threshold": _whole(threshold)},
}
