"""Where a service and its key come from."""

import stat
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

from darkroom.credentials import DEFAULT_URL, Login, find_login, forget_login, store_login

HERE = Login(url="http://here", token="dk_here", key_id="1", email="me@example.com")


class Keyring(KeyringBackend):
    """Keeps passwords for a test."""

    priority = 1.0

    def __init__(self, kept: dict[tuple[str, str], str]) -> None:
        self.kept = kept

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def no_keyring() -> Iterator[None]:
    """Keep out that of who runs the tests."""
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("DARKROOM_URL", raising=False)
    monkeypatch.delenv("DARKROOM_TOKEN", raising=False)
    return tmp_path / "darkroom"


def test_without_anything_it_is_this_machine() -> None:
    assert find_login() == Login(url=DEFAULT_URL)


def test_a_key_is_readable_by_its_owner_only(home: Path) -> None:
    assert store_login(HERE) == home / "logins.json"
    assert stat.S_IMODE((home / "logins.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert find_login() == HERE


def test_a_stored_key_is_for_its_service_only(monkeypatch: pytest.MonkeyPatch) -> None:
    store_login(HERE)
    assert find_login("http://elsewhere").token is None
    monkeypatch.setenv("DARKROOM_URL", "http://elsewhere/")
    assert find_login() == Login(url="http://elsewhere")
    assert find_login("http://here") == HERE


def test_the_environment_comes_before_what_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    store_login(HERE)
    monkeypatch.setenv("DARKROOM_TOKEN", "dk_environment")
    assert find_login() == Login(url="http://here", token="dk_environment")
    assert find_login("http://there", "dk_argument") == Login(url="http://there", token="dk_argument")


def test_several_services() -> None:
    store_login(HERE)
    store_login(Login(url="http://there", token="dk_there", key_id="2", email="me@example.com"))
    assert find_login().token == "dk_there"
    forget_login("http://there")
    assert find_login() == HERE
    forget_login("http://here")
    assert find_login() == Login(url=DEFAULT_URL)


def test_a_keyring_has_the_key_and_the_file_has_not(home: Path) -> None:
    kept: dict[tuple[str, str], str] = {}
    keyring.set_keyring(Keyring(kept))
    assert store_login(HERE) is None
    assert "dk_here" not in (home / "logins.json").read_text()
    assert find_login() == HERE
    assert find_login("http://elsewhere").token is None
    forget_login("http://here")
    assert (kept, find_login()) == ({}, Login(url=DEFAULT_URL))
