"""An output option that the format lacks is an error that names both, and one that it has does something."""

from io import BytesIO
from typing import get_args

import pytest
from PIL import Image

from core.errors import InvalidPipeline
from imaging.codecs.encoder import encode
from imaging.codecs.encoding.option_support import SUPPORT
from imaging.codecs.formats import READABLE, WRITTEN_INSTEAD, Format
from imaging.codecs.frames import FrameSequence
from imaging.codecs.output_options import OutputOptions
from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.render import render
from tests.unit.imaging import animations, files
from tests.unit.imaging.codecs.cases import case, rendered
from tests.unit.imaging.images import array, canvas

VALUES = {
    "quality": 7,
    "lossless": True,
    "effort": 10,
    "progressive": True,
    "subsampling": "444",
    "target_bytes": 1500,
    "dpi": 200,
    "copyright": "Ada",
    "creator": "Ada",
    "description": "An engine",
}
_ALWAYS_LOSSLESS = {"png", "tiff", "bmp"}


def _photo() -> Image.Image:
    return canvas("RGB", (16, 12)).resize((160, 120), Image.Resampling.BICUBIC)


def test_that_every_option_of_some_formats_is_tried() -> None:
    assert VALUES.keys() == SUPPORT.keys()


@pytest.mark.parametrize("name", SUPPORT)
@pytest.mark.parametrize("output_format", get_args(Format))
def test_that_an_option_works_or_is_an_error(name: str, output_format: Format) -> None:
    options: dict[str, object] = {"format": output_format, name: VALUES[name]}
    if output_format not in SUPPORT[name]:
        with pytest.raises(InvalidPipeline, match=rf"^output\.{name}: is not available for {output_format};") as caught:
            parse_output_options(options)
        assert [each.place for each in caught.value.problems] == [f"output.{name}"]
        return
    source = files.file(_photo(), "PNG")
    plain, chosen = (rendered(source, **each) for each in ({"format": output_format}, options))
    assert (chosen == plain) == (name == "lossless" and output_format in _ALWAYS_LOSSLESS)


@pytest.mark.parametrize("source", [each for each in READABLE if each not in WRITTEN_INSTEAD])
@pytest.mark.parametrize("name", SUPPORT)
def test_that_auto_is_judged_as_the_format_of_the_source(name: str, source: str) -> None:
    data = files.file(_photo(), source.upper())
    options = parse_output_options({name: VALUES[name]})
    if source in SUPPORT[name]:
        assert render(data, parse_pipeline([]), options, limits=Limits()).format == source
        return
    with pytest.raises(InvalidPipeline, match=f"{name}: .* {source}, the format of the source; omit it, or"):
        render(data, parse_pipeline([]), options, limits=Limits())


def test_that_auto_is_judged_as_what_is_written_instead() -> None:
    heic = case("heic_rgb.heic")
    assert render(heic, parse_pipeline([]), parse_output_options({"quality": 7}), limits=Limits()).format == "jpeg"
    with pytest.raises(InvalidPipeline, match="lossless: is not available for jpeg, the format for a heic"):
        render(heic, parse_pipeline([]), parse_output_options({"lossless": True}), limits=Limits())


@pytest.mark.parametrize("output_format", ["webp", "jpeg2000"])
@pytest.mark.parametrize("name", ["quality", "target_bytes"])
def test_that_lossless_leaves_no_quality_to_choose(name: str, output_format: str) -> None:
    with pytest.raises(InvalidPipeline, match=rf"output\.{name}: cannot be combined with lossless"):
        parse_output_options({"format": output_format, "lossless": True, name: VALUES[name]})


def test_that_an_analysis_has_no_format_to_support_options() -> None:
    options = parse_output_options({"analyse": ["info"], "quality": 50})
    assert render(files.file(_photo(), "PNG"), parse_pipeline([]), options, limits=Limits()).analysis


def test_that_a_lossless_bmp_does_not_lose_transparency() -> None:
    options = parse_output_options({"format": "bmp", "lossless": True})
    with pytest.raises(InvalidPipeline, match=r"output\.lossless: bmp would lose the transparency"):
        encode(FrameSequence(images=(canvas("RGBA"),)), "bmp", options)
    assert encode(FrameSequence(images=(canvas("RGBA"),)), "bmp", OutputOptions()).data


@pytest.mark.parametrize("output_format", ["png", "webp"])
@pytest.mark.parametrize("modes", [["RGBA"] * 3, ["RGB", "RGBA", "LA"], ["LA", "LA"], ["RGB", "L"]])
def test_that_a_lossless_animation_keeps_colors_under_alpha_0(output_format: Format, modes: list[str]) -> None:
    images = [canvas(mode, (30, 20), seed=seed) for seed, mode in enumerate(modes)]
    for image in images[1:]:
        if image.mode in {"RGBA", "LA"}:
            image.putalpha(image.getchannel("A").point([0] * 128 + [200] * 128))
    sequence = FrameSequence(images=tuple(images), durations_ms=(50.0, 60.0, 70.0)[: len(images)])
    data = encode(sequence, output_format, parse_output_options({"lossless": True})).data
    assert [round(each) for each in sequence.durations_ms] == animations.seen(data)[1]
    for written, image in zip(animations.decoded(data), images, strict=True):
        assert (array(written.convert("RGBA")) == array(image.convert("RGBA"))).all()


def test_that_an_animation_of_whole_frames_keeps_its_metadata() -> None:
    images = [canvas("RGBA", (30, 20), seed=seed) for seed in range(3)]
    for image in images:
        image.putalpha(image.getchannel("A").point([0] * 128 + [255] * 128))
    source = animations.encode(
        "WEBP", images, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x3b\0\2\0\0\0\4Ann\0\0\0\0\0", loop=3
    )
    with Image.open(BytesIO(rendered(source, format="webp", lossless=True, metadata="keep"))) as written:
        assert written.getexif()[0x13B] == "Ann"
        assert (written.n_frames, written.info["loop"]) == (3, 3)  # type: ignore[attr-defined]
