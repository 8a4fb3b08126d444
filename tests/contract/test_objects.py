"""Objects in files and on a real S3 server: whole or not at all; and links to S3 that nobody can bend."""

import asyncio
import os
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import structlog

from core.errors import DependencyUnavailable, ImageTooLarge, SourceMissing
from storage.objects.interface import ObjectStore
from storage.objects.s3_bucket import open_objects
from storage.objects.s3_client import S3Account
from storage.objects.s3_store import S3Store
from storage.objects.s3_upload import PART_BYTES
from tests.harness.servers import S3Server, open_uploads, s3_client

_MANY = 2**30
_DOWNLOAD: dict[str, Any] = {"media_type": "image/png", "file_name": "a.png"}
Incomplete = Callable[[str], list[str]]


class Interrupted(Exception):
    """Whatever may go wrong on the side of the one who uploads."""


async def _keys(objects: ObjectStore, prefix: str) -> list[str]:
    return [found.key async for found in objects.list(prefix)]


SIZES = [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 2 * PART_BYTES + 12345]


@pytest.mark.parametrize("size", SIZES)
async def test_an_upload_of_any_size_comes_back(
    size: int, *, objects: ObjectStore, prefix: str, incomplete: Incomplete
) -> None:
    data, key = os.urandom(size), f"{prefix}a"
    async with objects.open_upload(key, media_type="image/png") as upload:
        for start in range(0, size, 999_999):
            await upload.write(data[start : start + 999_999])
        await upload.complete()
    assert await objects.get(key, max_bytes=_MANY) == data
    assert [(found.key, found.bytes) async for found in objects.list(prefix)] == [(key, size)]
    assert incomplete(prefix) == []


async def test_an_upload_in_pieces_of_any_size_comes_back(objects: ObjectStore, prefix: str) -> None:
    pieces = [os.urandom(size) for size in (1, 300_000, 1, 65_536, 2**18, 2**18 - 1, 0, 5 * 2**20, 2**20, 3)]
    async with objects.open_upload(f"{prefix}a", media_type="image/png") as upload:
        for piece in pieces:
            await upload.write(piece)
        await upload.complete()
    assert await objects.get(f"{prefix}a", max_bytes=_MANY) == b"".join(pieces)


async def test_a_copy_outlives_what_was_copied(objects: ObjectStore, prefix: str) -> None:
    first, second = f"{prefix}a", f"{prefix}b"
    await objects.put(first, b"12345", **_DOWNLOAD)
    await objects.copy(first, second, media_type="image/png", file_name="b.png")
    await objects.delete([first])
    assert await objects.get(second, max_bytes=_MANY) == b"12345"
    assert await _keys(objects, prefix) == [second]


async def test_a_copy_of_what_was_deleted_is_none(objects: ObjectStore, prefix: str, incomplete: Incomplete) -> None:
    with pytest.raises(SourceMissing):
        await objects.copy(f"{prefix}a", f"{prefix}b", media_type="image/png", file_name="b.png")
    assert await _keys(objects, prefix) == []
    assert incomplete(prefix) == []


async def test_a_copy_has_its_own_type_and_name(s3_objects: S3Store, prefix: str) -> None:
    first, second = f"{prefix}a", f"{prefix}b"
    await s3_objects.put(first, b"12345", **_DOWNLOAD)
    await s3_objects.copy(first, second, media_type="image/webp", file_name="b.webp")
    link = await s3_objects.sign_get(second, media_type="image/webp", file_name="b.webp")
    async with httpx.AsyncClient() as client:
        answer = await client.get(link.url)
    assert (answer.headers["Content-Type"], answer.content) == ("image/webp", b"12345")
    assert "b.webp" in answer.headers["Content-Disposition"]


async def test_what_is_created_is_there_once(objects: ObjectStore, prefix: str) -> None:
    key = f"{prefix}a"
    assert await objects.create(key, b"first", media_type="text/plain")
    assert not await objects.create(key, b"second", media_type="text/plain")
    assert await objects.get(key, max_bytes=_MANY) == b"first"


async def test_one_of_many_creates_it_on_a_server(s3_objects: S3Store, prefix: str) -> None:
    """Files need none of this: one process holds the data directory."""
    key, texts = f"{prefix}a", [str(number).encode() for number in range(8)]
    creating = (s3_objects.create(key, text, media_type="text/plain") for text in texts)
    created = await asyncio.gather(*creating, return_exceptions=True)
    assert {type(each) for each in created} <= {bool, DependencyUnavailable}  # a slow server may not answer in time
    found = await s3_objects.get(key, max_bytes=_MANY)
    assert [text for text, is_mine in zip(texts, created, strict=True) if is_mine is True] in ([found], [])
    assert found in texts


@pytest.mark.parametrize("size", [10, 3 * PART_BYTES])
async def test_an_upload_that_is_left_leaves_nothing(
    size: int, *, objects: ObjectStore, prefix: str, incomplete: Incomplete
) -> None:
    """Holds promise 19."""

    async def upload_and_leave() -> None:
        async with objects.open_upload(f"{prefix}a", media_type="image/png") as upload:
            await upload.write(bytes(size))
            raise Interrupted

    with pytest.raises(Interrupted):
        await upload_and_leave()
    assert await _keys(objects, prefix) == []
    assert incomplete(prefix) == []


async def test_an_upload_cancelled_at_any_moment_leaves_nothing(
    objects: ObjectStore, prefix: str, incomplete: Incomplete
) -> None:
    """Holds promise 19."""

    async def upload_all(key: str) -> None:
        async with objects.open_upload(key, media_type="image/png") as upload:
            for _ in range(5):
                await upload.write(bytes(PART_BYTES // 2))
            await upload.complete()
            await asyncio.sleep(60)

    for wait_milliseconds in range(0, 120, 6):
        task = asyncio.create_task(upload_all(f"{prefix}{wait_milliseconds}"))
        await asyncio.sleep(wait_milliseconds / 1000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    whole = {found.key async for found in objects.list(prefix) if found.bytes == 5 * (PART_BYTES // 2)}
    assert set(await _keys(objects, prefix)) == whole
    assert incomplete(prefix) == []


async def test_cancelled_while_it_completes_and_again_while_it_cleans_up(
    account: S3Account, prefix: str, s3_server: S3Server
) -> None:
    async with open_objects(account, public_endpoint_url="", bucket=s3_server.bucket, link_seconds=300) as objects:

        async def upload_all() -> None:
            async with objects.open_upload(f"{prefix}a", media_type="image/png") as upload:
                await upload.write(bytes(2 * PART_BYTES))
                await upload.complete()

        task = asyncio.create_task(upload_all())
        await asyncio.sleep(0.02)
        while not task.done():
            task.cancel()
            await asyncio.sleep(0)
    async with open_objects(account, public_endpoint_url="", bucket=s3_server.bucket, link_seconds=300) as objects:
        assert await _keys(objects, prefix) == []
    assert open_uploads(s3_server, prefix) == []


async def test_a_killed_upload_is_aborted_when_it_is_old(s3_objects: S3Store, s3_server: S3Server, prefix: str) -> None:
    client = s3_client(s3_server)
    client.create_multipart_upload(Bucket=s3_server.bucket, Key=f"{prefix}a")
    client.close()
    assert await s3_objects.abort_stale_uploads(older_than_seconds=3600) == 0
    assert open_uploads(s3_server, prefix) == [f"{prefix}a"]
    await asyncio.sleep(1)  # S3 counts whole seconds
    assert await s3_objects.abort_stale_uploads(older_than_seconds=0) >= 1
    assert open_uploads(s3_server, prefix) == []


async def test_what_is_missing_is_said_to_be(objects: ObjectStore, prefix: str) -> None:
    with pytest.raises(SourceMissing):
        await objects.get(f"{prefix}nothing", max_bytes=_MANY)


async def test_what_is_too_large_is_not_read(objects: ObjectStore, prefix: str) -> None:
    await objects.put(f"{prefix}a", bytes(1000), media_type="image/png", file_name="a.png")
    assert len(await objects.get(f"{prefix}a", max_bytes=1000)) == 1000
    with pytest.raises(ImageTooLarge):
        await objects.get(f"{prefix}a", max_bytes=999)


async def test_delete_takes_many_and_minds_no_missing_one(objects: ObjectStore, prefix: str) -> None:
    keys = [f"{prefix}{n}" for n in range(3)]
    for key in keys:
        await objects.put(key, b"x", media_type="image/png", file_name="x.png")
    await objects.delete([*keys[:2], f"{prefix}nothing"])
    assert await _keys(objects, prefix) == keys[2:]
    await objects.discard(keys)
    await objects.discard([])
    assert await _keys(objects, prefix) == []


async def test_objects_that_cannot_be_discarded_now_are_left(account: S3Account, s3_server: S3Server) -> None:
    bucket = f"{s3_server.bucket}-missing"
    async with open_objects(account, public_endpoint_url="", bucket=bucket, link_seconds=300) as objects:
        with pytest.raises(DependencyUnavailable):
            await objects.delete(["a"])
        with structlog.testing.capture_logs() as logged:
            await objects.discard(["a"])
    assert [event["event"] for event in logged] == ["objects_left_behind"]


async def test_a_bucket_that_is_missing_is_made(account: S3Account, s3_server: S3Server) -> None:
    bucket = f"{s3_server.bucket}-new"
    async with open_objects(account, public_endpoint_url="", bucket=bucket, link_seconds=300) as objects:
        with pytest.raises(DependencyUnavailable):
            await objects.check()
        for _ in range(2):
            await objects.ensure_bucket()
        await objects.check()
    client = s3_client(s3_server)
    client.delete_bucket(Bucket=bucket)
    client.close()


async def test_a_wrong_secret_is_rejected(account: S3Account, s3_server: S3Server) -> None:
    wrong = S3Account(
        endpoint_url=account.endpoint_url,
        region=account.region,
        access_key_id=account.access_key_id,
        secret_access_key="x",
    )
    async with open_objects(wrong, public_endpoint_url="", bucket=s3_server.bucket, link_seconds=300) as objects:
        with pytest.raises(DependencyUnavailable, match=r"rejected [a-z ]+: (403|AccessDenied|SignatureDoesNotMatch)"):
            await objects.get("a", max_bytes=_MANY)


async def test_the_environments_session_token_is_not_used(
    account: S3Account, s3_server: S3Server, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of another user's session")
    async with open_objects(account, public_endpoint_url="", bucket=s3_server.bucket, link_seconds=300) as objects:
        await objects.put(f"{prefix}a", b"mine", media_type="image/png", file_name="a.png")
        assert await objects.get(f"{prefix}a", max_bytes=_MANY) == b"mine"
