"""What is measured: sources, and Darkroom's pipelines. The other engines identify a row by its key."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

BRIGHTNESS, CONTRAST, SATURATION = 10.0, 20.0, 30.0
UNSHARP_SIGMA, UNSHARP_PERCENT = 2.0, 150
CHAIN_SIDE = 1600
JPEG_QUALITY, WEBP_QUALITY, AVIF_QUALITY = 85, 80, 60

OPERATIONS: dict[str, list[dict[str, Any]]] = {
    "grayscale": [{"filter": "grayscale"}],
    "sepia": [{"filter": "sepia"}],
    "blur 2": [{"filter": "blur", "sigma": 2.0}],
    "blur 10": [{"filter": "blur", "sigma": 10.0}],
    "unsharp": [
        {"filter": "unsharp_mask", "radius": UNSHARP_SIGMA, "percent": UNSHARP_PERCENT, "threshold": 0},
    ],
    "resize 800": [{"filter": "resize", "width": 800}],
    "rotate 90": [{"filter": "rotate", "angle": 90.0}],
    "tones": [
        {"filter": "brightness", "amount": BRIGHTNESS},
        {"filter": "contrast", "amount": CONTRAST},
        {"filter": "saturation", "amount": SATURATION},
    ],
    "chain": [
        {"filter": "resize", "width": CHAIN_SIDE, "height": CHAIN_SIDE},
        {"filter": "contrast", "amount": CONTRAST},
        {"filter": "sepia"},
        {"filter": "sharpen", "amount": 50.0},
    ],
    "as it is": [],
}
_OF_JPEGS = [name for name in OPERATIONS if name != "as it is"]
_OF_OTHERS = ["grayscale", "blur 2", "resize 800"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """`source` names one of sources.py, `format` is what comes out."""

    source: str
    operation: str
    format: str

    @property
    def key(self) -> str:
        return f"{self.source}, {self.operation}, {self.format}"

    @property
    def quality(self) -> int:
        return {"jpeg": JPEG_QUALITY, "webp": WEBP_QUALITY, "avif": AVIF_QUALITY}.get(self.format, 0)


def rows() -> Iterator[Row]:
    for source in ("phone", "web"):
        for operation in _OF_JPEGS:
            lies = "sideways " if operation == "chain" else ""
            yield Row(source=lies + source, operation=operation, format="jpeg")
    for source in ("png", "webp"):
        for operation in _OF_OTHERS:
            yield Row(source=source, operation=operation, format=source)
    for output in ("png", "webp", "avif"):
        yield Row(source="web", operation="as it is", format=output)
