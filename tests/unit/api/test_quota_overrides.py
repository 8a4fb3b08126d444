"""What an operator changes for one user applies in a service that runs, soon: quotas and delivery."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from tests.harness.eventually import eventually
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.delivery.delivery_client import GRAY, owner_of
from tests.unit.api.test_quotas import sample_image, submit

pytestmark = pytest.mark.asyncio(loop_scope="session")
RunWith = Callable[..., AbstractAsyncContextManager[Running]]


async def set_quotas(app: Running, client: httpx.AsyncClient, **quotas: int | None) -> None:
    email = (await client.get("/v1/users/me")).json()["email"]
    await app.resources.storage.accounts.set_quotas(email, **quotas)


@pytest.mark.parametrize(
    ("quota", "path", "detail"),
    [
        ({"submissions_per_minute": 1}, "/v1/images", "at most 1 a minute"),
        ({"open_tasks": 1}, "/v1/tasks", "at most 1 unfinished tasks"),
    ],
)
async def test_a_quota_of_one_user(  # noqa: PLR0913, PLR0917 - fixtures and parameters
    app: Running,
    client: httpx.AsyncClient,
    other_user: httpx.AsyncClient,
    quota: dict[str, Any],
    path: str,
    detail: str,
) -> None:
    async def send(who: httpx.AsyncClient) -> httpx.Response:
        return await who.post(path, files={"image": sample_image()})

    async def is_rejected() -> bool:
        return (await send(client)).status_code == httpx.codes.TOO_MANY_REQUESTS

    await set_quotas(app, client, **quota)
    await eventually(is_rejected)
    assert detail in (await send(client)).json()["detail"]
    assert [(await send(other_user)).is_success for _ in range(3)] == [True, True, True]

    async def is_accepted() -> bool:
        return (await send(client)).is_success

    await set_quotas(app, client, **dict.fromkeys(quota))
    await eventually(is_accepted)


async def test_a_quota_from_before_the_start(run_with: RunWith) -> None:
    who = {"email": "early@example.com", "password": "correct horse"}
    async with run_with() as app, app.client() as nobody:
        (await nobody.post("/v1/users", json=who)).raise_for_status()
        await app.resources.storage.accounts.set_quotas(who["email"], submissions_per_minute=1)
    async with run_with() as app, app.client() as nobody:
        token = (await nobody.post("/v1/sessions", json=who)).json()["token"]
        async with app.client(token) as client:
            assert [(await submit(client)).status_code for _ in range(2)] == [202, 429]


async def test_a_disabled_user_delivers_nothing(app: Running, client: httpx.AsyncClient) -> None:
    owner = await owner_of(client)
    url, email = owner.url(owner.path(GRAY)), (await client.get("/v1/users/me")).json()["email"]
    async with app.client() as browser:

        async def is_delivered() -> bool:
            answer = await browser.get(url)
            assert answer.is_success or problem_of(answer)[:2] == (403, "link_invalid")
            return answer.is_success

        async def is_rejected() -> bool:
            return not await is_delivered()

        assert await is_delivered()
        await app.resources.storage.accounts.disable(email)
        await eventually(is_rejected)
        await app.resources.storage.accounts.enable(email)
        await eventually(is_delivered)
