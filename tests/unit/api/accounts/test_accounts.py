"""A new password, leaving without a trace, and sessions in cookies."""

import asyncio
import io
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any
from uuid import UUID

import httpx
import pytest
from PIL import Image
from sqlalchemy import text

from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

RunWith = Callable[..., AbstractAsyncContextManager[Running]]
PASSWORD = "correct horse"
NEW = "battery staple"


def sample_image() -> bytes:
    out = io.BytesIO()
    Image.new("L", (8, 8)).save(out, "PNG")
    return out.getvalue()


async def new_account(app: Running) -> dict[str, str]:
    who = {"email": f"{secrets.token_hex(8)}@example.com", "password": PASSWORD}
    async with app.client() as client:
        (await client.post("/v1/users", json=who)).raise_for_status()
    return who


async def sign_in(app: Running, who: dict[str, str], **extra: object) -> httpx.Response:
    async with app.client() as client:
        return await client.post("/v1/sessions", json={**who, **extra})


async def signed_in(app: Running, who: dict[str, str]) -> httpx.AsyncClient:
    return app.client((await sign_in(app, who)).json()["token"])


class TestNewPassword:
    async def test_it_ends_every_session_at_once(self, app: Running) -> None:
        """Holds promise 20: a new password revokes all in one second; here, before it is answered."""
        who = await new_account(app)
        clients = [await signed_in(app, who) for _ in range(5)]
        change = {"password": PASSWORD, "new_password": NEW}
        assert (await clients[0].post("/v1/users/me/password", json=change)).status_code == 204
        for client in clients:
            assert problem_of(await client.get("/v1/users/me"))[:2] == (401, "unauthenticated")
            await client.aclose()
        assert (await sign_in(app, who)).status_code == 401
        assert (await sign_in(app, {**who, "password": NEW})).status_code == 201

    async def test_the_present_one_is_asked_for_and_counted(self, app: Running) -> None:
        """Holds promise 23: a stolen token does not help guessing either."""
        who = await new_account(app)
        async with await signed_in(app, who) as client:
            change = {"password": "wrong", "new_password": NEW}
            for _ in range(10):
                answer = await client.post("/v1/users/me/password", json=change)
                assert problem_of(answer)[:2] == (401, "invalid_credentials")
            answer = await client.post("/v1/users/me/password", json={**change, "password": PASSWORD})
            assert problem_of(answer)[:2] == (429, "too_many_requests")
            assert (await client.get("/v1/users/me")).status_code == 200

    @pytest.mark.parametrize("body", [{}, {"password": PASSWORD}, {"password": PASSWORD, "new_password": "short"}])
    async def test_problems(self, client: httpx.AsyncClient, body: dict[str, str]) -> None:
        assert problem_of(await client.post("/v1/users/me/password", json=body))[:2] == (422, "invalid_request")

    async def test_the_minimum_is_given_in_characters(self, client: httpx.AsyncClient) -> None:
        body = {"password": PASSWORD, "new_password": "short"}
        (problem,) = (await client.post("/v1/users/me/password", json=body)).json()["problems"]
        expected = {"place": "new_password", "message": "must have at least 8 characters"}
        assert problem == {**expected, "code": "too_short", "values": {"min_length": 8}}

    async def test_two_at_once(self, app: Running) -> None:
        """One of them wins, and only its password is good afterwards."""
        who = await new_account(app)
        clients = [await signed_in(app, who) for _ in range(2)]
        changes = [
            client.post("/v1/users/me/password", json={"password": PASSWORD, "new_password": f"{NEW} {number}"})
            for number, client in enumerate(clients)
        ]
        statuses = [answer.status_code for answer in await asyncio.gather(*changes)]
        assert sorted(statuses) == [204, 401]
        for number, status in enumerate(statuses):
            signed = await sign_in(app, {**who, "password": f"{NEW} {number}"})
            assert (signed.status_code == 201) is (status == 204)
        for client in clients:
            await client.aclose()


async def rows_with(app: Running, wanted: str) -> list[str]:
    """Tables that hold the text anywhere."""
    found = []
    async with app.resources.storage.database.reading() as connection:
        tables = (await connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))).scalars().all()
        for table in tables:
            rows = (await connection.execute(text(f"SELECT * FROM {table}"))).all()  # noqa: S608 - names of our tables
            found += [table for row in rows if wanted in str(tuple(row))]
    return found


class TestErasure:
    async def test_nothing_is_left(self, app: Running, other_user: httpx.AsyncClient) -> None:
        """Rows, objects, sessions and counts of a user are gone; those of others are not."""
        who = await new_account(app)
        client = await signed_in(app, who)
        user_id = UUID((await client.get("/v1/users/me")).json()["user_id"])
        others = (await other_user.post("/v1/images", content=sample_image())).json()["image_id"]
        image_id = (await client.post("/v1/images", content=sample_image())).json()["image_id"]
        for headers in ({}, {"Idempotency-Key": "erased"}):
            files: Any = [("image", ("a.png", sample_image()))]
            assert (await client.post("/v1/tasks", files=files, headers=headers)).status_code == 202
        assert (await client.post("/v1/tasks", json={"image_id": image_id})).status_code == 202
        task = (await client.get("/v1/tasks")).json()["items"][0]
        assert await rows_with(app, user_id.hex)

        assert problem_of(await client.post("/v1/users/me/erasure", json={"password": "wrong"}))[0] == 401
        answer = await client.post("/v1/users/me/erasure", json={"password": PASSWORD})
        assert answer.status_code == 204

        assert (await client.get("/v1/users/me")).status_code == 401
        assert (await sign_in(app, who)).status_code == 401
        assert await rows_with(app, user_id.hex) == []
        assert await rows_with(app, who["email"]) == []
        kept = {stored.key async for stored in app.resources.storage.objects.list("")}
        assert not [key for key in kept if image_id in key or task["image_id"] in key]
        assert f"sources/{others}" in kept
        assert await app.resources.storage.sessions.list(user_id) == []
        await client.aclose()

    async def test_the_address_may_come_again(self, app: Running) -> None:
        who = await new_account(app)
        async with await signed_in(app, who) as client:
            await client.post("/v1/users/me/erasure", json={"password": PASSWORD})
            assert (await client.post("/v1/users", json=who)).status_code == 201


SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class TestCookies:
    """The sessions of web pages."""

    async def page(self, app: Running, who: dict[str, str]) -> tuple[httpx.AsyncClient, httpx.Response]:
        client = app.client()
        return client, await client.post("/v1/sessions", json={**who, "cookie": True}, headers=SAME_ORIGIN)

    async def test_a_page_signs_in_and_out(self, app: Running) -> None:
        client, answer = await self.page(app, await new_account(app))
        async with aclosing(client):
            assert (answer.status_code, answer.json()["token"]) == (201, None)
            assert answer.headers["Set-Cookie"].startswith("darkroom=")
            assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(answer.headers["Set-Cookie"].split("; "))
            assert (await client.get("/v1/users/me", headers=SAME_ORIGIN)).status_code == 200
            done = await client.delete("/v1/sessions/current", headers=SAME_ORIGIN)
            assert (done.status_code, client.cookies.get("darkroom")) == (204, None)

    async def test_over_https_it_has_the_host_prefix(self, run_with: Any) -> None:  # noqa: ANN401 - a fixture
        async with run_with(cookies="secure") as app:
            _, answer = await self.page(app, await new_account(app))
            cookie = answer.headers["Set-Cookie"]
            assert cookie.startswith("__Host-darkroom=")
            assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
            assert "domain" not in cookie.lower()
            async with app.client() as client:
                headers = {**SAME_ORIGIN, "Cookie": cookie.partition(";")[0]}
                assert (await client.get("/v1/users/me", headers=headers)).status_code == 200
                plain = {**SAME_ORIGIN, "Cookie": cookie.partition(";")[0].removeprefix("__Host-")}
                assert (await client.get("/v1/users/me", headers=plain)).status_code == 401

    @pytest.mark.parametrize(
        ("method", "headers", "allowed"),
        [
            ("GET", {"Sec-Fetch-Site": "same-origin"}, True),
            ("GET", {"Sec-Fetch-Site": "none"}, True),
            ("GET", {"Sec-Fetch-Site": "same-site"}, False),
            ("GET", {"Sec-Fetch-Site": "cross-site"}, False),
            ("GET", {}, True),
            ("GET", {"Origin": "https://evil.example"}, False),
            ("GET", {"Origin": "http://["}, False),
            ("GET", {"Origin": "null"}, False),
            ("POST", {"Sec-Fetch-Site": "same-origin"}, True),
            ("POST", {"Sec-Fetch-Site": "none"}, False),
            ("POST", {"Sec-Fetch-Site": "cross-site", "Origin": "http://darkroom"}, False),
            ("POST", {"Origin": "http://darkroom"}, True),
            ("POST", {"Origin": "http://darkroom.evil.example"}, False),
            ("POST", {"Origin": "chrome-extension://darkroom"}, False),
            ("POST", {"Origin": "http://darkroom, http://evil.example"}, False),
            ("POST", {"Origin": "null"}, False),
            ("POST", {}, False),
        ],
    )
    async def test_other_pages_cannot_use_it(
        self,
        app: Running,
        method: str,
        headers: dict[str, str],
        allowed: bool,  # noqa: FBT001 - a parameter
    ) -> None:
        client, _ = await self.page(app, await new_account(app))
        async with aclosing(client):
            path = "/v1/tasks" if method == "GET" else "/v1/tasks/019a0000-0000-7000-8000-000000000000/cancel"
            answer = await client.request(method, path, headers=headers)
        expected = (200 if method == "GET" else 404) if allowed else 403
        assert answer.status_code == expected
        if not allowed:
            assert problem_of(answer)[:2] == (403, "cross_site_request")

    @pytest.mark.parametrize(("origin", "status"), [("https://darkroom", 201), ("http://darkroom", 403)])
    async def test_a_page_over_plain_http_cannot_use_a_secure_one(
        self, run_with: RunWith, origin: str, status: int
    ) -> None:
        """Who is between the browser and the network writes such pages."""
        async with run_with(cookies="secure") as app, app.client() as client:
            who = {**await new_account(app), "cookie": True}
            signed_in = await client.post("/v1/sessions", json=who, headers={"Origin": origin})
            assert signed_in.status_code == status

    @pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
    async def test_a_page_of_this_machine_can(self, run_with: RunWith, host: str) -> None:
        """Browsers keep secure cookies of localhost."""
        async with run_with(cookies="secure") as app, app.client() as client:
            who = {**await new_account(app), "cookie": True}
            headers = {"Origin": f"http://{host}", "Host": host}
            assert (await client.post("/v1/sessions", json=who, headers=headers)).status_code == 201

    async def test_a_token_needs_no_origin(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/v1/tasks", headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 200

    async def test_other_pages_cannot_sign_anybody_in(self, app: Running) -> None:
        who = await new_account(app)
        async with app.client() as client:
            answer = await client.post(
                "/v1/sessions", json={**who, "cookie": True}, headers={"Sec-Fetch-Site": "cross-site"}
            )
        assert problem_of(answer)[:2] == (403, "cross_site_request")
        assert "Set-Cookie" not in answer.headers
