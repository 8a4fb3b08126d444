"""Hits in memory, which are answered before the routes: like all others, and only to who may have them."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from prometheus_client import REGISTRY

from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.delivery.delivery_client import GRAY, Owner, deliveries, owner_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
_LONG_AGO, _FAR_AWAY = 1_600_000_000, 4_000_000_000


@pytest_asyncio.fixture(loop_scope="session")
async def owner(client: httpx.AsyncClient) -> Owner:
    return await owner_of(client)


@pytest_asyncio.fixture(loop_scope="session")
async def browser(app: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with app.client() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def url(owner: Owner, browser: httpx.AsyncClient) -> str:
    """Of an image in memory, whose key and source are remembered for a second."""
    url = owner.url(owner.path(GRAY))
    (await browser.get(url)).raise_for_status()
    return url


def counted(status: int) -> float:
    labels = {"method": "GET", "route": "/i/{signature}/{path:path}", "status": str(status)}
    return REGISTRY.get_sample_value("darkroom_http_requests_total", labels) or 0


def lasting(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "x-request-id"}


async def test_a_hit_is_answered_as_by_the_route(url: str, browser: httpx.AsyncClient) -> None:
    before, hits = counted(200), deliveries("memory")
    routed = await browser.get(url, headers={"Range": "lines=1"})  # ranges are the route's; this one is ignored
    hit = await browser.get(url, headers={"X-Request-ID": "mine"})
    assert (hit.content, lasting(hit)) == (routed.content, lasting(routed))
    assert hit.headers["X-Request-ID"] == "mine"
    assert (counted(200) - before, deliveries("memory") - hits) == (2, 2)


async def test_a_hit_is_conditional(url: str, browser: httpx.AsyncClient) -> None:
    first, before, hits = await browser.get(url), counted(304), deliveries("memory")
    answer = await browser.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert (answer.status_code, answer.content) == (304, b"")
    assert (counted(304) - before, deliveries("memory") - hits) == (1, 0)
    assert (await browser.get(url, headers={"If-None-Match": '"another"'})).status_code == 200


async def test_head_has_the_headers_of_a_hit(url: str, browser: httpx.AsyncClient) -> None:
    assert lasting(await browser.head(url)) == lasting(await browser.get(url))


@pytest.mark.parametrize("wrong", ["signature", "expired", "image", "key"])
async def test_what_is_in_memory_is_not_given_to_anybody(
    owner: Owner, url: str, app: Running, browser: httpx.AsyncClient, wrong: str
) -> None:
    path = owner.path(GRAY)
    if wrong == "signature":
        url = url.replace("/resize", "A/resize", 1)[:-1] + "g"
    elif wrong == "expired":
        (await browser.get(owner.url(path, expires=_FAR_AWAY))).raise_for_status()
        url = owner.url(path, expires=_LONG_AGO)
    else:
        async with await app.new_client() as client:
            other = await owner_of(client)
            (await browser.get(other.url(other.path(GRAY)))).raise_for_status()
            url = other.url(path) if wrong == "image" else owner.url(path, key={**other.key, "secret": "wrong"})
    status, code = {"expired": (403, "link_expired"), "image": (404, "not_found")}.get(wrong, (403, "link_invalid"))
    assert problem_of(await browser.get(url))[:2] == (status, code)


async def test_an_unknown_host_gets_no_hit(url: str, browser: httpx.AsyncClient) -> None:
    assert (await browser.get(url, headers={"Host": "elsewhere.example.com"})).status_code == 421
