"""What the clients do with accounts, as calls. An API key can do none of it: it needs a session."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPMethod
from urllib.parse import quote

from darkroom.client.calls import Call, Operation, json_of

SCOPES = ("read", "write", "deliver")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    key_id: str
    key: str


def register(email: str, password: str) -> Operation[None]:
    yield Call(method=HTTPMethod.POST, url="/v1/users", json={"email": email, "password": password})


def sign_in(email: str, password: str) -> Operation[str]:
    """Return the token of a session."""
    answer = yield Call(method=HTTPMethod.POST, url="/v1/sessions", json={"email": email, "password": password})
    token: str = json_of(answer)["token"]
    return token


def sign_out() -> Operation[None]:
    yield Call(method=HTTPMethod.DELETE, url="/v1/sessions/current")


def create_key(name: str, scopes: Sequence[str]) -> Operation[ApiKey]:
    answer = yield Call(method=HTTPMethod.POST, url="/v1/api-keys", json={"name": name, "scopes": list(scopes)})
    made = json_of(answer)
    return ApiKey(key_id=made["key_id"], key=made["key"])


def revoke_key(key_id: str) -> Operation[None]:
    yield Call(method=HTTPMethod.DELETE, url=f"/v1/api-keys/{quote(key_id, safe='')}")


def create_delivery_key() -> Operation[None]:
    """Make the key that delivery URLs of this user are signed with."""
    yield Call(method=HTTPMethod.POST, url="/v1/delivery-keys")


def count_delivery_keys() -> Operation[int]:
    answer = yield Call(method=HTTPMethod.GET, url="/v1/delivery-keys")
    return len(json_of(answer)["items"])
