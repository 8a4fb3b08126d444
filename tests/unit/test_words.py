"""Shipped text uses plain English and the terms of the field: words with a better replacement stay out."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.deployment import ROOT

# Pattern -> what to write instead. Patterns match whole words, whatever their case.
WORDS = {
    r"films?": "animation",
    r"second pictures?": "auxiliary image",
    r"walls?(?![- ]clock)": "sandbox",
    r"tells?|told|telling": "report, return, say",
    r"hears?|heard|hearing|unheard": "receive, missed",
    r"refus(?:e|es|ed|ing|al|als)": "reject, rejection",
    r"mend(?:s|ed|ing)?": "fix, repair",
    r"mistakes?": "error",
    r"coats?": "layer",
    r"patience|patiently": "wait, retry",
    r"by (?:its|their) first bytes": "by its signature",
    r"leftovers?|lonely": "orphan",
    r"left out": "omitted",
    r"of (?:ours|yours)": "server-side, your",
    r"good for": "valid for, suitable for",
    r"for ever": "forever",
    r"strangers?": "untrusted",
    r"somebody else'?s": "another user's",
    r"render child(?:ren)?": "render process",
    r"bells?": "Gaussian",
    r"(?:is|are) over": "ends, expires",
}
FORBIDDEN = re.compile("|".join(rf"\b(?:{word})\b" for word in WORDS), re.IGNORECASE)
# What is a name that others gave, or is about the word itself.
ALLOWED = re.compile(
    r"connection refused|ECONNREFUSED|ConnectionRefused|\.tell\(|(?:slide|panchromatic|negative) film|film posters",
    re.IGNORECASE,
)

PAGES = ["*.md", "docs/**/*.md", "infra/**/*.md", "imaging/**/*.md", "examples/**/*.md"]
BUILD = ["Makefile", "*/**/*.mk", ".ci/run", "Dockerfile", "infra/**/*.yml", "infra/**/*.yaml", "infra/**/*.sh"]
CODE = [
    "api",
    "broker",
    "core",
    "darkroom",
    "imaging",
    "imaging/filters",
    "imaging/native",
    "infra",
    "rendering",
    "storage",
    "worker",
    "migrations",
    "tools",
    "examples",
    *("tests/acceptance", "tests/contract", "tests/unit/api", "tests/unit/storage", "tests/unit/worker"),
]


def documents() -> list[str]:
    found = {path for pattern in (*PAGES, *BUILD) for path in ROOT.glob(pattern)}
    hidden = {path for path in found if any(part.startswith(".") for part in path.relative_to(ROOT).parts[:1])}
    return sorted(str(path.relative_to(ROOT)) for path in found - hidden | {ROOT / ".ci/run"})


def found_in(text: str) -> Iterator[str]:
    """Yield each forbidden word with the line that it is in."""
    for line in text.splitlines():
        for match in FORBIDDEN.finditer(ALLOWED.sub("", line)):
            yield f"{match[0]!r} in: {line.strip()[:120]}"


def words_of(source: str) -> Iterator[str]:
    """Yield the comments, names and strings of Python code; names with spaces between their words."""
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
        elif token.type == tokenize.NAME and before != ".":  # the attributes of others, such as file.tell
            yield re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", token.string)
        before = token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("document", documents())
def test_documents_use_plain_words(document: str) -> None:
    assert list(found_in((ROOT / document).read_text())) == []


@pytest.mark.parametrize("package", CODE)
def test_code_uses_plain_words(package: str) -> None:
    paths = sorted((ROOT / package).rglob("*.py"))
    assert paths
    assert [f"{path.relative_to(ROOT)}: {each}" for path in paths for each in _words_in(path)] == []


def _words_in(path: Path) -> list[str]:
    return [each for text in words_of(path.read_text()) for each in found_in(text)]


@pytest.mark.parametrize("word", ["film", "told", "Refused", "second picture", "walls", "left out", "mend"])
def test_a_forbidden_word_is_found(word: str) -> None:
    assert len(list(found_in(f"Here {word} is."))) == 1


@pytest.mark.parametrize(
    "text", ["Connection refused", "a wall clock", "file.tell()", "recommend", "darkroom_refusals_total"]
)
def test_names_of_others_are_not(text: str) -> None:
    assert list(found_in(text)) == []


def test_names_comments_and_strings_are_looked_at() -> None:
    source = "def mend(film):  # told\n    return SecondPicture('left out', f'a {film} refused')\n"
    found = [each.split("'")[1].lower() for text in words_of(source) for each in found_in(text)]
    assert found == ["mend", "film", "told", "second picture", "film", "left out", "refused"]


def test_attributes_of_others_are_not() -> None:
    assert [each for text in words_of("size = file.tell()\n") for each in found_in(text)] == []
