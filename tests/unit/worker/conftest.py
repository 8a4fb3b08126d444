"""A worker's surroundings: real SQLite, a real S3 server, the in-process broker. Only the sizes are a test's."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import broker as brokers
from broker.in_process import InProcessBroker
from core.settings import Settings
from storage import Storage, open_storage
from tests.harness.forkservers import ignore_running_forkservers
from tests.harness.servers import S3Server
from tests.unit.worker.bench import Bench


@pytest.fixture
def settings(tmp_path: Path, own_bucket: S3Server, migrated_sqlite: Path) -> Settings:
    shutil.copy(migrated_sqlite, tmp_path / "darkroom.db")
    return Settings.model_validate(
        {
            "data_dir": tmp_path,
            "s3_endpoint_url": own_bucket.endpoint_url,
            "s3_access_key_id": own_bucket.access_key_id,
            "s3_secret_access_key": own_bucket.secret_access_key,
            "s3_bucket": own_bucket.bucket,
            "worker_slots": 2,
            "retry_base_seconds": 0.01,
            "sweep_interval_seconds": 0.1,
        }
    )


@pytest.fixture
async def storage(settings: Settings) -> AsyncIterator[Storage]:
    async with open_storage(settings) as storage:
        yield storage


@pytest.fixture
async def broker() -> AsyncIterator[InProcessBroker]:
    async with brokers.connect("memory:", queue="unused") as broker:
        assert isinstance(broker, InProcessBroker)
        yield broker


@pytest.fixture
async def bench(settings: Settings, storage: Storage, broker: InProcessBroker) -> Bench:
    owner = await storage.users.create("owner@example.com", password_hash="unused")
    return Bench(settings=settings, storage=storage, broker=broker, owner_id=owner.user_id)


@pytest.fixture(autouse=True)
def _ignore_forkservers_of_other_tests() -> None:
    ignore_running_forkservers()
