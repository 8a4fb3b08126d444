"""SVG: its size, and bounds that hold before it is drawn. SVG 2, chapters 5, 8 and 15."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from core.errors import ImageTooLarge, InvalidImage
from imaging.codecs.containers.svg.references import check_references, count_layers
from imaging.codecs.containers.svg.text import check_text
from imaging.limits import Limits
from imaging.orientation import Size

_ROOT = "{http://www.w3.org/2000/svg}svg"
_MOST_ELEMENTS, _MOST_DEPTH = 50_000, 100
_DEFAULT_SIZE = (300.0, 150.0)  # CSS 2, section 10.3.2
_UNITS = {"": 1, "px": 1, "pt": 4 / 3, "pc": 16, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4, "em": 16, "ex": 8}
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_LENGTH = re.compile(rf"\s*({_NUMBER})\s*([a-z]*)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SvgDocument:
    """`size` is in CSS pixels; `layers` is how many images of the whole size may be needed at once to draw it."""

    root: ET.Element
    size: Size
    layers: int

    def to_text(self, size: Size) -> str:
        """Return the document, to be drawn at `size`, without entities, comments and instructions."""
        self.root.set("width", str(size[0]))
        self.root.set("height", str(size[1]))
        return ET.tostring(self.root, encoding="unicode")

    def most_samples(self, scale: float) -> float:
        """Return how many samples the most expensive filter primitive reads for a pixel, if drawn at `scale`."""
        return max(_count_samples(element, scale) for element in self.root.iter())


class _Builder(ET.TreeBuilder):
    def __init__(self) -> None:
        super().__init__()
        self._depth = self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        self._depth, self._elements = self._depth + 1, self._elements + 1
        if self._depth > _MOST_DEPTH or self._elements > _MOST_ELEMENTS:
            raise ImageTooLarge(
                f"The SVG is too large: at most {_MOST_ELEMENTS:,} elements and {_MOST_DEPTH} levels are allowed."
            )
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ET.Element:
        self._depth -= 1
        return super().end(tag)


def read_svg(data: bytes, limits: Limits) -> SvgDocument:
    """Raise InvalidImage, ImageTooLarge, or UnsupportedImageFeature for other files and letters without a font."""
    try:
        root = ET.XML(data, ET.XMLParser(target=_Builder()))  # noqa: S314 - expat bounds entities and loads none
    except (ET.ParseError, ValueError, LookupError) as error:
        raise InvalidImage("The SVG is not well-formed XML.") from error
    if root.tag != _ROOT:
        raise InvalidImage("The root element of the SVG must be `svg` in the namespace http://www.w3.org/2000/svg.")
    size = _read_size(root)
    limits.check(size)
    check_references(root, limits)
    check_text(root)
    return SvgDocument(root, size, count_layers(root))


def _read_size(root: ET.Element) -> Size:
    """Return the size in whole CSS pixels. Without `viewBox` one is added, so that the drawing scales with the size."""
    box = _read_box(root)
    width, height = _read_length(root.get("width")), _read_length(root.get("height"))
    if box:
        width = width or (height * box[0] / box[1] if height else box[0])
        height = height or width * box[1] / box[0]
    width, height = width or _DEFAULT_SIZE[0], height or _DEFAULT_SIZE[1]
    if max(width, height) > 2**31:
        raise ImageTooLarge(f"The SVG says that it has {width:g} x {height:g} pixels. Correct its width and height.")
    if not box:
        root.set("viewBox", f"0 0 {width} {height}")
    return max(1, round(width)), max(1, round(height))


def _read_box(root: ET.Element) -> tuple[float, float] | None:
    """Return width and height of `viewBox`."""
    numbers = [float(number) for number in re.findall(_NUMBER, root.get("viewBox", ""))]
    is_valid = len(numbers) == 4 and min(numbers[2:]) > 0  # noqa: PLR2004 - left, top, width, height
    return (numbers[2], numbers[3]) if is_valid else None


def _read_length(text: str | None) -> float | None:
    """Return CSS pixels; None for a percentage, zero, or nothing that is a length."""
    found = _LENGTH.fullmatch(text or "")
    if not found or found[2].lower() not in _UNITS or float(found[1]) <= 0:
        return None
    return float(found[1]) * _UNITS[found[2].lower()]


def _count_samples(element: ET.Element, scale: float) -> float:
    numbers = {name: [abs(float(number)) for number in re.findall(_NUMBER, value)] for name, value in element.items()}
    match element.tag.rpartition("}")[2]:
        case "feMorphology":
            return (2 * scale * max(numbers.get("radius", []), default=0) + 1) ** 2
        case "feConvolveMatrix":
            return max(numbers.get("order", []), default=3) ** 2
        case "feTurbulence":
            return 10 * max(numbers.get("numOctaves", []), default=1)
    return 1
