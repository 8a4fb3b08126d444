"""The API hands out objects that are files: to whoever has a link that it signed, for as long as it says."""

import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import httpx
import pytest
import pytest_asyncio

from storage import FileStore
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEY = "outputs/019a0000-0000-7000-8000-000000000000/1.png"
OTHER = "outputs/019a0000-0000-7000-8000-000000000000/2.png"
DATA = random.Random(0).randbytes(3_000_000)  # noqa: S311 - the same in each process of a run
DOWNLOAD: dict[str, Any] = {"media_type": "image/png", "file_name": "holiday ☀.png"}


def files(app: Running) -> FileStore:
    store = app.resources.storage.objects
    assert isinstance(store, FileStore)
    return store


@pytest_asyncio.fixture(loop_scope="session")
async def link(app: Running) -> str:
    await files(app).put(KEY, DATA, **DOWNLOAD)
    await files(app).put(OTHER, b"somebody else's", **DOWNLOAD)
    return (await files(app).sign_get(KEY, **DOWNLOAD)).url


def changed(url: str, **changes: str) -> str:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    return urlunsplit(parts._replace(query=urlencode(query)))


async def test_a_link_is_a_download(nobody: httpx.AsyncClient, link: str) -> None:
    answer = await nobody.get(link)
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"holiday _.png\"; filename*=UTF-8''holiday%20%E2%98%80.png"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"].startswith("private, max-age=")


async def test_a_link_that_shows_its_object(app: Running, nobody: httpx.AsyncClient, link: str) -> None:
    shown = (await files(app).sign_get(KEY, **DOWNLOAD, inline=True)).url
    disposition = (await nobody.get(shown)).headers["content-disposition"]
    assert disposition == "inline; filename=\"holiday _.png\"; filename*=UTF-8''holiday%20%E2%98%80.png"
    for other in (f"{link}&disposition=inline", changed(shown, disposition="attachment")):
        assert problem_of(await nobody.get(other))[:2] == (403, "link_invalid")


async def test_head_returns_the_same_headers_without_a_body(nobody: httpx.AsyncClient, link: str) -> None:
    got, head = await nobody.get(link), await nobody.head(link)
    assert (head.status_code, head.content) == (200, b"")
    same = ("content-length", "content-type", "etag", "content-disposition", "last-modified")
    assert {name: head.headers[name] for name in same} == {name: got.headers[name] for name in same}


@pytest.mark.parametrize(
    ("asked", "expected"), [("bytes=0-9", DATA[:10]), ("bytes=-5", DATA[-5:]), ("bytes=2999990-", DATA[-10:])]
)
async def test_a_range(nobody: httpx.AsyncClient, link: str, asked: str, expected: bytes) -> None:
    answer = await nobody.get(link, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, expected)
    assert answer.headers["content-range"].endswith(f"/{len(DATA)}")


@pytest.mark.parametrize("asked", ["bytes=3000000-", "bytes=-0", "bytes=3000000-3000001, 4000000-"])
async def test_a_range_beyond_the_end(nobody: httpx.AsyncClient, link: str, asked: str) -> None:
    answer = await nobody.get(link, headers={"Range": asked})
    assert problem_of(answer)[:2] == (416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"
    assert "attachment" not in answer.headers.get("content-disposition", "")


@pytest.mark.parametrize(
    "asked",
    [
        "bytes",
        "bytes=",
        "bytes=abc",
        "bytes=5-2",
        "bytes=--1",
        "bytes=1_0-20",
        "bytes=+1-+2",
        "bytes=0-1;",
        "bytes=0-1, 3000000-",
        "bytes=0-" + "9" * 5000,
        "bytes=" + ",".join(f"{2 * n}-{2 * n}" for n in range(1000)),
        "items=0-1",
    ],
)
async def test_what_is_no_range_is_ignored(nobody: httpx.AsyncClient, link: str, asked: str) -> None:
    """As RFC 9110, 14.2 has it for units that are not known, and allows for the rest."""
    answer = await nobody.get(link, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, DATA)


async def test_head_knows_no_ranges(nobody: httpx.AsyncClient, link: str) -> None:
    for asked in ("bytes=0-1", "bytes=3000000-", "bytes=x"):
        answer = await nobody.head(link, headers={"Range": asked})
        assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(DATA)))


async def test_a_range_of_another_version_is_the_whole(nobody: httpx.AsyncClient, link: str) -> None:
    for asked in ("bytes=0-1", "bytes=3000000-"):
        answer = await nobody.get(link, headers={"Range": asked, "If-Range": '"before"'})
        assert (answer.status_code, answer.content) == (200, DATA)


async def test_what_the_client_has_is_not_sent_again(nobody: httpx.AsyncClient, link: str) -> None:
    first = await nobody.get(link)
    for header, value in {
        "If-None-Match": f'"other", W/{first.headers["etag"]}',
        "If-Modified-Since": first.headers["last-modified"],
    }.items():
        again = await nobody.get(link, headers={header: value})
        assert (again.status_code, again.content) == (304, b"")
    other = await nobody.get(link, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"expires": "4102444800"},
        {"type": "text/html"},
        {"name": "page.html"},
        {"signature": "0" * 64},
        {"signature": "é"},
        {"signature": ""},
    ],
    ids=str,
)
async def test_a_changed_link_is_rejected(nobody: httpx.AsyncClient, link: str, change: dict[str, str]) -> None:
    """Holds promise 25."""
    assert problem_of(await nobody.get(changed(link, **change)))[:2] == (403, "link_invalid")


async def test_a_link_opens_no_other_object(nobody: httpx.AsyncClient, link: str) -> None:
    """Holds promise 25."""
    outside = ("link-key", "../link-key", "%2e%2e/link-key", "outputs/..%2f..%2flink-key", "sources//etc/passwd")
    for other in (OTHER, *outside):
        answer = await nobody.get(link.replace(KEY, other))
        assert answer.status_code in {403, 404}
        assert DATA[:20] not in answer.content
    assert (await nobody.get(link.partition("?")[0])).status_code == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
async def test_a_link_is_for_reading_only(app: Running, nobody: httpx.AsyncClient, link: str, method: str) -> None:
    """Holds promise 25."""
    assert (await nobody.request(method, link)).status_code == 405
    assert await files(app).get(KEY, max_bytes=len(DATA)) == DATA


async def test_a_link_ends(app: Running, nobody: httpx.AsyncClient, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds promise 25."""
    assert link
    monkeypatch.setattr(files(app).signer, "_link_seconds", -1)
    expired = await files(app).sign_get(KEY, **DOWNLOAD)
    assert expired.expires_at < datetime.now(UTC)
    assert problem_of(await nobody.get(expired.url))[:2] == (403, "link_expired")


async def test_a_deleted_object_is_not_found(app: Running, nobody: httpx.AsyncClient) -> None:
    gone = await files(app).sign_get("outputs/gone/1.png", **DOWNLOAD)
    assert problem_of(await nobody.get(gone.url))[:2] == (404, "not_found")


# Hosts


async def _image_url(client: httpx.AsyncClient, headers: dict[str, str]) -> str:
    image = (await client.post("/v1/images", content=IMAGE)).json()
    answer = await client.get(f"/v1/images/{image['image_id']}", headers=headers)
    url: str = answer.json()["url"]
    return url


IMAGE = (Path(__file__).parents[3] / "examples" / "pictures" / "coffee.jpg").read_bytes()


@pytest.mark.parametrize(
    "host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "darkroom", "10.1.2.3:80", "a.localhost"]
)
async def test_a_link_names_the_host_that_the_client_used(client: httpx.AsyncClient, host: str) -> None:
    assert (await _image_url(client, {"Host": host})).startswith(f"http://{host}/v1/objects/sources/")


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "darkroom.evil.example", "127.0.0.1.evil.example"]
)
async def test_a_host_of_somebody_else_is_rejected(nobody: httpx.AsyncClient, host: str) -> None:
    answer = await nobody.get("/v1/filters", headers={"Host": host})
    assert problem_of(answer)[:2] == (421, "unknown_host")
    assert "DARKROOM_ALLOWED_HOSTS" in answer.json()["detail"]


async def test_the_public_url_comes_first(run_with: Callable[..., AbstractAsyncContextManager[Running]]) -> None:
    async with run_with(public_url="https://images.example.com/d/") as app, await app.new_client() as client:
        url = await _image_url(client, {"Host": "images.example.com"})
        assert url.startswith("https://images.example.com/d/v1/objects/")


async def test_forwarded_headers_count_from_trusted_proxies_only(
    run_with: Callable[..., AbstractAsyncContextManager[Running]],
) -> None:
    forwarded = {"X-Forwarded-Host": "images.example.com", "X-Forwarded-Proto": "https"}
    changed_settings = {"trusted_proxies": "10.0.0.1", "allowed_hosts": "darkroom,images.example.com"}
    async with run_with(**changed_settings) as app, await app.new_client() as client:
        token = client.headers["authorization"].split()[1]
        for address, expected in {"10.0.0.1": "https://images.example.com/", "10.0.0.2": "http://darkroom/"}.items():
            async with app.client(token, address=address) as proxied:
                assert (await _image_url(proxied, forwarded)).startswith(expected)
