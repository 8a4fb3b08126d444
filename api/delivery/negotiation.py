"""Chooses the format by `Accept`, and the size by client hints where the URL allows that (RFC 9110, 12; RFC 8942)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.tasks.spec import RenderSpec, spec_from
from imaging import AUTO, MEDIA_TYPES, OutputOptions, find_unsupported

HINTS = ("dpr", "width")
_HEADERS = {"dpr": ("Sec-CH-DPR", "DPR"), "width": ("Sec-CH-Width", "Width")}
# For who accepts none of the newer formats. JPEG has no transparency and no frames.
_FALLBACKS = {"png": "png", "svg": "png", "gif": "gif"}
_STILL = frozenset({"avif"})  # far too slow for the frames of a GIF
_DPRS = (1.0, 1.5, 2.0, 3.0)
_WIDTHS = (160, 320, 480, 640, 800, 1024, 1280, 1600, 2048, 2560, 3840)
_LARGEST = 16_384  # pixels
_NUMBER = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?", re.ASCII)
_EXCLUDED = re.compile(r"q=0(?:\.0*)?", re.ASCII)
Step = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What a request says of the client. Hints are rounded up, so that a URL has few variants; 0: not sent."""

    formats: frozenset[str] = frozenset()
    dpr: float = 0
    width: int = 0

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Client":
        dpr, width = (_read_number(headers, name) for name in HINTS)
        return cls(
            formats=frozenset(_accepted(headers.get("accept", ""))),
            dpr=_round_up(dpr, _DPRS),
            width=int(_round_up(width, _WIDTHS)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Negotiation:
    """How a URL is negotiated. `formats` are offered for the extension `auto`, the best first."""

    formats: Sequence[str]

    def apply(self, spec: RenderSpec, client: Client, *, hints: Sequence[str], source_format: str) -> RenderSpec:
        """Return the spec for this client: with a format, and resized as hints ask for."""
        if spec.output.format == AUTO:
            spec = _with_format(spec, self._choose(client, source_format), source_format)
        if "width" in hints and client.width:
            return _with_steps(spec, _set_width(spec.pipeline.as_json(), client.width))
        if "dpr" in hints and client.dpr:
            return _with_steps(spec, [_scale(step, client.dpr) for step in spec.pipeline.as_json()])
        return spec

    def _choose(self, client: Client, source_format: str) -> str:
        """Return an accepted format; `*/*` does not count: it says nothing about what a client can decode."""
        offered = (each for each in self.formats if each in client.formats)
        chosen = (each for each in offered if source_format != "gif" or each not in _STILL)
        return next(chosen, _FALLBACKS.get(source_format, "jpeg"))


def varying_headers(*, is_auto: bool, hints: Sequence[str]) -> str:
    """Return the field `Vary`."""
    return ", ".join([*(["Accept"] if is_auto else []), *(name for hint in hints for name in _HEADERS[hint])])


def _accepted(accept: str) -> Iterator[str]:
    for part in accept.lower().split(","):
        media_type, *parameters = (each.strip() for each in part.split(";"))
        if not any(map(_EXCLUDED.fullmatch, parameters)):
            yield from (name for name, known in MEDIA_TYPES.items() if known == media_type)


def _read_number(headers: Mapping[str, str], hint: str) -> float:
    sent = (headers.get(name, "") for name in _HEADERS[hint])
    return next((float(text) for text in sent if _NUMBER.fullmatch(text)), 0)


def _round_up(number: float, allowed: Sequence[float]) -> float:
    return next((each for each in allowed if each >= number), allowed[-1]) if number else 0


def _with_format(spec: RenderSpec, name: str, source_format: str) -> RenderSpec:
    """Return the spec without the options that this format lacks: another client gets one that has them."""
    options = spec.output.model_copy(update={"format": name})
    given = supported_options(options, source_format or name)
    return spec_from(spec.pipeline.as_json(), given, preset=spec.preset)


def supported_options(options: OutputOptions, source_format: str) -> dict[str, Any]:
    """Return the options in JSON, without those that their format lacks."""
    lacking = {problem.place.removeprefix("output.") for problem in find_unsupported(options, source_format)}
    return {name: value for name, value in options.model_dump(mode="json").items() if name not in lacking}


def _with_steps(spec: RenderSpec, steps: list[Step]) -> RenderSpec:
    return spec_from(steps, spec.output.model_dump(mode="json"), preset=spec.preset)


def _set_width(steps: list[Step], width: int) -> list[Step]:
    """Return the steps with the first resize made that wide, in its proportions; without one, with one before them."""
    for index, step in enumerate(steps):
        if step["filter"] == "resize" and step["width"]:
            return [*steps[:index], _scale(step, width / step["width"]), *steps[index + 1 :]]
    return [{"filter": "resize", "width": width}, *steps]


def _scale(step: Step, factor: float) -> Step:
    names = {"resize": ("width", "height"), "thumbnail": ("size",)}.get(step["filter"], ())
    return {**step, **{name: _at_least_1(step[name] * factor) for name in names if step[name]}}


def _at_least_1(pixels: float) -> int:
    return max(1, min(_LARGEST, round(pixels)))
