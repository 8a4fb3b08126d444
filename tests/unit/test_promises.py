"""docs/promises.md names a test for each promise and guarantee; each one exists and names its promise."""

import ast
import re

import pytest

from tests.harness.deployment import ROOT

_TEXT = (ROOT / "docs" / "promises.md").read_text()
PROMISES, _, _REST = _TEXT.partition("\n## Further guarantees\n")
GUARANTEES, _, FAILURES = _REST.partition("\n## Each test has failed once\n")
TESTS = re.findall(r"^(\d+)\. `(tests/[^`]+)`$", PROMISES, re.MULTILINE)


def docstring_of(node_id: str) -> str:
    """Return the docstring of a test. Raises where there is no such test."""
    path, name = re.fullmatch(r"(tests/\S+\.py)::(\w+)(?:\[.+\])?", node_id).groups()  # type: ignore[union-attr]
    module = ast.parse((ROOT / path).read_text())
    functions = (each for each in ast.walk(module) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))
    (test,) = (each for each in functions if each.name == name)
    return ast.get_docstring(test) or ""


def test_the_promises_are_numbered() -> None:
    numbers = [int(number) for number in re.findall(r"^\| (\d+) \|", PROMISES, re.MULTILINE)]
    assert numbers == [int(number) for number, _ in TESTS] == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 27


def test_each_promise_was_seen_to_fail() -> None:
    seen = {int(number) for number in re.findall(r"^\| (\d+) \|", FAILURES, re.MULTILINE)}
    assert seen == {int(number) for number, _ in TESTS}


@pytest.mark.parametrize(("number", "node_id"), TESTS)
def test_its_test_exists_and_names_the_promise(number: str, node_id: str) -> None:
    assert re.search(rf"promise {number}\b", docstring_of(node_id))


@pytest.mark.parametrize("node_id", re.findall(r"^- .+: `(tests/[^`]+)`$", GUARANTEES, re.MULTILINE))
def test_the_test_of_a_guarantee_exists(node_id: str) -> None:
    docstring_of(node_id)
