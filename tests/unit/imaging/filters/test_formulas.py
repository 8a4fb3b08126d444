"""Filters whose definition is a formula, against that formula in numpy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from imaging.colors import rgba
from imaging.filters import CATALOGUE
from imaging.filters.color.saturation import Hue
from tests.unit.imaging.images import MODES, Array, array, canvas, colors, rounded

LUMA = np.array([0.299, 0.587, 0.114])
Formula = Callable[[Array], Array]


def linear(values: Array) -> Array:
    share = values / 255
    light: Array = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return light


def gamma_coded(light: Array) -> Array:
    light = np.clip(light, 0, 1)
    values: Array = 255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return values


def luma(values: Array) -> Array:
    weighed: Array = values @ LUMA
    return weighed[:, :, np.newaxis]


def ink(color: str) -> Array:
    return np.array(rgba(color)[:3], dtype=float)


def between(stops: list[tuple[float, str]]) -> Formula:
    places = [place * 2.55 for place, _ in stops]

    def look_up(values: Array) -> Array:
        grey = rounded(luma(values)[:, :, 0])
        return np.stack([np.interp(grey, places, [ink(color)[band] for _, color in stops]) for band in range(3)], 2)

    return look_up


def vibrance(values: Array) -> Array:
    paleness = (255 - values.max(2, keepdims=True) + values.min(2, keepdims=True)) / 255
    saturated = np.clip(luma(values) + (values - luma(values)) * 1.8, 0, 255)
    return values + (saturated - values) * paleness


def near(values: Array, color: str, tolerance: int) -> Array:
    return (np.abs(values - ink(color)).max(2, keepdims=True) <= tolerance).astype(float)


FORMULAS: list[tuple[str, dict[str, Any], Formula]] = [
    ("exposure", {"amount": 50}, lambda v: gamma_coded(linear(v) * 2)),
    ("exposure", {"amount": -100}, lambda v: gamma_coded(linear(v) / 4)),
    ("gamma", {"gamma": 2.2}, lambda v: 255 * (v / 255) ** (1 / 2.2)),
    ("gamma", {"gamma": 1}, lambda v: v),
    ("highlights", {"amount": -70}, lambda v: v - 0.7 * v * v * (255 - v) / 255**2),
    ("shadows", {"amount": 70}, lambda v: v + 0.7 * v * (255 - v) ** 2 / 255**2),
    (
        "levels",
        {"in_black": 30, "in_white": 220, "gamma": 1.5, "out_black": 10, "out_white": 240},
        lambda v: 10 + 230 * np.clip((v - 30) / 190, 0, 1) ** (1 / 1.5),
    ),
    ("levels", {"out_black": 255, "out_white": 0}, lambda v: 255 - v),
    ("curves", {"rgb": [[0, 255], [255, 0]]}, lambda v: 255 - v),
    ("curves", {"rgb": [[50, 0], [100, 255]]}, lambda v: np.interp(v, [50, 100], [0, 255])),
    ("linear", {"a": -1.5, "b": 300}, lambda v: 300 - 1.5 * v),
    ("threshold", {"threshold": 100}, lambda v: 255.0 * (rounded(luma(v)) >= 100) + 0 * v),
    ("posterize", {"bits": 3}, lambda v: v // 32 * 32),
    ("solarize", {"threshold": 90}, lambda v: np.where(v >= 90, 255 - v, v)),
    ("lightness", {"amount": 40}, lambda v: v + (255 - v) * 0.4),
    ("lightness", {"amount": -40}, lambda v: v * 0.6),
    ("temperature", {"amount": 60}, lambda v: v * [1.15, 1, 0.85]),
    ("tint", {"amount": -60}, lambda v: v * [1, 1.15, 1]),
    ("rgb", {"r": 10, "g": -20, "b": 30}, lambda v: v + np.array([10, -20, 30]) * 2.55),
    ("rgb", {"r": 10, "g": 10, "b": 10}, lambda v: v + 25.5),
    (
        "color_matrix",
        {"matrix": [[0.2, 0.8, 0], [0, 1, 0.3], [-1, 0.5, 1]]},
        lambda v: v @ np.array([[0.2, 0.8, 0], [0, 1, 0.3], [-1, 0.5, 1]]).T,
    ),
    ("swap_channels", {"order": "gbr"}, lambda v: v[:, :, [1, 2, 0]]),
    ("monochrome", {"color": "teal", "intensity": 70}, lambda v: 0.3 * v + 0.7 * luma(v) * ink("teal") / 255),
    ("duotone", {"shadow": "navy", "highlight": "gold"}, between([(0, "navy"), (100, "gold")])),
    (
        "tritone",
        {"shadow": "navy", "midtone": "red", "highlight": "gold"},
        between([(0, "navy"), (50, "red"), (100, "gold")]),
    ),
    ("gradient_map", {"stops": [[80, "red"], [20, "lime"]]}, between([(20, "lime"), (80, "red")])),
    ("colorize", {"color": "teal", "amount": 30}, lambda v: 0.7 * v + 0.3 * ink("teal")),
    ("vibrance", {"amount": 80}, vibrance),
    ("hue", {"angle": 360}, lambda v: v),
    (
        "replace_color",
        {"color": "#808080", "replacement": "red", "tolerance": 100},
        lambda v: v + (ink("red") - v) * near(v, "#808080", 100),
    ),
    ("fade", {"amount": 100}, lambda v: v / 2 + 0.375 * 255),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("name", "parameters", "formula"), FORMULAS, ids=[name for name, _, _ in FORMULAS])
def test_that_a_filter_is_its_formula(name: str, parameters: dict[str, Any], formula: Formula, mode: str) -> None:
    image = canvas(mode, (40, 31))
    changed = CATALOGUE[name].model_validate(parameters).apply(image)
    color = "RGBA" if image.mode in {"LA", "RGBA"} else "RGB"
    expected = rounded(formula(colors(image.convert(color))))
    np.testing.assert_allclose(colors(changed.convert(color)), expected, atol=2)


@pytest.mark.parametrize("angle", [-90, 30, 180, 300])
def test_that_hue_keeps_luma_and_grey_and_turns_back(angle: float) -> None:
    """These invariants, with the eigenvalues of a turn, make the web's hueRotate for any weights."""
    step, back = Hue(angle=angle), Hue(angle=-angle)
    pale = canvas("RGB").point(lambda value: 110 + value // 8)
    turned = step.apply(pale)
    np.testing.assert_allclose(luma(array(turned)), luma(array(pale)), atol=1)
    np.testing.assert_allclose(array(back.apply(turned)), array(pale), atol=2)
    np.testing.assert_allclose(
        array(Hue(angle=angle / 2).apply(Hue(angle=angle / 2).apply(pale))), array(turned), atol=2
    )
    grey = canvas("L").convert("RGB")
    np.testing.assert_allclose(array(step.apply(grey)), array(grey), atol=1)


def test_that_hue_is_the_hue_rotate_of_the_web() -> None:
    """Filter Effects Module Level 1: luma, cosine and sine parts; the middle sine row is what keeps the luma."""
    first, last = np.array([0, 0, 1]) - LUMA, LUMA - [1, 0, 0]
    sine_part = np.array([first, -(LUMA[0] * first + LUMA[2] * last) / LUMA[1], last])
    rows = LUMA + np.cos(np.pi / 3) * (np.eye(3) - LUMA) + np.sin(np.pi / 3) * sine_part
    image = canvas("RGB")
    np.testing.assert_allclose(array(Hue(angle=60).apply(image)), rounded(array(image) @ rows.T), atol=1)


@pytest.mark.parametrize("mode", MODES)
def test_that_opacity_scales_alpha_only(mode: str) -> None:
    image = canvas(mode)
    faded = CATALOGUE["opacity"].model_validate({"opacity": 40}).apply(image)
    alpha = array(image)[:, :, -1] if mode.endswith("A") else 255
    np.testing.assert_array_equal(colors(faded), colors(image))
    np.testing.assert_allclose(array(faded)[:, :, -1], rounded(np.asarray(alpha * 0.4)), atol=0)


@pytest.mark.parametrize("mode", MODES)
def test_that_flatten_puts_the_image_on_a_color(mode: str) -> None:
    image = canvas(mode)
    flat = CATALOGUE["flatten"].model_validate({"background": "#336699"}).apply(image)
    whole = array(image.convert("RGBA"))
    share = whole[:, :, 3:] / 255
    assert flat.mode in {"L", "RGB"}
    np.testing.assert_allclose(
        colors(flat.convert("RGB")), whole[:, :, :3] * share + ink("#336699") * (1 - share), atol=1
    )


@pytest.mark.parametrize("mode", MODES)
def test_that_make_transparent_sees_through_one_color(mode: str) -> None:
    image = canvas(mode)
    whole = array(image.convert("RGBA"))
    seen = CATALOGUE["make_transparent"].model_validate({"color": "#808080", "tolerance": 90}).apply(image)
    expected = whole[:, :, 3] * (1 - near(whole[:, :, :3], "#808080", 90)[:, :, 0])
    np.testing.assert_array_equal(array(seen)[:, :, -1], expected)


@pytest.mark.parametrize("mode", MODES)
def test_that_auto_contrast_stretches_each_channel(mode: str) -> None:
    image = canvas(mode).point(lambda value: value // 3 + 50)
    own = colors(image)
    low, high = own.min((0, 1)), own.max((0, 1))
    stretched = CATALOGUE["auto_contrast"].model_validate({}).apply(image)
    np.testing.assert_allclose(colors(stretched), (own - low) * 255 / (high - low), atol=1)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_that_equalize_spreads_values_evenly(mode: str) -> None:
    image = canvas(mode, (64, 64)).point(lambda value: value // 4 + 100)
    spread = colors(CATALOGUE["equalize"].model_validate({}).apply(image))
    for band in range(spread.shape[2]):
        counts = np.histogram(spread[:, :, band], bins=4, range=(0, 256))[0]
        np.testing.assert_allclose(counts, 1024, atol=260)


def test_that_quantize_leaves_so_many_colors() -> None:
    image = canvas("RGB", (40, 40))
    for dither in (False, True):
        few = CATALOGUE["quantize"].model_validate({"colors": 7, "dither": dither}).apply(image)
        assert len(np.unique(array(few).reshape(-1, 3), axis=0)) == 7
    exact = Image.fromarray(np.array([[[255, 0, 0], [0, 0, 255]]] * 4, dtype=np.uint8))
    np.testing.assert_array_equal(array(CATALOGUE["quantize"].model_validate({"colors": 2}).apply(exact)), array(exact))


def test_that_curves_run_through_their_points_and_never_overshoot() -> None:
    points = [[0, 10], [60, 40], [70, 200], [180, 210], [255, 240]]
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[np.newaxis])
    drawn = array(CATALOGUE["curves"].model_validate({"rgb": points}).apply(ramp))[0, :, 0]
    assert [drawn[level] for level, _ in points] == [out for _, out in points]
    assert (np.diff(drawn) >= 0).all()


@pytest.mark.parametrize("name", ["levels", "curves", "gradient_map"])
def test_that_an_empty_range_is_rejected(name: str) -> None:
    wrong = {
        "levels": {"in_black": 100, "in_white": 100},
        "curves": {"red": [[5, 5], [5, 6]]},
        "gradient_map": {"stops": [[5, "red"], [5, "blue"]]},
    }
    with pytest.raises(ValueError, match=r"needs|has two"):
        CATALOGUE[name].model_validate(wrong[name])


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (
            "protanopia",
            [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        ),
        (
            "deuteranopia",
            [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
        ),
        (
            "tritanopia",
            [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
        ),
        ("achromatopsia", [[0.2126, 0.7152, 0.0722]] * 3),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_that_the_colorblind_see_less_light_of_some_colors(kind: str, rows: list[list[float]], mode: str) -> None:
    """Machado, Oliveira and Fernandes, 2009; a table of 33 steps may be off where a channel runs out of light."""
    image = canvas(mode, (60, 60))
    expected = gamma_coded(linear(colors(image)) @ np.array(rows).T)
    seen = colors(CATALOGUE["simulate_colorblind"].model_validate({"kind": kind}).apply(image))
    assert 10 * np.log10(255**2 / np.mean((seen - expected) ** 2)) > 45
