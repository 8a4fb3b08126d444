"""Writes docs/filters.md and its sample images from the code (`make fix`); tests/unit/test_docs.py compares them."""

import json
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageStat

from imaging.filters import describe_catalogue
from imaging.pipeline.looks import describe_looks
from imaging.pipeline.parse import parse_pipeline
from tests.harness.deployment import ROOT
from tests.unit.imaging.filters import auxiliary
from tests.unit.imaging.filters.test_pictures import SHEETS
from tools.write_docs.markdown import table

PAGE = ROOT / "docs" / "filters.md"
IMAGES = ROOT / "docs" / "images"
TILE = (150, 100)
_GAP = 6
_TITLES = {
    "geometry": "Geometry",
    "tone": "Tone",
    "color": "Colour",
    "detail": "Blur, sharpen, detail",
    "stylise": "Stylise",
    "compose": "Compose",
}
_HEAD = """# Filters and looks

`make fix` writes this page from the code. A pipeline is a list of steps that run in the given order, for example
`[{"filter": "resize", "width": 800}, {"filter": "sepia"}]`. Each parameter is listed with its range and, in
parentheses, its default. A parameter without a default is optional, except `image_id`. `GET /v1/filters` returns the
JSON Schema of every parameter. Amounts of tone and colour filters run from -100 to 100, and 0 changes nothing. Angles
are in degrees, clockwise. Colours are CSS names, `#rgb`, `#rrggbb` or `#rrggbbaa`. Each sample shows the image before
and after; the parameters of the sample are printed below it.
"""
_LOOKS = """## Looks

A look is a named pipeline. Use it like a filter: `filter=clarendon`. The task stores the steps of the look, not its
name. Looks are defined in [imaging/pipeline/looks.toml](../imaging/pipeline/looks.toml); the last 26 are modelled on
[CSSgram](https://github.com/una/CSSgram).
"""
THUMBOR = """## Filter strings of thumbor and imagor

`pipeline=thumbor:filters:brightness(10):grayscale()` is a valid pipeline. A thumbor filter that is not in this table
is rejected with its position.

| thumbor, imagor | Darkroom |
| --- | --- |
| `background_color(color)` | `flatten` |
| `blur(radius, sigma)` | `blur`, with `sigma` if given, otherwise `radius` |
| `brightness(amount)`, `contrast(amount)` | the same name; the curves differ slightly |
| `convolution(weights, columns, normalize)` | `convolution`, 3 x 3 and 5 x 5 |
| `equalize()`, `grayscale()`, `sepia()` | the same name |
| `hue(angle)` | `hue` |
| `noise(amount, seed)` | `noise` |
| `pixelate(size)` | `pixelate` |
| `rgb(red, green, blue)` | `rgb` |
| `rotate(angle)` | `rotate` with the opposite sign: thumbor's angles run counter-clockwise |
| `round_corner(radius, …)` | `round_corners`; the outside is transparent |
| `saturation(factor)` | `saturation`; factor 1 becomes 0, factor 0 becomes -100 |
| `sharpen(amount, …)` | `sharpen` with ten times the amount |
| `trim(tolerance)` | `trim` |
"""


def page() -> str:
    described = describe_catalogue()
    groups = dict.fromkeys(each["group"] for each in described)
    parts = [_group(title, [each for each in described if each["group"] == title]) for title in groups]
    return "\n".join([_HEAD, *parts, _LOOKS, _looks(), "", THUMBOR])


def _group(name: str, filters: Iterable[Mapping[str, Any]]) -> str:
    rows = ((f"`{each['name']}`", each["summary"], _parameters(each["parameters"]), _shown(each)) for each in filters)
    return f"## {_TITLES[name]}\n\n{table(('filter', 'effect', 'parameters', 'before and after'), rows)}\n"


def _looks() -> str:
    rows = (
        (
            f"`{each['name']}`",
            each["summary"],
            ", ".join(step["filter"] for step in each["pipeline"]),
            _image(each["name"]),
        )
        for each in describe_looks()
    )
    return table(("look", "effect", "steps", "before and after"), rows)


def _parameters(schema: Mapping[str, Any]) -> str:
    return "<br>".join(
        f"`{name}`{_values(parameter)}: {parameter['description']}".replace("|", "\\|")
        for name, parameter in schema.get("properties", {}).items()
    )


def _values(parameter: Mapping[str, Any]) -> str:
    """Range or allowed values, then the default in parentheses."""
    kinds = [kind for kind in parameter.get("anyOf", [parameter]) if kind.get("type") != "null"]
    kind = {**parameter, **kinds[0]}
    words = ", ".join(kind.get("enum", ()))
    span = f"{kind['minimum']:.10g}..{kind['maximum']:.10g}" if {"minimum", "maximum"} <= kind.keys() else words
    shown = _plain(parameter.get("default"))
    return (f" {span}" if span else "") + (f" ({shown})" if shown else "")


def _plain(value: object) -> str:
    """JSON, with strings unquoted."""
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _shown(each: Mapping[str, Any]) -> str:
    parameters = SHEETS[each["name"]][0]
    shown = ", ".join(f"{name} {_plain(value)}" for name, value in parameters.items() if name != "image_id")
    return _image(each["name"]) + (f"<br>{shown}" if shown else "")


def _image(name: str) -> str:
    return f"![{name}](images/{name}.webp)"


def images() -> dict[str, Image.Image]:
    """Draw each filter and look, before and after, by name."""
    names = [each["name"] for each in describe_catalogue()]
    filters = {name: [{"filter": name, **SHEETS[name][0]}] for name in names}
    looks = {each["name"]: each["pipeline"] for each in describe_looks()}
    cat, cup = _sample("chelsea.jpg"), _sample("coffee.jpg")
    drawn = {name: _pair(cat, steps) for name, steps in filters.items()}
    return drawn | {name: _pair(cup, steps) for name, steps in looks.items()}


def _sample(name: str) -> Image.Image:
    with Image.open(ROOT / "examples" / "pictures" / name) as photo:
        return photo.convert("RGB").resize(TILE, Image.Resampling.LANCZOS)


def _pair(before: Image.Image, steps: list[dict[str, Any]]) -> Image.Image:
    after = before
    for step in parse_pipeline(steps).steps:
        after = auxiliary.bind(step)(after)
    after.thumbnail(TILE)
    pair = Image.new("RGBA", (2 * TILE[0] + _GAP, TILE[1]), (255, 255, 255, 0))
    pair.paste(before, (0, 0))
    pair.paste(after.convert("RGBA"), (TILE[0] + _GAP, 0))
    return pair


def encode(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "WEBP", quality=75, method=4)
    return file.getvalue()


def is_stale(path: Path, image: Image.Image) -> bool:
    """Whether a file is missing or differs by more than another version of the encoder would."""
    if not path.exists():
        return True
    with Image.open(path) as shown:
        kept = shown.convert("RGBA")
    with Image.open(BytesIO(encode(image))) as redrawn:
        return kept.size != image.size or _distance(kept, redrawn.convert("RGBA")) > 1


def _distance(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of the channel that differs most, in levels (0..255)."""
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def write_images() -> None:
    """Draw what is missing or out of date, and remove what no filter or look has."""
    IMAGES.mkdir(exist_ok=True)
    drawn = images()
    for name, image in drawn.items():
        if is_stale(IMAGES / f"{name}.webp", image):
            (IMAGES / f"{name}.webp").write_bytes(encode(image))
    for path in IMAGES.iterdir():
        if path.stem not in drawn:
            path.unlink()
