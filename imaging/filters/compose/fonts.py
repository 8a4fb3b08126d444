"""The shipped fonts, and which of them has a character. The licences are stored with the fonts."""

from functools import lru_cache
from typing import Literal

from PIL import ImageFont, features

from core.errors import InvalidStep
from imaging.characters import FONT_DIRECTORY
from imaging.cmap import read_characters

FontName = Literal["sans", "sans_bold", "serif", "mono", "round", "hand"]
_FILES = {
    "sans": "DejaVuSans.ttf",
    "sans_bold": "SourceSansPro-Bold.otf",
    "serif": "SourceSerifPro-Regular.ttf",
    "mono": "DejaVuSansMono.ttf",
    "round": "FredokaOne-Regular.ttf",
    "hand": "AmaticSC-Bold.ttf",
    "cjk": "DroidSansFallbackFull.ttf",
}
_FALLBACKS = ("sans", "serif", "mono", "cjk")
_NO_SHAPING = (
    "this text runs from right to left or joins characters, which needs the library FriBidi, and this server does not "
    "have it; ask the operator to install libfribidi"
)


@lru_cache(maxsize=32)
def load_font(name: str, size: int, *, shapes: bool = False) -> ImageFont.FreeTypeFont:
    """Load a font of `size` pixels.

    `shapes`: with Raqm, which orders and joins letters, and raises InvalidStep where it is missing. Other text does
    without: Raqm depends on a library of the machine, and outputs must not.
    """
    if shapes and not features.check("raqm"):
        raise InvalidStep(_NO_SHAPING)
    engine = ImageFont.Layout.RAQM if shapes else ImageFont.Layout.BASIC
    return ImageFont.truetype(FONT_DIRECTORY / _FILES[name], size, layout_engine=engine)


@lru_cache(maxsize=4096)
def find_font(text: str, preferred: str) -> str | None:
    """Return the preferred font if it has all characters of `text`, else the first that has, or None."""
    codes = set(map(ord, text))
    return next(
        (name for name in (preferred, *_FALLBACKS) if codes <= read_characters(FONT_DIRECTORY / _FILES[name])), None
    )
