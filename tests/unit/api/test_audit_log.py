"""The audit log: every event of docs/operations.md is written, with these fields, and nobody's address or password."""

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import LogCapture

from tests.harness.deployment import ROOT
from tests.harness.eventually import eventually
from tests.unit.api.conftest import Running
from tests.unit.api.image_forms import IMAGE
from tests.unit.api.task_states import submit

pytestmark = pytest.mark.asyncio(loop_scope="session")
PASSWORD, NEW_PASSWORD = "correct horse", "battery staple"


@pytest.fixture
def log() -> Any:  # noqa: ANN401 - yields a capture
    capture, before = LogCapture(), structlog.get_config()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, capture])
    yield capture
    structlog.configure(**before)


def audited(log: LogCapture) -> dict[str, Mapping[str, Any]]:
    """Return the newest line of each event."""
    return {line["event"]: line for line in log.entries if line.get("audit")}


def documented() -> set[str]:
    section = (ROOT / "docs/operations.md").read_text().partition("## Audit log")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


async def use_everything(app: Running, who: dict[str, str], client: httpx.AsyncClient) -> None:
    """Do whatever is audited, and end with the erasure of the account."""
    for path, name in (("/v1/api-keys", "key_id"), ("/v1/delivery-keys", "key_id")):
        made = await client.post(path, json={"name": "a", "scopes": ["read"]} if "api" in path else None)
        made.raise_for_status()
        found = made.json()
        (await client.delete(f"{path}/{found.get(name) or found['key']}")).raise_for_status()
    task, image = await submit(client), (await client.post("/v1/images", content=IMAGE)).json()
    for path in (
        f"/v1/tasks/{task['task_id']}",
        "/v1/tasks?status=failed",
        f"/v1/images/{image['image_id']}",
        "/v1/images?created_before=2020-01-01T00:00:00Z",
    ):
        (await client.delete(path)).raise_for_status()
    await app.resources.storage.accounts.set_quotas(who["email"], uploads=3)


async def test_the_audit_log_is_as_documented(app: Running, nobody: httpx.AsyncClient, log: LogCapture) -> None:
    who = {"email": "audited@example.com", "password": PASSWORD}
    user_id = (await nobody.post("/v1/users", json=who)).json()["user_id"]
    assert (await nobody.post("/v1/sessions", json={**who, "password": "wrong"})).status_code == 401
    failed = audited(log)["sign_in_failed"]
    assert (failed["user_id"], failed["code"]) == (user_id, "invalid_credentials")

    async def signed_in(password: str = PASSWORD) -> tuple[httpx.AsyncClient, str]:
        session = (await nobody.post("/v1/sessions", json={**who, "password": password})).json()
        return app.client(session["token"]), session["session_id"]

    client, _ = await signed_in()
    await use_everything(app, who, client)

    async def is_applied() -> bool:
        return "account_changed" in audited(log)

    await eventually(is_applied)
    _, other_id = await signed_in()
    (await client.delete(f"/v1/sessions/{other_id}")).raise_for_status()
    (await client.delete("/v1/sessions/current")).raise_for_status()
    client, _ = await signed_in()
    passwords = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    (await client.post("/v1/users/me/password", json=passwords)).raise_for_status()
    client, _ = await signed_in(NEW_PASSWORD)
    (await client.delete("/v1/sessions")).raise_for_status()
    client, _ = await signed_in(NEW_PASSWORD)
    erased = await client.post("/v1/users/me/erasure", json={"password": NEW_PASSWORD})
    erased.raise_for_status()

    assert audited(log).keys() == documented()
    assert {line["user_id"] for line in audited(log).values()} == {user_id}
    assert audited(log)["account_changed"]["uploads"] == 3
    text = json.dumps(log.entries, default=str)
    assert not [secret for secret in (PASSWORD, NEW_PASSWORD, who["email"]) if secret in text]
