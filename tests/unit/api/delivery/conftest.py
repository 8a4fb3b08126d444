"""Somebody with a key and an image, and a browser that is nobody."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from tests.unit.api.conftest import Running
from tests.unit.api.delivery.delivery_client import Owner, owner_of


@pytest_asyncio.fixture(loop_scope="session")
async def owner(client: httpx.AsyncClient) -> Owner:
    return await owner_of(client)


@pytest_asyncio.fixture(loop_scope="session")
async def browser(app: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with app.client() as browser:
        yield browser
