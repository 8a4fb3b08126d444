"""Below a path of a proxy, which may remove it or not: documentation, Location and links lead back through it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from core.errors import ConfigurationError
from core.settings import Settings
from tests.unit.api.conftest import Running, settings_for
from tests.unit.api.image_forms import IMAGE

PROXY = "203.0.113.7"
RunWith = Callable[..., AbstractAsyncContextManager[Running]]


async def upload_below(app: Running, path: str, **headers: str) -> tuple[str, str]:
    """Return Location and link of an image that is uploaded and read below `path`."""
    async with await app.new_client() as known:
        token = known.headers["Authorization"]
    async with app.client(address=PROXY) as proxy:
        proxy.headers.update({"Authorization": token, **headers})
        created = await proxy.post(f"{path}/v1/images", content=IMAGE)
        location = created.headers["Location"]
        found = await proxy.get(f"{path}/v1/images/{created.json()['image_id']}")
        return location, found.json()["url"]


@pytest.mark.parametrize(
    "changed",
    [{"root_path": "/a/darkroom"}, {"public_url": "https://images.example.com/a/darkroom"}],
    ids=["root_path", "public_url"],
)
@pytest.mark.parametrize("path", ["", "/a/darkroom"], ids=["removed", "kept"])
async def test_the_prefix_of_the_settings(run_with: RunWith, changed: dict[str, str], path: str) -> None:
    async with run_with(**changed) as app:
        location, url = await upload_below(app, path)
        assert location.startswith("/a/darkroom/v1/images/")
        assert url.startswith(f"{changed.get('public_url', 'http://darkroom/a/darkroom')}/v1/objects/")
        async with app.client() as client:
            assert (await client.get(url.partition("/a/darkroom")[2])).content == IMAGE
            assert (await client.get(f"{path}/")).json()["docs"] == "/a/darkroom/docs"
            schema = (await client.get(f"{path}/openapi.json")).json()
            assert schema["servers"] == [{"url": "/a/darkroom"}]
            private = (await client.get(f"{path}/v1/tasks")).headers["Cache-Control"]
            assert private == "no-store"


@pytest.mark.parametrize("path", ["", "/a/darkroom"], ids=["removed", "kept"])
async def test_an_image_by_signed_url(run_with: RunWith, path: str) -> None:
    async with run_with(root_path="/a/darkroom") as app, await app.new_client() as client:
        image_id = (await client.post(f"{path}/v1/images", content=IMAGE)).json()["image_id"]
        assert (await client.post(f"{path}/v1/delivery-keys")).status_code == 201
        body = {"image_id": image_id, "output": {"format": "png"}}
        url = (await client.post(f"{path}/v1/delivery-urls", json=body)).json()["url"]
        assert url.startswith("http://darkroom/a/darkroom/i/")
        delivered = await client.get(path + url.removeprefix("http://darkroom/a/darkroom"))
        assert (delivered.status_code, delivered.headers["Content-Type"]) == (200, "image/png")
        assert delivered.headers["Cache-Control"].startswith("public")


@pytest.mark.parametrize("path", ["", "/a/darkroom"], ids=["removed", "kept"])
async def test_the_documentation_finds_its_files(run_with: RunWith, path: str) -> None:
    async with run_with(root_path="/a/darkroom") as app, app.client() as client:
        page = (await client.get(f"{path}/docs")).text
        files = ["docs/swagger-ui.css", "docs/swagger-ui-bundle.js", "openapi.json"]
        assert [name for name in files if name not in page] == []
        for name in files:
            assert (await client.get(urljoin(f"{path}/docs", name))).status_code == 200


@pytest.mark.parametrize(
    ("address", "sent", "prefix"),
    [
        (PROXY, "/darkroom/", "/darkroom"),
        (PROXY, "/of/the/client, /darkroom", "/darkroom"),
        (PROXY, "//evil.example", ""),
        (PROXY, "/a/../b", ""),
        (PROXY, "https://evil.example", ""),
        (PROXY, "/" + "a" * 5000, ""),
        ("198.51.100.1", "/darkroom", ""),  # not a trusted proxy
    ],
)
async def test_the_forwarded_prefix(run_with: RunWith, address: str, sent: str, prefix: str) -> None:
    async with run_with(trusted_proxies="203.0.113.0/24") as app, app.client(address=address) as client:
        index = (await client.get("/", headers={"X-Forwarded-Prefix": sent})).json()
        assert index["docs"] == f"{prefix}/docs"


async def test_links_follow_the_forwarded_prefix(run_with: RunWith) -> None:
    async with run_with(trusted_proxies=PROXY) as app:
        headers = {"X-Forwarded-Prefix": "/darkroom", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "localhost"}
        location, url = await upload_below(app, "", **headers)
        assert location.startswith("/darkroom/v1/images/")
        assert url.startswith("https://localhost/darkroom/v1/objects/")


@pytest.mark.parametrize("root_path", ["darkroom", "/darkroom/", "//evil.example", "/a/../b", "/a b"])
async def test_an_invalid_prefix_stops_the_start(tmp_path: Path, root_path: str) -> None:
    with pytest.raises(ConfigurationError, match="DARKROOM_ROOT_PATH"):
        settings_for(tmp_path, root_path=root_path).check()


class TestOtherOrigins:
    ORIGIN = "https://app.example.com"

    async def test_a_listed_origin_may_ask_and_read(self, run_with: RunWith) -> None:
        async with run_with(cors_origins=f"{self.ORIGIN}, http://localhost:5173") as app, app.client() as client:
            asked = {"Origin": self.ORIGIN, "Access-Control-Request-Method": "POST"}
            wanted = {"Access-Control-Request-Headers": "authorization,idempotency-key,prefer,content-type"}
            preflight = await client.options("/v1/tasks", headers=asked | wanted)
            assert preflight.status_code == 200
            assert preflight.headers["Access-Control-Allow-Origin"] == self.ORIGIN
            rejected = await client.get("/v1/tasks", headers={"Origin": self.ORIGIN})
            assert rejected.status_code == 401  # with the headers, so that the page can read the problem
            assert rejected.headers["Access-Control-Allow-Origin"] == self.ORIGIN
            exposed = {name.strip() for name in rejected.headers["Access-Control-Expose-Headers"].split(",")}
            assert exposed >= {"Location", "Retry-After", "X-Request-ID", "ETag", "Content-Disposition"}
            assert not [answer for answer in (preflight, rejected) if _allows_cookies(answer)]

    async def test_every_method_of_a_route_is_allowed(self, run_with: RunWith) -> None:
        async with run_with(cors_origins=self.ORIGIN) as app, app.client() as client:
            paths = (await client.get("/openapi.json")).json()["paths"]
            methods = {method.upper() for operations in paths.values() for method in operations}
            asked = [{"Origin": self.ORIGIN, "Access-Control-Request-Method": method} for method in methods]
            answers = [await client.options("/v1/tasks", headers=headers) for headers in asked]
        assert "PUT" in methods
        assert {answer.status_code for answer in answers} == {200}

    async def test_another_origin_may_not(self, run_with: RunWith) -> None:
        async with run_with(cors_origins=self.ORIGIN) as app, app.client() as client:
            asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
            preflight = await client.options("/v1/tasks", headers=asked)
            answer = await client.get("/v1/filters", headers={"Origin": "https://evil.example"})
        assert preflight.status_code == 400
        assert "Access-Control-Allow-Origin" not in answer.headers

    async def test_every_origin_may_but_never_with_cookies(self, run_with: RunWith) -> None:
        async with run_with(cors_origins="*") as app, app.client() as client:
            answer = await client.get("/v1/filters", headers={"Origin": "https://any.example", "Cookie": "darkroom=a"})
        assert answer.headers["Access-Control-Allow-Origin"] in {"*", "https://any.example"}
        assert not _allows_cookies(answer)

    async def test_without_the_setting_there_are_no_such_headers(self, run_with: RunWith) -> None:
        async with run_with() as app, app.client() as client:
            answer = await client.get("/v1/filters", headers={"Origin": self.ORIGIN})
        assert not [name for name in answer.headers if name.startswith("access-control")]

    @pytest.mark.parametrize(
        "origins", ["https://a.example/", "a.example", "https://a.example,null", "https://*.a.example"]
    )
    def test_an_invalid_origin_stops_the_start(self, origins: str) -> None:
        with pytest.raises(ConfigurationError, match="DARKROOM_CORS_ORIGINS"):
            Settings(cors_origins=origins).check()


def _allows_cookies(answer: httpx.Response) -> bool:
    return "Access-Control-Allow-Credentials" in answer.headers
