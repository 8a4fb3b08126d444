"""Holds promise 22: what was issued in a real run is searched for wherever something is kept, written or shown."""

import re
import secrets
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import asyncpg
import httpx
import pytest
import redis

from tests.harness.client import Client, download, sample_image
from tests.harness.deployment import Deployment
from tests.harness.deployments import SERVERS, on_servers, start_all
from tests.harness.servers import asyncpg_url, in_thread

pytestmark = pytest.mark.needs(*SERVERS)

WHERE_A_LINK_IS_KEPT = "tasks.output_url"


@pytest.fixture
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    with on_servers(request, tmp_path, DARKROOM_LOG_LEVEL="debug") as running:
        start_all(running)
        yield running


def live(deployment: Deployment) -> tuple[set[str], set[str]]:
    """A day of somebody who does everything there is to do: passwords and tokens, and signatures, that were issued."""
    words, links = set[str](), set[str]()
    with Client(deployment.url) as client:
        words |= {client.password, client.http.headers["Authorization"].removeprefix("Bearer ")}
        words.add(client.sign_in()["token"])
        wrong = {"email": client.email, "password": secrets.token_urlsafe(20)}
        assert client.http.post("/v1/sessions", json=wrong).status_code == httpx.codes.UNAUTHORIZED
        words.add(wrong["password"])

        task, _ = client.run(sample_image(), [{"filter": "invert"}])
        download(task)
        path = f"/v1/tasks/{task['task_id']}"
        links |= {task["output"]["url"], client.http.get(f"{path}/output").headers["Location"]}
        assert task["output"]["url"] in client.http.get(f"{path}/events").text
        image = client.http.post("/v1/images", content=sample_image()).json()
        links.add(client.http.get(f"/v1/images/{image['image_id']}").json()["url"])
        assert client.http.post("/v1/images", content=b"no image").is_client_error
        words |= {"stolen-token", "token-in-a-query"}
        client.http.get("/v1/tasks", headers={"Authorization": "Bearer stolen-token"})
        client.http.get("/v1/nowhere?token=token-in-a-query")

        new_key = client.http.post("/v1/api-keys", json={"name": "CI", "scopes": ["read"]}).json()
        words.add(new_key["key"])
        bearer = {"Authorization": f"Bearer {new_key['key']}"}
        assert client.http.get("/v1/tasks", headers=bearer).is_success
        assert client.http.get("/v1/users/me", headers=bearer).is_client_error

        new_password = secrets.token_urlsafe(12)
        change = {"password": client.password, "new_password": new_password}
        assert client.http.post("/v1/users/me/password", json=change).is_success
        client.password = new_password
        words |= {new_password, client.sign_in()["token"]}
        cookie = {"email": client.email, "password": new_password, "cookie": True}
        answer = httpx.post(f"{deployment.url}/v1/sessions", json=cookie, headers={"Sec-Fetch-Site": "same-origin"})
        words |= {value for _, value in re.findall(r"(darkroom|darkroom_device)=([^;]+)", answer.headers["Set-Cookie"])}
        known = {"email": client.email, "password": new_password, "remember_device": True}
        words.add(httpx.post(f"{deployment.url}/v1/sessions", json=known).json()["device_token"])
        shown = [httpx.get(f"{service.url}/metrics").text for service in deployment.services]
    signatures = {re.findall(r"X-Amz-Signature=(\w+)", link)[0] for link in links}
    assert not [word for word in words | signatures if any(word in text for text in shown)]
    return words, signatures


async def _rows(url: str) -> dict[str, str]:
    """Everything in the database, by column."""
    connection = await asyncpg.connect(asyncpg_url(url))
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found: dict[str, str] = {}
        for (table,) in tables:
            for row in await connection.fetch(f"SELECT * FROM {table}"):  # noqa: S608 - names of our tables
                for column, value in row.items():
                    name = f"{table}.{column}"
                    found[name] = f"{found.get(name, '')}\n{value}"
        return found
    finally:
        await connection.close()


def _redis(url: str, prefix: str) -> str:
    with redis.Redis.from_url(url) as client:
        keys = list(client.scan_iter(match=f"{prefix}*"))
        assert keys
        return "\n".join(f"{key!r} {client.dump(key)!r}" for key in keys)


def test_what_is_issued_is_kept_nowhere(deployment: Deployment) -> None:
    """Holds promise 22 and promise 25. A signature is where the task's link is, and ends with it."""
    words, signatures = live(deployment)
    assert len(words) >= 12
    assert len(signatures) >= 2

    rows = in_thread(partial(_rows, deployment.settings["DARKROOM_DATABASE_URL"]))
    assert {"users.email", "tasks.status", WHERE_A_LINK_IS_KEPT} <= rows.keys()
    kept = _redis(deployment.settings["DARKROOM_REDIS_URL"], deployment.settings["DARKROOM_REDIS_PREFIX"])
    logs = "".join(service.log.read_text(errors="replace") for service in deployment.services)
    assert "task_submitted" in logs
    places = {**rows, "redis": kept, "logs": logs}

    assert [(name, word) for name, text in places.items() for word in words if word in text] == []
    found = {name for name, text in places.items() for signature in signatures if signature in text}
    assert found <= {WHERE_A_LINK_IS_KEPT}
    assert all(line.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for line in rows["users.password_hash"].split())
