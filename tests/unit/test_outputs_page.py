"""docs/outputs.md says what the code does."""

import re
from typing import get_args

from imaging.codecs.formats import Format
from imaging.codecs.output_options import Analysis
from tools.write_docs.outputs_page import PAGE, page


def _rows(heading: str) -> list[str]:
    section = PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `?(\w+)`? \|", section, re.MULTILINE)[1:]


def test_that_the_options_are_those_of_the_code() -> None:
    assert page() == PAGE.read_text(), "run `make fix`"


def test_that_every_format_and_analysis_is_told_of() -> None:
    assert _rows("Formats") == list(get_args(Format))
    assert _rows("Analyses") == list(get_args(Analysis))
