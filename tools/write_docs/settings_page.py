"""Writes the table in docs/settings.md from the code (`make fix`); tests/unit/test_docs.py compares them."""

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from core.settings import Settings
from tests.harness.deployment import ROOT
from tools.write_docs.markdown import table, with_generated_part

PAGE = ROOT / "docs" / "settings.md"


def page() -> str:
    return with_generated_part(PAGE, "settings", _table())


def _table() -> str:
    rows = (
        (f"`DARKROOM_{name.upper()}`", _default(field.default), str(field.description))
        for name, field in Settings.model_fields.items()
    )
    return table(("setting", "default", "meaning"), rows)


def _default(default: object) -> str:
    plain = default.get_secret_value() if isinstance(default, SecretStr) else default
    if plain is PydanticUndefined or plain == "":
        return ""
    return f"`{int(plain) if isinstance(plain, float) and plain.is_integer() else plain}`"
