"""Writes the options in docs/outputs.md from the code (`make fix`); tests/unit/test_outputs_page.py compares them."""

import json
from collections.abc import Iterator
from typing import Any

from imaging.codecs.output_options import OutputOptions
from tests.harness.deployment import ROOT
from tools.write_docs.markdown import table, with_generated_part

PAGE = ROOT / "docs" / "outputs.md"


def page() -> str:
    options = OutputOptions.model_json_schema()["properties"].items()
    rows = ((f"`{name}`", _values(option), _default(option), option["description"]) for name, option in options)
    return with_generated_part(PAGE, "output options", table(("option", "values", "default", "meaning"), rows))


def _default(option: dict[str, Any]) -> str:
    default = option["default"]
    return "" if default is None else f"`{default if isinstance(default, str) else json.dumps(default)}`"


def _values(option: dict[str, Any]) -> str:
    return ", ".join(_named(option))


def _named(option: dict[str, Any]) -> Iterator[str]:
    match option:
        case {"anyOf": kinds}:
            for kind in kinds:
                yield from _named(kind)
        case {"type": "array", "items": kind}:
            yield f"list of {_values(kind)}"
        case {"const": name}:
            yield f"`{name}`"
        case {"enum": names}:
            yield from (f"`{name}`" for name in names)
        case {"minimum": least, "maximum": most}:
            yield f"{least}..{most}"
        case {"type": "boolean"}:
            yield "`true`, `false`"
        case {"type": "string", "maxLength": most}:
            yield f"text of up to {most:,} characters"
        case {"format": kind}:
            yield f"{kind}"
