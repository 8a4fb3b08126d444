"""Filters with an auxiliary image, against their formulas."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageTooLarge, InvalidImage, InvalidStep
from imaging.filters import CATALOGUE
from imaging.limits import Limits
from imaging.pipeline.parse import parse_output_options, parse_pipeline
from imaging.render import Rendered, render
from tests.unit.imaging import animations
from tests.unit.imaging.filters import auxiliary
from tests.unit.imaging.filters.marks import ID, STAMP, apply, png, rgba
from tests.unit.imaging.images import MODES, Array, array, canvas


@pytest.mark.parametrize(
    ("position", "corner"),
    [
        ("northwest", (3, 3)),
        ("north", (17, 3)),
        ("northeast", (31, 3)),
        ("west", (3, 13)),
        ("center", (17, 13)),
        ("east", (31, 13)),
        ("southwest", (3, 23)),
        ("south", (17, 23)),
        ("southeast", (31, 23)),
    ],
)
def test_that_a_watermark_lies_where_it_should(position: str, corner: tuple[int, int]) -> None:
    image = Image.new("RGB", (40, 30), "white")
    marked = apply("watermark", image, png(STAMP), position=position, scale=None, margin=3)
    expected = image.copy()
    expected.paste(STAMP, corner)
    np.testing.assert_array_equal(array(marked), array(expected))


def test_that_tiles_cover_the_image() -> None:
    marked = array(apply("watermark", Image.new("RGB", (40, 30)), png(STAMP), position="tile", scale=None, margin=2))
    down, across = np.mgrid[0:30, 0:40]
    np.testing.assert_array_equal(marked[:, :, 0] == 255, (across % 8 < 6) & (down % 6 < 4))


def test_that_tiles_of_one_pixel_are_not_placed_one_by_one() -> None:
    """That would take half a minute."""
    dot = Image.new("RGBA", (1, 1), (255, 0, 0, 255))
    marked = apply("watermark", Image.new("RGB", (5000, 4000)), png(dot), position="tile", scale=None, margin=0)
    assert marked.getcolors() == [(5000 * 4000, (255, 0, 0))]


def test_that_a_scale_is_of_the_images_width_and_never_too_high() -> None:
    for size, box in (((100, 80), [25, 17]), ((200, 10), [15, 10])):
        marked = array(apply("watermark", Image.new("RGB", size), png(STAMP), scale=25.0, margin=0))
        red = marked[:, :, 0] > 128
        assert [int(red.any(axis=axis).sum()) for axis in (0, 1)] == box


def test_that_a_mark_larger_than_the_image_is_cut() -> None:
    big = png(canvas("RGB", (50, 50)))
    for position in ("northwest", "center", "southeast", "tile"):
        marked = apply("watermark", Image.new("RGB", (20, 10)), big, position=position, scale=None)
        assert marked.size == (20, 10)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("opacity", [0.0, 35.0, 100.0])
def test_that_a_mark_is_laid_over_as_porter_and_duff_say(mode: str, opacity: float) -> None:
    image, mark = canvas(mode), canvas("RGBA", seed=3)
    marked = apply("watermark", image, png(mark), scale=None, margin=0, opacity=opacity)
    expected = _over(rgba(image), rgba(mark) * [1, 1, 1, opacity / 100])
    assert marked.mode == ("RGBA" if mode in {"LA", "RGBA"} else "RGB")
    _assert_near(rgba(marked), expected)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_that_grey_on_grey_stays_grey(mode: str) -> None:
    image, mark = canvas(mode), canvas("LA", seed=3)
    for name in ("watermark", "overlay"):
        parameters: dict[str, Any] = {"scale": None, "margin": 0} if name == "watermark" else {}
        laid = apply(name, image, png(mark), **parameters)
        assert laid.mode == mode
        _assert_near(rgba(laid), _over(rgba(image), rgba(mark)))


BLENDS: dict[str, Callable[[Array, Array], Array]] = {
    "normal": lambda _below, above: above,
    "multiply": lambda below, above: below * above,
    "screen": lambda below, above: 1 - (1 - below) * (1 - above),
    "overlay": lambda below, above: np.where(below < 0.5, 2 * below * above, 1 - 2 * (1 - below) * (1 - above)),
    "hard_light": lambda below, above: np.where(above < 0.5, 2 * below * above, 1 - 2 * (1 - below) * (1 - above)),
    "soft_light": lambda below, above: (1 - below) * below * above + below * (1 - (1 - below) * (1 - above)),
    "darken": np.minimum,
    "lighten": np.maximum,
    "difference": lambda below, above: np.abs(below - above),
    "add": lambda below, above: np.minimum(1, below + above),
    "subtract": lambda below, above: np.maximum(0, below - above),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("blend", BLENDS)
def test_that_each_blend_is_its_formula(blend: str, mode: str) -> None:
    image, other = canvas(mode), canvas("RGBA", seed=3)
    laid = apply("overlay", image, png(other), mode=blend, opacity=80.0)
    below, above = rgba(image) / 255, rgba(other) / 255
    mixed = BLENDS[blend](below[:, :, :3], above[:, :, :3])
    mixed = (1 - below[:, :, 3:]) * above[:, :, :3] + below[:, :, 3:] * mixed
    layer = np.concatenate([mixed, above[:, :, 3:] * 0.8], axis=2) * 255
    _assert_near(rgba(laid), _over(rgba(image), layer), most=6)


def test_that_every_blend_is_tested() -> None:
    assert list(BLENDS.keys() ^ set(CATALOGUE["overlay"].parameters()["properties"]["mode"]["enum"])) == []


@pytest.mark.parametrize(("fit", "left", "top"), [("fill", 0, 0), ("cover", 0, 0), ("inside", 10, 0)])
def test_that_an_overlay_is_fitted(fit: str, left: int, top: int) -> None:
    laid = array(apply("overlay", Image.new("RGB", (40, 20)), png(Image.new("RGB", (9, 9), "red")), fit=fit))
    red = np.argwhere(laid[:, :, 0] == 255)
    assert red.min(axis=0).tolist() == [top, left]
    assert red.max(axis=0).tolist() == [19 - top, 39 - left]


def _render(
    source: bytes, *steps: dict[str, Any], pictures: dict[UUID, bytes], limits: Limits | None = None
) -> Rendered:
    return render(
        source,
        parse_pipeline(list(steps)),
        parse_output_options({"format": "png"}),
        limits=limits or Limits(),
        auxiliary_images=pictures,
    )


def test_that_a_pipeline_gets_its_auxiliary_images() -> None:
    steps = [{"filter": "watermark", "image_id": ID}, {"filter": "lut", "image_id": str(auxiliary.CUBE)}]
    source = png(canvas("RGB", (60, 60)))
    rendered = _render(source, *steps, pictures=auxiliary.IMAGES)
    assert [name for name, _ in rendered.report.step_seconds] == ["watermark", "lut"]
    assert [place for place, _ in parse_pipeline(list(steps)).auxiliary_images] == ["pipeline.0", "pipeline.1"]
    assert rendered.data == _render(source, *steps, pictures=auxiliary.IMAGES).data


def test_that_every_frame_gets_the_mark() -> None:
    animation = animations.encode("GIF", animations.frames(mode="RGB"))
    step = {"filter": "watermark", "image_id": ID, "position": "northwest", "scale": None, "margin": 0}
    shown, _ = animations.seen(_render(animation, step, pictures={auxiliary.MARK: png(STAMP)}).data)
    assert len(shown) == 4
    for values in shown:
        assert (values[:4, :6, :3] == [255, 0, 0]).all()


def test_that_errors_of_an_auxiliary_image_name_the_step() -> None:
    step, source = {"filter": "overlay", "image_id": ID}, png(STAMP)
    with pytest.raises(InvalidStep, match=rf"^pipeline\.0 \(overlay\): the auxiliary image {ID} is missing$"):
        _render(source, step, pictures={})
    with pytest.raises(InvalidImage, match=r"^pipeline\.0 \(overlay\): The image is damaged"):
        _render(source, step, pictures={auxiliary.MARK: source[:50]})
    with pytest.raises(InvalidImage, match=r"^pipeline\.0 \(overlay\): Unsupported image format"):
        _render(source, step, pictures={auxiliary.MARK: auxiliary.cube(2)})
    big = png(Image.new("RGB", (40, 40)))
    with pytest.raises(ImageTooLarge, match=r"^pipeline\.0 \(overlay\): An image of 40 x 40"):
        _render(source, step, pictures={auxiliary.MARK: big}, limits=Limits(max_pixels=1599))


def _over(below: Array, above: Array) -> Array:
    """Porter and Duff, Compositing digital images, 1984. The colour of transparent pixels is undefined."""
    alpha, base = above[:, :, 3:] / 255, below[:, :, 3:] / 255
    total = alpha + base * (1 - alpha)
    mixed = (above[:, :, :3] * alpha + below[:, :, :3] * base * (1 - alpha)) / np.where(total, total, 1)
    return np.concatenate([mixed, total * 255], axis=2)


def _assert_near(seen: Array, expected: Array, *, most: float = 3) -> None:
    """Colours count as much as they are seen."""
    assert np.abs(seen[:, :, 3] - expected[:, :, 3]).max() <= 2
    shown = expected[:, :, 3:] / 255
    assert np.abs((seen - expected)[:, :, :3] * shown).max() <= most
