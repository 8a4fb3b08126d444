"""Each filter on each mode against a committed sheet.

`REDRAW_PICTURES=1` draws the sheets that are missing or differ. Look at them before you commit.
"""

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from imaging.codecs.decoder import decode
from imaging.filters import CATALOGUE
from imaging.limits import Limits
from tests.unit.imaging.filters import auxiliary

PICTURES = Path(__file__).parent.parent / "pictures"
SOURCES = {path.stem: path.read_bytes() for path in sorted((PICTURES / "sources").iterdir())}

# One line a filter: the sets of parameters that its sheet shows.
SHEETS: dict[str, list[dict[str, Any]]] = {
    "resize": [{"width": 30, "height": 30, "fit": fit, "background": "navy"} for fit in ("inside", "cover", "contain")],
    "crop": [{"left": 8, "top": "25%", "width": "50%", "height": 40}, {"aspect": "1:1", "gravity": "east"}],
    "rotate": [{"angle": 90.0}, {"angle": 17.0}, {"angle": -30.0, "expand": False, "background": "gold"}],
    "brightness": [{"amount": -30.0}, {"amount": 30.0}],
    "contrast": [{"amount": -40.0}, {"amount": 40.0}],
    "invert": [{}],
    "grayscale": [{}, {"method": "luma709"}, {"method": "average", "amount": 60.0}],
    "sepia": [{}, {"amount": 50.0}],
    "saturation": [{"amount": -50.0}, {"amount": 80.0}],
    "blur": [{"sigma": 0.5}, {"sigma": 2.0}],
    "sharpen": [{}, {"amount": 100.0}],
    "pixelate": [{"size": 5}],
    "thumbnail": [{"size": 40}],
    "trim": [{"threshold": 120}],
    "pad": [
        {"top": 8, "left": 12, "color": "gold"},
        {"right": 14, "bottom": 6, "mode": "copy"},
        {"left": 20, "mode": "mirror"},
    ],
    "flip": [{}],
    "flop": [{}],
    "transpose": [{}],
    "transverse": [{}],
    "shear": [{"x": 20.0}, {"y": -15.0, "background": "navy"}],
    "perspective": [{"top_left": [15.0, 10.0], "bottom_right": [90.0, 80.0]}],
    "round_corners": [{"radius": "25%"}],
    "mask": [{}, {"shape": "star"}, {"shape": "heart", "invert": True}],
    "exposure": [{"amount": -50.0}, {"amount": 50.0}],
    "gamma": [{"gamma": 0.5}, {"gamma": 2.0}],
    "highlights": [{"amount": -80.0}],
    "shadows": [{"amount": 80.0}],
    "levels": [{"in_black": 40, "in_white": 200, "gamma": 1.2, "out_black": 20}],
    "curves": [{"rgb": [[0, 30], [120, 150], [255, 255]]}, {"red": [[0, 0], [100, 180], [255, 255]]}],
    "auto_contrast": [{"cutoff": 2}],
    "equalize": [{}],
    "linear": [{"a": 1.5, "b": -40}],
    "threshold": [{}],
    "posterize": [{"bits": 2}],
    "solarize": [{}],
    "vibrance": [{"amount": 100.0}],
    "hue": [{"angle": 90.0}],
    "lightness": [{"amount": -30.0}, {"amount": 30.0}],
    "temperature": [{"amount": -70.0}, {"amount": 70.0}],
    "tint": [{"amount": 60.0}],
    "rgb": [{"r": 20.0, "g": 0.0, "b": -20.0}],
    "color_matrix": [{"matrix": [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.2, 0.0, 0.8]]}],
    "swap_channels": [{"order": "gbr"}],
    "monochrome": [{}, {"intensity": 50.0}],
    "duotone": [{}],
    "tritone": [{}],
    "colorize": [{}],
    "gradient_map": [{}],
    "replace_color": [{"color": "#8a6a50"}],
    "make_transparent": [{"color": "#8a6a50", "tolerance": 60}],
    "quantize": [{"colors": 6}, {"colors": 6, "dither": True}],
    "simulate_colorblind": [{}, {"kind": "tritanopia"}],
    "opacity": [{"opacity": 40.0}],
    "flatten": [{"background": "gold"}],
    "box_blur": [{"radius": 3}],
    "motion_blur": [{"length": 9, "angle": 0.0}, {"length": 9, "angle": 30.0}],
    "tilt_shift": [{}],
    "zoom_blur": [{}],
    "unsharp_mask": [{}],
    "smooth": [{}, {"more": True}],
    "detail": [{}],
    "edge_enhance": [{}, {"more": True}],
    "median": [{"size": 5}],
    "min": [{"size": 5}],
    "max": [{"size": 5}],
    "mode": [{"size": 5}],
    "denoise": [{}],
    "convolution": [{"kernel": [-2, -1, 0, -1, 1, 1, 0, 1, 2]}],
    "vignette": [{}, {"color": "white", "strength": 100.0}],
    "noise": [{}, {"mono": False, "seed": 3}],
    "emboss": [{}],
    "contour": [{}],
    "find_edges": [{}],
    "sketch": [{}],
    "oil_paint": [{}],
    "cartoonify": [{}],
    "halftone": [{"size": 6}],
    "glow": [{}],
    "cross_process": [{}],
    "fade": [{}],
    "glitch": [{}],
    "text": [
        {"text": "Fjord", "size": 16, "margin": 2, "shadow": "black"},
        {
            "text": "a word or two",
            "size": 12,
            "color": "gold",
            "stroke_width": 1,
            "background": "#00008080",
            "margin": 4,
        },
    ],
    "frame": [{"width": 4, "color": "sienna", "mat": 3}],
    "drop_shadow": [{"sigma": 2, "x": 3, "y": 4}],
    "polaroid": [{"caption": "Chelsea", "angle": -6.0}],
    "lut": [{"image_id": str(auxiliary.HALD)}, {"image_id": str(auxiliary.CUBE), "strength": 50.0}],
    "watermark": [
        {"image_id": str(auxiliary.MARK), "scale": 40.0, "margin": 3},
        {"image_id": str(auxiliary.MARK), "position": "tile", "scale": None, "opacity": 40.0, "margin": 4},
    ],
    "overlay": [
        {"image_id": str(auxiliary.MARK), "mode": "multiply"},
        {"image_id": str(auxiliary.MARK), "mode": "screen", "fit": "inside", "opacity": 60.0},
    ],
    "redact": [{"regions": [[5, 5, "40%", 20]], "method": each} for each in ("color", "pixelate", "blur")],
}
TILE = 60


def _draw(name: str) -> Image.Image:
    sheet = Image.new("RGBA", (TILE * len(SOURCES), TILE * len(SHEETS[name])))
    for row, parameters in enumerate(SHEETS[name]):
        step = CATALOGUE[name].model_validate(parameters)
        for column, source in enumerate(SOURCES.values()):
            image = auxiliary.bind(step)(decode(source, limits=Limits(), auto_orient=True))
            sheet.paste(image.convert("RGBA"), (column * TILE, row * TILE))
    return sheet


def test_that_sources_cover_what_files_hold() -> None:
    modes = {Image.open(BytesIO(source)).mode for source in SOURCES.values()}
    assert modes == {"L", "RGB", "RGBA", "P", "CMYK", "I;16"}


def _agree(path: Path, drawn: Image.Image) -> bool:
    """Whether the kept sheet exists and differs by rounding only, as between versions of a library."""
    if not path.exists():
        return False
    with Image.open(path) as reference:
        kept = np.asarray(reference.convert("RGBA"), dtype=int)
    new = np.asarray(drawn, dtype=int)
    if kept.shape != new.shape:
        return False
    difference = np.abs(new - kept)
    return bool(difference.mean() < 0.2 and difference.max() <= 4)


def _redraw(path: Path, drawn: Image.Image) -> None:
    """Write the sheet, unless the kept one agrees: other bytes of the same pixels would be noise in a commit."""
    if not _agree(path, drawn):
        drawn.save(path, optimize=True)


@pytest.mark.parametrize("name", CATALOGUE)
def test_that_a_filter_draws_what_it_drew(name: str) -> None:
    path, drawn = PICTURES / f"{name}.png", _draw(name)
    if os.environ.get("REDRAW_PICTURES"):
        _redraw(path, drawn)
    assert _agree(path, drawn), f"Compare the drawn sheet with {path.relative_to(PICTURES.parents[3])}."


@pytest.mark.parametrize(("level", "is_redrawn"), [(100, False), (102, False), (120, True)])
def test_that_only_a_sheet_that_differs_is_redrawn(tmp_path: Path, level: int, is_redrawn: bool) -> None:  # noqa: FBT001
    path = tmp_path / "sheet.png"
    kept = Image.new("RGBA", (100, 100), (100, 100, 100, 255))
    _redraw(path, kept)
    before = path.read_bytes()
    drawn = kept.copy()
    drawn.paste((level, 100, 100, 255), (0, 0, 10, 10))
    _redraw(path, drawn)
    assert (path.read_bytes() != before) is is_redrawn


def test_that_every_filter_has_its_sheet_and_every_sheet_its_filter() -> None:
    """The last test, so that a new sheet is drawn before."""
    assert set(SHEETS) == set(CATALOGUE) == {path.stem for path in PICTURES.glob("*.png")}
