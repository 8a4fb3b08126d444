"""Markdown that the generated documents share."""

from collections.abc import Iterable
from pathlib import Path


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_generated_part(page: Path, name: str, part: str) -> str:
    """Return the text of `page` with `part` between the markers of `name`."""
    return replace_generated_part(page.read_text(), name, part)


def replace_generated_part(text: str, name: str, part: str) -> str:
    """Return `text` with `part` between the markers of `name`. Raises ValueError without markers."""
    begin, end = f"<!-- {name}: written by `make fix` -->", f"<!-- /{name} -->"
    before, found, rest = text.partition(begin)
    if not found or end not in rest:
        raise ValueError(f"The document has no markers {begin} and {end}.")
    return f"{before}{begin}\n{part}\n{end}{rest.partition(end)[2]}"
