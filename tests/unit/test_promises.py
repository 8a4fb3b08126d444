"""docs/promises.md names a test for each promise; each one is there and says which promise it holds."""

import ast
import re

import pytest

from tests.harness.deployment import ROOT

PROMISES = range(1, 28)
ROWS = re.findall(r"^\| (\d+) \| `([^`]+)` \|", (ROOT / "docs" / "promises.md").read_text(), re.MULTILINE)


def test_every_promise_has_a_row() -> None:
    assert [int(number) for number, _ in ROWS] == list(PROMISES)


@pytest.mark.parametrize(("number", "node_id"), ROWS)
def test_its_test_is_there_and_says_so(number: str, node_id: str) -> None:
    path, name = re.fullmatch(r"(tests/\S+\.py)::(\w+)(?:\[.+\])?", node_id).groups()  # type: ignore[union-attr]
    module = ast.parse((ROOT / path).read_text())
    functions = (each for each in ast.walk(module) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))
    (test,) = (each for each in functions if each.name == name)
    assert re.search(rf"promise {number}\b", ast.get_docstring(test) or "")
