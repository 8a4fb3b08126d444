"""Accounts, and those who guess their passwords."""

import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx

from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running

RunWith = Callable[..., AbstractAsyncContextManager[Running]]
PASSWORD = "correct horse"
DEVICE = "Darkroom-Device"


def new_email() -> str:
    return f"{secrets.token_hex(8)}@example.com"


async def new_account(app: Running, email: str = "") -> str:
    email = email or new_email()
    async with app.client() as client:
        (await client.post("/v1/users", json={"email": email, "password": PASSWORD})).raise_for_status()
    return email


async def sign_in(
    app: Running, email: str, password: str = PASSWORD, *, address: str = "", device: str = "", **extra: object
) -> httpx.Response:
    headers = {DEVICE: device} if device else {}
    async with app.client(address=address) as client:
        return await client.post("/v1/sessions", json={"email": email, "password": password, **extra}, headers=headers)


async def guess(app: Running, email: str, *, times: int, address: str = "") -> None:
    """From addresses of their own, unless one is named."""
    for _ in range(times):
        answer = await sign_in(app, email, "wrong", address=address)
        assert problem_of(answer)[:2] == (401, "invalid_credentials")


async def known_device(app: Running, email: str) -> str:
    token: str = (await sign_in(app, email, remember_device=True)).json()["device_token"]
    return token


async def is_locked(app: Running, email: str, password: str = PASSWORD, *, address: str = "", device: str = "") -> bool:
    """Whether the right password of this account is not even looked at."""
    answer = await sign_in(app, email, password, address=address, device=device)
    if answer.status_code == 201:
        return False
    assert problem_of(answer)[:2] == (429, "too_many_requests")
    assert 200 < int(answer.headers["Retry-After"]) <= 3600
    return True
