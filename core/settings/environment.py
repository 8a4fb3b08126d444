"""Reads the settings from the environment, and describes them for `--help`."""

import os
from collections.abc import Iterator
from difflib import get_close_matches

from pydantic import ValidationError

from core.errors import ConfigurationError
from core.failpoints import check_failpoint_settings
from core.settings.group import PREFIX
from core.settings.settings import Settings
from core.validation import problems_of


def read_settings() -> Settings:
    """Read the environment. Raises ConfigurationError with a line for each invalid setting."""
    check_failpoint_settings()
    try:
        settings = Settings()
    except ValidationError as error:
        lines = (f"{variable_of(each.place)} {each.message}." for each in problems_of(error, {}))
        raise ConfigurationError("\n".join(lines)) from error
    settings.check()
    return settings


def likely_typos() -> dict[str, str]:
    """Return unknown variables of the environment, each with the setting that its name resembles."""
    known = [variable_of(name) for name in Settings.model_fields]
    unread = (name for name in os.environ if name.startswith(PREFIX) and name not in known)
    return {name: close[0] for name in unread if (close := get_close_matches(name, known, n=1, cutoff=0.9))}


def describe_settings() -> Iterator[str]:
    """Yield a line for each setting, for `--help`."""
    for name, field in Settings.model_fields.items():
        default = "" if field.is_required() or field.default_factory else field.get_default()
        shown = f" [{default}]" if isinstance(default, int | float | str) and default != "" else ""
        yield f"  {variable_of(name):35} {field.description}{shown}"


def variable_of(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"{PREFIX}{name.upper()}"
