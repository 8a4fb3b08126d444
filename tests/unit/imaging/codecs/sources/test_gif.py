"""GIFs are seen as browsers show them: cut at the screen, transparent where nothing is, as fast as before."""

import struct
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageTooLarge, InvalidImage
from imaging.codecs.decoder import open_image
from imaging.limits import Limits
from tests.unit.imaging import animations, files
from tests.unit.imaging.codecs.cases import case, pixels, rendered
from tests.unit.imaging.images import Array

TARGETS = ["gif", "png", "webp"]
RED, GREEN, BLUE, NOTHING = [255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [0, 0, 0, 0]
COLORS = bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])


def _gif(screen: tuple[int, int], *frames: bytes, background: int = 0) -> bytes:
    loop = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    return b"GIF89a" + struct.pack("<HHBBB", *screen, 0x81, background, 0) + COLORS + loop + b"".join(frames) + b";"


def _frame(  # noqa: PLR0913 - the fields of a frame
    box: tuple[int, int, int, int],
    color: int,
    *,
    disposal: int = 0,
    delay: int = 10,
    transparent: int | None = None,
    local: bytes = b"",
) -> bytes:
    """Left, top, width and height of one colour."""
    still = Image.new("P", box[2:], color)
    still.putpalette(COLORS)
    data = files.file(still, "GIF", optimize=False)
    start = data.index(b",", 13 + 3 * 4)
    packed = disposal << 2 | (transparent is not None)
    control = b"!\xf9\x04" + struct.pack("<BHB", packed, delay, transparent or 0) + b"\0"
    return control + b"," + struct.pack("<HHHH", *box) + (b"\x81" + local if local else b"\0") + data[start + 10 : -1]


def _seen(data: bytes, target: str = "png") -> list[Array]:
    return animations.seen(rendered(data, format=target, **({"lossless": True} if target == "webp" else {})))[0]


def _map(image: Array, box: Sequence[slice], color: list[int]) -> Array:
    image = image.copy()
    image[tuple(box)] = color
    return image


@pytest.mark.parametrize("target", TARGETS)
def test_that_a_frame_is_cut_off_at_the_screen(target: str) -> None:
    first, second = _seen(case("gif_beyond.gif"), target)
    assert first.shape == second.shape == (2, 2, 4)
    assert second[1, 1].tolist() == BLUE
    assert (first == second).all(axis=2).sum() == 3


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("box", [(2, 1, 9, 9), (0, 0, 50, 1), (9, 9, 1, 1), (60_000, 3, 2, 2)])
def test_that_any_frame_may_go_beyond(box: tuple[int, int, int, int], target: str) -> None:
    data = _gif((4, 3), _frame((0, 0, 4, 3), 0), _frame(box, 2, delay=20))
    left, top, width, height = box
    expected = _map(np.full((3, 4, 4), RED), (slice(top, top + height), slice(left, left + width)), BLUE)
    shown = _seen(data, target)
    np.testing.assert_array_equal(shown[-1], expected)
    np.testing.assert_array_equal(pixels(_gif((4, 3), _frame((1, 1, 9, 9), 2)))[0, 0], NOTHING)


@pytest.mark.parametrize("step", [{"filter": "resize", "width": 2}, {"filter": "pad", "left": 1}])
def test_that_steps_see_frames_of_one_size(step: dict[str, object]) -> None:
    shown, _ = animations.seen(rendered(case("gif_beyond.gif"), step))
    assert len({values.shape for values in shown}) == 1


@pytest.mark.parametrize("target", TARGETS)
def test_that_what_no_frame_covers_is_transparent(target: str) -> None:
    first, second = _seen(case("gif_partial_first.gif"), target)
    assert first.shape == (2, 4, 4)
    assert first[:, 0].tolist() == [NOTHING, NOTHING]
    assert (first[0, 1:3, 3] == 255).all()
    assert (first[:, :, 3] > 0).sum() == 2
    assert (second[:, :, 3] > 0).sum() == 3


def test_that_it_is_transparent_in_a_still_too() -> None:
    data = _gif((3, 1), _frame((1, 0, 1, 1), 1))
    assert pixels(data).tolist() == [[NOTHING, GREEN, NOTHING]]
    assert pixels(data, {"filter": "flop"}).tolist() == [[NOTHING, GREEN, NOTHING]]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("background", [0, 1, 3])
def test_that_disposal_2_clears_to_transparent(background: int, target: str) -> None:
    frames = [_frame((0, 0, 3, 1), 0), _frame((0, 0, 2, 1), 1, disposal=2), _frame((2, 0, 1, 1), 2)]
    shown = _seen(_gif((3, 1), *frames, background=background), target)
    assert [values[0].tolist() for values in shown] == [
        [RED, RED, RED],
        [GREEN, GREEN, RED],
        [NOTHING, NOTHING, BLUE],
    ]


@pytest.mark.parametrize("target", TARGETS)
def test_that_disposal_3_restores_and_none_keeps(target: str) -> None:
    frames = [
        _frame((0, 0, 2, 1), 0, disposal=1),
        _frame((0, 0, 1, 1), 1, disposal=3),
        _frame((1, 0, 2, 1), 2, disposal=0),
        _frame((0, 0, 3, 1), 3, transparent=3),
        _frame((0, 0, 1, 1), 0, local=bytes([0, 255, 0]) * 4),
    ]
    shown = _seen(_gif((3, 1), *frames), target)
    assert [values[0].tolist() for values in shown][:3] == [
        [RED, RED, NOTHING],
        [GREEN, RED, NOTHING],
        [RED, BLUE, BLUE],
    ]
    assert shown[-1][0].tolist() == [GREEN, BLUE, BLUE]


def test_that_a_screen_without_size_is_that_of_the_first_frame() -> None:
    assert pixels(_gif((0, 0), _frame((0, 0, 2, 1), 2))).tolist() == [[BLUE, BLUE]]


def test_that_frames_have_limits_of_their_own() -> None:
    huge = _frame((0, 0, 1, 1), 0)
    at = huge.index(b",")
    huge = huge[: at + 5] + struct.pack("<HH", 65_535, 65_535) + huge[at + 9 :]
    with pytest.raises(ImageTooLarge):
        rendered(_gif((2, 2), _frame((0, 0, 2, 2), 0), huge), format="gif")
    with pytest.raises((ImageTooLarge, InvalidImage)):
        rendered(_gif((2, 2), huge), format="gif")
    with pytest.raises(InvalidImage):
        rendered(_gif((2, 2)), format="gif")


def test_that_analyses_agree_with_what_is_rendered() -> None:
    source = open_image(case("gif_beyond.gif"), limits=Limits())
    assert source.info.size == (2, 2)
    assert source.read_durations_ms() == [100, 100]


def test_that_short_delays_look_as_fast_as_before() -> None:
    assert animations.seen(rendered(case("gif_delay1.gif"), format="gif"))[1] == [10, 10, 10]
    frames = [_frame((0, 0, 2, 1), index, delay=delay) for index, delay in enumerate((0, 1, 2))]
    assert animations.seen(rendered(_gif((2, 1), *frames), format="gif"))[1] == [0, 10, 20]
    webp = animations.encode("WEBP", animations.frames(4, mode="RGB"), duration=[1, 10, 11, 19])
    assert animations.seen(rendered(webp, format="gif"))[1] == [10, 10, 20, 20]


def test_that_frames_that_are_the_same_are_shown_for_as_long_together() -> None:
    given, total = animations.seen(case("gif_same_long.gif"))
    shown, durations = animations.seen(rendered(case("gif_same_long.gif"), format="gif"))
    assert sum(durations) == sum(total) == 1_200_000
    assert max(durations) <= 655_350
    np.testing.assert_array_equal(shown[0], given[0])
    np.testing.assert_array_equal(shown[-1], given[-1])


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("last", [1, 3])
def test_that_a_frame_can_be_shown_for_hours(mode: str, last: int) -> None:
    images = animations.frames(last + 1, mode=mode)
    images.insert(last, images[last - 1])
    delays = [16_000_000 if index == last - 1 else 100 for index in range(last + 2)]
    data = animations.encode("WEBP", images, duration=delays)
    shown, durations = animations.seen(rendered(data, format="gif"))
    given, given_ms = animations.seen(data)
    assert sum(durations) == sum(given_ms)
    assert max(durations) <= 655_350
    ends = np.cumsum(durations)
    for end, values in zip(np.cumsum(given_ms), given, strict=True):
        at = int(np.searchsorted(ends, end))
        np.testing.assert_array_equal(shown[at], values)


def test_that_an_animation_of_one_image_keeps_its_time() -> None:
    frames = [_frame((0, 0, 2, 1), 1, delay=40_000) for _ in range(3)]
    _, durations = animations.seen(rendered(_gif((2, 1), *frames), format="gif"))
    assert sum(durations) == 1_200_000
