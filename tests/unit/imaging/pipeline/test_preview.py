"""Previews: a pipeline for a proxy gives what it gives for the original, made smaller."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.errors import ImageTooLarge, InvalidStep
from imaging import Limits, OutputOptions, Preview, Rendered, parse_pipeline, render
from imaging.filters import CATALOGUE
from imaging.filters.pixels import UNIT, Pixels
from tests.unit.imaging import files
from tests.unit.imaging.filters import auxiliary
from tests.unit.imaging.images import array, psnr

SIZE, PROXY = (768, 576), (192, 144)
PHOTO = Path(__file__).parents[4] / "examples" / "pictures" / "chelsea.jpg"
LEAST_DB = 30

# Of the filters that do nothing, or too little, by default. The other ones have their defaults.
PARAMETERS: dict[str, dict[str, Any]] = {
    "resize": {"width": 333},
    "crop": {"left": 80, "top": "10%", "width": 500},
    "pad": {"left": 30, "top": 60, "mode": "mirror"},
    "rotate": {"angle": 30},
    "shear": {"x": 10},
    "perspective": {"top_left": [10, 10]},
    "brightness": {"amount": 30},
    "contrast": {"amount": 30},
    "exposure": {"amount": 20},
    "gamma": {"gamma": 1.5},
    "min": {"size": 5},
    "max": {"size": 5},
    "convolution": {"kernel": [-2, -1, 0, -1, 1, 1, 0, 1, 2]},
    "replace_color": {"color": "#8a6a50"},
    "make_transparent": {"color": "#8a6a50", "tolerance": 60},
    "text": {
        "text": "Lines that are broken between two words",
        "size": 60,
        "stroke_width": 4,
        "shadow": "red",
    },
    "redact": {"regions": [[80, 40, "40%", 200]]},
    "lut": {"image_id": str(auxiliary.HALD)},
    "watermark": {"image_id": str(auxiliary.MARK), "position": "tile", "scale": None, "margin": 8},
    "overlay": {"image_id": str(auxiliary.MARK), "mode": "multiply"},
}
# Units of numbers that stay as they are when the image is scaled.
OTHER_UNITS = {
    "%", "°", "bit", "colors", "exponent", "factor", "level", "levels", "number", "of the side", "weight",
    "% of the width", "[% across, % down]", "[%, color]", "[level in, level out]", "[of red, of green, of blue]",
}  # fmt: skip


@cache
def _files() -> tuple[bytes, bytes]:
    """Return a photo, as soft as those of cameras are, and its proxy."""
    with Image.open(PHOTO) as photo:
        source = photo.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
    return files.file(source, "PNG"), files.file(source.resize(PROXY, Image.Resampling.LANCZOS), "PNG")


def _render(data: bytes, *steps: dict[str, Any], preview: Preview | None = None) -> Rendered:
    output = OutputOptions(format="png", effort=1)
    limits, images = Limits(), auxiliary.IMAGES
    return render(data, parse_pipeline([*steps]), output, limits=limits, auxiliary_images=images, preview=preview)


def _preview(*steps: dict[str, Any], max_side: int = 1024) -> Rendered:
    return _render(_files()[1], *steps, preview=Preview(source_size=SIZE, max_side=max_side))


def _db(output: Rendered, preview: Rendered) -> float:
    """Compare colours multiplied by alpha: those of transparent pixels are not seen."""
    full, small = (Image.open(BytesIO(each.data)).convert("RGBA").convert("RGBa") for each in (output, preview))
    return psnr(array(full.resize(small.size, Image.Resampling.LANCZOS)), array(small))


@pytest.mark.parametrize("name", CATALOGUE)
def test_that_a_preview_shows_the_output_or_the_filter_says_why_not(name: str) -> None:
    step = {"filter": name, **PARAMETERS.get(name, {})}
    db = _db(_render(_files()[0], step), _preview(step))
    assert (db >= LEAST_DB) is not bool(CATALOGUE[name].preview_note), f"{db:.1f} dB"


@pytest.mark.parametrize("name", CATALOGUE)
def test_that_each_number_is_declared_to_be_in_pixels_or_not(name: str) -> None:
    for parameter, schema in CATALOGUE[name].parameters()["properties"].items():
        marks = [mark for mark in CATALOGUE[name].model_fields[parameter].metadata if isinstance(mark, Pixels)]
        has_numbers = '"number"' in str(schema).replace("'", '"') or '"integer"' in str(schema).replace("'", '"')
        assert not has_numbers or marks or schema["unit"] in OTHER_UNITS
        assert bool(marks) is (UNIT in schema.get("unit", "").split())


def test_that_a_resize_leaves_as_many_pixels_as_the_task_if_the_proxy_has_them() -> None:
    small = _preview({"filter": "resize", "width": 160}, {"filter": "frame", "width": 8})
    assert (small.width, small.height) == (176, 136)
    large = _preview({"filter": "resize", "width": 1536, "enlarge": True}, {"filter": "frame", "width": 16})
    assert (large.width, large.height) == (192 + 4, 144 + 4)


def test_that_steps_after_a_trim_are_scaled_as_the_proxy_is() -> None:
    preview = _preview({"filter": "trim", "threshold": 0}, {"filter": "resize", "width": 400})
    assert preview.width == 100


def test_that_a_preview_fits_into_the_side_that_was_asked_for() -> None:
    assert max(_preview(max_side=64).width, _preview({"filter": "pad", "left": 5000}, max_side=64).width) == 64


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ({"filter": "pad", "left": 16_384}, ImageTooLarge),
        ({"filter": "crop", "left": 768, "width": 10}, InvalidStep),
    ],
)
def test_that_a_preview_fails_where_the_task_would(step: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^pipeline\.1 \("):
        _preview({"filter": "sepia"}, step)


def test_that_the_size_of_a_source_is_that_of_the_whole_oriented_image() -> None:
    turned = files.file(Image.new("RGB", (640, 480)), "JPEG", exif=_orientation(6))
    thumbnail = _render(turned, {"filter": "thumbnail", "size": 60})
    assert (thumbnail.source_size, thumbnail.width, thumbnail.height) == ((480, 640), 45, 60)


def _orientation(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[274] = value
    return exif
