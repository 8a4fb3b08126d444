"""What clients and probes see of an object store without room."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from tests.harness.client import sample_image
from tests.harness.small_s3 import FULL_MINIO, FULL_SEAWEEDFS, small_s3
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("full", "problem", "seconds", "state"),
    [
        (FULL_MINIO, (507, "storage_full"), "60", "The object store has no space left: XMinioStorageFull."),
        (FULL_SEAWEEDFS, (503, "dependency_unavailable"), "5", "The object store rejected the request: InternalError."),
    ],
)
async def test_uploads_are_rejected_and_the_service_is_degraded(
    run_with: Callable[..., AbstractAsyncContextManager[Running]],
    full: tuple[int, str, str],
    problem: tuple[int, str],
    seconds: str,
    state: str,
) -> None:
    with small_s3() as server:
        settings = {"s3_endpoint_url": server.url, "s3_access_key_id": "a", "s3_secret_access_key": "b"}
        async with run_with(**settings, allow_sqlite_with_s3="on") as app, await app.new_client() as client:
            files = {"image": ("a.jpg", sample_image(), "image/jpeg")}
            assert (await client.post("/v1/images", files=files)).status_code == 201
            assert (await client.get("/readyz")).json()["status"] == "ok"

            server.full = full
            rejected = await client.post("/v1/images", files=files)
            assert problem_of(rejected)[:2] == problem
            assert rejected.headers["Retry-After"] == seconds
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
            assert ready.json()["dependencies"]["object_store"] == state
            assert len((await client.get("/v1/images")).json()["items"]) == 1

            server.full = None
            assert (await client.post("/v1/images", files=files)).status_code == 201
            assert (await client.get("/readyz")).json()["status"] == "ok"
