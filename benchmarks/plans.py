"""Measures each rule of the planner: whole pipelines, planned and step by step, alternating in one process."""

import os
import sys
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.pictures import photograph
from imaging.codecs.decoder import decode
from imaging.codecs.encoder import encode
from imaging.codecs.frames import FrameSequence
from imaging.codecs.output_options import OutputOptions
from imaging.limits import Limits
from imaging.pipeline.parse import parse_pipeline
from imaging.render import render
from rendering.forkserver_client import child_environment
from tests.harness.deployment import ROOT
from tools.write_docs.markdown import table

_RESULTS = ROOT / "benchmarks" / "results" / "plans.md"
_ROUNDS = 5
_OUTPUT = OutputOptions(format="jpeg")
_SIDEWAYS = 6  # as phones write a picture taken upright
Steps = list[dict[str, Any]]

_PALE = {"filter": "saturation", "amount": -30}
_RESIZE = {"filter": "resize", "width": 800}
_CROP = {"filter": "crop", "width": "25%", "height": "25%"}
_CASES: dict[str, tuple[int, Steps]] = {
    "tables: brightness, contrast, gamma": (
        1,
        [{"filter": "brightness", "amount": 5}, {"filter": "contrast", "amount": 5}, {"filter": "gamma", "gamma": 1.1}],
    ),
    "mixtures: saturation -30, sepia 50": (1, [_PALE, {"filter": "sepia", "amount": 50}]),
    "after a grey: grayscale, contrast, sepia": (
        1,
        [{"filter": "grayscale"}, {"filter": "contrast", "amount": 10}, {"filter": "sepia"}],
    ),
    "luma only: grayscale": (1, [{"filter": "grayscale"}]),
    "luma only: blur, grayscale": (1, [{"filter": "blur"}, {"filter": "grayscale"}]),
    "decoded smaller: resize 800": (1, [_RESIZE]),
    "decoded smaller: crop to a square, resize 400": (
        1,
        [{"filter": "crop", "aspect": "1:1"}, {"filter": "resize", "width": 400}],
    ),
    "turned after a resize: resize 800, on its side": (_SIDEWAYS, [_RESIZE]),
    "turned at once: rotate, sepia, flip, on its side": (
        _SIDEWAYS,
        [{"filter": "rotate", "angle": 270}, {"filter": "sepia"}, {"filter": "flip"}],
    ),
    "cropped first: sepia, contrast, crop to a quarter": (
        1,
        [{"filter": "sepia"}, {"filter": "contrast", "amount": 10}, _CROP],
    ),
    "cropped before the turn: crop to a quarter, on its side": (_SIDEWAYS, [_CROP]),
}


def main() -> None:
    source = photograph("phone", width=4000, height=3000).data
    rows = [(name, *_measured(_turned(source, orientation), steps)) for name, (orientation, steps) in _CASES.items()]
    head = ("rule and pipeline", "step by step, ms", "planned, ms", "times", "PSNR, dB")
    written = (
        "# What the planner gives\n\n"
        "`make bench-plans`: 12 MP JPEG in, JPEG of quality 80 out, CPU time of one process, the quickest of "
        f"{_ROUNDS} rounds in turns. PSNR of the planned output to that of the steps one by one, both encoded.\n\n"
    )
    _RESULTS.write_text(f"{written}{table(head, rows)}\n")
    sys.stdout.write(_RESULTS.read_text())


def _turned(source: bytes, orientation: int) -> bytes:
    exif, out = Image.Exif(), BytesIO()
    exif[0x0112] = orientation
    with Image.open(BytesIO(source)) as image:
        image.save(out, "JPEG", quality="keep", exif=exif)
    return out.getvalue()


def _measured(source: bytes, steps: Steps) -> tuple[str, ...]:
    ways: tuple[Callable[[bytes, Steps], bytes], ...] = (_step_by_step, _planned)
    milliseconds = [[_milliseconds(way, source, steps) for way in ways] for _ in range(_ROUNDS)]
    by_steps, planned = (min(column) for column in zip(*milliseconds, strict=True))
    psnr = _psnr(*(way(source, steps) for way in ways))
    return f"{by_steps:.0f}", f"{planned:.0f}", f"{by_steps / planned:.2f}", psnr


def _milliseconds(way: Callable[[bytes, Steps], bytes], source: bytes, steps: Steps) -> float:
    started = time.process_time()
    way(source, steps)
    return 1000 * (time.process_time() - started)


def _step_by_step(source: bytes, steps: Steps) -> bytes:
    image = decode(source, limits=Limits(), auto_orient=True)
    for step in parse_pipeline(steps).steps:
        image = step.apply(image)
    return encode(FrameSequence(images=(image,)), "jpeg", _OUTPUT).data


def _planned(source: bytes, steps: Steps) -> bytes:
    return render(source, parse_pipeline(steps), _OUTPUT, limits=Limits()).data


def _psnr(one: bytes, other: bytes) -> str:
    first, second = (np.asarray(Image.open(BytesIO(data)).convert("RGB"), dtype=np.float64) for data in (one, other))
    error = np.square(first - second).mean()
    return "same" if error == 0 else f"{10 * np.log10(255**2 / error):.1f}"


if __name__ == "__main__":
    if "PILLOW_BLOCKS_MAX" not in os.environ:  # both are read when a process starts
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.plans"], child_environment(os.environ))  # noqa: S606
    main()
