"""What elements of an SVG refer to: never another file, and never so much that it cannot be drawn."""

import re
from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree as ET

from PIL import Image

from core.errors import ImageTooLarge, UnsupportedImageFeature
from imaging.limits import Limits

_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
_LINK = "a"  # the one element that may refer to anything, as nothing is loaded for it
_EMBEDDED = ("PNG", "JPEG", "GIF", "WEBP")
_DATA = re.compile(r"\s*data:[^,]*?(;base64)?,(.*)", re.DOTALL | re.IGNORECASE)
_LAYER = re.compile(r"opacity|filter|mask|clip-path|mix-blend-mode|isolation")
_FRAGMENT = re.compile(r"#([^)'\"\s]+)")


def check_references(root: ET.Element, limits: Limits) -> None:
    """Raise UnsupportedImageFeature for what is outside of the document, ImageTooLarge for embedded images."""
    pixels = 0
    for element in root.iter():
        for href in filter(None, map(element.get, _HREFS)):
            if _local_name(element) == _LINK or href.lstrip().startswith("#"):
                continue
            width, height = _embedded_size(href)
            limits.check((width, height))
            pixels += width * height
    if pixels > limits.max_pixels:
        raise ImageTooLarge(f"The images in the SVG have more than {limits.max_pixels:,} pixels together.")


def _embedded_size(href: str) -> tuple[int, int]:
    """Return the size that the header says; nothing is decoded."""
    found = _DATA.fullmatch(href)
    if not found:
        raise UnsupportedImageFeature(
            f"The SVG refers to another file, {href.strip()[:100]!r}, which is not loaded. Embed it as a data: URL."
        )
    try:
        data = b64decode(found[2]) if found[1] else unquote_to_bytes(found[2])
        with Image.open(BytesIO(data), formats=_EMBEDDED) as image:
            return image.size
    except (OSError, ValueError, SyntaxError) as error:
        raise UnsupportedImageFeature(
            "The SVG contains an image that is damaged or not supported. It may contain PNG, JPEG, GIF and WebP."
        ) from error


def count_layers(root: ET.Element) -> int:
    """Return how many elements, nested or referred to by each other, are drawn on a layer of their own at once."""
    found: dict[ET.Element, int] = {}
    by_id = {name: element for element in root.iter() if (name := element.get("id"))}
    has_styles = any(_LAYER.search(element.text or "") for element in root.iter() if _local_name(element) == "style")

    def count(element: ET.Element) -> int:
        if element not in found:
            found[element] = 0  # a circle, which is not drawn
            inner = max(map(count, [*element, *_referred(element, by_id)]), default=0)
            found[element] = inner + _is_layer(element, has_styles=has_styles)
        return found[element]

    try:
        return count(root)
    except RecursionError as error:
        raise ImageTooLarge("The elements of the SVG refer to each other too often to be drawn.") from error


def _referred(element: ET.Element, by_id: dict[str, ET.Element]) -> Iterator[ET.Element]:
    for value in element.attrib.values():
        yield from (by_id[name] for name in _FRAGMENT.findall(value) if name in by_id)


def _is_layer(element: ET.Element, *, has_styles: bool) -> bool:
    has_class = has_styles and "class" in element.attrib
    return has_class or bool(_LAYER.search(f"{' '.join(element.attrib)} {element.get('style', '')}"))


def _local_name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
