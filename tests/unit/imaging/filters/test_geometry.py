"""Resize and rotate against closed forms in numpy."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from imaging.filters.geometry.resize import Resize
from imaging.filters.geometry.rotate import Rotate
from tests.unit.imaging.images import MODES, array, canvas

RED = (250, 20, 10, 255)


def _resize(**parameters: Any) -> Resize:  # noqa: ANN401 - as they come from JSON
    return Resize.model_validate(parameters)


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        ({"width": 200}, (200, 100)),
        ({"height": 20}, (40, 20)),
        ({"width": 100, "height": 100}, (100, 50)),
        ({"width": 100, "height": 100, "fit": "outside"}, (200, 100)),
        ({"width": 100, "height": 100, "fit": "cover"}, (100, 100)),
        ({"width": 100, "height": 100, "fit": "contain"}, (100, 100)),
        ({"width": 100, "height": 100, "fit": "fill"}, (100, 100)),
        ({"width": 100, "fit": "fill"}, (100, 50)),
        ({"width": 800}, (400, 200)),
        ({"width": 800, "enlarge": True}, (800, 400)),
        ({"width": 800, "height": 100, "fit": "cover"}, (400, 100)),
        ({"width": 800, "height": 100, "fit": "cover", "enlarge": True}, (800, 100)),
        ({"width": 800, "height": 100, "fit": "fill"}, (400, 100)),
        ({"width": 800, "height": 100, "fit": "fill", "enlarge": True}, (800, 100)),
        ({"width": 800, "height": 800, "fit": "contain"}, (800, 800)),
        ({"width": 800, "height": 800, "fit": "outside"}, (400, 200)),
        ({"width": 800, "height": 800, "fit": "outside", "enlarge": True}, (1600, 800)),
        ({"width": 1}, (1, 1)),
    ],
)
def test_that_the_box_decides_the_size(parameters: dict[str, Any], size: tuple[int, int]) -> None:
    step = Resize.model_validate(parameters)
    assert step.size_after((400, 200)) == size
    assert step.apply(canvas("RGB", (400, 200))).size == size


def test_that_resize_needs_a_box() -> None:
    with pytest.raises(ValidationError, match="needs width, height or both"):
        Resize()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_that_halving_by_box_is_the_mean_of_four(mode: str) -> None:
    image = canvas(mode, (24, 16))
    own = array(image)
    means = (own[::2, ::2] + own[1::2, ::2] + own[::2, 1::2] + own[1::2, 1::2]) / 4
    np.testing.assert_allclose(array(_resize(width=12, kernel="box").apply(image)), means, atol=1)


def test_that_nearest_enlarges_each_pixel_to_a_square() -> None:
    image = canvas("RGBA", (5, 4))
    enlarged = array(_resize(width=15, enlarge=True, kernel="nearest").apply(image))
    np.testing.assert_array_equal(enlarged, array(image).repeat(3, axis=0).repeat(3, axis=1))


@pytest.mark.parametrize("kernel", ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"])
def test_that_every_kernel_keeps_an_even_image(kernel: str) -> None:
    even = Image.new("RGBA", (31, 22), (10, 120, 240, 255))
    assert (
        array(_resize(width=17, kernel=kernel).apply(even)).reshape(-1, 4).tolist() == [[10, 120, 240, 255]] * 17 * 12
    )


def test_that_cover_cuts_both_sides_alike() -> None:
    image = canvas("RGB", (30, 10))
    covered = _resize(width=10, height=10, fit="cover", kernel="nearest").apply(image)
    np.testing.assert_array_equal(array(covered), array(image)[:, 10:20])


@pytest.mark.parametrize(
    ("mode", "background", "became", "corner"),
    [
        ("L", "transparent", "LA", [0, 0]),
        ("L", "#777", "L", [0x77]),
        ("L", "red", "RGB", [255, 0, 0]),
        ("LA", "#ff000080", "RGBA", [255, 0, 0, 128]),
        ("LA", "white", "LA", [255, 255]),
        ("RGB", "white", "RGB", [255, 255, 255]),
        ("RGB", "transparent", "RGBA", [0, 0, 0, 0]),
        ("RGBA", "gold", "RGBA", [255, 215, 0, 255]),
    ],
)
def test_that_contain_shows_the_background(mode: str, background: str, became: str, corner: list[int]) -> None:
    image = canvas(mode, (20, 10))
    contained = _resize(width=20, height=20, fit="contain", background=background).apply(image)
    assert contained.mode == became
    assert array(contained)[0, 0].tolist() == corner
    np.testing.assert_array_equal(array(contained)[5:15], array(image.convert(became)))


def test_that_resize_draws_no_dark_fringe_from_what_alpha_hides() -> None:
    image = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
    image.paste(RED, (15, 15, 45, 45))
    resized = array(_resize(width=17).apply(image))
    seen = resized[:, :, 3] > 32
    np.testing.assert_allclose(resized[seen][:, :3], np.full((seen.sum(), 3), RED[:3]), atol=6)


def test_that_a_tall_image_grows_wide_within_the_memory_of_a_process() -> None:
    """Pillow takes the cheaper of its two passes first; the other order would need 16,384 x 16,000 x 4 bytes."""
    child = """
import resource
from PIL import Image
from imaging.filters.geometry.resize import Resize
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
wide = Resize(width=16_384, height=3_000, fit="fill", enlarge=True, kernel="box").apply(Image.new("RGB", (100, 16_000)))
print(wide.size)
"""
    run = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert (run.stdout, run.stderr) == ("(16384, 3000)\n", "")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("angle", "turns"), [(0, 0), (90, -1), (180, 2), (270, 1), (-90, 1), (360, 0), (-360, 0)])
def test_that_right_angles_move_pixels_clockwise(mode: str, angle: float, turns: int) -> None:
    image = canvas(mode)
    np.testing.assert_array_equal(array(Rotate(angle=angle).apply(image)), np.rot90(array(image), turns))


def test_that_a_small_angle_turns_clockwise() -> None:
    image = Image.new("L", (101, 101))
    image.paste(255, (48, 5, 53, 10))  # a spot at twelve o'clock
    turned = array(Rotate(angle=30, expand=False, background="black").apply(image))[:, :, 0]
    down, across = np.unravel_index(turned.argmax(), turned.shape)
    assert (across, down) == pytest.approx((50 + 43 * np.sin(np.pi / 6), 50 - 43 * np.cos(np.pi / 6)), abs=2.5)


@pytest.mark.parametrize("angle", [1.0, 17.0, 45.0, 89.999, 135.0, -60.0, 1e-300])
def test_that_an_expanded_image_holds_its_corners(angle: float) -> None:
    width, height = 80, 30
    cosine, sine = abs(np.cos(np.radians(angle))), abs(np.sin(np.radians(angle)))
    step = Rotate(angle=angle, background="white")
    expected = (width * cosine + height * sine, width * sine + height * cosine)
    assert step.size_after((width, height)) == pytest.approx(expected, abs=1)
    turned = array(step.apply(Image.new("L", (width, height), 0)))
    assert (255 - turned).sum() / 255 == pytest.approx(width * height, rel=0.005)  # a pixel of the edge counts in part


def test_that_a_turned_gradient_is_the_gradient_along_the_turned_axis() -> None:
    ramp = Image.fromarray(np.tile(np.arange(0, 202, 2, dtype=np.uint8), (101, 1)))
    turned = array(Rotate(angle=30, expand=False, background="black").apply(ramp))[:, :, 0]
    y, x = np.mgrid[0:101, 0:101] - 50.0
    expected = 100 + 2 * (x * np.cos(np.pi / 6) + y * np.sin(np.pi / 6))
    middle = (slice(30, 70), slice(30, 70))
    np.testing.assert_allclose(turned[middle], expected[middle], atol=1)


def test_that_without_expand_the_size_stays() -> None:
    image = canvas("RGB", (40, 20))
    turned = Rotate(angle=90, expand=False, background="black").apply(image)
    assert turned.size == (40, 20)
    np.testing.assert_array_equal(array(turned)[:, 10:30], np.rot90(array(image), -1)[10:30])


@pytest.mark.parametrize(
    ("mode", "background", "became", "corner"),
    [
        ("L", "transparent", "LA", [0, 0]),
        ("RGB", "transparent", "RGBA", [0, 0, 0, 0]),
        ("RGB", "teal", "RGB", [0, 128, 128]),
        ("L", "teal", "RGB", [0, 128, 128]),
        ("LA", "#fff", "LA", [255, 255]),
        ("RGBA", "#64320a80", "RGBA", [100, 50, 10, 128]),
    ],
)
def test_that_corners_show_the_background(mode: str, background: str, became: str, corner: list[int]) -> None:
    turned = Rotate(angle=45, background=background).apply(canvas(mode))
    assert turned.mode == became
    np.testing.assert_allclose(array(turned)[0, 0], corner, atol=1)
