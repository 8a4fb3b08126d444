"""Users and sessions."""

import secrets
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx
import pytest

from tests.unit.api.answers import problem_of, without_request
from tests.unit.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "correct horse"


def new_email() -> str:
    return f"{secrets.token_hex(8)}@example.com"


async def test_register_sign_in_and_ask_who_i_am(nobody: httpx.AsyncClient) -> None:
    email = new_email()
    registered = await nobody.post("/v1/users", json={"email": email, "password": PASSWORD})
    assert registered.status_code == 201
    assert registered.json().keys() == {"user_id", "email", "created_at"}
    assert registered.json()["created_at"].endswith("Z")

    signed_in = await nobody.post("/v1/sessions", json={"email": email.upper(), "password": PASSWORD})
    assert signed_in.status_code == 201
    assert signed_in.headers["Cache-Control"] == "no-store"
    session = signed_in.json()
    assert session.keys() == {"token", "token_type", "session_id", "expires_at", "device_token"}
    assert session["device_token"] is None

    me = await nobody.get("/v1/users/me", headers={"Authorization": f"bearer {session['token']}"})
    assert me.json() == registered.json()


async def test_an_address_that_no_database_can_hold_is_no_outage(nobody: httpx.AsyncClient) -> None:
    rejected = await nobody.post("/v1/sessions", json={"email": "a\0@example.com", "password": PASSWORD})
    assert problem_of(rejected) == (422, "invalid_request", ["email"])


@pytest.mark.parametrize("domain", ["xn--bcher-kva.de", "b\u00fccher.de", "B\u00dcCHER.de"])
async def test_an_international_domain_signs_in_however_it_is_spelled(nobody: httpx.AsyncClient, domain: str) -> None:
    name = secrets.token_hex(8)
    registered = await nobody.post("/v1/users", json={"email": f"{name}@xn--bcher-kva.de", "password": PASSWORD})
    assert registered.status_code == 201
    signed_in = await nobody.post("/v1/sessions", json={"email": f"{name}@{domain}", "password": PASSWORD})
    assert signed_in.status_code == 201


async def test_an_address_with_a_name_is_rejected(nobody: httpx.AsyncClient) -> None:
    body = {"email": "John <john@example.com>", "password": PASSWORD}
    answer = await nobody.post("/v1/users", json=body)
    assert problem_of(answer) == (422, "invalid_request", ["email"])


@pytest.mark.parametrize("path", ["/v1/users", "/v1/sessions"])
@pytest.mark.parametrize("body", [PASSWORD, [PASSWORD], {"email": {"password": PASSWORD}}, {"cookie": PASSWORD}])
async def test_a_password_in_a_wrong_place_is_not_shown(nobody: httpx.AsyncClient, path: str, body: object) -> None:
    answer = await nobody.post(path, json=body)
    assert answer.status_code == 422
    assert PASSWORD not in answer.text


async def test_an_address_registers_once(nobody: httpx.AsyncClient) -> None:
    email = new_email()
    await nobody.post("/v1/users", json={"email": email, "password": PASSWORD})
    again = await nobody.post("/v1/users", json={"email": email.upper(), "password": PASSWORD})
    assert problem_of(again) == (409, "email_taken", [])


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({"email": "me@example.com", "password": "7 chars"}, ["password"]),
        ({"email": "me@example.com", "password": "x" * 129}, ["password"]),
        ({"email": "nobody", "password": PASSWORD}, ["email"]),
        ({"email": "me@example.test", "password": PASSWORD}, ["email"]),
        ({"email": "me@localhost", "password": PASSWORD}, ["email"]),
        ({"email": "me@example.com", "password": PASSWORD, "admin": True}, ["admin"]),
        (
            {"email": "me@example.com", "password": PASSWORD} | {f"k{n}": n for n in range(99)},
            [f"k{n}" for n in range(20)],
        ),
        ({}, ["email", "password"]),
        ([], ["body"]),
    ],
)
async def test_errors_in_a_registration_are_named(nobody: httpx.AsyncClient, body: object, places: list[str]) -> None:
    assert problem_of(await nobody.post("/v1/users", json=body)) == (422, "invalid_request", places)


async def test_a_password_never_comes_back(nobody: httpx.AsyncClient) -> None:
    answer = await nobody.post("/v1/users", json={"email": "wrong", "password": "s3cret-in-the-open"})
    assert "s3cret" not in answer.text


@pytest.mark.parametrize("length", [8, 128])
async def test_password_lengths_that_are_taken(nobody: httpx.AsyncClient, length: int) -> None:
    who = {"email": new_email(), "password": "ü" * length}
    assert (await nobody.post("/v1/users", json=who)).status_code == 201
    assert (await nobody.post("/v1/sessions", json=who)).status_code == 201


@pytest.mark.parametrize("path", ["/v1/users", "/v1/sessions"])
async def test_bodies_that_are_no_json(nobody: httpx.AsyncClient, path: str) -> None:
    json = {"Content-Type": "application/json"}
    for content in (b"{", b"", b"\xff", b"[" * 60_000, b'{"email": "\\ud800"}'):
        assert problem_of(await nobody.post(path, content=content, headers=json))[:2] == (400, "malformed_body")
    assert problem_of(await nobody.post(path, content=b"{}"))[:2] == (415, "unsupported_media_type")
    assert problem_of(await nobody.post(path, content=b" " * 70_000, headers=json))[:2] == (413, "upload_too_large")


async def test_registration_can_be_closed(run_with: Callable[..., AbstractAsyncContextManager[Running]]) -> None:
    async with run_with(registration="closed") as closed, closed.client() as client:
        answer = await client.post("/v1/users", json={"email": new_email(), "password": PASSWORD})
        assert problem_of(answer) == (403, "registration_closed", [])


async def test_unknown_and_known_users_look_and_take_the_same(nobody: httpx.AsyncClient) -> None:
    """Holds promise 23."""
    email = new_email()
    await nobody.post("/v1/users", json={"email": email, "password": PASSWORD})
    work_seconds: dict[str, float] = {}
    answers = {}
    for who in (email, new_email()):
        rounds = []
        for _ in range(5):
            started = time.process_time()  # of the processor, whatever else it does meanwhile
            answers[who] = await nobody.post("/v1/sessions", json={"email": who, "password": "wrong password"})
            rounds.append(time.process_time() - started)
        work_seconds[who] = min(rounds)
    known, unknown = answers.values()
    assert problem_of(known) == (401, "invalid_credentials", [])
    assert without_request(known) == without_request(unknown)
    assert known.headers["WWW-Authenticate"] == unknown.headers["WWW-Authenticate"] == "Bearer"
    assert min(work_seconds.values()) > 0.4 * max(work_seconds.values())


async def test_sessions_are_listed_and_revoked(app: Running, nobody: httpx.AsyncClient) -> None:
    """Holds promise 20."""
    who = {"email": new_email(), "password": PASSWORD}
    await nobody.post("/v1/users", json=who)
    first, second, third = [
        (await nobody.post("/v1/sessions", json=who, headers={"User-Agent": f"agent {number}"})).json()
        for number in range(3)
    ]
    async with app.client(first["token"]) as client, app.client(second["token"]) as other:
        items = (await client.get("/v1/sessions")).json()["items"]
        assert {item["label"] for item in items} == {"agent 0", "agent 1", "agent 2"}
        assert [item["session_id"] for item in items if item["current"]] == [first["session_id"]]
        assert first["token"] not in str(items)

        assert (await client.delete(f"/v1/sessions/{second['session_id']}")).status_code == 204
        assert problem_of(await other.get("/v1/sessions"))[:2] == (401, "unauthenticated")
        again = await client.delete(f"/v1/sessions/{second['session_id']}")
        assert problem_of(again)[:2] == (404, "not_found")

        assert (await client.delete("/v1/sessions/current")).status_code == 204
        assert (await client.get("/v1/sessions")).status_code == 401
    async with app.client(third["token"]) as client:
        assert (await client.delete("/v1/sessions")).status_code == 204
        assert (await client.get("/v1/sessions")).status_code == 401


async def test_nobody_revokes_another_users_session(client: httpx.AsyncClient, other_user: httpx.AsyncClient) -> None:
    (session,) = (await client.get("/v1/sessions")).json()["items"]
    theirs = await other_user.delete(f"/v1/sessions/{session['session_id']}")
    nowhere = await other_user.delete("/v1/sessions/019a0000-0000-7000-8000-000000000000")
    assert theirs.status_code == nowhere.status_code == 404
    assert without_request(theirs) == without_request(nowhere)
    assert (await client.get("/v1/sessions")).status_code == 200


GUARDED = [
    ("GET", "/v1/users/me"),
    ("GET", "/v1/sessions"),
    ("DELETE", "/v1/sessions"),
    ("DELETE", "/v1/sessions/current"),
    ("DELETE", "/v1/sessions/019a0000-0000-7000-8000-000000000000"),
    ("POST", "/v1/images"),
    ("GET", "/v1/images"),
    ("GET", "/v1/images/not-an-id"),
    ("DELETE", "/v1/images/not-an-id"),
    ("POST", "/v1/tasks"),
    ("GET", "/v1/tasks?limit=0"),
    ("GET", "/v1/tasks/not-an-id"),
    ("GET", "/v1/tasks/not-an-id/output"),
    ("POST", "/v1/tasks/not-an-id/cancel"),
    ("DELETE", "/v1/tasks/not-an-id"),
]


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize("authorization", [None, "Bearer nonsense", "Bearer \xff", "Basic bWU6bWU=", "Bearer", ""])
async def test_every_guarded_call_wants_a_session(
    nobody: httpx.AsyncClient, method: str, path: str, authorization: str | None
) -> None:
    headers = [] if authorization is None else [(b"Authorization", authorization.encode("latin-1"))]
    answer = await nobody.request(method, path, headers=headers)
    assert problem_of(answer) == (401, "unauthenticated", [])
    assert answer.headers["WWW-Authenticate"] == "Bearer"
