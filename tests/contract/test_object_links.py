"""Links to objects on an S3 server: each opens one object for a while, and nobody can bend it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import httpx
import pytest

from storage.objects.s3_bucket import open_objects
from storage.objects.s3_client import S3Account
from storage.objects.s3_store import S3Store
from tests.harness.servers import S3Server

_MANY = 2**30
_DOWNLOAD: dict[str, Any] = {"media_type": "image/png", "file_name": "a.png"}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=10) as http:
        yield http


@pytest.fixture
async def key(s3_objects: S3Store, prefix: str) -> str:
    await s3_objects.put(f"{prefix}a", b"output", media_type="image/png", file_name='my "cät".png')
    await s3_objects.put(f"{prefix}b", b"somebody else's", media_type="image/png", file_name="b.png")
    return f"{prefix}a"


def _with(url: str, **changes: str) -> str:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    return urlunsplit(parts._replace(query=urlencode(query)))


async def test_a_link_opens_its_object_as_a_download(s3_objects: S3Store, key: str, http: httpx.AsyncClient) -> None:
    link = await s3_objects.sign_get(key, **_DOWNLOAD)
    answer = await http.get(link.url)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"output", "image/png")
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"my _c_t_.png\"; filename*=UTF-8''my%20%22c%C3%A4t%22.png"
    )
    assert link.url not in repr(link)


async def test_a_link_can_show_its_object(s3_objects: S3Store, key: str, http: httpx.AsyncClient) -> None:
    link = await s3_objects.sign_get(key, **_DOWNLOAD, inline=True)
    answer = await http.get(link.url)
    assert (answer.content, answer.headers["content-type"]) == (b"output", "image/png")
    assert answer.headers["content-disposition"].startswith("inline; filename=")
    saved = _with(link.url, **{"response-content-disposition": "attachment"})
    assert (await http.get(saved)).status_code == 403


async def test_a_link_is_for_nothing_else(s3_objects: S3Store, key: str, http: httpx.AsyncClient) -> None:
    """Holds promise 25."""
    url = (await s3_objects.sign_get(key, **_DOWNLOAD)).url
    assert (await http.put(url, content=b"x")).status_code == 403
    assert (await http.delete(url)).status_code == 403
    assert (await http.get(url.partition("?")[0])).status_code == 403
    assert await s3_objects.get(key, max_bytes=_MANY) == b"output"


async def test_a_bent_link_is_rejected(s3_objects: S3Store, key: str, http: httpx.AsyncClient) -> None:
    """Holds promise 25."""
    url = (await s3_objects.sign_get(key, **_DOWNLOAD)).url
    signature = parse_qs(urlsplit(url).query)["X-Amz-Signature"][0]
    flipped = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    bent = {
        "signature": _with(url, **{"X-Amz-Signature": flipped}),
        "key": url.replace(key, f"{key[:-1]}b"),
        "expiry": _with(url, **{"X-Amz-Expires": "604800"}),
        "date": _with(url, **{"X-Amz-Date": "20990101T000000Z"}),
    }
    statuses = {what: (await http.get(link)).status_code for what, link in bent.items()}
    assert statuses == dict.fromkeys(bent, 403)


async def test_a_link_signed_by_another_account_is_rejected(
    account: S3Account, s3_server: S3Server, key: str, http: httpx.AsyncClient
) -> None:
    forgers = [
        S3Account(
            endpoint_url=account.endpoint_url, region=account.region, access_key_id=access, secret_access_key=secret
        )
        for access, secret in [(account.access_key_id, "guessed"), ("unknown", account.secret_access_key)]
    ]
    for forger in forgers:
        async with open_objects(forger, public_endpoint_url="", bucket=s3_server.bucket, link_seconds=300) as theirs:
            assert (await http.get((await theirs.sign_get(key, **_DOWNLOAD)).url)).status_code == 403


async def test_a_link_ends(account: S3Account, s3_server: S3Server, key: str, http: httpx.AsyncClient) -> None:
    """Holds promise 25."""
    async with open_objects(account, public_endpoint_url="", bucket=s3_server.bucket, link_seconds=1) as objects:
        link = await objects.sign_get(key, **_DOWNLOAD)
        while (await http.get(link.url)).status_code != 200:  # it was over before it was opened
            link = await objects.sign_get(key, **_DOWNLOAD)
    await asyncio.sleep(2.1)
    assert (await http.get(link.url)).status_code == 403


async def test_a_link_is_signed_for_the_public_endpoint(account: S3Account, s3_server: S3Server) -> None:
    public = "https://images.example.com"
    async with open_objects(account, public_endpoint_url=public, bucket=s3_server.bucket, link_seconds=60) as objects:
        link = await objects.sign_get("outputs/a", **_DOWNLOAD)
    assert link.url.startswith(f"{public}/{s3_server.bucket}/outputs/a?")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in link.url
    assert "X-Amz-Expires=60" in link.url
