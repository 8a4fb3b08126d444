"""What the groups of settings have in common."""

from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "DARKROOM_"


class SettingsGroup(BaseSettings):
    """Fields that belong together. Each is read from the environment variable with the prefix."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")
