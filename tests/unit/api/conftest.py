"""One application for all of these tests, which each come as somebody new."""

import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from api.dependencies import Resources
from core.settings import Settings

MAX_UPLOAD_BYTES = 256 * 1024
_networks = count(1)


@dataclass(frozen=True, kw_only=True)
class Running:
    resources: Resources
    transport: httpx.ASGITransport

    def client(self, token: str = "", *, address: str = "") -> httpx.AsyncClient:
        """From an address of its own, if none is named."""
        transport = httpx.ASGITransport(self.transport.app, client=(address or new_address(), 1))
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(transport=transport, base_url="http://darkroom", headers=headers)

    async def new_client(self) -> httpx.AsyncClient:
        """Create a user with the password `correct horse`, and a session without hashing it twice more."""
        storage = self.resources.storage
        user = await storage.users.create(f"{secrets.token_hex(8)}@example.com", password_hash=_password_hash())
        return self.client((await storage.sessions.create(user.user_id, label="")).token)


@cache
def _password_hash() -> str:
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash("correct horse")


def new_address() -> str:
    """Return an address whose /64 network no other request of these tests comes from: limits count by network."""
    return f"2001:db8:0:{next(_networks):x}::1"


def with_state(app: ASGIApp, state: Mapping[str, Any]) -> ASGIApp:
    """What an ASGI server does with the state of a lifespan: each request gets its own copy."""

    async def stateful(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": dict(state)}, receive, send)

    return stateful


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Running]:
    app = create_app(settings)
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        yield Running(resources=state["resources"], transport=httpx.ASGITransport(with_state(app, state)))


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_for(tmp_path_factory.mktemp("api"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def app(settings: Settings) -> AsyncIterator[Running]:
    async with running(settings) as it:
        yield it


@pytest.fixture
def run_with(tmp_path: Path, migrated_sqlite: Path) -> Callable[..., AbstractAsyncContextManager[Running]]:
    """Another application, for tests that need other settings."""
    shutil.copy(migrated_sqlite, tmp_path / "darkroom.db")
    return lambda **changed: running(settings_for(tmp_path, **changed))


def settings_for(directory: Path, **changed: object) -> Settings:
    usual = {"data_dir": directory, "allowed_hosts": "darkroom", "max_upload_bytes": MAX_UPLOAD_BYTES}
    return Settings.model_validate({**usual, **changed})


@pytest_asyncio.fixture(loop_scope="session")
async def nobody(app: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with app.client() as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def client(app: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with await app.new_client() as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def other_user(app: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with await app.new_client() as client:
        yield client
