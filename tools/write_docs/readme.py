"""Writes the parts of README.md that the code knows better (`make fix`); tests/unit/test_docs.py compares them."""

from collections.abc import Iterable

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from core.settings import Settings
from imaging.filters import describe_catalogue
from tests.harness.deployment import ROOT

README = ROOT / "README.md"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def settings_table() -> str:
    rows = (
        (f"`DARKROOM_{name.upper()}`", _default(field.default), str(field.description))
        for name, field in Settings.model_fields.items()
    )
    return table(("setting", "default", "what it does"), rows)


def _default(default: object) -> str:
    plain = default.get_secret_value() if isinstance(default, SecretStr) else default
    if plain is PydanticUndefined or plain == "":
        return ""
    return f"`{int(plain) if isinstance(plain, float) and plain.is_integer() else plain}`"


def filters_list() -> str:
    groups: dict[str, list[str]] = {}
    for each in describe_catalogue():
        groups.setdefault(each["group"], []).append(f"`{each['name']}`")
    return "\n".join(f"- **{group}**: {', '.join(names)}" for group, names in groups.items())


GENERATED = {"settings": settings_table, "filters": filters_list}


def with_generated_parts(text: str) -> str:
    for name, generate in GENERATED.items():
        begin, end = f"<!-- {name}: written by `make fix` -->", f"<!-- /{name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{generate()}\n{end}{rest.partition(end)[2]}"
    return text


if __name__ == "__main__":
    README.write_text(with_generated_parts(README.read_text()))
