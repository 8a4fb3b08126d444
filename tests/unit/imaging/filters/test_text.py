"""Text of any script: in its order, joined, from a font that has it, or rejected by name; never boxes or nothing."""

import unicodedata

import numpy as np
import pytest
from PIL import Image, ImageFont, features

from core.errors import InvalidStep
from imaging.characters import FONT_DIRECTORY
from imaging.filters.compose.fonts import find_font, load_font
from imaging.filters.compose.text_layout import draw_text_masks, lay_out, measure
from imaging.filters.compose.text_runs import clean_text, split_runs
from imaging.pipeline.parse import parse_pipeline
from tests.unit.imaging.images import Array, array

SHALOM, SALAM = "\u05e9\u05dc\u05d5\u05dd", "\u0633\u0644\u0627\u0645"


def _draw(text: str, font: str = "sans", size: int = 40) -> Array:
    return array(draw_text_masks(lay_out(clean_text(text), font, size), font, size)[0])[:, :, 0]


def _letters(text: str) -> Array:
    """Characters drawn one after the other from left to right, in the forms they have alone."""
    font = ImageFont.truetype(FONT_DIRECTORY / "DejaVuSans.ttf", 40, layout_engine=ImageFont.Layout.BASIC)
    mask = font.getmask(text, "L")
    return np.array(mask).reshape(mask.size[::-1]).astype(float)


def _trim(values: Array) -> Array:
    rows, columns = np.flatnonzero(values.max(1)), np.flatnonzero(values.max(0))
    return values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def test_that_raqm_is_there() -> None:
    assert features.check("raqm"), "install libfribidi0"


def test_that_hebrew_runs_from_right_to_left() -> None:
    drawn, reversed_letters = _trim(_draw(SHALOM)), _trim(_letters(SHALOM[::-1]))
    assert abs(drawn.shape[1] - reversed_letters.shape[1]) <= 2
    half = drawn.shape[1] // 2
    assert np.corrcoef(drawn[:, :half].sum(1), reversed_letters[: len(drawn), :half].sum(1))[0, 1] > 0.9
    np.testing.assert_array_equal(_draw(f"{SHALOM} abc"), _draw(f"{SHALOM} abc\u200f"))
    assert not np.array_equal(_draw(SHALOM), _draw(SHALOM[::-1]))


def test_that_arabic_letters_join() -> None:
    gaps = [int((_trim(values).max(0) == 0).sum()) for values in (_draw(SALAM), _letters(SALAM[::-1]))]
    assert gaps[0] < gaps[1]
    assert _trim(_draw(SALAM)).shape[1] < 0.9 * _trim(_letters(SALAM[::-1])).shape[1]


def test_that_a_broken_paragraph_keeps_its_direction() -> None:
    width = load_font("sans", 20).getlength("m" * 8)
    lines = lay_out(f"{SHALOM} abcdef {SHALOM} abcdef {SHALOM}", "sans", 20, width)
    assert len(lines) > 1
    assert {run.direction for line in lines for run in line if unicodedata.bidirectional(run.text[-1]) == "R"} == {
        "rtl"
    }
    assert max(map(measure, lines)) <= width


@pytest.mark.parametrize(
    ("text", "font"), [("\u65e5\u672c", "cjk"), ("\u0416", "sans"), ("\u05d0", "hand"), ("\u0627", "sans")]
)
def test_that_a_letter_comes_from_a_font_that_has_it(text: str, font: str) -> None:
    (run,) = split_runs(text, "hand", 30)
    assert run.font_name == font
    assert _draw(text, "hand").max() == 255


def test_that_fonts_change_within_a_line() -> None:
    runs = split_runs("ab \u65e5\u672c cd", "serif", 30)
    assert [(run.text, run.font_name) for run in runs] == [("ab ", "serif"), ("\u65e5\u672c", "cjk"), (" cd", "serif")]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("\u0e44\u0e17\u0e22", r"U\+0E44, THAI CHARACTER SARA AI MAIMALAI"),
        ("\ud55c", r"U\+D55C, HANGUL SYLLABLE HAN"),
        ("a\ue000", r"U\+E000 \(without a name\)"),
        ("\U0001f600", r"the emoji .*U\+1F600, GRINNING FACE"),
        ("\u2764\ufe0f", r"the emoji .*U\+2764, HEAVY BLACK HEART"),
        ("\u2b50", r"the emoji .*WHITE MEDIUM STAR"),
        ("\U0001f1e9\U0001f1ea", r"the emoji .*REGIONAL INDICATOR SYMBOL LETTER D"),
        (f"{SHALOM}\u0e44", r"U\+0E44"),
        (f"{SHALOM} \u65e5", "no font has all characters of a line .* break the line"),
    ],
)
def test_that_what_no_font_has_is_rejected_by_name(text: str, named: str) -> None:
    step = parse_pipeline([{"filter": "text", "text": text}]).steps[0]
    with pytest.raises(InvalidStep, match=named):
        step.apply(Image.new("RGB", (100, 50)))


def test_that_nothing_is_drawn_as_a_box() -> None:
    """Every character that a font claims has ink, unless it is a space or a mark."""
    for code in range(0x21, 0x2500):
        character = chr(code)
        name = find_font(character, "sans")
        if name and unicodedata.category(character)[0] in {"L", "N"} and unicodedata.category(character) != "Lm":
            assert load_font(name, 12).getmask(character).getbbox(), f"U+{code:04X}"


def test_that_line_breaks_of_any_system_and_tabs_are_known() -> None:
    expected = _draw("one  four\ntwo\nthree")
    for text in ("one\tfour\r\ntwo\rthree", "one\tfour\u2028two\u0085three"):
        np.testing.assert_array_equal(_draw(text), _draw("one four\ntwo\nthree"))
    assert expected.shape[1] > _draw("one\tfour\r\ntwo\rthree").shape[1]
    assert parse_pipeline([{"filter": "text", "text": "a\tb\r\nc"}]).steps


def test_that_accents_are_composed_and_invisible_characters_show_nothing() -> None:
    for text in ("e\u0301", "\u00e9\u00ad", "\ufeff\u00e9", "\u00e9\u200b"):
        np.testing.assert_array_equal(_draw(text), _draw("\u00e9"))


def test_that_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda _: False)
    load_font.cache_clear()
    with pytest.raises(InvalidStep, match=r"FriBidi.* ask the operator to install libfribidi"):
        _draw(SHALOM)
    assert _draw("plain").max() == 255
