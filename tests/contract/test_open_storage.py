"""All of the storage at once, on the real servers or on what is left of them."""

import pytest

from core.errors import ConfigurationError
from core.settings import Settings
from storage import open_storage
from storage.sql.upgrade import migrate
from tests.harness.eventually import eventually
from tests.harness.servers import S3Server


def _settings(server: S3Server, **others: str) -> Settings:
    given = {
        "s3_endpoint_url": server.endpoint_url,
        "s3_access_key_id": server.access_key_id,
        "s3_secret_access_key": server.secret_access_key,
        "s3_bucket": server.bucket,
        "broker_url": "amqp://unused",
    }
    return Settings.model_validate(given | others)


async def test_on_real_servers(own_database: str, redis_url: str, redis_prefix: str, own_bucket: S3Server) -> None:
    await migrate(own_database)
    settings = _settings(own_bucket, database_url=own_database, redis_url=redis_url, redis_prefix=redis_prefix)
    assert settings.embedded_parts == ()
    async with open_storage(settings) as storage:

        async def all_are_ok() -> bool:
            return await storage.check() == {"database": "ok", "object_store": "ok", "session_store": "ok"}

        await eventually(all_are_ok)


async def test_servers_that_are_away_are_named_and_keep_nobody_from_starting(s3_server: S3Server) -> None:
    settings = _settings(
        s3_server,
        database_url="postgresql+asyncpg://nobody@127.0.0.1:1/nothing",
        redis_url="redis://127.0.0.1:1/0",
        s3_endpoint_url="http://127.0.0.1:1",
    )
    async with open_storage(settings) as storage:
        found = await storage.check()
    assert list(found) == ["database", "object_store", "session_store"]
    assert all("does not respond" in state or "No response" in state for state in found.values())


@pytest.mark.parametrize("url", ["mysql://x", "oracle:///x.db", "postgresql://x"])
async def test_a_database_of_another_kind_is_rejected(url: str, s3_server: S3Server) -> None:
    with pytest.raises(ConfigurationError, match="DARKROOM_DATABASE_URL"):
        async with open_storage(_settings(s3_server, database_url=url, redis_url="redis://127.0.0.1:1/0")):
            pass
