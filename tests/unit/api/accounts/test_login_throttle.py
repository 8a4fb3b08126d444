"""Wrong passwords lock out the one who guesses, and not the owner of the account that is guessed at."""

import asyncio
import secrets
import unicodedata
from typing import Any

import pytest

from core.settings import Settings
from tests.unit.api.accounts.guessing import (
    PASSWORD,
    RunWith,
    guess,
    is_locked,
    known_device,
    new_account,
    new_email,
    sign_in,
)
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running, new_address

pytestmark = pytest.mark.asyncio(loop_scope="session")


class TestOneAddress:
    @pytest.mark.parametrize("known", [True, False])
    async def test_ten_for_an_account(self, app: Running, known: bool) -> None:  # noqa: FBT001 - a parameter
        """Holds promise 23: whether or not there is such an account, and however its name is written."""
        email, address = await new_account(app) if known else new_email(), new_address()
        await guess(app, email, times=5, address=address)
        await guess(app, f" {email.upper()} ", times=5, address=address)
        for password in ("wrong", PASSWORD):
            answer = await sign_in(app, email, password, address=address)
            assert problem_of(answer)[:2] == (429, "too_many_requests")
            assert 200 < int(answer.headers["Retry-After"]) <= 300

    async def test_the_owner_is_let_in_from_elsewhere(self, app: Running) -> None:
        """Holds promise 23."""
        email = await new_account(app)
        await guess(app, email, times=10, address="192.0.2.1")
        assert await is_locked(app, email, address="192.0.2.1")
        assert not await is_locked(app, email, address="192.0.2.2")

    async def test_other_accounts_are_let_in_from_it(self, app: Running) -> None:
        address = new_address()
        await guess(app, new_email(), times=10, address=address)
        assert not await is_locked(app, await new_account(app), address=address)

    async def test_fifty_for_all_accounts(self, app: Running) -> None:
        """Holds promise 23."""
        email, address = await new_account(app), new_address()
        for _ in range(50):
            await guess(app, new_email(), times=1, address=address)
        assert await is_locked(app, email, address=address)

    @pytest.mark.parametrize("address", ["198.51.100.7", "2001:db8:77::{}", "::ffff:198.51.100.8", "fe80::{}%eth0"])
    async def test_what_an_address_is(self, run_with: RunWith, address: str) -> None:
        """Holds promise 23: for IPv6 the network counts, of which each host has one."""
        async with run_with(login_tries_per_address=3) as app:
            email = await new_account(app)
            for number in range(3):
                await guess(app, new_email(), times=1, address=address.format(number))
            assert await is_locked(app, email, address=address.format("aaaa"))

    async def test_ipv4_clients_of_an_ipv6_socket_are_not_one(self, app: Running) -> None:
        """They come as ::ffff:192.0.2.1, all of one /64."""
        email = await new_account(app)
        await guess(app, email, times=10, address="::ffff:192.0.2.50")
        assert await is_locked(app, email, address="192.0.2.50")
        assert not await is_locked(app, email, address="::ffff:192.0.2.51")

    async def test_erasing_an_account_of_ones_own_forgets_no_guesses_at_others(self, run_with: RunWith) -> None:
        async with run_with(login_tries_per_address=2) as app:
            address, mine, theirs = new_address(), await new_account(app), await new_account(app)
            await guess(app, new_email(), times=1, address=address)
            token = (await sign_in(app, mine, address=address)).json()["token"]
            async with app.client(token, address=address) as client:
                assert (await client.post("/v1/users/me/erasure", json={"password": PASSWORD})).status_code == 204
            await guess(app, new_email(), times=1, address=address)
            assert await is_locked(app, theirs, address=address)

    async def test_right_passwords_do_not_count(self, app: Running) -> None:
        email = await new_account(app)
        signing_in = [sign_in(app, email, address="192.0.2.200") for _ in range(60)]
        assert {answer.status_code for answer in await asyncio.gather(*signing_in)} == {201}

    async def test_many_guesses_at_once(self, app: Running) -> None:
        """Holds promise 23: all at once get no further than one after the other."""
        email, address = new_email(), new_address()
        guesses = [sign_in(app, email, f"guess {number}", address=address) for number in range(40)]
        statuses = [answer.status_code for answer in await asyncio.gather(*guesses)]
        assert set(statuses) == {401, 429}
        assert 10 <= statuses.count(401) <= 12, "as many more as look at a password at the same time"


class TestAllAddresses:
    async def test_many_for_an_account(self, run_with: RunWith) -> None:
        """Holds promise 23: a botnet is slowed down too."""
        async with run_with(login_tries=1, login_tries_per_account=30) as app:
            email = await new_account(app)
            await guess(app, email, times=30)
            assert await is_locked(app, email)
            assert not await is_locked(app, await new_account(app))

    async def test_one_address_alone_does_not_fill_it(self) -> None:
        """Holds promise 23."""
        hour = Settings()
        assert hour.login_tries_per_account > hour.login_tries * 3600 / hour.login_window_seconds

    async def test_a_known_device_is_let_in(self, run_with: RunWith) -> None:
        """Holds promise 23: also from an address that is locked out."""
        async with run_with(login_tries_per_account=12, login_tries_per_address=12) as app:
            email = await new_account(app)
            device, address = await known_device(app, email), new_address()
            await guess(app, email, times=10, address=address)
            await guess(app, email, times=2)
            assert await is_locked(app, email)
            for _ in range(2):
                await guess(app, new_email(), times=1, address=address)
            assert not await is_locked(app, email, device=device, address=address)


class TestSpellings:
    @pytest.mark.parametrize("form", ["NFC", "NFD"])
    async def test_composed_and_decomposed_are_one_account(self, app: Running, form: Any) -> None:  # noqa: ANN401 - a literal
        """Holds promise 23: and one count."""
        email, address = f"jürgen.{secrets.token_hex(4)}@example.com", new_address()
        await new_account(app, unicodedata.normalize(form, email))
        spellings = [unicodedata.normalize("NFC", email), unicodedata.normalize("NFD", email)]
        assert [(await sign_in(app, each)).status_code for each in spellings] == [201, 201]
        for spelling in spellings:
            await guess(app, spelling, times=5, address=address)
        assert await is_locked(app, spellings[0], address=address)


class TestForwardedAddresses:
    """Behind a proxy that appends to `X-Forwarded-For` what it saw."""

    async def wrong(self, app: Running, forwarded: list[str], *, address: str) -> int:
        headers = [("X-Forwarded-For", each) for each in forwarded]
        async with app.client(address=address) as client:
            body = {"email": "forwarded@example.com", "password": "wrong"}
            return (await client.post("/v1/sessions", json=body, headers=headers)).status_code

    async def test_nobody_chooses_an_address(self, app: Running) -> None:
        """Without a trusted proxy nobody is believed."""
        statuses = [await self.wrong(app, [f"192.0.2.{n}"], address="10.1.1.1") for n in range(11)]
        assert statuses == [401] * 10 + [429]

    @pytest.mark.parametrize("made_up", [["192.0.2.{n}, 203.0.113.9"], ["192.0.2.{n}", "203.0.113.9"]])
    async def test_what_a_client_puts_in_front_is_not_believed(self, run_with: RunWith, made_up: list[str]) -> None:
        """In one field, or in two."""
        async with run_with(trusted_proxies="10.0.0.1") as app:
            fields = [[each.format(n=number) for each in made_up] for number in range(11)]
            statuses = [await self.wrong(app, each, address="10.0.0.1") for each in fields]
            assert statuses == [401] * 10 + [429]
            assert await self.wrong(app, ["203.0.113.10"], address="10.0.0.1") == 401
            assert await self.wrong(app, ["203.0.113.9:4711"], address="10.0.0.1") == 429


async def test_without_redis_nobody_guesses_or_registers(run_with: RunWith) -> None:
    """Holds promise 23: a bound that cannot be looked up is no open door."""
    async with run_with(redis_url="redis://127.0.0.1:9/") as app:
        answer = await sign_in(app, new_email(), "wrong")
        assert problem_of(answer)[:2] == (503, "dependency_unavailable")
        async with app.client() as client:
            answer = await client.post("/v1/users", json={"email": new_email(), "password": PASSWORD})
        assert problem_of(answer)[:2] == (503, "dependency_unavailable")
