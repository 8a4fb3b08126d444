"""Measures every filter on a decoded 12 MP photograph, and writes benchmarks/results/filters.md.

    make bench-filters

Each with its defaults, and those whose time grows with a parameter once more with that at its end. On one core, with
the memory settings of the render processes.
"""

import os
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.machine import commit, machine
from benchmarks.pictures import photograph
from imaging.filters import CATALOGUE
from imaging.filters.base import Filter
from imaging.pipeline.report import ENGINE
from rendering.forkserver_client import child_environment
from tests.harness.deployment import ROOT

_RESULT = Path(__file__).parent / "results" / "filters.md"
_NEEDED: dict[str, dict[str, Any]] = {
    "resize": {"width": 800},
    "crop": {"width": 2000, "height": 2000},
    "pad": {"top": 40},
    "text": {"text": "Darkroom"},
}
_ENDS: list[tuple[str, dict[str, Any]]] = [
    *((name, {"size": 31}) for name in ("median", "min", "max", "mode", "oil_paint")),
    *((name, {"sigma": sigma}) for name in ("blur", "sketch", "glow", "tilt_shift") for sigma in (20.0, 250.0)),
    ("oil_paint", {"size": 31, "levels": 256}),
    ("box_blur", {"radius": 250.0}),
    ("box_blur", {"radius": 2.5}),
    ("motion_blur", {"length": 250, "angle": 30.0}),
    ("motion_blur", {"length": 40, "angle": 30.0}),
    ("zoom_blur", {"amount": 100.0}),
    ("unsharp_mask", {"radius": 250.0}),
    ("convolution", {"kernel": [1.0] * 25}),
    ("denoise", {"amount": 100.0}),
    ("rotate", {"angle": 17.0}),
    ("shear", {"x": 20.0}),
    ("perspective", {"top_left": [10.0, 10.0]}),
    ("quantize", {"colors": 256}),
    ("redact", {"method": "blur", "regions": [[0, 0, "100%", "100%"]]}),
    ("redact", {"method": "pixelate"}),
    ("polaroid", {}),
]
_ENOUGH_SECONDS = 0.5


def _steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """Those with an auxiliary image are omitted."""
    for name, each in CATALOGUE.items():
        if "image_id" not in each.model_fields:
            yield name, _NEEDED.get(name, {})
    yield from _ENDS


def _cpu_seconds(step: Filter, image: Image.Image) -> float:
    """The least of three; of one where that is long."""
    tries: list[float] = []
    while len(tries) < 3 and sum(tries) < _ENOUGH_SECONDS:  # noqa: PLR2004 - as the docstring says
        started = time.process_time()
        step.apply(image)
        tries.append(time.process_time() - started)
    return min(tries)


def _measure() -> Iterator[tuple[str, float]]:
    with Image.open(BytesIO(photograph("phone", width=4000, height=3000).data)) as image:
        image.load()
        picture = image.copy()
    for name, parameters in _steps():
        seconds = _cpu_seconds(CATALOGUE[name].model_validate(parameters), picture)
        described = ", ".join(f"{key} {value}" for key, value in parameters.items() if key != "kernel")
        yield f"{name} {described}".strip(), seconds
        sys.stderr.write(f"{1000 * seconds:8.0f} ms  {name} {described}\n")


def _page(measured: list[tuple[str, float]]) -> Iterator[str]:
    described = machine()
    yield "# What each filter takes\n"
    yield f"`make bench-filters`, commit {commit()}, {ENGINE}, one core of {described['cpu']}."
    yield "CPU milliseconds on 12 MP, RGB; decoding and encoding come on top.\n"
    yield "| | ms |\n|---|---:|"
    yield from (f"| {name} | {1000 * seconds:.0f} |" for name, seconds in measured)


def main() -> None:
    if "PILLOW_BLOCKS_MAX" not in os.environ:  # read when the process starts
        command = [sys.executable, "-m", "benchmarks.filters"]
        os.execve(sys.executable, command, child_environment(os.environ))  # noqa: S606 - ourselves
    measured = sorted(_measure(), key=lambda each: -each[1])
    _RESULT.write_text("\n".join(_page(measured)) + "\n")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
