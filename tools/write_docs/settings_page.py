"""Writes the table in docs/settings.md from the code (`make fix`); tests/unit/test_docs.py compares them."""

from typing import Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from core.settings import Settings
from tests.harness.deployment import ROOT
from tools.write_docs.markdown import table, with_generated_part

PAGE = ROOT / "docs" / "settings.md"


def page() -> str:
    return with_generated_part(PAGE, "settings", _table())


def _table() -> str:
    rows = (
        (f"`DARKROOM_{name.upper()}`", _default(field.default), _meaning(field))
        for name, field in Settings.model_fields.items()
    )
    return table(("setting", "default", "meaning"), rows)


def _meaning(field: FieldInfo) -> str:
    """Return the description, with the allowed values where they are few."""
    if get_origin(field.annotation) is not Literal:
        return str(field.description)
    values = ", ".join(f"`{value}`" for value in get_args(field.annotation))
    return f"{field.description} One of {values}."


def _default(default: object) -> str:
    plain = default.get_secret_value() if isinstance(default, SecretStr) else default
    if plain is PydanticUndefined or plain == "":
        return ""
    return f"`{int(plain) if isinstance(plain, float) and plain.is_integer() else plain}`"
