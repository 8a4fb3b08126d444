"""Submits tasks, and plays the worker's side through the repository."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from core.keys import output_key
from core.tasks import Output
from tests.unit.api.conftest import Running
from tests.unit.api.image_forms import IMAGE

NOWHERE = "019a0000-0000-7000-8000-000000000000"
EXPIRED = timedelta(seconds=-1)
FRESH = timedelta(seconds=290)


async def submit(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.post("/v1/tasks", files={"image": IMAGE}, data={"filter": "invert"})
    assert answer.status_code == 202, answer.text
    task: dict[str, Any] = answer.json()
    return task


async def claim(app: Running, task: dict[str, Any]) -> int:
    claimed = await app.resources.storage.tasks.claim(UUID(task["task_id"]), worker_id="a test", lease_seconds=60)
    assert claimed
    return claimed.attempt


async def succeed(app: Running, task: dict[str, Any], *, link_life: timedelta = FRESH) -> Output:
    attempt = await claim(app, task)
    key = output_key(UUID(task["task_id"]), attempt, "png")
    await app.resources.storage.objects.put(key, IMAGE, media_type="image/png", file_name="output.png")
    output = Output(
        key=key,
        format="png",
        width=256,
        height=256,
        bytes=len(IMAGE),
        sha256=hashlib.sha256(IMAGE).hexdigest(),
        url="/v1/objects/stored",
        url_expires_at=datetime.now(UTC) + link_life,
    )
    assert await app.resources.storage.tasks.succeed(UUID(task["task_id"]), attempt, output=output)
    return output
