"""Registration, sessions, and how many wrong passwords are accepted."""

from typing import Literal

from pydantic import Field

from core.settings.group import SettingsGroup


class AccountSettings(SettingsGroup):
    registration: Literal["open", "closed"] = Field(
        "open", description="`open`: anybody may create an account; `closed`: only an operator does."
    )
    session_idle_seconds: int = Field(1800, gt=0, description="Idle time after which a session expires.")
    session_absolute_seconds: int = Field(
        43_200, gt=0, description="Age at which a session expires, even if it is in use."
    )
    cookies: Literal["auto", "secure", "plain"] = Field(
        "auto", description="`secure` cookies need HTTPS or localhost; `auto`: `plain` on loopback, else `secure`."
    )
    registrations_per_hour: int = Field(20, ge=1, description="Registrations from one address; above it 429.")
    login_tries: int = Field(
        10, ge=1, description="Wrong passwords for an account from one address, known device or session before 429."
    )
    login_tries_per_address: int = Field(50, ge=1, description="Wrong passwords from one address, for all accounts.")
    login_tries_per_account: int = Field(
        300, ge=1, description="Wrong passwords for one account in an hour, from all but known devices."
    )
    login_window_seconds: int = Field(300, ge=1, description="How long wrong passwords count.")
