"""Delivery without signatures, where the settings allow it: presets of uploaded images, and nothing else."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
import pytest_asyncio

from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.delivery.delivery_client import Owner, owner_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
RunWith = Callable[..., AbstractAsyncContextManager[Running]]
CARD = {"pipeline": [{"filter": "resize", "width": 20}]}


@pytest_asyncio.fixture(loop_scope="session")
async def unsigned(run_with: RunWith) -> AsyncIterator[Running]:
    async with run_with(delivery_unsigned="presets") as app:
        yield app


@pytest_asyncio.fixture(loop_scope="session")
async def owner(unsigned: Running) -> AsyncIterator[Owner]:
    async with await unsigned.new_client() as client:
        (await client.put("/v1/presets/card", json=CARD)).raise_for_status()
        yield await owner_of(client)


async def test_anybody_gets_a_preset(unsigned: Running, owner: Owner) -> None:
    async with unsigned.client() as browser:
        answer = await browser.get(f"/i/unsigned/@card/{owner.image_id}.png")
        signed = await browser.get(owner.url(f"@card/{owner.image_id}.png"))
    assert (answer.status_code, answer.content) == (200, signed.content)


@pytest.mark.parametrize(
    "path",
    [
        "sepia/{image}.png",
        "@card/output,quality=5/{image}.webp",
        "@card/output,hints=(width)/{image}.webp",
        "@card/shop:cat.png",
    ],
)
async def test_anything_else_needs_a_signature(unsigned: Running, owner: Owner, path: str) -> None:
    async with unsigned.client() as browser:
        answer = await browser.get(f"/i/unsigned/{path.format(image=owner.image_id)}")
    assert problem_of(answer)[:2] == (403, "link_invalid")


async def test_an_unknown_image_or_preset(unsigned: Running, owner: Owner) -> None:
    async with unsigned.client() as browser:
        missing = await browser.get("/i/unsigned/@card/019a0000-0000-7000-8000-000000000000.png")
        unknown = await browser.get(f"/i/unsigned/@poster/{owner.image_id}.png")
    assert problem_of(missing)[:2] == (404, "not_found")
    assert problem_of(unknown)[:2] == (422, "invalid_pipeline")


async def test_signatures_are_needed_by_default(app: Running) -> None:
    async with await app.new_client() as client:
        (await client.put("/v1/presets/card", json=CARD)).raise_for_status()
        owner = await owner_of(client)
        answer = await client.get(f"/i/unsigned/@card/{owner.image_id}.png")
    assert problem_of(answer)[:2] == (403, "link_invalid")
