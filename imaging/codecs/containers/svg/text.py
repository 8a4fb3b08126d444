"""The text of an SVG: what is drawn has only characters that the shipped fonts have. SVG 2, chapters 5 and 11."""

import unicodedata
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from core.errors import UnsupportedImageFeature
from imaging.characters import can_show, describe_character

_TEXT = "text"
_INSIDE = {"tspan", "textPath", "tref", "a"}  # elements whose characters are drawn within it
_LANGUAGE = "en"  # resvg's


def check_text(root: ET.Element) -> None:
    """Raise UnsupportedImageFeature for a character that resvg would draw as a box."""
    for text in _drawn_texts(root):
        for character in unicodedata.normalize("NFC", text):
            if not can_show(character):
                raise UnsupportedImageFeature(
                    f"The text of the SVG contains {describe_character(character)}, which no font of this service has. "
                    "Convert the text to paths, or omit the character."
                )


def _drawn_texts(element: ET.Element, *, is_text: bool = False) -> Iterator[str]:
    name = element.tag.rpartition("}")[2]
    is_text = name == _TEXT or (is_text and name in _INSIDE)
    if not _is_drawn(element):
        return
    if is_text:
        yield element.text or ""
    for child in element:
        yield from _drawn_texts(child, is_text=is_text)
        if is_text:
            yield child.tail or ""


def _is_drawn(element: ET.Element) -> bool:
    languages = element.get("systemLanguage")
    is_read = languages is None or any(each.strip().lower().startswith(_LANGUAGE) for each in languages.split(","))
    return is_read and element.get("display") != "none"
