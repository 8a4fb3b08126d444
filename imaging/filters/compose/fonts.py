"""The shipped fonts, and text as masks. The licences are stored with the fonts."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from core.errors import InvalidStep

FontName = Literal["sans", "sans_bold", "serif", "mono", "round", "hand"]
_DIRECTORY = Path(__file__).parents[2] / "fonts"
_FILES = {
    "sans": "DejaVuSans.ttf",
    "sans_bold": "SourceSansPro-Bold.otf",
    "serif": "SourceSerifPro-Regular.ttf",
    "mono": "DejaVuSansMono.ttf",
    "round": "FredokaOne-Regular.ttf",
    "hand": "AmaticSC-Bold.ttf",
}
_MOST_PIXELS = 50_000_000
_LINE_SPACING = 0.25  # of the size


@lru_cache(maxsize=16)
def load_font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """Load a font of `size` pixels. Basic layout: Raqm depends on a library of the machine, and outputs must not."""
    return ImageFont.truetype(_DIRECTORY / _FILES[name], size, layout_engine=ImageFont.Layout.BASIC)


def wrap_lines(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """Break lines that are wider than `width` pixels, between words or, if need be, within them."""
    return "\n".join(line for paragraph in text.split("\n") for line in _wrap_paragraph(paragraph, font, width))


def _wrap_paragraph(paragraph: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines = [""]
    for word in paragraph.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines = [line for line in lines if line] + _split_word(word, font, width)
    return lines


def _split_word(word: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and font.getlength(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def draw_text_masks(
    text: str, font: ImageFont.FreeTypeFont, *, align: str = "center", stroke: int = 0
) -> tuple[Image.Image, Image.Image]:
    """Return two masks of the same size: letters without and with their stroke.

    Raises InvalidStep if the text needs too many pixels.
    """
    draw = ImageDraw.Draw(Image.new("L", (1, 1)))
    spacing = font.size * _LINE_SPACING
    left, top, right, bottom = draw.multiline_textbbox(
        (0, 0), text, font, spacing=spacing, align=align, stroke_width=stroke
    )
    width, height = int(right - left) + 2, int(bottom - top) + 2
    if width * height > _MOST_PIXELS:
        raise InvalidStep(f"the text needs {width} x {height} pixels; choose a smaller size, or let it wrap")
    letters, outlined = Image.new("L", (width, height)), Image.new("L", (width, height))
    for mask, stroke_fill in ((letters, 0), (outlined, 255)):
        ImageDraw.Draw(mask).multiline_text(
            (1 - left, 1 - top), text, 255, font, None, spacing, align, stroke_width=stroke, stroke_fill=stroke_fill
        )
    return letters, outlined
