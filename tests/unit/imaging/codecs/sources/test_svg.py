"""SVG: drawn sharp at the size that is asked for; nothing outside of the document is read, and each cost is bounded."""

import base64
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageTooLarge, InvalidImage, PermanentError, UnsupportedImageFeature
from imaging.codecs.decoder import open_image
from imaging.codecs.formats import sniff
from imaging.limits import Limits
from tests.unit.imaging.codecs.cases import pixels, rendered
from tests.unit.imaging.files import file, png_of_size, quarters
from tests.unit.imaging.images import Array, array

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
CIRCLE = '<circle cx="50%" cy="50%" r="50%" fill="#c81e1e"/>'
FILTER = '<filter id="f">{}</filter><rect width="100%" height="100%" filter="url(#f)"/>'


def svg(content: str = CIRCLE, size: str = 'width="40" height="20"') -> bytes:
    return f"<svg {NAMESPACE} {size}>{content}</svg>".encode()


def size_of(data: bytes) -> tuple[int, int]:
    return open_image(data, limits=Limits()).info.size


def embedded(data: bytes, media_type: str = "image/png") -> str:
    return f'<image width="40" height="20" href="data:{media_type};base64,{base64.b64encode(data).decode()}"/>'


@pytest.mark.parametrize(
    "head",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- Made <b>by</b> hand -->\n<svg:svg xmlns:svg='a'>",
        b"<?xml version='1.0'?><!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' ''><svg/>",
        '\ufeff<?xml version="1.0" encoding="utf-16"?><svg>'.encode("utf-16-le"),
        b"\n  <?xml-stylesheet href='a'?><svg\n>",
    ],
)
def test_that_it_is_recognised(head: bytes) -> None:
    assert sniff(head) == "svg"


@pytest.mark.parametrize("head", [b"<html><svg></svg></html>", b"<svgish>", b"svg", b"<?xml version='1.0'?><rss/>"])
def test_that_other_text_is_not(head: bytes) -> None:
    assert sniff(head) is None


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="40" height="20"', (40, 20)),
        ('width="40px" height="1in"', (40, 96)),
        ('width="7.4mm" height="1e1pt"', (28, 13)),
        ('width="100%" height="100%" viewBox="0 0 30 60"', (30, 60)),
        ('viewBox="-5,-5 30.4 60"', (30, 60)),
        ('width="90" viewBox="0 0 30 60"', (90, 180)),
        ('height="90" viewBox="0 0 30 60"', (45, 90)),
        ('width="0" height="-3"', (300, 150)),
        ('viewBox="0 0 0 0"', (300, 150)),
        ("", (300, 150)),
    ],
)
def test_that_its_size_is_what_browsers_take(attributes: str, size: tuple[int, int]) -> None:
    assert size_of(svg(size=attributes)) == size
    assert pixels(svg(size=attributes)).shape == (size[1], size[0], 4)


def test_that_what_is_not_drawn_is_transparent() -> None:
    found = pixels(svg('<rect width="20" height="20" fill="#c81e1e"/>'))
    assert found[10, 10].tolist() == [200, 30, 30, 255]
    assert found[10, 30].tolist() == [0, 0, 0, 0]
    with Image.open(BytesIO(rendered(svg(), format="auto"))) as image:
        assert image.format == "PNG"


def blurred_edge(found: Array) -> int:
    """Pixels of the middle row that are neither inside nor outside."""
    alpha = found[len(found) // 2, :, 3]
    return int(((alpha > 0) & (alpha < 255)).sum())


@pytest.mark.parametrize(
    "steps",
    [
        [{"filter": "resize", "width": 800, "enlarge": True}],
        [
            {"filter": "crop", "left": 10, "top": 0, "width": 20, "height": 20},
            {"filter": "resize", "width": 400, "enlarge": True},
        ],
    ],
)
def test_that_an_enlarged_drawing_is_sharp(steps: list[dict[str, object]]) -> None:
    small = svg('<rect x="15.5" width="9" height="20"/>')
    assert blurred_edge(pixels(small, *steps)) <= 2
    assert blurred_edge(pixels(rendered(small), *steps)) > 10


def test_that_a_reduced_drawing_is_drawn_small() -> None:
    large = svg('<rect width="50%" height="100%"/>', 'width="4000" height="2000"')
    assert pixels(large, {"filter": "resize", "width": 10})[2, :, 3].tolist() == [255] * 5 + [0] * 5


def test_that_an_enlargement_beyond_the_limits_is_still_a_resize() -> None:
    """So many layers hold 1.4 megapixels, and the rest of the way is a resize."""
    layered = svg('<g opacity=".5">' * 90 + "</g>" * 90 + CIRCLE, 'width="4" height="4"')
    assert pixels(layered, {"filter": "resize", "width": 1500, "enlarge": True}).shape == (1500, 1500, 4)


def test_that_text_uses_our_fonts() -> None:
    text = '<text y="18" font-size="20" font-family="{}">Wm</text>'
    unknown, serif, sans = (pixels(svg(text.format(name)))[:, :, 3] for name in ("No Such Font", "serif", "sans-serif"))
    assert unknown.max() == serif.max() == sans.max() == 255
    assert not np.array_equal(serif, sans)


@pytest.mark.parametrize("text", ["ก", "A<tspan>ก</tspan>", "<a>ক</a>", "A<tspan/>&#xE000;", "<textPath>ก</textPath>"])
def test_that_a_character_without_a_font_is_named(text: str) -> None:
    message = "text of the SVG contains (. [(])?U[+](0E01|0995|E000).*no font"
    with pytest.raises(UnsupportedImageFeature, match=message):
        pixels(svg(f'<text y="18" font-size="20">{text}</text>'))


@pytest.mark.parametrize("font", ["serif", "cursive", "No Such Font"])
@pytest.mark.parametrize(("letter", "other"), ["漢字", "سل"])
def test_that_a_letter_comes_from_a_font_that_has_it(letter: str, other: str, font: str) -> None:
    text = '<text y="18" font-size="20" font-family="{}">{}</text>'
    sans, found, another = (pixels(svg(text.format(*each))) for each in (("", letter), (font, letter), (font, other)))
    np.testing.assert_array_equal(found, sans)
    assert not np.array_equal(found, another)


@pytest.mark.parametrize(
    "content",
    [
        "<title>ก</title>",
        "<text><title>ก</title>A</text>",
        "<text>A\u200d\u00ad\ufe0f&#9;\u2028</text>",
        '<g display="none"><text>ก</text></g>',
        '<switch><text systemLanguage="th">ก</text><text>A</text></switch>',
        "<rect/>ก",
    ],
)
def test_that_what_is_not_drawn_needs_no_font(content: str) -> None:
    assert pixels(svg(content)).shape == (20, 40, 4)


@pytest.mark.parametrize("element", ["image", "use", "feImage"])
@pytest.mark.parametrize("attribute", ["href", "xlink:href"])
def test_that_no_other_file_is_read(tmp_path: Path, element: str, attribute: str) -> None:
    (path := tmp_path / "secret.png").write_bytes(file(quarters(), "PNG"))
    for address in (path, f"file://{path}", "http://127.0.0.1:1/a.png", "//a/b", "secret.png", "a.svg#b", "&#47;x"):
        content = f'<{element} {attribute}="{address}" width="40" height="20"/>'
        with pytest.raises(UnsupportedImageFeature, match="another file"):
            pixels(svg(content))


def test_that_a_link_is_no_reference() -> None:
    assert pixels(svg(f'<a href="https://example.com">{CIRCLE}</a>'))[10, 20, 3] == 255


def test_that_style_sheets_load_nothing() -> None:
    style = (
        '<style>@import "http://127.0.0.1:1/a.css"; @font-face {src: url(/etc/passwd)} rect {fill: url(/a#b)}</style>'
    )
    assert pixels(svg(style + CIRCLE))[10, 20].tolist() == [200, 30, 30, 255]


def test_that_external_entities_are_not_resolved() -> None:
    document = b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + svg("<text>&a;</text>")
    with pytest.raises(InvalidImage):
        pixels(document)


def test_that_embedded_images_are_drawn_and_bounded() -> None:
    assert pixels(svg(embedded(file(quarters().resize((40, 20)), "PNG"))))[2, 2].tolist() == [255, 0, 0, 255]
    with pytest.raises(ImageTooLarge):
        pixels(svg(embedded(png_of_size(20_000, 20_000))))
    with pytest.raises(ImageTooLarge, match="together"):
        pixels(svg(embedded(png_of_size(6000, 6000)) * 2))
    with pytest.raises(UnsupportedImageFeature, match="damaged"):
        pixels(svg(embedded(svg(), "image/svg+xml")))


def test_that_scripts_and_animations_do_nothing() -> None:
    active = '<script>while (true) {}</script><animate attributeName="r" to="0" dur="1s"/>'
    assert np.array_equal(pixels(svg(active + CIRCLE)), pixels(svg()))


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
USES = "".join(f'<g id="u{n}">' + f'<use href="#u{n - 1}"/>' * 10 + "</g>" for n in range(1, 9))
COSTLY = {
    "entities": f'<!DOCTYPE svg [<!ENTITY e0 "x">{ENTITIES}]>'.encode() + svg("<text>&e9;</text>"),
    "uses": svg(f'<defs><rect id="u0" width="9" height="9"/>{USES}</defs><use href="#u8"/>'),
    "depth": svg("<g>" * 200_000 + "</g>" * 200_000),
    "elements": svg("<g/>" * 60_000),
    "layers": svg('<g opacity=".5">' * 90 + CIRCLE + "</g>" * 90, 'width="4000" height="4000"'),
    "morphology": svg(FILTER.format('<feMorphology radius="500"/>'), 'width="4000" height="4000"'),
    "convolution": svg(FILTER.format('<feConvolveMatrix order="60"/>'), 'width="4000" height="4000"'),
    "turbulence": svg(
        FILTER.format('<feTurbulence baseFrequency="1" numOctaves="99999"/>'), 'width="400" height="400"'
    ),
    "side": svg(size='width="20000" height="1"'),
    "pixels": svg(size='width="9000" height="9000"'),
    "infinite": svg(size='width="1e300" height="1"'),
}


@pytest.mark.parametrize("name", COSTLY)
def test_that_what_costs_too_much_is_rejected_before_it_is_drawn(name: str) -> None:
    with pytest.raises(PermanentError) as raised:
        pixels(COSTLY[name])
    assert raised.value.code in {"image_too_large", "invalid_image"}


@pytest.mark.parametrize(
    "content",
    [
        FILTER.format('<feGaussianBlur stdDeviation="1e9"/>'),
        FILTER.format('<feOffset dx="1e30"/>').replace(
            "<filter", '<filter x="-1e9" y="-1e9" width="1e10" height="1e10"'
        ),
        '<pattern id="f" width="1e-9" height="1e-9" patternUnits="userSpaceOnUse">'
        + CIRCLE
        + '</pattern><rect fill="url(#f)"/>',
        '<path d="M0 0H1e30" stroke="red" stroke-width="1e30" stroke-dasharray="1e-30"/>',
        '<g id="f"><use href="#f"/></g><mask id="m" mask="url(#m)"/><rect mask="url(#m)"/>',
        '<text font-size="1e9">W</text>',
        '<rect transform="scale(1e30)" width="1e30" height="1e30"/>',
    ],
)
def test_that_extreme_values_do_no_harm(content: str) -> None:
    assert pixels(svg(content)).shape == (20, 40, 4)


@pytest.mark.parametrize(
    "data",
    [svg()[:-4], b"<svg>", b"<svg xmlns='http://example.com'/>", b"<svg \xff\xfe", b"<?xml encoding='x'?><svg/>"],
)
def test_that_what_is_not_well_formed_is_called_so(data: bytes) -> None:
    with pytest.raises(InvalidImage, match="SVG"):
        pixels(data)


def test_that_encodings_are_those_of_xml() -> None:
    latin = f'<?xml version="1.0" encoding="ISO-8859-1"?>{svg("<title>é</title>" + CIRCLE).decode()}'
    assert np.array_equal(pixels(latin.encode("latin-1")), pixels(svg()))
    assert np.array_equal(pixels(svg().decode().encode("utf-16")), pixels(svg()))


def test_that_its_size_counts_in_an_analysis() -> None:
    assert b'"width": 40' in rendered(svg(), analyse=["info"], format="auto")
    assert array(Image.open(BytesIO(rendered(svg(), format="jpeg")))).shape == (20, 40, 3)
