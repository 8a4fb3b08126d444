"""The sandbox allows all that the decoder of odd files does: each case is rendered in a real render process."""

from contextlib import nullcontext
from io import BytesIO

import pytest
from PIL import Image

from core.errors import ImageTooLarge
from rendering import RenderSettings, open_renderer
from tests.unit.imaging import animations
from tests.unit.imaging.codecs.cases import CASES
from tests.unit.imaging.files import file, quarters

NOT_SUPPORTED = {"jxl_animated", "jxl_cmyk"}
XMP = (
    '<?xml version="1.0" encoding="%s"?><x xmlns:dc="http://purl.org/dc/elements/1.1/" dc:rights="Ada" dc:creator="B"/>'
)


@pytest.mark.parametrize(
    ("output_format", "metadata"),
    [("gif", "keep"), ("webp", "keep_copyright"), ("jpeg", "keep_all_but_location"), ("tiff", "keep")],
)
async def test_that_each_case_is_rendered(output_format: str, metadata: str) -> None:
    sources = [path.read_bytes() for path in sorted(CASES.iterdir()) if path.stem not in NOT_SUPPORTED]
    sources += [
        file(quarters(), "JPEG", xmp=(XMP % name).encode()) for name in ("utf-8", "windows-1252", "shift_jis", "none")
    ]
    sources.append(file(quarters(), "WEBP", xmp=(XMP % "utf-16").encode("utf-16")))
    sources.append(b'<svg xmlns="http://www.w3.org/2000/svg" width="12" height="8"><text y="8">a</text></svg>')
    settings = RenderSettings(max_pixels=1_000_000, max_side=5000, memory_bytes=2**30, cpu_seconds=20)
    options = {"format": output_format, "metadata": metadata, "copyright": "© Zoë"}
    async with open_renderer(settings, slots=1, timeout_seconds=60, renders_per_process=200) as renderer:
        outputs = [await renderer.render(source, pipeline=[], output_options=options) for source in sources]
    for output in outputs:
        with Image.open(BytesIO(output.data)) as image:
            assert image.format == output_format.upper()


async def test_that_a_setting_allows_more_frames() -> None:
    frames = [Image.new("L", (8, 8), value % 256) for value in range(130)]
    data = animations.encode("GIF", frames, duration=20)
    for most, expected in ((129, ImageTooLarge), (130, None)):
        settings = RenderSettings(
            max_pixels=1_000_000, max_side=5000, max_frames=most, memory_bytes=2**30, cpu_seconds=20
        )
        async with open_renderer(settings, slots=1, timeout_seconds=60, renders_per_process=200) as renderer:
            with pytest.raises(expected) if expected else nullcontext():
                output = await renderer.render(data, pipeline=[], output_options={})
    assert len(animations.seen(output.data)[1]) == 130


async def test_that_text_of_any_script_is_drawn() -> None:
    """Fonts and the library that orders letters can be read."""
    settings = RenderSettings(max_pixels=1_000_000, max_side=5000, memory_bytes=2**30, cpu_seconds=20)
    step = {"filter": "text", "text": "\u05e9\u05dc\u05d5\u05dd\n\u0633\u0644\u0627\u0645\n\u65e5\u672c", "size": 9}
    async with open_renderer(settings, slots=1, timeout_seconds=60, renders_per_process=200) as renderer:
        written = await renderer.render(file(quarters(), "PNG"), pipeline=[step], output_options={})
    assert written.data != file(quarters(), "PNG")
