"""Translates the path of thumbor's URLs, such as `fit-in/300x200/filters:quality(80):sepia()/image.jpg`.

https://thumbor.readthedocs.io/en/latest/usage.html; docs/delivery.md has what is supported.
"""

import re
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidPipeline, Problem
from imaging.pipeline.thumbor import Step, parse_filters, split_calls

_URL = re.compile(
    r"(?P<unsupported>(?:debug|meta)/)?"
    r"(?:trim(?::(?P<corner>top-left|bottom-right)?)?(?::(?P<tolerance>[0-9]{1,3}))?(?P<trim>/))?"
    r"(?:(?P<left>[0-9]{1,6})x(?P<top>[0-9]{1,6}):(?P<right>[0-9]{1,6})x(?P<bottom>[0-9]{1,6})/)?"
    r"(?:(?P<fit>(?:adaptive-)?(?:full-)?fit-in)/)?"
    r"(?:(?P<flop>-)?(?P<width>[0-9]{1,6}|orig)?x(?P<flip>-)?(?P<height>[0-9]{1,6}|orig)?/)?"
    r"(?:(?P<halign>left|center|right)/)?"
    r"(?:(?P<valign>top|middle|bottom)/)?"
    r"(?:(?P<smart>smart)/)?"
    r"(?:filters:(?P<filters>.+?\))/)?"
    r"(?P<image>.+)",
    re.ASCII | re.DOTALL,
)
_GRAVITY = {
    ("left", "top"): "northwest",
    ("center", "top"): "north",
    ("right", "top"): "northeast",
    ("left", "middle"): "west",
    ("right", "middle"): "east",
    ("left", "bottom"): "southwest",
    ("center", "bottom"): "south",
    ("right", "bottom"): "southeast",
}
_COLOR = re.compile(r"[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8}", re.ASCII)
# Filters that say how the output is written or sized. Outputs have no metadata in any case.
_OPTIONS = {"quality": "quality", "max_bytes": "target_bytes", "format": "format"}
_WITHOUT_EFFECT = {"strip_exif", "strip_icc"}
_SIZING = {"upscale", "no_upscale", "fill"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ThumborUrl:
    """`steps` and `output` are JSON as of a task; `image` is the text that names the image."""

    steps: list[Step]
    output: dict[str, Any]
    image: str


def parse_thumbor_url(path: str) -> ThumborUrl:
    """Raises InvalidPipeline for what is unknown or not supported."""
    found = _URL.fullmatch(path)
    if found is None:
        raise _rejection("must be a URL of thumbor")
    if found["unsupported"] or found["corner"] == "bottom-right" or (found["fit"] or "").startswith("adaptive"):
        raise _rejection("debug, meta, trim:bottom-right and adaptive-fit-in are not supported")
    calls = split_calls(found["filters"] or "")
    sizing = {name: text for name, text in calls if name in _SIZING}
    others = [f"{name}({text})" for name, text in calls if name not in {*_SIZING, *_OPTIONS, *_WITHOUT_EFFECT}]
    steps = [*_cut(found), *_resize(found, sizing), *_mirror(found), *parse_filters(":".join(others))]
    return ThumborUrl(steps=steps, output=_options(calls), image=found["image"])


def _cut(found: re.Match[str]) -> list[Step]:
    steps: list[Step] = []
    if found["trim"]:
        steps.append({"filter": "trim", "threshold": min(255, int(found["tolerance"] or 10))})
    if found["left"]:
        left, top, right, bottom = (int(found[name]) for name in ("left", "top", "right", "bottom"))
        if right <= left or bottom <= top:
            raise _rejection("the crop has no area")
        steps.append({"filter": "crop", "left": left, "top": top, "width": right - left, "height": bottom - top})
    return steps


def _resize(found: re.Match[str], sizing: dict[str, str]) -> list[Step]:
    """Return the steps for a size: within a box, or filling it, where alignment or the content says what is kept."""
    box = {name: int(found[name]) for name in ("width", "height") if found[name] not in {None, "0", "orig"}}
    if not box:
        return []
    if found["fit"]:
        resize: Step = {"filter": "resize", **box, "fit": "outside" if "full" in found["fit"] else "inside"}
        resize |= {"enlarge": True} if "upscale" in sizing else {}
        fill = {"fit": "contain", "background": _color(sizing["fill"])} if "fill" in sizing and len(box) > 1 else {}
        return [resize | fill]
    resize = {"filter": "resize", **box, "enlarge": "no_upscale" not in sizing}
    gravity = "entropy" if found["smart"] else _GRAVITY.get((found["halign"] or "center", found["valign"] or "middle"))
    if len(box) < len(("width", "height")):
        return [resize]
    if gravity is None:
        return [{**resize, "fit": "cover"}]
    return [{**resize, "fit": "outside"}, {"filter": "crop", **box, "gravity": gravity}]


def _mirror(found: re.Match[str]) -> list[Step]:
    return [{"filter": name} for name in ("flop", "flip") if found[name]]


def _options(calls: list[tuple[str, str]]) -> dict[str, Any]:
    given = {_OPTIONS[name]: text.strip() for name, text in calls if name in _OPTIONS}
    return {
        name: int(text) if text.isdecimal() and len(text) < len("1000000000") else text for name, text in given.items()
    }


def _color(text: str) -> str:
    """Thumbor writes hexadecimal colours without #, and takes `auto` or `blur` from the image."""
    name = text.partition(",")[0].strip()
    if name in {"auto", "blur"}:
        raise _rejection(f"fill({name}) is not supported. Name a colour")
    return f"#{name}" if _COLOR.fullmatch(name) else name


def _rejection(message: str) -> InvalidPipeline:
    return InvalidPipeline(f"pipeline: {message}", problems=(Problem("pipeline", message),))
