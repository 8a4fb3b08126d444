import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.errors import ConfigurationError
from core.settings import Settings, describe_settings, likely_typos, read_settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:

    for name in [name for name in os.environ if name.startswith("DARKROOM_")]:
        monkeypatch.delenv(name)


def test_that_the_defaults_need_no_server() -> None:
    settings = Settings()
    settings.check()
    assert set(settings.embedded_parts) == {
        "DARKROOM_DATABASE_URL",
        "DARKROOM_S3_ENDPOINT_URL",
        "DARKROOM_BROKER_URL",
        "DARKROOM_REDIS_URL",
    }
    assert settings.resolved_database_url == f"sqlite:///{Path.cwd()}/.darkroom/darkroom.db"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DARKROOM_DATABASE_URL", "postgresql+asyncpg://localhost/darkroom"),
        ("DARKROOM_S3_ENDPOINT_URL", "http://localhost:9000"),
        ("DARKROOM_BROKER_URL", "amqp://localhost"),
        ("DARKROOM_REDIS_URL", "redis://localhost"),
    ],
)
def test_that_each_url_moves_one_part(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    parts = Settings().embedded_parts
    assert name not in parts
    assert len(parts) == 3


def test_that_an_s3_server_needs_its_own_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_S3_ENDPOINT_URL", "http://localhost:9000")
    with pytest.raises(ConfigurationError, match="There is no default secret"):
        Settings().check()
    monkeypatch.setenv("DARKROOM_S3_ACCESS_KEY_ID", "reader")
    monkeypatch.setenv("DARKROOM_S3_SECRET_ACCESS_KEY", "open sesame")
    monkeypatch.setenv("DARKROOM_DATABASE_URL", "postgresql+asyncpg://localhost/darkroom")
    Settings().check()


def test_that_sqlite_beside_an_s3_server_is_for_those_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forgotten DARKROOM_DATABASE_URL would begin with an empty database that takes every object for an orphan."""
    monkeypatch.setenv("DARKROOM_S3_ENDPOINT_URL", "http://localhost:9000")
    monkeypatch.setenv("DARKROOM_S3_ACCESS_KEY_ID", "reader")
    monkeypatch.setenv("DARKROOM_S3_SECRET_ACCESS_KEY", "open sesame")
    with pytest.raises(ConfigurationError, match="DARKROOM_ALLOW_SQLITE_WITH_S3"):
        Settings().check()
    monkeypatch.setenv("DARKROOM_ALLOW_SQLITE_WITH_S3", "on")
    Settings().check()


def test_that_several_processes_need_servers_that_they_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_API_PROCESSES", "2")
    with pytest.raises(ConfigurationError, match="DARKROOM_REDIS_URL"):
        Settings().check()


def test_that_processes_for_delivery_alone_need_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_API_ROUTES", "delivery")
    with pytest.raises(ConfigurationError, match="DARKROOM_DATABASE_URL"):
        Settings().check()


def test_that_a_secret_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_S3_SECRET_ACCESS_KEY", "open sesame")
    assert "open sesame" not in repr(Settings())
    assert Settings().s3_secret_access_key.get_secret_value() == "open sesame"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DARKROOM_PORT", "65536"),
        ("DARKROOM_REGISTRATION", "maybe"),
        ("DARKROOM_WORKER_SLOTS", "0"),
        ("DARKROOM_LINK_SECONDS", "604801"),
        ("DARKROOM_RENDER_TIMEOUT_SECONDS", "0"),
    ],
)
def test_that_a_setting_out_of_its_range_is_rejected(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


def test_that_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_that_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc] # the point of the test


def test_that_all_invalid_settings_are_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_PORT", "http")
    monkeypatch.setenv("DARKROOM_RENDER_MEMORY_BYTES", "1000")
    with pytest.raises(ConfigurationError) as rejected:
        read_settings()
    first, second = rejected.value.detail.splitlines()
    assert first.startswith("DARKROOM_PORT must be a whole number")
    assert second.startswith("DARKROOM_RENDER_MEMORY_BYTES must be at least 268435456")


def test_that_a_misspelt_setting_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKROOM_PROT", "8111")
    monkeypatch.setenv("DARKROOM_API_PORT", "tcp://10.0.0.1:80")  # Kubernetes sets such for a service
    assert likely_typos() == {"DARKROOM_PROT": "DARKROOM_PORT"}


def test_that_help_shows_each_setting_with_its_default() -> None:
    lines = list(describe_settings())
    assert len(lines) == len(Settings.model_fields)
    assert any("DARKROOM_PORT " in line and line.endswith("[8000]") for line in lines)


@pytest.mark.parametrize(
    "everybody", ["*", "10.0.0.1, *", "0.0.0.0/0", "::/0", "proxy", "10.0.0.1/8", "127.0.0.1,localhost"]
)
def test_that_a_trusted_proxy_has_an_address(everybody: str) -> None:
    with pytest.raises(ConfigurationError, match="use addresses or networks"):
        Settings(trusted_proxies=everybody).check()


def test_that_proxies_may_be_addresses_and_networks() -> None:
    Settings(trusted_proxies=" 10.0.0.1, 10.1.0.0/16,fd00::/8, ::1,").check()
