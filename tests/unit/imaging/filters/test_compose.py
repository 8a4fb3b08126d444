"""Text, frames, shadows, cards and redaction: where they are, what they cover and what they leave."""

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import InvalidStep
from imaging.filters import CATALOGUE
from imaging.filters.compose.fonts import load_font
from imaging.filters.compose.paint import ColorLayer, composite
from imaging.filters.compose.text_layout import Line, lay_out
from tests.unit.imaging.images import MODES, Array, array, blurred, canvas


def apply(name: str, image: Image.Image, **parameters: Any) -> Image.Image:  # noqa: ANN401 - as they come from JSON
    return CATALOGUE[name].model_validate(parameters).apply(image)


def changed_box(before: Image.Image, after: Image.Image) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero((array(before.convert("RGBA")) != array(after.convert("RGBA"))).any(2))
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def over(below: Array, color: tuple[int, int, int, int], mask: Array) -> Array:
    """Porter and Duff, "Compositing Digital Images", 1984."""
    share, own = mask * color[3] / 255, below[:, :, 3] / 255
    alpha = share + own * (1 - share)
    mixed = np.array(color[:3]) * share[..., None] + below[:, :, :3] * (own * (1 - share))[..., None]
    return np.dstack([mixed / np.maximum(alpha, 1e-9)[..., None], 255 * alpha])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("place", [(3, 4), (-5, -3), (18, 12), (-12, 3), (3, 19)])
def test_that_a_layer_lies_over_the_image(mode: str, place: tuple[int, int]) -> None:
    image, mask = canvas(mode), canvas("L", (10, 9))
    whole = np.zeros((17 + 40, 23 + 40))
    whole[20 + place[1] : 29 + place[1], 20 + place[0] : 30 + place[0]] = array(mask)[:, :, 0] / 255
    expected = over(array(image.convert("RGBA")), (200, 30, 90, 180), whole[20:37, 20:43])
    drawn = array(composite(image, [ColorLayer("#c81e5ab4", mask, place)]).convert("RGBA"))
    seen = expected[:, :, 3] > 60
    np.testing.assert_allclose(drawn[seen], expected[seen], atol=3)
    np.testing.assert_allclose(drawn[:, :, 3], expected[:, :, 3], atol=1)


@pytest.mark.parametrize(
    ("position", "share"),
    [("northwest", (0, 0)), ("north", (0.5, 0)), ("east", (1, 0.5)), ("center", (0.5, 0.5)), ("southeast", (1, 1))],
)
@pytest.mark.parametrize("mode", MODES)
def test_that_text_stands_where_it_is_put(position: str, share: tuple[float, float], mode: str) -> None:
    image = Image.new("RGBA", (200, 100), (90, 90, 90, 255)).convert(mode)
    written = apply("text", image, text="HHH", size=20, position=position, margin=10)
    assert written.mode == mode
    left, top, right, bottom = changed_box(image, written)
    room = (180 - (right - left + 1), 80 - (bottom - top + 1))
    assert (left - 10, top - 10) == pytest.approx((room[0] * share[0], room[1] * share[1]), abs=2)


@pytest.mark.parametrize("name", ["sans", "sans_bold", "serif", "mono", "round", "hand"])
def test_that_every_font_is_there(name: str) -> None:
    image = Image.new("L", (200, 60))
    assert array(apply("text", image, text="Darkroom", font=name)).max() == 255


def test_that_text_has_a_box_an_outline_and_a_shadow() -> None:
    image = Image.new("RGB", (200, 100), "gray")
    plain = apply("text", image, text="I", position="center")
    boxed = apply("text", image, text="I", position="center", background="navy")
    outlined = apply("text", image, text="I", position="center", stroke_width=3, stroke_color="red")
    shadowed = apply("text", image, text="I", position="center", shadow="black")
    inner, outer = changed_box(image, plain), changed_box(image, outlined)
    assert [abs(a - b) for a, b in zip(inner, outer, strict=True)] == pytest.approx([3, 3, 3, 3], abs=1)
    assert boxed.getpixel(changed_box(image, boxed)[:2]) == (0, 0, 128)
    assert array(shadowed).min() < 128
    assert array(plain).min() == 128


def test_that_text_leaves_no_dark_fringe_on_what_is_transparent() -> None:
    drawn = array(apply("text", Image.new("RGBA", (100, 50)), text="Fringe", size=24, color="#ffcc00"))
    seen = drawn[:, :, 3] > 8
    np.testing.assert_allclose(drawn[seen][:, :3], np.full((seen.sum(), 3), [255, 204, 0]), atol=1)


def _text_of(line: Line) -> str:
    return "".join(run.text for run in line)


def test_that_lines_break_between_words_and_within_long_ones() -> None:
    width = load_font("mono", 10).getlength("12345678")
    broken = {
        "one two three": ["one two", "three"],
        "abcdefghijk l": ["abcdefgh", "ijk l"],
        "a\n\nb": ["a", "", "b"],
    }
    for text, lines in broken.items():
        assert [_text_of(line) for line in lay_out(text, "mono", 10, width)] == lines
    assert [_text_of(line) for line in lay_out("ab", "mono", 10, 0.1)] == ["a", "b"]
    narrow = apply("text", Image.new("L", (80, 200)), text="some words that wrap", size=16, margin=4)
    left, _, right, _ = changed_box(Image.new("L", (80, 200)), narrow)
    assert left >= 3
    assert right <= 77


def test_that_a_text_that_no_image_can_hold_is_rejected() -> None:
    with pytest.raises(InvalidStep, match="choose a smaller size"):
        apply("text", canvas("RGB"), text="W" * 500, size=2000, wrap=0)
    assert apply("text", canvas("RGB"), text=" ").tobytes() == canvas("RGB").tobytes()


@pytest.mark.parametrize("mode", MODES)
def test_that_a_frame_is_around_the_image(mode: str) -> None:
    image = canvas(mode)
    framed = apply("frame", image, width=3, color="navy", mat=2, mat_color="gold")
    assert framed.size == (33, 27)
    shown = array(framed.convert("RGBA"))
    assert shown[0, 0].tolist() == shown[-1, -1].tolist() == [0, 0, 128, 255]
    assert shown[3, 3].tolist() == shown[-4, -4].tolist() == [255, 215, 0, 255]
    np.testing.assert_array_equal(shown[5:-5, 5:-5], array(image.convert("RGBA")))


def test_that_a_shadow_is_the_blurred_shape_moved() -> None:
    image = Image.new("RGB", (30, 20), "red")
    cast = array(apply("drop_shadow", image, x=4, y=3, sigma=2, color="#0000ff80"))
    mask = Image.new("L", (42, 32))
    mask.paste(255, (6, 6, 36, 26))
    expected = blurred(array(mask)[:, :, 0], 2) * 128 / 255
    assert cast.shape == (32, 42, 4)
    np.testing.assert_array_equal(cast[3:23, 2:32], np.full((20, 30, 4), [255, 0, 0, 255]))
    np.testing.assert_allclose(cast[24:, :, 3], expected[24:], atol=1)
    assert cast[28, 20, :3].tolist() == [0, 0, 255]


@pytest.mark.parametrize("mode", MODES)
def test_that_a_card_has_a_broad_foot(mode: str) -> None:
    image = canvas(mode, (100, 80))
    card = apply("polaroid", image)
    assert card.size == (110, 103)
    shown = array(card.convert("RGB"))
    assert shown[0, 0].tolist() == shown[-1, -1].tolist() == [0xFB, 0xFA, 0xF5]
    if not mode.endswith("A"):
        np.testing.assert_array_equal(shown[5:85, 5:105], array(image.convert("RGB")))
    left, top, right, bottom = changed_box(card, apply("polaroid", image, caption="a caption that is long"))
    assert top >= 84
    assert bottom <= 103
    assert (left + right) / 2 == pytest.approx(55, abs=3)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("method", ["color", "pixelate", "blur"])
def test_that_redaction_changes_the_regions_only(mode: str, method: str) -> None:
    image = canvas(mode, (60, 40))
    hidden = apply("redact", image, regions=[[5, "25%", "50%", 10], [55, 30, 900, 900], [60, 0, 5, 5]], method=method)
    assert hidden.mode == mode
    changed = (array(hidden) != array(image)).any(2)
    inside = np.zeros((40, 60), dtype=bool)
    inside[10:20, 5:35] = inside[30:, 55:] = True
    assert not changed[~inside].any()
    assert array(hidden)[10:20, 5:35].std((0, 1)).max() < 0.5 * array(image)[10:20, 5:35].std()


def test_that_a_redacted_color_leaves_nothing() -> None:
    hidden = array(apply("redact", canvas("RGBA"), regions=[[0, 0, "100%", "100%"]], color="teal"))
    assert np.unique(hidden.reshape(-1, 4), axis=0).tolist() == [[0, 128, 128, 255]]


@pytest.mark.parametrize("method", ["blur", "pixelate"])
def test_that_a_pixel_is_not_hidden_many_times(method: str) -> None:
    """Fifty blurs of the whole image would take as long as fifty steps."""
    image, whole = canvas("RGB"), [0, 0, "100%", "100%"]
    for count, is_accepted in ((4, True), (5, False)):
        step = CATALOGUE["redact"].model_validate({"method": method, "regions": [whole] * count})
        with nullcontext() if is_accepted else pytest.raises(InvalidStep, match="more than 4 times"):
            step.apply(image)
