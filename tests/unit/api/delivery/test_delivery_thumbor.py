"""thumbor's URLs, made by its own client."""

import io
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from libthumbor import CryptoURL
from PIL import Image

from tests.harness.eventually import eventually
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.delivery.delivery_client import Owner, is_rejected, owner_of
from tests.unit.api.delivery.test_delivery_sources import Shop, of_shop, shop

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
RunWith = Callable[..., AbstractAsyncContextManager[Running]]
__all__ = ["shop"]  # a fixture


def thumbor_url(owner: Owner, **options: Any) -> str:  # noqa: ANN401 - libthumbor's
    """The client of thumbor, unchanged; only its server is another."""
    path: str = CryptoURL(key=owner.key["secret"]).generate(**{"image_url": owner.image_id, **options})
    return f"/thumbor/{owner.key['key']}{path}"


def opened(answer: httpx.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content))


@pytest.mark.parametrize(
    ("options", "size", "image_format"),
    [
        ({"width": 20, "height": 20}, (20, 20), "PNG"),
        ({"width": 20}, (20, 15), "PNG"),
        ({"width": 30, "height": 10, "smart": True}, (30, 10), "PNG"),
        ({"width": 30, "height": 10, "halign": "left", "valign": "top"}, (30, 10), "PNG"),
        ({"width": 20, "height": 20, "fit_in": True}, (20, 15), "PNG"),
        ({"width": 80, "height": 60}, (80, 60), "PNG"),
        ({"crop": ((5, 5), (15, 25))}, (10, 20), "PNG"),
        ({"width": 20, "flip": True}, (20, 15), "PNG"),
        ({"flip": True, "flop": True}, (40, 30), "PNG"),
        ({"trim": True}, (40, 30), "PNG"),
        ({"width": 20, "filters": ["grayscale()", "quality(70)", "format(webp)"]}, (20, 15), "WEBP"),
        ({"width": 20, "height": 20, "fit_in": True, "filters": ["fill(red)"]}, (20, 20), "PNG"),
        ({"width": 20, "filters": ["quality(40)", "format(png)"]}, (20, 15), "PNG"),
    ],
)
async def test_the_client_of_thumbor_works_unchanged(
    owner: Owner, options: dict[str, Any], size: tuple[int, int], image_format: str
) -> None:
    answer = await owner.client.get(thumbor_url(owner, **options))
    with opened(answer) as image:
        assert (image.size, image.format) == (size, image_format)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_the_format_follows_accept_unless_it_is_named(owner: Owner) -> None:
    url, named = thumbor_url(owner, width=20), thumbor_url(owner, width=20, filters=["format(jpeg)"])
    accept = {"Accept": "image/webp,*/*"}
    answers = [await owner.client.get(each, headers=accept) for each in (url, named)]
    assert [answer.headers["Content-Type"] for answer in answers] == ["image/webp", "image/jpeg"]
    assert answers[0].headers["Vary"] == "Accept"


async def test_the_same_steps_are_the_same_image(owner: Owner) -> None:
    """So thumbor's URLs and ours share what is stored."""
    theirs = await owner.client.get(thumbor_url(owner, width=20, filters=["sepia()", "format(png)"]))
    ours = await owner.client.get(owner.url(owner.path("resize,w=20,enlarge=true/sepia")))
    assert theirs.headers["ETag"] == ours.headers["ETag"]


async def test_a_tampered_url_is_rejected(owner: Owner, other_user: httpx.AsyncClient) -> None:
    url = thumbor_url(owner, width=20)
    _, _, key, mac, *_ = url.split("/")
    theirs = (await other_user.post("/v1/delivery-keys")).json()
    changed = [
        url.replace("20x", "21x"),
        url.replace(mac, mac[::-1]),
        url.replace(mac, mac.rstrip("=")),
        url.replace(mac, "unsafe"),
        url.replace(mac, "ü"),
        url.replace(key, theirs["key"]),
        url.replace(key, "me"),
        url.replace(owner.image_id, "019a0000-0000-7000-8000-000000000000"),
    ]
    answers = [await owner.client.get(each) for each in changed]
    assert [problem_of(answer)[:2] for answer in answers] == [(403, "link_invalid")] * len(changed)
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    (await owner.client.delete(f"/v1/delivery-keys/{owner.key['key_id']}")).raise_for_status()
    await eventually(lambda: is_rejected(owner.client, url, code="link_invalid"))


async def test_another_users_image(owner: Owner, other_user: httpx.AsyncClient) -> None:
    theirs = await owner_of(other_user)
    answers = [
        await owner.client.get(thumbor_url(owner, image_url=image))
        for image in (theirs.image_id, "019a0000-0000-7000-8000-000000000000", "cat.jpg", "https://example.com/a.png")
    ]
    assert [problem_of(answer)[:2] for answer in answers] == [(404, "not_found")] * 4


async def test_what_is_not_supported_is_named(owner: Owner) -> None:
    answer = await owner.client.get(thumbor_url(owner, filters=["watermark(a.png,0,0,0)"]))
    assert problem_of(answer) == (422, "invalid_pipeline", ["pipeline.0.filter"])
    assert problem_of(await owner.client.get(thumbor_url(owner, meta=True)))[:2] == (422, "invalid_pipeline")


async def test_urls_of_an_origin_are_found_by_name_and_by_url(run_with: RunWith, shop: Shop) -> None:
    """Whoever signed URLs of images for thumbor's HTTP loader goes on doing so."""
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, "PNG")
    shop.files["/products/a b.png"] = buffer.getvalue()
    async with run_with(**of_shop(shop)) as app, await app.new_client() as client:
        owner = await owner_of(client)
        merged = f"{shop.url}/a b.png".replace("://", ":/")
        encoded = [f"{shop.url}/a%20b.png", quote(f"{shop.url}/a b.png", safe="")]
        for image in (f"{shop.url}/a b.png", "shop:a b.png", merged, *encoded):
            with opened(await client.get(thumbor_url(owner, width=20, image_url=image))) as found:
                assert found.size == (20, 15)
        elsewhere = shop.url.replace("/products", "/secret")
        answer = await client.get(thumbor_url(owner, image_url=f"{elsewhere}/a.png"))
        assert problem_of(answer)[:2] == (404, "not_found")
    assert {path for _, path in shop.asked} == {"/products/a b.png"}
