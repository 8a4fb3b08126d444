"""Registrations an hour from one address."""

import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx
import pytest

from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.test_quotas import rejected_unread

pytestmark = pytest.mark.asyncio(loop_scope="session")

RunWith = Callable[..., AbstractAsyncContextManager[Running]]


async def register(app: Running, *, address: str, **fields: str) -> httpx.Response:
    who = {"email": f"{secrets.token_hex(8)}@example.com", "password": "correct horse", **fields}
    async with app.client(address=address) as client:
        return await client.post("/v1/users", json=who)


async def test_twenty_an_hour(app: Running) -> None:
    """Holds promise 23: of an IPv6 network, too; others register meanwhile."""
    for number in range(20):
        assert (await register(app, address=f"2001:db8:99::{number}")).status_code == 201
    answer = await register(app, address="2001:db8:99::aaaa")
    assert problem_of(answer)[:2] == (429, "too_many_requests")
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert (await register(app, address="2001:db8:100::1")).status_code == 201


async def test_addresses_that_are_taken_count_and_errors_do_not(run_with: RunWith) -> None:
    async with run_with(registrations_per_hour=2) as app:
        for _ in range(3):
            assert (await register(app, address="192.0.2.1", password="short")).status_code == 422
        statuses = [(await register(app, address="192.0.2.1", email="me@example.com")).status_code for _ in range(3)]
        assert statuses == [201, 409, 429]


async def test_past_the_limit_nothing_is_read(run_with: RunWith) -> None:
    async with run_with(registrations_per_hour=1) as app, app.client("nobody's") as client:
        assert (await register(app, address="127.0.0.1")).status_code == 201
        rejection = await rejected_unread(app, client, "/v1/users")
        assert rejection["status"] == 429
