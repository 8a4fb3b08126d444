"""The editor's table of output options, compared with what the service accepts."""

import re
from collections.abc import Iterator

import pytest

from core.errors import InvalidRequest
from imaging import parse_output_options
from tests.harness.deployment import ROOT

_SOURCE = (ROOT / "api/web/views/edit/output_options.js").read_text()
_EXAMPLES: dict[str, object] = {"quality": 50, "lossless": True, "target_bytes": 5000, "effort": 3, "progressive": True}
_ALWAYS_LOSSLESS = {"png", "tiff", "bmp"}  # they accept the option, which changes nothing


def _words(name: str) -> list[str]:
    found = re.search(rf"const {name} = \[(.*?)\];", _SOURCE)
    assert found
    return re.findall(r"'(\w+)'", found[1])


def _options() -> Iterator[tuple[str, list[str]]]:
    for name, formats in re.findall(r"name: '(\w+)', kind: '\w+', formats: (LOSSY|\[.*?\])", _SOURCE):
        yield name, _words("LOSSY") if formats == "LOSSY" else re.findall(r"'(\w+)'", formats)


def _is_accepted(options: dict[str, object]) -> bool:
    try:
        parse_output_options(options)
    except InvalidRequest:
        return False
    return True


def test_every_format_can_be_chosen() -> None:
    documented = re.search(r"^\| `format` \| (.*?) \|", (ROOT / "docs/outputs.md").read_text(), re.MULTILINE)
    assert documented
    assert sorted(_words("FORMATS")) == sorted(re.findall(r"`(\w+)`", documented[1]))


@pytest.mark.parametrize(("option", "formats"), list(_options()))
def test_an_option_is_shown_for_the_formats_that_have_it(option: str, formats: list[str]) -> None:
    choices = set(_words("FORMATS")) - {"auto"} - (_ALWAYS_LOSSLESS if option == "lossless" else set())
    accepted = {each for each in choices if _is_accepted({"format": each, option: _EXAMPLES[option]})}
    assert set(formats) == accepted


@pytest.mark.parametrize(
    ("name", "quality"), re.findall(r"(\w+): (\d+)", _SOURCE.split("QUALITIES = {")[1].split("}")[0])
)
def test_the_default_quality_is_that_of_the_documents(name: str, quality: str) -> None:
    rows = {cells[0]: cells for cells in _table()}
    assert rows[name][4] == quality


def _table() -> Iterator[list[str]]:
    for line in (ROOT / "docs/outputs.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 10:
            yield cells
