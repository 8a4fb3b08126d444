"""Renders a pipeline by its plan, and its steps one after the other, to compare both."""

from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from imaging import native
from imaging.codecs.decoder import decode
from imaging.codecs.source_info import SourceInfo
from imaging.codecs.sources.jpeg import SHRINK_FACTORS
from imaging.colors import has_alpha
from imaging.filters.base import Filter
from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.render import render
from tests.harness.deployment import ROOT
from tests.unit.imaging.files import file
from tests.unit.imaging.images import array

LIMITS = Limits()
JPEG = SourceInfo(format="jpeg", size=(4000, 3000), shrink_factors=SHRINK_FACTORS, has_luma_plane=True)
PHOTOGRAPHS = [ROOT / "examples" / "pictures" / name for name in ("coffee.jpg", "astronaut.jpg")]
Json = dict[str, Any]


def step(name: str, **parameters: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({"filter": st.just(name), **parameters})


def apply_in_turn(source: bytes, steps: list[Json]) -> Image.Image:
    image = decode(source, limits=LIMITS, auto_orient=True)
    for each in parse_pipeline(steps).steps:
        image = apply(each, image)
    return image


def apply(step: Filter, image: Image.Image) -> Image.Image:
    """Apply a step as the runner does: with visible colours in place of hidden ones (ADR 45)."""
    if step.mixes_colors and has_alpha(image) and native.hides_colors(image):
        return native.clear_hidden_colors(step.apply(native.fill_hidden_colors(image)))
    return step.apply(image)


def render_planned(source: bytes, steps: list[Json]) -> Image.Image:
    rendered = render(source, parse_pipeline(steps), parse_output_options({"format": "tiff"}), limits=LIMITS)
    names = {step.place: step.filter for each in rendered.report.passes for step in each.steps}
    assert names == {f"pipeline.{index}": each["filter"] for index, each in enumerate(steps)}
    with Image.open(BytesIO(rendered.data)) as image:
        image.load()
        return image


@cache
def photograph(mode: str, pillow_format: str, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    with Image.open(PHOTOGRAPHS[0]) as image:
        part = image.crop((0, 0, 201, 149)).convert("RGB")
    if mode == "RGBA":
        part.putalpha(part.getchannel("G").point(lambda value: min(255, 2 * value)))
    return file(part.convert(mode), pillow_format, exif=exif, **{"quality": 95} if pillow_format == "JPEG" else {})


def psnr(one: Image.Image, other: Image.Image) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, np.square(array(one) - array(other)).mean())))
