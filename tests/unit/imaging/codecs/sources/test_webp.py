"""WebP: animations keep their transparency, and large still images are decoded in another way than small ones."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageChops

from core.errors import InvalidImage
from imaging.codecs.decoder import open_image
from imaging.limits import Limits
from tests.unit.imaging import animations, files
from tests.unit.imaging.codecs.cases import rendered

LARGE = (4100, 4100)  # more than 2**24 pixels
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


@pytest.mark.parametrize(
    ("mode", "options"),
    [("RGB", {}), ("RGBA", {}), ("RGB", {"lossless": True, "quality": 0}), ("RGBA", {"lossless": True, "quality": 0})],
)
def test_that_a_large_one_has_the_pixels_and_metadata_that_pillow_reads(mode: str, options: dict[str, object]) -> None:
    image = Image.linear_gradient("L").resize(LARGE).convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").rotate(90).resize(LARGE))
    exif = Image.Exif()
    exif[0x010E] = "A gradient"
    data = files.file(image, "WEBP", method=0, exif=exif, **options)
    source = open_image(data, limits=Limits())
    frame = next(source.decode())
    with Image.open(BytesIO(data)) as expected:
        assert frame.image.mode == expected.mode == mode
        assert ImageChops.difference(frame.image, expected).getbbox(alpha_only=False) is None
        assert source.file.getexif()[0x010E] == "A gradient"


def test_that_a_large_one_that_is_cut_off_is_damaged() -> None:
    data = files.file(Image.effect_noise(LARGE, 50).convert("RGB"), "WEBP", method=0, quality=1)
    for cut in (40, len(data) // 2):
        with pytest.raises(InvalidImage):
            next(open_image(data[:cut], limits=Limits()).decode())
