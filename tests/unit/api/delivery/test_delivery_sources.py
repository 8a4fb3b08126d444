"""Delivered images of named sources: who may use them, which image is meant, and what happens when it changes."""

import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import boto3
import httpx
import pytest
import pytest_asyncio
from aiohttp import web
from PIL import Image

from core.errors import ConfigurationError
from tests.harness.servers import S3Server
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.delivery.delivery_client import Owner, owner_of, photo, renders

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
RunWith = Callable[..., AbstractAsyncContextManager[Running]]


class Shop:
    """An origin with pictures that change."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.url = ""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append((request.method, request.path))
        data = self.files.get(request.path)
        if data is None:
            return web.Response(status=404)
        return web.Response(body=data, headers={"Content-Type": "image/png", "ETag": f'"{hash(data)}"'})


@pytest_asyncio.fixture(loop_scope="session")
async def shop() -> AsyncIterator[Shop]:
    shop = Shop()
    runner = web.ServerRunner(web.Server(shop.handle))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    shop.url = f"http://127.0.0.1:{runner.addresses[0][1]}/products"
    yield shop
    await runner.cleanup()


def sources(**fields: object) -> str:
    return json.dumps({"shop": {"users": "*", **fields}})


def of_shop(shop: Shop, **fields: object) -> dict[str, Any]:
    return {"sources": sources(url=shop.url, allow=["127.0.0.0/8"], **fields), "source_check_seconds": 0}


def size_of(answer: httpx.Response) -> tuple[int, int]:
    assert answer.status_code == 200, answer.text
    with Image.open(io.BytesIO(answer.content)) as image:
        return image.size


async def test_an_image_of_an_origin(run_with: RunWith, shop: Shop) -> None:
    shop.files["/products/2026/cat & dog.png"] = photo((40, 30))
    async with run_with(**of_shop(shop)) as app, await app.new_client() as client:
        owner = await owner_of(client)
        body = {
            "source": "shop:2026/cat & dog.png",
            "pipeline": [{"filter": "resize", "width": 20}],
            "output": {"format": "webp"},
        }
        url = (await client.post("/v1/delivery-urls", json=body)).json()["url"]
        assert url.endswith("/resize,w=20/shop:2026/cat~20~26~20dog.png.webp")
        answer = await client.get(url)
        assert size_of(answer) == (20, 15)
        assert answer.headers["Cache-Control"] == "public, max-age=300", "it may change"
        assert answer.headers["Content-Disposition"] == 'inline; filename="cat___dog.webp"'
        before = renders()
        assert (await client.get(url)).content == answer.content
        assert (await client.get(url, headers={"If-None-Match": answer.headers["ETag"]})).status_code == 304
        assert renders() == before
        shop.files["/products/2026/cat & dog.png"] = photo((40, 10))
        changed = await client.get(url)
        assert size_of(changed) == (20, 5)
        assert changed.headers["ETag"] != answer.headers["ETag"]
        assert owner.client is client


async def test_an_origin_is_asked_once_in_a_while(run_with: RunWith, shop: Shop) -> None:
    shop.files["/products/a.png"] = photo()
    async with run_with(**{**of_shop(shop), "source_check_seconds": 3600}) as app, await app.new_client() as client:
        owner = await owner_of(client)
        url = owner.url("sepia/shop:a.png.png")
        assert {(await client.get(url)).status_code for _ in range(3)} == {200}
    assert shop.asked == [("HEAD", "/products/a.png"), ("GET", "/products/a.png")]


@pytest.mark.parametrize(
    "image",
    [
        "shop:missing.png",
        "else:a.png",
        "shop:../a.png",
        "shop:./a.png",
        "shop:a//b.png",
        "shop:~2E~2E~2Fa.png",
        "shop:..~2Fsecret.png",
        "shop:a~00.png",
        "shop:",
    ],
)
async def test_paths_that_lead_nowhere(run_with: RunWith, shop: Shop, image: str) -> None:
    shop.files["/secret.png"] = shop.files["/a.png"] = photo()
    async with run_with(**of_shop(shop)) as app, await app.new_client() as client:
        owner = await owner_of(client)
        answer = await client.get(owner.url(f"sepia/{image}.png"))
        assert problem_of(answer)[:2] == (404, "not_found")
        assert answer.headers["Cache-Control"] == "no-store"
    assert shop.asked == ([("HEAD", "/products/missing.png")] if "missing" in image else [])


async def test_a_file_that_is_no_image_is_an_error(run_with: RunWith, shop: Shop) -> None:
    shop.files["/products/a.png"] = b"<script>" * 100
    shop.files["/products/damaged.png"] = photo()[:-30]
    bomb = io.BytesIO()
    Image.new("1", (16_000, 16_000)).save(bomb, "PNG")
    shop.files["/products/bomb.png"] = bomb.getvalue()
    async with run_with(**of_shop(shop)) as app, await app.new_client() as client:
        owner = await owner_of(client)
        for name, code in (("a", "invalid_image"), ("damaged", "invalid_image"), ("bomb", "image_too_large")):
            answer = await client.get(owner.url(f"sepia/shop:{name}.png.png"))
            assert problem_of(answer)[:2] == (422, code)


async def test_a_source_is_for_the_users_that_it_lists(run_with: RunWith, shop: Shop) -> None:
    """To all others it does not exist, neither to sign nor to deliver."""
    shop.files["/products/a.png"] = photo()
    settings = of_shop(shop, users=["Somebody@example.com"])
    async with run_with(**settings) as app, await app.new_client() as client:
        owner = await owner_of(client)
        signed = await client.post("/v1/delivery-urls", json={"source": "shop:a.png"})
        assert problem_of(signed)[:2] == (404, "not_found")
        assert problem_of(await client.get(owner.url("sepia/shop:a.png.png")))[:2] == (404, "not_found")
        who = {"email": "somebody@example.com", "password": "correct horse"}
        await client.post("/v1/users", json=who)
        async with app.client((await client.post("/v1/sessions", json=who)).json()["token"]) as listed:
            allowed = Owner(listed, "", (await listed.post("/v1/delivery-keys")).json())
            assert (await listed.get(allowed.url("sepia/shop:a.png.png"))).status_code == 200


async def test_an_image_of_a_bucket(run_with: RunWith, own_bucket: S3Server) -> None:
    s3 = boto3.client(
        "s3",
        endpoint_url=own_bucket.endpoint_url,
        region_name=own_bucket.region,
        aws_access_key_id=own_bucket.access_key_id,
        aws_secret_access_key=own_bucket.secret_access_key,
    )
    s3.put_object(Bucket=own_bucket.bucket, Key="2026/cats/a.png", Body=photo((40, 30)))
    s3.put_object(Bucket=own_bucket.bucket, Key="secret.png", Body=photo())
    place = {
        "bucket": own_bucket.bucket,
        "prefix": "2026/",
        "endpoint_url": own_bucket.endpoint_url,
        "region": own_bucket.region,
        "access_key_id": own_bucket.access_key_id,
        "secret_access_key": own_bucket.secret_access_key,
    }
    async with run_with(sources=sources(**place), source_check_seconds=0) as app, await app.new_client() as client:
        owner = await owner_of(client)
        url = owner.url("resize,w=20/shop:cats/a.png.png")
        assert size_of(await client.get(url)) == (20, 15)
        s3.put_object(Bucket=own_bucket.bucket, Key="2026/cats/a.png", Body=photo((40, 10)))
        assert size_of(await client.get(url)) == (20, 5)
        for image in ("secret.png", "../secret.png", "cats"):
            assert problem_of(await client.get(owner.url(f"-/shop:{image}.png")))[:2] == (404, "not_found")
        assert (await client.get(url)).headers["Last-Modified"].endswith("GMT")


async def test_an_origin_that_is_away(run_with: RunWith, shop: Shop) -> None:
    place = {"url": "http://127.0.0.1:9/", "allow": ["127.0.0.0/8"]}
    async with run_with(sources=sources(**place)) as app, await app.new_client() as client:
        owner = await owner_of(client)
        answer = await client.get(owner.url("sepia/shop:a.png.png"))
    assert problem_of(answer)[:2] == (503, "dependency_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert shop.asked == []


async def test_a_bucket_without_a_server_stops_the_start(run_with: RunWith) -> None:
    with pytest.raises(ConfigurationError, match=r"shop.endpoint_url is required"):
        async with run_with(sources=sources(bucket="b")):
            pass


async def test_either_an_upload_or_a_source_is_signed(client: httpx.AsyncClient) -> None:
    owner = await owner_of(client)
    for body in ({}, {"image_id": owner.image_id, "source": "shop:a.png"}):
        answer = await client.post("/v1/delivery-urls", json=body)
        assert problem_of(answer)[:2] == (422, "invalid_request")
    for text in ("shop", "shop/a.png", ":a.png", "Shop:a.png"):
        answer = await client.post("/v1/delivery-urls", json={"source": text})
        assert problem_of(answer) == (422, "invalid_pipeline", ["source"])
