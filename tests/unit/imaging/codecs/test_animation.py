"""Animations: every step applies to every frame; durations, loop count, disposal and transparency are kept."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageTooLarge, InvalidImage, InvalidStep
from imaging.codecs.decoder import open_image
from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.render import Rendered, render
from tests.unit.imaging import animations
from tests.unit.imaging.images import array

FORMATS = ["GIF", "PNG", "WEBP", "AVIF"]
CLOSE = {"GIF": 0, "PNG": 0, "WEBP": 0, "AVIF": 12}


def _render(source: bytes, *steps: dict[str, Any], limits: Limits | None = None, **output: Any) -> Rendered:  # noqa: ANN401 - as they come from JSON
    return render(source, parse_pipeline(list(steps)), parse_output_options(output), limits=limits or Limits())


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", FORMATS)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_that_an_animation_is_the_same_in_any_format(source: str, target: str, mode: str) -> None:
    if "AVIF" in {source, target} and mode == "RGBA":
        pytest.skip("what lies below holes is lost there, and seen at their edges")
    images = animations.frames(mode=mode)
    given = animations.encode(source, images)
    exact: dict[str, dict[str, Any]] = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100, "subsampling": "444"}}
    output = exact.get(target, {})

    rendered = _render(given, format=target.lower(), **output)

    shown, durations = animations.seen(rendered.data)
    assert animations.difference(shown, animations.seen(given)[0]) <= max(CLOSE[source], CLOSE[target])
    assert durations == animations.DURATIONS
    assert Image.open(BytesIO(rendered.data)).info.get("loop", 0) == 0
    assert rendered.source_pixels == 4 * 40 * 30


@pytest.mark.parametrize("pillow_format", FORMATS)
def test_that_every_step_applies_to_every_frame(pillow_format: str) -> None:
    images = animations.frames(mode="RGB")
    steps: list[dict[str, Any]] = [{"filter": "resize", "width": 20, "kernel": "bicubic"}, {"filter": "invert"}]

    rendered = _render(animations.encode(pillow_format, images), *steps, format="png")

    shown, _ = animations.seen(rendered.data)
    assert len(shown) == len(images)
    for values, image in zip(shown, images, strict=True):
        expected = 255 - array(image.resize((20, 15), Image.Resampling.BICUBIC))
        assert np.abs(values[:, :, :3] - expected).max() <= max(1, CLOSE[pillow_format])
    assert [name for name, _ in rendered.report.step_seconds] == ["resize", "invert"]


@pytest.mark.parametrize("disposal", [1, 2, 3])
def test_that_each_disposal_of_a_gif_is_applied(disposal: int) -> None:
    given = animations.encode("GIF", animations.frames(), disposal=disposal, optimize=False)
    for target in ("gif", "png"):
        assert (
            animations.difference(animations.seen(_render(given, format=target).data)[0], animations.seen(given)[0])
            == 0
        )


@pytest.mark.parametrize(
    ("source", "loop", "loop_count"),
    [("GIF", None, 1), ("GIF", 0, 0), ("GIF", 1, 2), ("GIF", 4, 5), ("PNG", 3, 3), ("WEBP", 3, 3), ("WEBP", 0, 0)],
)
def test_that_the_loop_count_is_kept(source: str, loop: int | None, loop_count: int) -> None:
    given = animations.encode(source, animations.frames(), loop=loop)
    assert open_image(given, limits=Limits()).loop_count == loop_count
    for target in ("gif", "png", "webp"):
        assert open_image(_render(given, format=target).data, limits=Limits()).loop_count == loop_count
        assert open_image(_render(given, format=target, loop=7).data, limits=Limits()).loop_count == 7


def test_that_durations_of_a_gif_do_not_drift() -> None:
    given = animations.encode("WEBP", animations.frames(30), duration=33)
    _, durations = animations.seen(_render(given, format="gif").data)
    assert set(durations) == {30, 40}
    assert sum(durations) == pytest.approx(30 * 33, abs=10)
    _, hurried = animations.seen(_render(animations.encode("WEBP", animations.frames(), duration=5), format="gif").data)
    assert hurried == [10, 10, 10, 10], "which browsers show for 100 ms, as they do in a WebP"


@pytest.mark.parametrize("target", ["jpeg", "tiff", "bmp", "ico", "jpeg2000"])
def test_that_a_still_format_gets_the_first_frame(target: str) -> None:
    images = animations.frames(mode="RGB")
    rendered = _render(animations.encode("GIF", images), format=target)
    assert getattr(Image.open(BytesIO(rendered.data)), "n_frames", 1) == 1
    assert rendered.source_pixels == 40 * 30


def test_that_only_the_first_frame_is_rendered_on_request() -> None:
    rendered = _render(animations.encode("GIF", animations.frames()), frames="first")
    assert len(animations.seen(rendered.data)[0]) == 1


def test_that_the_default_image_of_an_apng_is_no_frame() -> None:
    images = animations.frames(mode="RGB")
    out = BytesIO()
    options: dict[str, Any] = {"save_all": True, "default_image": True, "duration": 50}
    Image.new("RGB", animations.SIZE, "red").save(out, "PNG", append_images=images, **options)
    shown, _ = animations.seen(_render(out.getvalue(), format="gif").data)
    assert animations.difference(shown, [array(image.convert("RGBA")) for image in images]) == 0
    still = array(Image.open(BytesIO(_render(out.getvalue(), format="bmp").data)))
    assert (still == [255, 0, 0]).all()


def test_that_a_later_frame_can_have_transparent_pixels() -> None:
    given = animations.encode("PNG", [Image.new("RGB", animations.SIZE, "navy").convert("RGBA"), *animations.frames(3)])
    for target in ("gif", "webp", "png"):
        rendered = _render(given, format=target, lossless=target == "webp")
        assert animations.difference(animations.seen(rendered.data)[0], animations.seen(given)[0]) == 0


def test_that_an_animation_of_photographs_can_be_a_gif() -> None:
    noise = [np.random.default_rng(seed).integers(0, 256, (30, 40, 4), dtype=np.uint8) for seed in range(3)]
    given = animations.encode("PNG", [Image.fromarray(values) for values in noise])
    shown, _ = animations.seen(_render(given, format="gif").data)
    for values, source in zip(shown, noise, strict=True):
        np.testing.assert_array_equal(values[:, :, 3] > 0, source[:, :, 3] >= 128)


def test_that_an_animation_is_oriented() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    given = animations.encode("WEBP", animations.frames(mode="RGB"), exif=exif)
    shown, _ = animations.seen(_render(given, format="png").data)
    assert [values.shape for values in shown] == [(40, 30, 4)] * 4
    np.testing.assert_array_equal(shown[2], np.rot90(animations.seen(given)[0][2], -1))


def test_that_too_many_frames_are_rejected_and_the_first_one_is_not() -> None:
    given = animations.encode("GIF", [Image.new("L", (8, 8), value % 256) for value in range(101)], duration=20)
    with pytest.raises(
        ImageTooLarge, match=r'An animation of 101 or more frames .* Use the output option {"frames": "first'
    ):
        _render(given)
    assert _render(given, frames="first").width == 8
    assert _render(given, format="jpeg").width == 8
    assert len(animations.seen(_render(given, limits=Limits(max_frames=101)).data)[0]) == 101


@pytest.mark.parametrize("durations", [[70_001, 40, 40, 40], [40_001, 40_001, 20, 20], [7_000_031] * 3 + [40]])
def test_that_a_png_shows_a_frame_for_long(durations: list[int]) -> None:
    first, *others = animations.frames(3, mode="RGB")
    given = animations.encode("WEBP", [first, first, *others], duration=durations)
    shown = animations.seen(_render(given, format="png").data)[1]
    assert sum(shown) == pytest.approx(sum(durations), abs=200)


def test_that_a_webp_shows_a_frame_for_as_long_as_it_can() -> None:
    """A frame of an APNG may last 18 hours, one of a WebP 2^24 - 1 ms."""
    given = animations.encode("PNG", animations.frames(3), duration=[30_000_000, 40, 40])
    assert animations.seen(_render(given, format="webp", lossless=True).data)[1] == [2**24 - 1, 40, 40]


def test_that_an_avif_has_no_date() -> None:
    """Libavif writes the time of day into three kinds of headers, so the same task would give another file."""
    data = _render(animations.encode("PNG", animations.frames(3)), format="avif").data
    headers = [at for name in (b"mvhd", b"tkhd", b"mdhd") for at in range(len(data)) if data[at : at + 4] == name]
    assert len(headers) == 5
    assert all(data[at + 4] == 1 for at in headers)
    assert {data[at + 8 : at + 24] for at in headers} == {bytes(16)}
    assert animations.seen(data)[1] == animations.DURATIONS[:3]


@pytest.mark.parametrize("target", ["webp", "gif"])
def test_that_a_png_may_loop_more_often_than_others_can(target: str) -> None:
    given = animations.encode("PNG", animations.frames(3), loop=2**24)
    assert Image.open(BytesIO(_render(given, format=target).data)).info["loop"] == 2**16 - 1


def test_that_too_many_pixels_in_total_are_rejected_before_decoding() -> None:
    given = animations.encode("PNG", animations.frames())
    enough = Limits(max_animation_pixels=4 * 40 * 30)
    assert _render(given, limits=enough).width == 40
    with pytest.raises(ImageTooLarge, match="4 or more frames of 40 x 30"):
        _render(given, limits=Limits(max_animation_pixels=4 * 40 * 30 - 1))
    with pytest.raises(ImageTooLarge, match=r"^pipeline\.0 \(resize\): An animation of 4"):
        _render(given, {"filter": "resize", "width": 41, "enlarge": True}, limits=enough)
    with pytest.raises(ImageTooLarge):
        _render(animations.encode("GIF", [Image.new("P", (3000, 3000), index) for index in range(12)], duration=20))


@pytest.mark.parametrize("pillow_format", FORMATS)
def test_that_a_truncated_animation_is_rejected(pillow_format: str) -> None:
    noise = [
        Image.fromarray(np.random.default_rng(seed).integers(0, 256, (90, 90), dtype=np.uint8)) for seed in range(4)
    ]
    data = animations.encode(pillow_format, [image.convert("RGB") for image in noise])
    with pytest.raises(InvalidImage):
        _render(data[: len(data) * 2 // 3])


def test_that_frames_of_different_sizes_are_rejected() -> None:
    images = [Image.new("RGB", animations.SIZE, "white") for _ in range(2)]
    for index, image in enumerate(images):
        image.paste("black", (4, 4, 20 + index, 20))
    with pytest.raises(InvalidStep, match="Frame 2 becomes 17 x 16 pixels and the first one 16 x 16"):
        _render(animations.encode("PNG", images), {"filter": "trim"})


def test_that_a_render_is_deterministic() -> None:
    given = animations.encode("GIF", animations.frames())
    for target in ("gif", "png", "webp", "avif"):
        assert _render(given, format=target).data == _render(given, format=target).data
