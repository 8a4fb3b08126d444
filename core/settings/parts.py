"""Where the database, the queue, the sessions and the objects are: embedded in one process, or on servers."""

from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from core.errors import ConfigurationError
from core.settings.group import SettingsGroup


class PartSettings(SettingsGroup):
    data_dir: Path = Field(Path(".darkroom"), description="Directory of the embedded parts.")
    database_url: str = Field("", description="`postgresql+asyncpg://…`; empty: SQLite in the data directory.")
    broker_url: str = Field("memory:", description="`amqp://…`; `memory:` is an in-process queue.")
    broker_queue: str = Field("darkroom.tasks", description="Name of the queue; the dead-letter queue appends `.dead`.")
    redis_url: str = Field("memory:", description="`redis://…`; `memory:` keeps sessions in the process.")
    redis_prefix: str = Field("darkroom:", description="Prefix of every key in Redis.")
    s3_endpoint_url: str = Field("", description="S3 server; empty: objects are files in the data directory.")
    s3_public_endpoint_url: str = Field("", description="S3 URL for clients, in presigned links; empty: the same.")
    s3_bucket: str = Field("darkroom", description="Bucket of sources and outputs.")
    s3_region: str = Field("us-east-1", description="Region in S3 signatures.")
    s3_access_key_id: str = Field("", description="Required with an S3 server.")
    s3_secret_access_key: SecretStr = Field(SecretStr(""), description="Required with an S3 server.")
    allow_sqlite_with_s3: Literal["on", "off"] = Field(
        "off", description="`on`: an S3 server may be used with the embedded database, which only this machine has."
    )
    fsync: Literal["on", "off"] = Field(
        "on", description="`on`: objects in files survive a power failure; `off` is faster and survives only a crash."
    )
    link_seconds: int = Field(300, ge=1, le=604_800, description="How long a presigned link is valid.")

    @cached_property
    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.absolute()}/darkroom.db"

    @property
    def database_is_sqlite(self) -> bool:
        return self.resolved_database_url.startswith("sqlite")

    @property
    def objects_are_files(self) -> bool:
        return not self.s3_endpoint_url

    @property
    def embedded_parts(self) -> tuple[str, ...]:
        """Settings whose part is embedded in the API's process or data directory."""
        embedded = {
            "DARKROOM_DATABASE_URL": self.database_is_sqlite,
            "DARKROOM_S3_ENDPOINT_URL": self.objects_are_files,
            "DARKROOM_BROKER_URL": self.broker_url == "memory:",
            "DARKROOM_REDIS_URL": self.redis_url == "memory:",
        }
        return tuple(name for name, is_embedded in embedded.items() if is_embedded)

    def check_parts(self) -> None:
        """Raise ConfigurationError for an S3 server without secrets, or beside a database of this machine only."""
        if self.s3_endpoint_url == "embedded:":
            raise ConfigurationError(
                "DARKROOM_S3_ENDPOINT_URL=embedded: is no longer supported. Leave it empty to keep objects in files."
            )
        if self.s3_endpoint_url and not (self.s3_access_key_id and self.s3_secret_access_key):
            raise ConfigurationError(
                "DARKROOM_S3_ENDPOINT_URL is set: set DARKROOM_S3_ACCESS_KEY_ID and DARKROOM_S3_SECRET_ACCESS_KEY too. "
                "There is no default secret."
            )
        if self.s3_endpoint_url and self.database_is_sqlite and self.allow_sqlite_with_s3 == "off":
            raise ConfigurationError(
                "DARKROOM_S3_ENDPOINT_URL names a server, but the database is SQLite on this machine: set "
                "DARKROOM_DATABASE_URL to the database of this bucket, or DARKROOM_ALLOW_SQLITE_WITH_S3=on."
            )
