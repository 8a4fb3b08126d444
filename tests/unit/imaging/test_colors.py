import numpy as np
import pytest
from PIL import Image
from pydantic import TypeAdapter, ValidationError

from imaging.colors import Color, OpaqueColor, flatten, premultiplied_pixel_of, rgba
from tests.unit.imaging.images import array, canvas, colors, rounded

COLOR: TypeAdapter[str] = TypeAdapter(Color)
OPAQUE: TypeAdapter[str] = TypeAdapter(OpaqueColor)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RebeccaPurple", (102, 51, 153, 255)),
        ("transparent", (0, 0, 0, 0)),
        ("#1AF", (17, 170, 255, 255)),
        ("#010203", (1, 2, 3, 255)),
        ("#01020304", (1, 2, 3, 4)),
        (" white ", (255, 255, 255, 255)),
    ],
)
def test_that_a_color_is_read(text: str, expected: tuple[int, int, int, int]) -> None:
    assert rgba(COLOR.validate_python(text)) == expected


@pytest.mark.parametrize(
    "text", ["", "blurple", "#12", "#12345", "#ggg", "rgb(1,2,3)", "hsl(0,0%,0%)", "#" + "1" * 9999]
)
def test_that_an_invalid_color_is_rejected(text: str) -> None:
    with pytest.raises(ValidationError, match="must be a CSS colour name"):
        COLOR.validate_python(text)


def test_that_an_opaque_color_has_no_alpha() -> None:
    assert OPAQUE.validate_python("#000000ff") == "#000000ff"
    for text in ("transparent", "#00000080"):
        with pytest.raises(ValidationError, match="must be opaque"):
            OPAQUE.validate_python(text)


@pytest.mark.parametrize(
    ("mode", "background", "became"), [("RGBA", "teal", "RGB"), ("LA", "#999", "L"), ("LA", "red", "RGB")]
)
def test_that_a_flattened_image_is_mixed_with_its_background(mode: str, background: str, became: str) -> None:
    image = canvas(mode)
    flat = flatten(image, background)
    own, alpha = colors(image.convert(f"{became}A")), array(image.getchannel("A")) / 255
    assert flat.mode == became
    behind = np.array(rgba(background)[: own.shape[2]])
    np.testing.assert_allclose(array(flat), rounded(own * alpha + behind * (1 - alpha)), atol=1)


def test_that_an_opaque_image_is_flat_already() -> None:
    image = canvas("RGB")
    assert flatten(image, "red") is image


def test_that_premultiplied_ink_comes_back_as_it_was() -> None:
    pixel = premultiplied_pixel_of("#64320a80", "RGBA")
    back = Image.new("RGBa", (1, 1), pixel).convert("RGBA").getpixel((0, 0))
    assert back == pytest.approx((100, 50, 10, 128), abs=1)
    assert premultiplied_pixel_of("#64320a80", "RGB") == (100, 50, 10)
