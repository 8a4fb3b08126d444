"""Output options and what each format makes of them."""

import json
from io import BytesIO
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from core.errors import ImageTooLarge, PermanentError
from imaging.codecs.encoder import encode
from imaging.codecs.formats import READABLE, WRITABLE, Format
from imaging.codecs.frames import FrameSequence
from imaging.codecs.output_options import DEFAULT_QUALITY, OutputOptions, choose_format
from imaging.colors import has_alpha
from imaging.pipeline.parse import parse_output_options
from tests.unit.imaging.codecs.cases import rendered
from tests.unit.imaging.files import file, opened
from tests.unit.imaging.images import MODES, array, canvas


def _photo(mode: str = "RGB") -> Image.Image:
    return canvas(mode, (16, 12)).resize((320, 240), Image.Resampling.BICUBIC)


def _half_hidden(mode: str) -> Image.Image:
    image = canvas(mode)
    if has_alpha(image):
        alpha = image.getchannel("A")
        alpha.paste(0, (0, 0, 12, 17))
        image.putalpha(alpha)
    return image


def _encode(image: Image.Image, output_format: Format, **options: Any) -> bytes:  # noqa: ANN401 - as they come from JSON
    return encode(FrameSequence(images=(image,)), output_format, parse_output_options(options)).data


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("output_format", get_args(Format))
@pytest.mark.parametrize("size", [(23, 17), (1, 1), (64, 64)])
def test_that_every_mode_can_be_encoded_in_every_format(
    mode: str, output_format: Format, size: tuple[int, int]
) -> None:
    image = canvas(mode, size)
    encoded = encode(FrameSequence(images=(image,)), output_format, OutputOptions())
    assert encoded == encode(FrameSequence(images=(image,)), output_format, OutputOptions())
    written = opened(encoded.data)
    assert written.format == output_format.upper()
    assert written.size == (encoded.width, encoded.height)
    assert written.size == (image.size if output_format != "ico" else (max(size),) * 2)


@pytest.mark.parametrize(
    ("output_format", "options"),
    [
        ("png", {}),
        ("tiff", {}),
        ("webp", {"lossless": True}),
        ("jxl", {"lossless": True}),
        ("jpeg2000", {"lossless": True}),
    ],
)
@pytest.mark.parametrize("mode", MODES)
def test_that_lossless_formats_lose_nothing(mode: str, output_format: Format, options: dict[str, Any]) -> None:
    image = canvas(mode)
    for exact in (image, _half_hidden(mode)):  # those under alpha 0 are kept too
        written = opened(_encode(exact, output_format, **options)).convert(mode)
        np.testing.assert_array_equal(array(written), array(exact))


@pytest.mark.parametrize("mode", MODES)
def test_that_png_loses_nothing(mode: str) -> None:
    for image in (canvas(mode), Image.new(mode, (200, 100)), canvas(mode, (120, 90))):
        written = opened(_encode(image, "png")).convert("RGBA")
        np.testing.assert_array_equal(array(written), array(image.convert("RGBA")))


@pytest.mark.parametrize("output_format", DEFAULT_QUALITY)
def test_that_quality_costs_bytes_and_has_a_default(output_format: Format) -> None:
    photo, default = _photo(), DEFAULT_QUALITY[output_format]
    small, usual, large = (len(_encode(photo, output_format, quality=quality)) for quality in (10, default, 100))
    assert small < usual < large
    assert len(_encode(photo, output_format)) == usual


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_that_a_jpeg_has_the_background_behind_alpha(mode: str) -> None:
    clear = Image.new(mode, (16, 16), (0,) * len(mode))
    assert array(opened(_encode(clear, "jpeg", background="#f00")))[8, 8] == pytest.approx([254, 0, 0], abs=2)
    assert set(array(opened(_encode(clear, "jpeg")))[8, 8]) == {255}


@pytest.mark.parametrize("output_format", ["webp", "avif", "jpeg2000"])
def test_that_alpha_is_kept(output_format: Format) -> None:
    image = _photo("RGBA")
    written = array(opened(_encode(image, output_format, quality=100)))
    assert np.abs(written - array(image))[:, :, 3].max() <= (0 if output_format == "webp" else 5)


def test_that_a_gif_of_at_most_256_colors_is_exact() -> None:
    few = Image.fromarray((array(canvas("RGB", (40, 30))) // 52 * 51).astype(np.uint8))
    np.testing.assert_array_equal(array(opened(_encode(few, "gif")).convert("RGB")), array(few))
    grey = canvas("L")
    np.testing.assert_array_equal(array(opened(_encode(grey, "gif")).convert("L")), array(grey))


def test_that_a_gif_of_a_photograph_looks_like_it() -> None:
    photo = _photo()
    written = opened(_encode(photo, "gif")).convert("RGB").resize((80, 60), Image.Resampling.BOX)
    difference = array(written) - array(photo.resize((80, 60), Image.Resampling.BOX))
    assert np.abs(difference).mean() < 4


def test_that_a_gif_is_transparent_below_half_alpha() -> None:
    image = _photo("RGBA")
    written = array(opened(_encode(image, "gif")).convert("RGBA"))
    np.testing.assert_array_equal(written[:, :, 3], 255 * (array(image)[:, :, 3] >= 128))


def test_that_an_icon_is_a_square_with_all_its_sizes() -> None:
    encoded = encode(FrameSequence(images=(_photo("RGB"),)), "ico", OutputOptions())
    icon = opened(encoded.data)
    assert (encoded.width, encoded.height) == icon.size == (256, 256)
    assert icon.info["sizes"] == {(side, side) for side in (16, 24, 32, 48, 64, 128, 256)}
    assert array(icon)[0, 128, 3] == 0
    assert array(icon)[128, 128, 3] == 255


def test_that_a_jpeg_is_baseline() -> None:
    assert "progressive" not in opened(_encode(_photo(), "jpeg")).info


def test_that_progressive_makes_a_progressive_jpeg() -> None:
    assert opened(_encode(_photo(), "jpeg", progressive=True)).info["progressive"]


@pytest.mark.parametrize(("subsampling", "sampling"), [("444", 0), ("422", 1), ("420", 2), (None, 2)])
def test_that_chroma_subsampling_can_be_chosen(subsampling: str | None, sampling: int) -> None:
    written = Image.open(BytesIO(_encode(_photo(), "jpeg", subsampling=subsampling)))
    assert JpegImagePlugin.get_sampling(written) == sampling
    fine, coarse = (len(_encode(canvas("RGB", (64, 64)), "avif", subsampling=each)) for each in ("444", "420"))
    assert fine > coarse


@pytest.mark.parametrize("output_format", ["jpeg", "png", "webp", "avif"])
def test_that_effort_saves_bytes(output_format: Format) -> None:
    photo = _photo()
    quick, usual, small = (len(_encode(photo, output_format, effort=effort)) for effort in (1, None, 10))
    assert small < quick
    assert small <= usual


def test_that_effort_saves_bytes_of_lossless_webp() -> None:
    photo = _photo()
    assert len(_encode(photo, "webp", effort=10, lossless=True)) < len(_encode(photo, "webp", effort=1, lossless=True))


@pytest.mark.parametrize("output_format", DEFAULT_QUALITY)
def test_that_a_target_is_met_with_the_best_quality(output_format: Format) -> None:
    photo = _photo()
    sizes = {quality: len(_encode(photo, output_format, quality=quality)) for quality in (20, 21, 40)}
    target = sizes[20]
    data = _encode(photo, output_format, target_bytes=target)
    assert sizes[20] * 0.8 < len(data) <= target
    assert len(_encode(photo, output_format, target_bytes=100)) == len(_encode(photo, output_format, quality=1))
    assert _encode(photo, output_format, target_bytes=2**20) == _encode(photo, output_format)
    assert _encode(photo, output_format, target_bytes=2**20, quality=40) == _encode(photo, output_format, quality=40)


def test_that_a_target_takes_few_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts, save = [], Image.Image.save

    def counted(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Pillow's own
        attempts.append(1)
        save(*args, **kwargs)

    monkeypatch.setattr(Image.Image, "save", counted)
    for target in (100, 2000, 5000):
        attempts.clear()
        _encode(_photo(), "jpeg", target_bytes=target, quality=100)
        assert len(attempts) <= 8


def test_that_a_side_too_long_for_the_format_is_rejected() -> None:
    with pytest.raises(ImageTooLarge, match="16,383 pixels a side"):
        _encode(Image.new("L", (16_384, 1)), "webp")
    assert opened(_encode(Image.new("L", (16_384, 1)), "png")).size == (16_384, 1)


@pytest.mark.parametrize(("raised", "expected"), [(OSError, PermanentError), (MemoryError, MemoryError)])
def test_that_an_encoder_error_differs_from_memory_running_out(
    raised: type[Exception], expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(expected):
        _encode(Image.new("L", (1, 1)), "png")


@pytest.mark.parametrize("source", READABLE)
def test_that_auto_is_the_sources_format_where_that_can_be_written(source: str) -> None:
    like_it = {"heic": "jpeg", "svg": "png"}.get(source, source)
    assert like_it in WRITABLE
    assert choose_format(OutputOptions(), source_format=source) == like_it
    assert choose_format(OutputOptions(format="webp"), source_format=source) == "webp"


@pytest.mark.parametrize(("name", "meant"), [("jpg", "jpeg"), ("tif", "tiff"), ("jp2", "jpeg2000"), ("png", "png")])
def test_that_file_extensions_name_formats_too(name: str, meant: str) -> None:
    assert parse_output_options({"format": name}).format == meant


def test_that_options_survive_json() -> None:
    options = parse_output_options({"format": "webp", "quality": 5, "background": "#ABC", "auto_orient": False})
    assert parse_output_options(json.loads(options.model_dump_json())) == options
    assert parse_output_options(None) == parse_output_options({}) == OutputOptions()


@pytest.mark.parametrize("output", ["webp", "avif", "jxl", "jpeg2000"])
@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_that_hidden_colors_do_not_show_in_lossy_files(output: str, mode: str) -> None:
    """Which the edge of what is visible would get from coarse chroma and blocks that hold both."""
    image = Image.new("RGBA", (64, 64), (200, 200, 200, 255))
    image.paste((255, 0, 0, 0), (21, 0, 43, 64))
    image.paste((0, 0, 255, 0), (0, 5, 64, 7))
    data = rendered(file(image.convert(mode), "PNG"), format=output, quality=40)
    visible = array(image)[:, :, 3] == 255
    found = array(opened(data).convert("RGBA"))[visible].astype(int)
    assert abs(found[:, :3] - 200).max() <= 2
    assert found[:, 3].min() > 180
