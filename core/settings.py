"""All settings of both services, read once from the environment by the entry points. Below them, plain values."""

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import ConfigurationError
from core.failpoints import check_failpoint_settings
from core.named_sources import BucketSource, NamedSource, parse_sources
from core.validation import problems_of

_PREFIX = "DARKROOM_"

_LONGEST_PREFIX = 200
_PREFIX_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+", re.ASCII)
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?", re.ASCII)  # as browsers send it
_AUTO_FORMATS = frozenset({"avif", "webp"})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Settings(BaseSettings):
    """The defaults run everything on one machine; each URL moves one part to a server."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address that the API listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that the API listens on.")
    api_processes: int = Field(1, ge=1, le=64, description="API processes; more than one requires servers.")
    api_routes: Literal["all", "delivery"] = Field(
        "all", description="`delivery`: only images by URL, in processes apart from those of the API. Requires servers."
    )
    public_url: str = Field("", description="URL that clients use, for links; empty: the Host of each request.")
    allowed_hosts: str = Field("", description="Accepted host names, separated by commas; `*`: any.")
    root_path: str = Field("", description="Path that a proxy serves the API under; empty: that of the public URL.")
    cors_origins: str = Field(
        "", description="Origins whose pages may call the API with a token, separated by commas; `*`: any."
    )
    metrics_host: str = Field(
        "127.0.0.1", description="Address of the API's metrics, if they have a port of their own."
    )
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Port of the API's metrics; 0: they are on the API's own port."
    )
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

    registration: Literal["open", "closed"] = Field(
        "open", description="`open`: anybody may create an account; `closed`: only `make user` does."
    )
    session_idle_seconds: int = Field(1800, gt=0, description="Idle time after which a session expires.")
    session_absolute_seconds: int = Field(
        43_200, gt=0, description="Age at which a session expires, even if it is in use."
    )
    link_seconds: int = Field(300, ge=1, le=604_800, description="How long a presigned link is valid.")

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
    trusted_proxies: str = Field(
        "", description="Addresses and networks whose `X-Forwarded-…` headers are trusted, separated by commas."
    )

    max_open_tasks: int = Field(100_000, ge=1, description="Unfinished tasks of all users; above it 503.")
    max_open_tasks_per_user: int = Field(2_000, ge=1, description="Unfinished tasks of one user; above it 429.")
    max_uploads: int = Field(256, ge=1, description="Uploads at a time in one API process; above it 503.")
    max_uploads_per_user: int = Field(128, ge=1, description="Of these, one user's; above it 429.")
    concurrent_requests_per_user: int = Field(
        128, ge=1, description="Requests of one user in progress in one API process; above it 429."
    )
    concurrent_requests_per_address: int = Field(
        512, ge=1, description="The same for one client address. Name proxies in DARKROOM_TRUSTED_PROXIES."
    )
    waiting_requests_per_user: int = Field(
        100, ge=1, description="Event streams and `Prefer: wait` of one user, counted separately; above it 429."
    )
    waiting_requests_per_address: int = Field(1_000, ge=1, description="The same for one client address.")
    submissions_per_minute: int = Field(6_000, ge=1, description="New tasks and images of one user; above it 429.")
    previews_per_minute: int = Field(600, ge=1, description="Previews and thumbnails of one user; above it 429.")
    delivery_slots: int = Field(
        1, ge=1, description="Render processes of each API process, for images by signed URL, previews and thumbnails."
    )
    delivery_queue_seconds: float = Field(10, gt=0, description="How long such an image may wait for one; then 503.")
    delivery_memory_bytes: int = Field(64 * 2**20, ge=0, description="Delivered images kept in memory, per process.")
    delivery_stored_bytes: int = Field(
        10 * 2**30, ge=0, description="Delivered images kept in the object store, in total; 0: none."
    )
    delivery_stored_seconds: float = Field(
        30 * 86_400, gt=0, description="How long a stored one is kept after its last use."
    )
    delivery_auto_formats: str = Field(
        "avif,webp", description="Formats that the extension `auto` offers to who accepts them, the best first."
    )
    delivery_fallback: str = Field(
        "", description="Image file that is sent in place of an error of a delivery URL; empty: problem+json."
    )
    delivery_unsigned: Literal["off", "presets"] = Field(
        "off", description="`presets`: anybody may request uploaded images by a preset, without a signature."
    )
    sources: SecretStr = Field(
        SecretStr(""), description="Named sources of delivered images, as JSON: docs/delivery.md. Empty: uploads only."
    )
    source_check_seconds: float = Field(
        60, ge=0, description="How long a named source is not asked again whether an image has changed."
    )
    delivery_max_age_seconds: int = Field(
        31_536_000, ge=0, description="How long browsers and CDNs may keep a delivered image."
    )
    key_requests_per_minute: int = Field(6_000, ge=1, description="Requests with one API key; above it 429.")
    max_upload_bytes: int = Field(64 * 2**20, gt=0, description="Largest accepted image file.")
    max_image_pixels: int = Field(50_000_000, gt=0, description="Largest image, source and output, in pixels.")
    max_image_side: int = Field(16_384, gt=0, description="Longest side of an image, source and output, in pixels.")
    max_frames: int = Field(
        100, ge=1, le=10_000, description="Frames of an animation; all of them together have at most 50 million pixels."
    )

    worker_slots: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, description="Render processes; unset: one per core."
    )
    worker_metrics_host: str = Field("127.0.0.1", description="Address of the worker service's metrics.")
    worker_metrics_port: int = Field(9464, ge=0, le=65535, description="Port of the worker service's metrics.")
    render_timeout_seconds: float = Field(35, gt=0, description="Timeout of one render; then its process is killed.")
    render_memory_bytes: int = Field(2**30, ge=2**28, description="Address space of one render process.")
    lease_seconds: float = Field(30, gt=0, description="A task whose worker is silent for so long is reclaimed.")
    max_attempts: int = Field(3, ge=1, description="Claims after which a task fails permanently.")
    retry_base_seconds: float = Field(1, gt=0, description="Backoff of the first retry; doubles, with full jitter.")
    sweep_interval_seconds: float = Field(5, gt=0, description="Pause between two sweeps.")
    republish_seconds: float = Field(60, gt=0, description="Age after which a queued task is published again.")
    orphan_seconds: float = Field(3600, gt=0, description="Age after which an object without a row is an orphan.")
    orphan_trash_seconds: float = Field(7 * 86_400, gt=0, description="How long an orphan is kept until it is deleted.")
    retention_seconds: float = Field(30 * 86_400, gt=0, description="How long finished tasks and outputs are kept.")
    drain_seconds: float = Field(25, gt=0, description="How long running tasks may finish after SIGTERM.")

    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="`auto`: `console` at a terminal, else `json`."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe line logged.")
    otlp_endpoint: str = Field("", description="OTLP/HTTP collector of traces; empty: none. Needs the extra `tracing`.")

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
    def path_prefix(self) -> str:
        """The path that clients see before those of the API, such as `/darkroom`; usually empty."""
        return self.root_path or urlsplit(self.public_url).path.rstrip("/")

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(origin.strip() for origin in self.cors_origins.split(",") if origin.strip())

    @property
    def auto_formats(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in self.delivery_auto_formats.split(",") if name.strip())

    @cached_property
    def named_sources(self) -> Mapping[str, NamedSource]:
        return parse_sources(self.sources.get_secret_value())

    @property
    def secure_cookies(self) -> bool:
        return self.cookies == "secure" or (self.cookies == "auto" and self.host not in _LOOPBACK)

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

    def check(self) -> None:
        """Raise ConfigurationError for settings that contradict each other."""
        if self.public_url and not _is_base_url(self.public_url):
            raise ConfigurationError(
                f"DARKROOM_PUBLIC_URL is {self.public_url!r}: must be a complete URL, such as https://images.example.com."
            )
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
        self._check_proxies()
        self._check_paths()
        if unknown := set(self.auto_formats) - _AUTO_FORMATS:
            raise ConfigurationError(
                f"DARKROOM_DELIVERY_AUTO_FORMATS contains {min(unknown)!r}: use {' and '.join(sorted(_AUTO_FORMATS))}."
            )
        without_server = [
            name
            for name, source in self.named_sources.items()
            if isinstance(source, BucketSource) and not (source.endpoint_url or self.s3_endpoint_url)
        ]
        if without_server:
            raise ConfigurationError(
                f"DARKROOM_SOURCES: {without_server[0]}.endpoint_url is required without an S3 server."
            )
        if self.api_processes > 1 and self.embedded_parts:
            raise ConfigurationError(
                "DARKROOM_API_PROCESSES above 1 requires servers that the processes share. "
                f"Set {', '.join(self.embedded_parts)}."
            )
        if self.api_routes == "delivery" and self.embedded_parts:
            raise ConfigurationError(
                "DARKROOM_API_ROUTES=delivery requires servers that this process shares with the API. "
                f"Set {', '.join(self.embedded_parts)}."
            )

    def _check_proxies(self) -> None:
        for proxy in self.trusted_proxies.split(","):
            if proxy.strip() and not _is_network(proxy.strip()):
                raise ConfigurationError(
                    f"DARKROOM_TRUSTED_PROXIES contains {proxy.strip()!r}: use addresses or networks as 10.0.0.0/8. "
                    "If every address were trusted, clients could choose the address that they are counted by."
                )

    def _check_paths(self) -> None:
        if self.path_prefix and not is_path_prefix(self.path_prefix):
            name = "DARKROOM_ROOT_PATH" if self.root_path else "The path of DARKROOM_PUBLIC_URL"
            raise ConfigurationError(f"{name} is {self.path_prefix!r}: must be a path such as /darkroom.")
        for origin in self.origins:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise ConfigurationError(
                    f"DARKROOM_CORS_ORIGINS contains {origin!r}: use scheme and host, such as https://app.example.com."
                )


def is_path_prefix(text: str) -> bool:
    """Return whether it is an absolute path of plain names, without a slash at its end."""
    return len(text) <= _LONGEST_PREFIX and bool(_PREFIX_PATH.fullmatch(text)) and ".." not in text


def _is_base_url(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not (parts.query or parts.fragment)


def _is_network(text: str) -> bool:
    """Return whether it is an address or a network other than the whole internet."""
    try:
        return ip_network(text).prefixlen > 0
    except ValueError:
        return False


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
    unread = (name for name in os.environ if name.startswith(_PREFIX) and name not in known)
    return {name: close[0] for name in unread if (close := get_close_matches(name, known, n=1, cutoff=0.9))}


def describe_settings() -> Iterator[str]:
    """Yield a line for each setting, for `--help`."""
    for name, field in Settings.model_fields.items():
        default = "" if field.is_required() or field.default_factory else field.get_default()
        shown = f" [{default}]" if isinstance(default, int | float | str) and default != "" else ""
        yield f"  {variable_of(name):35} {field.description}{shown}"


def variable_of(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"{_PREFIX}{name.upper()}"
