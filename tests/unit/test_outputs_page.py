"""docs/outputs.md lists every format and analysis of the code."""

import re
from typing import get_args

from imaging.codecs.formats import Format
from imaging.codecs.output_options import Analysis
from tools.write_docs.outputs_page import PAGE


def _rows(heading: str) -> list[str]:
    section = PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `?(\w+)`? \|", section, re.MULTILINE)[1:]


def test_every_format_and_analysis_is_listed() -> None:
    assert _rows("Formats") == list(get_args(Format))
    assert _rows("Analyses") == list(get_args(Analysis))
