"""A device that has signed in is known: it has guesses of its own while others are locked out."""

import pytest

from tests.unit.api.accounts.guessing import (
    DEVICE,
    PASSWORD,
    RunWith,
    guess,
    is_locked,
    known_device,
    new_account,
    sign_in,
)
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running, new_address

pytestmark = pytest.mark.asyncio(loop_scope="session")
NEW = "battery staple"
CHANGE = {"password": PASSWORD, "new_password": NEW}
PAGE = {"Sec-Fetch-Site": "same-origin"}


class TestDevices:
    async def test_it_has_ten_guesses_of_its_own(self, app: Running) -> None:
        """Holds promise 23: from any address; and they are not counted for others."""
        email = await new_account(app)
        device = await known_device(app, email)
        for _ in range(10):
            assert (await sign_in(app, email, "wrong", device=device)).status_code == 401
        assert await is_locked(app, email, device=device)
        assert not await is_locked(app, email, device=await known_device(app, email))

    @pytest.mark.parametrize("planted", ["", "nonsense", "of another account"])
    async def test_others_are_unknown(self, app: Running, planted: str) -> None:
        email, address = await new_account(app), new_address()
        device = await known_device(app, await new_account(app)) if planted == "of another account" else planted
        await guess(app, email, times=10, address=address)
        assert await is_locked(app, email, address=address, device=device)

    async def test_nobody_plants_one(self, app: Running) -> None:
        """A token that the service did not make for this account is replaced by one that it made."""
        email = await new_account(app)
        others = await known_device(app, await new_account(app))
        for planted in ("planted", others):
            made = (await sign_in(app, email, device=planted, remember_device=True)).json()["device_token"]
            assert made != planted
            again = (await sign_in(app, email, device=made, remember_device=True)).json()["device_token"]
            assert again == made

    async def test_a_page_gets_it_in_a_cookie(self, run_with: RunWith) -> None:
        async with run_with(cookies="secure") as app, app.client() as client:
            who = {"email": await new_account(app), "password": PASSWORD, "cookie": True}
            answer = await client.post("/v1/sessions", json=who, headers=PAGE)
            assert answer.json()["device_token"] is None
            (cookie,) = (c for c in answer.headers.get_list("Set-Cookie") if c.startswith("__Host-darkroom_device="))
            parts = set(cookie.split("; "))
            assert {"HttpOnly", "SameSite=strict", "Path=/", "Secure", "Max-Age=15552000"} <= parts

    async def test_a_cookie_is_known_and_stays_after_signing_out(self, app: Running) -> None:
        email, address = await new_account(app), new_address()
        who = {"email": email, "password": PASSWORD, "cookie": True}
        async with app.client(address=address) as client:
            assert (await client.post("/v1/sessions", json=who, headers=PAGE)).status_code == 201
            assert (await client.delete("/v1/sessions/current", headers=PAGE)).status_code == 204
            await guess(app, email, times=10, address=address)
            assert await is_locked(app, email, address=address)
            assert (await client.post("/v1/sessions", json=who, headers=PAGE)).status_code == 201

    async def test_a_new_password_forgets_all_but_the_one_that_sets_it(self, app: Running) -> None:
        email, address = await new_account(app), new_address()
        mine, theirs = await known_device(app, email), await known_device(app, email)
        async with app.client((await sign_in(app, email)).json()["token"]) as client:
            changed = await client.post("/v1/users/me/password", json=CHANGE, headers={DEVICE: mine})
            assert changed.status_code == 204
        await guess(app, email, times=10, address=address)
        assert await is_locked(app, email, NEW, address=address, device=theirs)
        assert not await is_locked(app, email, NEW, address=address, device=mine)

    async def test_an_erased_account_has_none(self, app: Running) -> None:
        email, address = await new_account(app), new_address()
        device = await known_device(app, email)
        async with app.client((await sign_in(app, email)).json()["token"]) as client:
            erased = await client.post("/v1/users/me/erasure", json={"password": PASSWORD}, headers={DEVICE: device})
            assert erased.status_code == 204
        await new_account(app, email)
        await guess(app, email, times=10, address=address)
        assert await is_locked(app, email, address=address, device=device)


class TestConfirming:
    """Changes that ask for the password once more."""

    @pytest.mark.parametrize("path", ["/v1/users/me/password", "/v1/users/me/erasure"])
    async def test_guesses_of_others_do_not_count(self, run_with: RunWith, path: str) -> None:
        """Holds promise 23: just when an account is attacked, its owner wants a new password."""
        async with run_with(login_tries_per_account=10, login_tries_per_address=10) as app:
            email, address = await new_account(app), new_address()
            token = (await sign_in(app, email)).json()["token"]
            await guess(app, email, times=10, address=address)
            async with app.client(token, address=address) as client:
                body = CHANGE if path.endswith("password") else {"password": PASSWORD}
                assert (await client.post(path, json=body)).status_code == 204

    async def test_ten_guesses_for_both_together(self, app: Running) -> None:
        """Holds promise 23: a stolen token helps guessing at neither, from whatever address it comes."""
        token = (await sign_in(app, await new_account(app))).json()["token"]
        for number in range(11):
            path, body = ("password", {**CHANGE, "password": "wrong"}) if number % 2 else ("erasure", {"password": "x"})
            async with app.client(token) as client:
                answer = await client.post(f"/v1/users/me/{path}", json=body)
            assert problem_of(answer)[0] == (401 if number < 10 else 429)
