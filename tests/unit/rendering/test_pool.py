"""A pool renders images in processes of its own, and an error of the image keeps its process."""

import asyncio
import hashlib
import struct
import subprocess
import sys
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image

from core.errors import (
    DarkroomError,
    ImageTooLarge,
    InvalidImage,
    InvalidOutput,
    InvalidPipeline,
    PermanentError,
    UnsupportedImageFeature,
    WorkerLost,
)
from rendering import Renderer, RenderSettings, open_renderer
from rendering.forkserver_client import child_environment
from tests.harness.forkservers import forkservers
from tests.unit.rendering.renderers import (
    ROOT,
    a_picture,
    a_renderer,
    hostile,
    render,
    render_children,
)

CASES = ROOT / "tests/unit/imaging/codecs/cases"
_HEADER = struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 0, 4, *[0] * 5)  # compression 4 is JPEG
BMP_OF_A_JPEG = b"BM" + struct.pack("<IHHI", 14 + len(_HEADER), 0, 0, 14 + len(_HEADER)) + _HEADER


async def test_renders_an_image_in_a_process(renderer: Renderer) -> None:
    rendered = await render(renderer, {"filter": "grayscale"}, {"filter": "resize", "width": 20})
    with Image.open(BytesIO(rendered.data)) as image:
        assert (image.size, image.format, image.mode) == ((20, 15), "PNG", "P")  # of few greys
    assert (rendered.width, rendered.height, rendered.format) == (20, 15, "png")
    assert rendered.sha256 == hashlib.sha256(rendered.data).hexdigest()


async def test_a_small_image_after_a_large_one_is_whole(renderer: Renderer) -> None:
    large = await render(renderer, source=a_picture(1000, 1000, file_format="BMP"))
    small = await render(renderer)
    assert len(large.data) > len(small.data)
    with Image.open(BytesIO(small.data)) as image:
        image.load()
        assert image.size == (40, 30)


async def test_as_many_processes_as_slots_and_none_is_left() -> None:
    async with a_renderer(slots=2) as renderer:
        assert len(render_children()) == 2
        await asyncio.gather(*(render(renderer) for _ in range(6)))
        assert len(offspring := render_children()) == 2
    assert not any(each.is_running() for each in offspring)
    assert forkservers() == []


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (b"no picture", InvalidImage),
        (b"", InvalidImage),
        (a_picture()[:60], InvalidImage),
        (a_picture(2000, 2000), ImageTooLarge),
        (BMP_OF_A_JPEG, UnsupportedImageFeature),
    ],
)
async def test_a_fault_of_the_image_is_permanent_and_keeps_the_process(
    renderer: Renderer, source: bytes, error: type[DarkroomError]
) -> None:
    before = render_children()
    with pytest.raises(error):
        await render(renderer, source=source)
    assert render_children() == before


@pytest.mark.parametrize("name", ["bmp4444.bmp", "cmyka8.tif", "grey12.tif", "float_nan.tif", "thumb_first_ifd.tif"])
async def test_what_native_code_decodes_is_rendered_in_the_sandbox(renderer: Renderer, name: str) -> None:
    before = render_children()
    assert (await render(renderer, source=(CASES / name).read_bytes())).width > 0
    assert render_children() == before


async def test_that_an_invalid_pipeline_keeps_its_code_and_its_paths(renderer: Renderer) -> None:
    before = render_children()
    with pytest.raises(InvalidPipeline, match="vanished") as raised:
        await render(renderer, {"filter": "vanished"})
    assert [each.place for each in raised.value.problems] == ["pipeline.0.filter"]
    with pytest.raises(InvalidOutput) as raised:
        await renderer.render(a_picture(), pipeline=[], output_options={"format": "auto", "progressive": True})
    assert [each.place for each in raised.value.problems] == ["output.progressive"]
    assert render_children() == before


def test_the_environment_of_a_process_is_an_allow_list() -> None:
    service = {"PATH": "/bin", "DARKROOM_DATABASE_URL": "secret", "AWS_SECRET_ACCESS_KEY": "secret", "LANG": "C"}
    environment = child_environment(service)
    assert environment.keys() == {
        *("PATH", "LANG", "PYTHONPATH", "PILLOW_BLOCKS_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"),
        "OPENBLAS_NUM_THREADS",
    }


def test_works_under_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop")

    async def main() -> None:
        async with a_renderer() as renderer:
            with pytest.raises(WorkerLost):
                await hostile(renderer, "die", "SIGKILL")
            assert (await render(renderer)).width == 40

    uvloop.run(main())
    assert forkservers() == []


async def test_a_large_source_and_auxiliary_images_do_not_mix(renderer: Renderer) -> None:
    """Nor does anything of them stay for the next task."""
    auxiliary_images = {uuid4(): a_picture(20 + index, 10) for index in range(3)}
    steps = [{"filter": "overlay", "image_id": str(image_id), "fit": "fill"} for image_id in auxiliary_images]
    for _ in range(2):
        output = await renderer.render(
            a_picture(900, 800), pipeline=steps, output_options={}, auxiliary_images=auxiliary_images
        )
        assert (output.width, output.height) == (900, 800)
    with pytest.raises(PermanentError, match=r"the auxiliary image .* is missing"):
        await renderer.render(a_picture(), pipeline=steps, output_options={})


async def test_what_other_images_left_behind_takes_no_room_from_the_next() -> None:
    """The second one fits into a new child, and must into one that still holds the memory of the first."""
    large, wide = plain("RGBA", (7071, 7071)), plain("RGB", (16384, 3051))
    settings = RenderSettings(max_pixels=50_000_000, max_side=16384, memory_bytes=990 * 2**20, cpu_seconds=36)
    async with open_renderer(settings, slots=1, timeout_seconds=60) as renderer:
        await render(renderer, {"filter": "resize", "width": 4714}, source=large)
        crop = {"filter": "crop", "width": 4096, "height": 3051}
        rendered = await render(renderer, crop, {"filter": "resize", "width": 2000}, source=wide)
    assert (rendered.width, rendered.height) == (2000, 1490)


def plain(mode: str, size: tuple[int, int]) -> bytes:
    file = BytesIO()
    Image.new(mode, size, "teal").save(file, "PNG", compress_level=1)
    return file.getvalue()


def test_that_a_render_process_does_not_load_the_service() -> None:
    """The front door is lazy: each module that the forkserver loads is memory of every render process."""
    code = "import sys, rendering.forkserver, rendering.child; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=300)  # noqa: S603 - ours
    assert "imaging.render" in ended.stdout.split()
    assert not {"rendering.pool", "structlog", "prometheus_client", "storage", "broker"} & set(ended.stdout.split())
