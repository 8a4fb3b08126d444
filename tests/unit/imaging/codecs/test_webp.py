"""Animated WebPs keep their transparency, though every frame is an opaque rectangle."""

from typing import Any

import pytest
from PIL import Image

from tests.unit.imaging import animations
from tests.unit.imaging.codecs.cases import rendered

STEPS: list[dict[str, Any]] = [
    {"filter": "pad", "left": 20, "right": 20},
    {"filter": "resize", "width": 60, "height": 60, "fit": "contain"},
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step["filter"])
@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("source", ["GIF", "WEBP", "PNG"])
def test_that_what_no_frame_covers_is_transparent(source: str, step: dict[str, Any], *, lossless: bool) -> None:
    given = animations.encode(source, animations.frames(mode="RGB"))
    shown, _ = animations.seen(rendered(given, step, format="webp", lossless=lossless))
    assert len(shown) == 4
    assert [values[0, 0].tolist() for values in shown] == [[0, 0, 0, 0]] * 4
    assert [values[30, 30, 3] if len(values) > 30 else values[15, 40, 3] for values in shown] == [255] * 4


def test_that_an_opaque_animation_stays_opaque() -> None:
    data = rendered(animations.encode("GIF", animations.frames(mode="RGB")), format="webp")
    assert not data[20] & 0x10
    still = rendered(animations.encode("WEBP", [Image.new("RGB", (9, 9), "red")]), format="webp")
    assert still[12:16] == b"VP8 "
