"""Analyses of an image, compared with the results of well-known implementations."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.errors import InvalidPipeline
from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.render import Rendered, render
from tests.unit.imaging import animations, files
from tests.unit.imaging.images import MODES, array, canvas

PICTURES = Path(__file__).parents[3] / "examples" / "pictures"
ALL = ["info", "histogram", "palette", "average_color", "blurhash", "thumbhash", "dhash"]


def _render(source: bytes, *steps: dict[str, Any], **output: Any) -> Rendered:  # noqa: ANN401 - as they come from JSON
    return render(source, parse_pipeline(list(steps)), parse_output_options(output), limits=Limits())


def _analysed(source: bytes, *names: str, **output: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    analysis = _render(source, analyse=list(names), **output).analysis
    assert analysis is not None
    return analysis


# By the packages blurhash 1.1.5 (on 64 pixels a side), thumbhash-python 1.0.1 (on 100) and imagehash 4.3.2.
KNOWN = {
    "astronaut": ("LPI|n4:+M|tR.m9[RlxaOrg3RjIo", "3EgKFwhpaIVPh2aHVnh6WIdp+SVif0IG", "cd8dd91d897293a7"),
    "chelsea": ("L8HT,6#jyZ$%E0x]Rj?HkY%3xYS5", "XUkGFYL2V2ix5qmreEWIhQx41HBm", "5414589aab6fa785"),
    "coffee": ("LQJ$HVNdv~xF~AE358IpS~SNbaS2", "GIoKDYSlqIdPUXd3eEeHh9N/YIkI", "f3e96933160b1b36"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_that_hashes_are_those_of_everybody(name: str) -> None:
    found = _analysed((PICTURES / f"{name}.jpg").read_bytes(), "blurhash", "thumbhash", "dhash")
    assert tuple(found.values()) == KNOWN[name]


def test_that_a_thumbhash_knows_alpha() -> None:
    image = Image.open(PICTURES / "coffee.jpg").convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    assert _analysed(files.file(image, "PNG"), "thumbhash") == {"thumbhash": "FoqGC4I4+KtdUJX1rVK7CoeHgIiHeIg="}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (64, 64)])
def test_that_every_image_can_be_analysed(mode: str, size: tuple[int, int]) -> None:
    rendered = _render(files.file(canvas(mode, size), "PNG"), analyse=ALL)
    assert (rendered.format, rendered.width, rendered.height) == ("json", *size)
    assert rendered.analysis is not None
    assert list(rendered.analysis) == ALL
    assert json.loads(rendered.data) == rendered.analysis
    assert len(rendered.data) < 64 * 1024


@pytest.mark.parametrize("color", ["black", "white", "#808080", "#00000000"])
def test_that_an_image_of_one_color_can_be_analysed(color: str) -> None:
    found = _analysed(files.file(Image.new("RGBA", (30, 20), color), "PNG"), *ALL)
    assert found["dhash"] == "0" * 16


def test_that_a_histogram_counts_every_pixel() -> None:
    image = canvas("RGBA")
    found = _analysed(files.file(image, "PNG"), "histogram")["histogram"]
    assert list(found) == ["luma", "red", "green", "blue", "alpha"]
    for index, name in enumerate(["red", "green", "blue", "alpha"]):
        values = array(image)[:, :, index].ravel().astype(int).tolist()
        assert found[name] == [values.count(level) for level in range(256)]
    assert sum(found["luma"]) == 23 * 17
    assert list(_analysed(files.file(canvas("L"), "PNG"), "histogram")["histogram"]) == ["luma"]


def test_that_a_palette_names_the_commonest_colors_first() -> None:
    image = Image.new("RGBA", (100, 10), (0, 0, 0, 0))
    image.paste("#ff0000", (0, 0, 50, 10))
    image.paste("#00ff00", (50, 0, 80, 10))
    assert _analysed(files.file(image, "PNG"), "palette")["palette"] == [
        {"color": "#ff0000", "share": 0.625},
        {"color": "#00ff00", "share": 0.375},
    ]
    assert _analysed(files.file(Image.new("LA", (9, 9)), "PNG"), "palette") == {"palette": []}
    assert len(_analysed((PICTURES / "coffee.jpg").read_bytes(), "palette")["palette"]) == 8


def test_that_an_average_weighs_what_is_seen() -> None:
    image = Image.new("RGBA", (100, 10), (255, 255, 255, 0))
    image.paste((200, 100, 0, 255), (0, 0, 50, 10))
    found = _analysed(files.file(image, "PNG"), "average_color")["average_color"]
    assert found == {"color": "#c86400", "alpha": pytest.approx(0.5, abs=0.01)}


def test_that_info_is_about_the_file_and_the_rest_about_the_image() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    source = files.file(files.quarters(), "JPEG", exif=exif, icc_profile=files.swapped_rgb_profile(), progressive=True)
    rendered = _render(source, {"filter": "grayscale"}, analyse=["info", "average_color"])
    assert rendered.analysis is not None
    assert rendered.analysis["info"] == {
        "format": "jpeg",
        "bytes": len(source),
        "width": 32,
        "height": 48,
        "mode": "RGB",
        "has_alpha": False,
        "orientation": 6,
        "profile": "test",
        "has_exif": True,
        "has_place": True,
        "progressive": True,
        "frames": 1,
        "duration_ms": 0,
        "plays": 1,
    }
    red, green, blue = bytes.fromhex(rendered.analysis["average_color"]["color"][1:])
    assert red == green == blue


def test_that_info_counts_frames() -> None:
    found = _analysed(animations.encode("GIF", animations.frames(), loop=2), "info")["info"]
    assert (found["frames"], found["duration_ms"], found["plays"], found["has_alpha"]) == (4, 460, 3, True)


@pytest.mark.parametrize(
    ("output", "path"),
    [
        ({"analyse": "info"}, "output.analyse"),
        ({"analyse": ["colour"]}, "output.analyse.0"),
        ({"analyse": ["info"], "format": "png"}, "output.analyse"),
        ({"analyse": ["info"] * 8}, "output.analyse"),
    ],
)
def test_that_an_invalid_analysis_is_reported_with_its_path(output: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidPipeline) as rejection:
        parse_output_options(output)
    assert [problem.place for problem in rejection.value.problems] == [path]


def test_that_a_name_counts_once() -> None:
    options = parse_output_options({"analyse": ["dhash", "info", "dhash"]})
    assert options.analyse == ("dhash", "info")
    assert parse_output_options(options.model_dump(mode="json")) == options
