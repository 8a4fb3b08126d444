"""Which service to use and how to sign in: arguments, then the environment, then what `darkroom login` has stored."""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkroom.directories import config_directory

DEFAULT_URL = "http://127.0.0.1:8000"


class LoginsDamaged(ValueError):
    def __init__(self) -> None:
        super().__init__(f"{_path()} is damaged. Sign in again with `darkroom login`, which writes it anew.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """`key_id` and `email` are known of stored logins only."""

    url: str
    token: str | None = None
    key_id: str | None = None
    email: str | None = None


def find_login(url: str | None = None, token: str | None = None) -> Login:
    """Return the service to use. A stored key is sent to no other service than the one that made it.

    Raises LoginsDamaged if neither the arguments nor the environment say it.
    """
    given_url, given_token = url or os.environ.get("DARKROOM_URL"), token or os.environ.get("DARKROOM_TOKEN")
    stored = {} if given_url and given_token else _read()
    address = (given_url or stored.get("current") or DEFAULT_URL).rstrip("/")
    if given_token:
        return Login(url=address, token=given_token)
    kept = stored.get("logins", {}).get(address, {})
    key = kept.get("key") or _key_in_keyring(address, kept)
    return Login(url=address, token=key, key_id=kept.get("key_id"), email=kept.get("email"))


def store_login(login: Login) -> Path | None:
    """Keep it, readable by this user only. Return the file with its key; None if that is in the keyring."""
    stored = _read()
    key = None if _put_in_keyring(login) else login.token
    kept = {"key": key, "key_id": login.key_id, "email": login.email}
    stored["logins"] = {**stored.get("logins", {}), login.url: kept}
    _write(stored | {"current": login.url})
    return _path() if key else None


def forget_login(url: str) -> None:
    stored = _read()
    _remove_from_keyring(url)
    stored.get("logins", {}).pop(url, None)
    _write({**stored, "current": next(iter(stored.get("logins", {})), None)})


def _path() -> Path:
    return config_directory() / "logins.json"


def _read() -> dict[str, Any]:
    try:
        found = json.loads(_path().read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not all(isinstance(each, dict) for each in found.get("logins", {}).values()):
            raise LoginsDamaged
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError) as error:
        raise LoginsDamaged from error
    return found


def discard_damaged_logins() -> None:
    """Remove the file if it cannot be read: its keys are lost, and signing in writes a new one."""
    try:
        _read()
    except LoginsDamaged:
        _path().unlink()


def _write(stored: dict[str, Any]) -> None:
    path = _path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(stored, file, indent=2)
    part.replace(path)


def _put_in_keyring(login: Login) -> bool:
    """Return whether the extra `keyring` is installed and the system has one that works."""
    with suppress(Exception):  # each backend has errors of its own: then the file is used
        import keyring  # noqa: PLC0415 - an extra

        keyring.set_password("darkroom", login.url, login.token or "")
        return keyring.get_password("darkroom", login.url) == login.token
    return False


def _key_in_keyring(url: str, kept: dict[str, Any]) -> str | None:
    if not kept:
        return None
    with suppress(Exception):
        import keyring  # noqa: PLC0415 - an extra

        return keyring.get_password("darkroom", url)
    return None


def _remove_from_keyring(url: str) -> None:
    with suppress(Exception):
        import keyring  # noqa: PLC0415 - an extra

        keyring.delete_password("darkroom", url)
