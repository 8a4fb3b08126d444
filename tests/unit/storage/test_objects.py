"""More objects than fit into one answer or one request, on moto: thousands are slow to make on a real server."""

from collections.abc import AsyncIterator, Iterator

import pytest
from moto.server import ThreadedMotoServer

from storage.objects.s3_bucket import open_objects
from storage.objects.s3_client import S3Account
from storage.objects.s3_store import S3Store


@pytest.fixture(scope="module")
def endpoint_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
async def objects(endpoint_url: str) -> AsyncIterator[S3Store]:
    account = S3Account(endpoint_url=endpoint_url, region="us-east-1", access_key_id="test", secret_access_key="test")
    async with open_objects(account, public_endpoint_url="", bucket="many", link_seconds=60) as objects:
        await objects.ensure_bucket()
        yield objects


async def test_more_than_a_page_is_listed_and_more_than_a_batch_deleted(objects: S3Store) -> None:
    keys = [f"sources/{n:04}" for n in range(1005)]
    for key in [*keys, "outputs/kept"]:
        await objects.put(key, b"x", media_type="image/png", file_name="a.png")
    assert [found.key async for found in objects.list("sources/")] == keys
    await objects.delete(found for found in keys)
    assert [found.key async for found in objects.list("")] == ["outputs/kept"]
