"""Draws SVG with resvg: no scripts, no network, no fonts but ours."""

from io import BytesIO

import resvg_py
from PIL import Image

from imaging.characters import FONT_DIRECTORY


def draw_svg(text: str) -> Image.Image:
    """Draw a document in its own size; RGBA. Raises ValueError for what resvg cannot draw.

    It would load files that the document names, so there must be none.
    """
    try:
        png = resvg_py.svg_to_bytes(
            svg_string=text,
            skip_system_fonts=True,
            font_dirs=[str(FONT_DIRECTORY)],
            font_family="DejaVu Sans",
            serif_family="Source Serif Pro",
            sans_serif_family="DejaVu Sans",
            cursive_family="Amatic SC",
            fantasy_family="Fredoka One",
            monospace_family="DejaVu Sans Mono",
        )
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of Rust, derived from BaseException
            message = f"resvg cannot draw it: {error}"
            raise ValueError(message) from error
        raise
    image = Image.open(BytesIO(png), formats=["PNG"])
    image.load()
    return image
