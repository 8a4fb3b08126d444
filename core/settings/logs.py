"""Logs and traces."""

from typing import Literal

from pydantic import Field

from core.settings.group import SettingsGroup


class LogSettings(SettingsGroup):
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="`auto`: `console` at a terminal, else `json`."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe line logged.")
    otlp_endpoint: str = Field("", description="OTLP/HTTP collector of traces; empty: none. Needs the extra `tracing`.")
