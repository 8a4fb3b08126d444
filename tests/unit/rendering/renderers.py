"""Renderers of a test's own, what they are asked, and their processes."""

from contextlib import AbstractAsyncContextManager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import psutil
from PIL import Image

from core.errors import (
    RenderTimeout,
    ResourceLimit,
)
from core.telemetry import CHILDREN_LOST
from rendering import RenderedOutput, Renderer, RenderSettings, open_renderer
from tests.harness.forkservers import forkservers

ROOT = Path(__file__).parents[3]
HOSTILE = "tests.unit.rendering.hostile"


def a_picture(width: int = 40, height: int = 30, *, file_format: str = "PNG") -> bytes:
    file = BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, file_format)
    return file.getvalue()


def a_renderer(
    *, slots: int = 1, timeout_seconds: float = 300, cpu_seconds: int = 20, renders_per_process: int = 200
) -> AbstractAsyncContextManager[Renderer]:
    settings = RenderSettings(
        max_pixels=1_000_000, max_side=5000, memory_bytes=2**30, cpu_seconds=cpu_seconds, preload=(HOSTILE,)
    )
    return open_renderer(
        settings, slots=slots, timeout_seconds=timeout_seconds, renders_per_process=renders_per_process
    )


async def render_in_time(renderer: Renderer) -> RenderedOutput:
    """Where the limit is short, a busy machine may pass it with any picture."""
    for _ in range(20):
        with suppress(RenderTimeout):
            return await render(renderer)
    raise AssertionError("20 renders took longer than their limit")


async def render(renderer: Renderer, *steps: dict[str, Any], source: bytes | None = None) -> RenderedOutput:
    return await renderer.render(a_picture() if source is None else source, pipeline=steps, output_options={})


async def hostile(renderer: Renderer, act: str, argument: str = "") -> RenderedOutput:
    return await render(renderer, {"filter": "hostile", "act": act, "argument": argument})


def lost_processes() -> float:
    """How many ran into a limit so far."""
    samples = (sample for metric in CHILDREN_LOST.collect() for sample in metric.samples)
    return sum(
        each.value for each in samples if each.name.endswith("_total") and ResourceLimit.code in each.labels.values()
    )


def render_children() -> list[psutil.Process]:
    found = [child for forkserver in forkservers() for child in forkserver.children()]
    return [each for each in found if each.status() != psutil.STATUS_ZOMBIE]
