"""`only_if_smaller` gives the source's own pixels, stripped, and `quality: source` the quality that a JPEG has."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from core.errors import InvalidPipeline
from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.render import Rendered, render
from tests.unit.imaging import animations, files
from tests.unit.imaging.images import array, canvas

EXIF = Image.Exif()
EXIF[0x13B] = "Ann"
EXIF[0x8298] = "Copyright"
EXIF[0x110] = "Camera"
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="3"/></rdf:RDF></x:xmpmeta>'
)


def _photo() -> Image.Image:
    return canvas("RGB", (16, 12)).resize((96, 64), Image.Resampling.BICUBIC)


def _render(data: bytes, *steps: dict[str, Any], **output: Any) -> Rendered:  # noqa: ANN401 - as they come from JSON
    options = parse_output_options({"only_if_smaller": True} | output)
    return render(data, parse_pipeline(list(steps)), options, limits=Limits())


def _jpeg(**options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
    return files.file(_photo(), "JPEG", **{"quality": 30, "exif": EXIF, "xmp": XMP, "comment": "by hand"} | options)


def _sources() -> dict[str, bytes]:
    noisy = canvas("RGB", (64, 48))
    frames = animations.frames(mode="RGB")
    return {
        "jpeg": _jpeg(),
        "jpeg with a video": _jpeg() + b"\0\0\0\x18ftypmp42" + bytes(999),
        "jpeg without an end": _jpeg()[:-2],
        "jpeg of scans": _jpeg(progressive=True),
        "png": files.file(noisy, "PNG", optimize=True, exif=EXIF),
        "webp": files.file(_photo(), "WEBP", quality=5, exif=EXIF, xmp=XMP),
        "animated webp": animations.encode("WEBP", frames, lossless=False, quality=1, exif=EXIF),
        "gif": animations.encode("GIF", frames, comment="by hand", loop=3, optimize=True, disposal=1),
    }


SOURCES = _sources()
_PNG = files.file(_photo(), "PNG")
LINEAR = _PNG[:33] + files.chunk(b"gAMA", (100_000).to_bytes(4)) + _PNG[33:]


@pytest.mark.parametrize("name", SOURCES)
def test_that_the_sources_own_pixels_come_back_stripped(name: str) -> None:
    source = SOURCES[name]
    rendered = _render(source, format="png" if "jpeg" in name else "auto", **{"effort": 1} if "jpeg" in name else {})
    assert rendered.format == name.replace("animated ", "").split()[0]
    assert len(rendered.data) < len(source) + 2
    assert b"by hand" not in rendered.data
    source += b"\xff\xd9" * ("without" in name)  # which Pillow needs
    with Image.open(BytesIO(rendered.data)) as own, Image.open(BytesIO(source)) as given:
        assert (own.size, not own.getexif()) == ((rendered.width, rendered.height), True)
        assert not {"xmp", "comment"} & own.info.keys()
        assert own.info.get("loop") == given.info.get("loop")
    pairs = zip(animations.decoded(rendered.data), animations.decoded(source), strict=True)
    assert all((array(one.convert("RGBA")) == array(other.convert("RGBA"))).all() for one, other in pairs)
    assert animations.seen(rendered.data)[1] == animations.seen(source)[1]


@pytest.mark.parametrize("name", ["jpeg", "webp", "animated webp"])
def test_that_metadata_follows_its_rule(name: str) -> None:
    effort = {"quality": 100}
    kept, copyright_only = (_render(SOURCES[name], metadata=each, **effort) for each in ("keep", "keep_copyright"))
    with Image.open(BytesIO(kept.data)) as image:
        assert image.getexif()[0x110] == "Camera"
        assert ("xmp" in image.info) == (name != "animated webp")
    with Image.open(BytesIO(copyright_only.data)) as image:
        assert dict(image.getexif()) == {0x13B: "Ann", 0x8298: "Copyright"}
    assert len(kept.data) < len(_render(SOURCES[name], only_if_smaller=False, **effort).data)


@pytest.mark.parametrize(
    ("source", "steps", "output"),
    [
        (SOURCES["jpeg"], [{"filter": "invert"}], {}),
        (_jpeg(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"), [], {}),
        (_jpeg(icc_profile=files.swapped_rgb_profile()), [], {}),
        (files.file(_photo().convert("CMYK"), "JPEG", quality=5), [], {}),
        (SOURCES["gif"], [], {"frames": "first"}),
        (SOURCES["gif"], [], {"loop": 1}),
        (SOURCES["gif"], [], {"format": "tiff"}),
        (files.file(canvas("RGBA"), "WEBP", quality=5), [], {"format": "bmp"}),
        (files.file(_photo(), "PNG", optimize=True), [], {"format": "ico"}),
        (LINEAR, [], {"format": "bmp"}),
    ],
    ids=["step", "orientation", "profile", "cmyk", "first", "loop", "still", "filled", "icon", "gamma"],
)
def test_that_other_pixels_are_encoded(source: bytes, steps: list[dict[str, Any]], output: dict[str, Any]) -> None:
    plain = _render(source, *steps, only_if_smaller=False, **output)
    assert _render(source, *steps, **output).data == plain.data


def test_that_a_smaller_output_is_used() -> None:
    source = files.file(_photo(), "JPEG", quality=98)
    assert len(_render(source).data) < len(source)
    png = _render(files.file(Image.new("RGB", (99, 99)), "PNG", compress_level=0))
    assert len(png.data) < 200


@pytest.mark.parametrize("quality", [1, 10, 37, 50, 75, 90, 99, 100])
def test_that_the_quality_of_a_jpeg_is_found_in_its_tables(quality: int) -> None:
    source = files.file(_photo(), "JPEG", quality=quality)
    by_source, by_number = (_render(source, quality=each, only_if_smaller=False) for each in ("source", quality))
    assert by_source.data == by_number.data


@pytest.mark.parametrize(("source_format", "output_format"), [("PNG", "jpeg"), ("JPEG", "webp"), ("PNG", "auto")])
def test_that_only_a_jpeg_has_a_quality_for_a_jpeg(source_format: str, output_format: str) -> None:
    with pytest.raises(InvalidPipeline, match=r"output\.quality: source is the quality of a jpeg"):
        _render(files.file(_photo(), source_format), format=output_format, quality="source")
