"""Formats by `Accept`, sizes by client hints, and an image in place of an error."""

import io
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest
from PIL import Image

from core.errors import ConfigurationError
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.delivery.delivery_client import GRAY, Owner, owner_of, photo, renders

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
RunWith = Callable[..., AbstractAsyncContextManager[Running]]
CHROME = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


def size_of(answer: httpx.Response) -> tuple[int, int]:
    assert answer.status_code == 200, answer.text
    with Image.open(io.BytesIO(answer.content)) as image:
        return image.size


def encoded(name: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "orange").save(out, name)
    return out.getvalue()


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (CHROME, "image/avif"),
        ("image/webp,*/*;q=0.8", "image/webp"),
        ("image/avif;q=0,image/webp;q=0.1", "image/webp"),
        ("image/avif;q=0.000, image/*", "image/jpeg"),
        ("IMAGE/WEBP", "image/webp"),
        ("*/*", "image/jpeg"),
        ("image/*", "image/jpeg"),
        ("text/html", "image/jpeg"),
        (",;,;;q=x,", "image/jpeg"),
        ("", "image/jpeg"),
    ],
)
async def test_the_format_follows_accept(client: httpx.AsyncClient, accept: str, media_type: str) -> None:
    image_id = (await client.post("/v1/images", content=encoded("JPEG"))).json()["image_id"]
    owner = Owner(client, image_id, (await client.post("/v1/delivery-keys")).json())
    url = owner.url(owner.path("grayscale/output,quality=60", "auto"))
    answer = await client.get(url, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"], answer.headers["Vary"]) == (200, media_type, "Accept")
    same = await client.get(url, headers={"Accept": accept, "If-None-Match": answer.headers["ETag"]})
    assert (same.status_code, same.headers["Vary"]) == (304, "Accept")


@pytest.mark.parametrize(
    ("source", "accept", "media_type"),
    [
        ("PNG", "*/*", "image/png"),
        ("PNG", CHROME, "image/avif"),
        ("GIF", "*/*", "image/gif"),
        ("GIF", CHROME, "image/webp"),
        ("WEBP", "*/*", "image/jpeg"),
        ("TIFF", "*/*", "image/jpeg"),
    ],
)
async def test_transparency_and_frames_are_kept_where_older_formats_can(
    client: httpx.AsyncClient, source: str, accept: str, media_type: str
) -> None:
    """Options that the chosen format lacks are left to the others: a PNG has no quality."""
    image_id = (await client.post("/v1/images", content=encoded(source))).json()["image_id"]
    owner = Owner(client, image_id, (await client.post("/v1/delivery-keys")).json())
    url = owner.url(owner.path("sepia/output,quality=60", "auto"))
    answer = await client.get(url, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type), answer.text


async def test_a_url_has_few_variants(owner: Owner) -> None:
    """Whatever clients send: each variant is a render and an entry of caches."""
    url, before = owner.url(owner.path("resize,w=21", "auto")), renders()
    sent = [
        f"{first},{second};q={q}"
        for first in ("image/avif", "image/webp", "*/*", "a/b")
        for second in ("image/avif", "image/webp", "image/png")
        for q in ("0", "0.3", "1")
    ]
    answers = [await owner.client.get(url, headers={"Accept": accept}) for accept in sent]
    assert len({answer.headers["ETag"] for answer in answers}) == 3
    assert renders() - before == 3


async def test_offered_formats_are_a_setting(run_with: RunWith) -> None:
    async with run_with(delivery_auto_formats="webp") as app, await app.new_client() as client:
        owner = await owner_of(client)
        answer = await client.get(owner.url(owner.path(GRAY, "auto")), headers={"Accept": CHROME})
        assert answer.headers["Content-Type"] == "image/webp"
    with pytest.raises(ConfigurationError, match="DELIVERY_AUTO_FORMATS contains 'png'"):
        async with run_with(delivery_auto_formats="webp, png"):
            pass


async def test_another_extension_ignores_accept(owner: Owner) -> None:
    answer = await owner.client.get(owner.url(owner.path(GRAY, "png")), headers={"Accept": CHROME})
    assert answer.headers["Content-Type"] == "image/png"
    assert "Vary" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "width"),
    [
        ({}, 10),
        ({"Sec-CH-DPR": "2"}, 20),
        ({"DPR": "1.3"}, 15),
        ({"DPR": "99"}, 30),
        ({"DPR": "nan"}, 10),
        ({"DPR": "-2"}, 10),
    ],
)
async def test_sizes_follow_the_pixel_ratio_where_the_url_says_so(
    owner: Owner, headers: dict[str, str], width: int
) -> None:
    url = owner.url(owner.path("resize,w=10/output,hints=dpr"))
    answer = await owner.client.get(url, headers=headers)
    assert size_of(answer)[0] == width
    assert answer.headers["Vary"] == "Sec-CH-DPR, DPR"
    plain = await owner.client.get(owner.url(owner.path("resize,w=10")), headers={"DPR": "2"})
    assert size_of(plain)[0] == 10


async def test_sizes_follow_the_width_where_the_url_says_so(client: httpx.AsyncClient) -> None:
    image_id = (await client.post("/v1/images", content=photo((700, 350)))).json()["image_id"]
    await client.post("/v1/delivery-keys")
    body = {
        "image_id": image_id,
        "pipeline": [{"filter": "resize", "width": 100, "height": 40, "fit": "cover"}],
        "output": {"format": "png"},
        "client_hints": ["width", "dpr"],
    }
    url = (await client.post("/v1/delivery-urls", json=body)).json()["url"]
    assert "/output,hints=(width;dpr)/" in url
    sizes = [
        size_of(await client.get(url, headers=sent))
        for sent in ({}, {"Width": "301"}, {"Sec-CH-Width": "320", "DPR": "3"})
    ]
    assert sizes == [(100, 40), (320, 128), (320, 128)]
    whole = {**body, "pipeline": []}
    url = (await client.post("/v1/delivery-urls", json=whole)).json()["url"]
    assert size_of(await client.get(url, headers={"Width": "200"})) == (320, 160)


async def test_an_image_in_place_of_an_error(run_with: RunWith, tmp_path: Path) -> None:
    """The status stays, so that caches and monitoring know it is an error; a wrong signature gets no image."""
    fallback = tmp_path / "missing.png"
    fallback.write_bytes(photo((5, 5)))
    async with run_with(delivery_fallback=str(fallback)) as app, await app.new_client() as client:
        owner = await owner_of(client)
        paths = [
            ("sepia/019a0000-0000-7000-8000-000000000000.png", 404, "not_found"),
            (owner.path("crop,left=4000,top=4000,w=10,h=10"), 422, "invalid_step"),
            (owner.path("nothing"), 422, "invalid_pipeline"),
        ]
        for path, status, code in paths:
            answer = await client.get(owner.url(path))
            assert (answer.status_code, answer.content) == (status, fallback.read_bytes())
            assert (answer.headers["Content-Type"], answer.headers["X-Error-Code"]) == ("image/png", code)
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin", "pages of other hosts show it"
        tampered = await client.get(owner.url(owner.path(GRAY)).replace("w=20", "w=21"))
        assert problem_of(tampered)[:2] == (403, "link_invalid")
        assert (await client.get(owner.url(owner.path(GRAY)))).status_code == 200


@pytest.mark.parametrize("content", [None, b"no image", b"<svg/>"])
async def test_a_fallback_that_is_no_image_stops_the_start(
    run_with: RunWith, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "fallback"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="DARKROOM_DELIVERY_FALLBACK"):
        async with run_with(delivery_fallback=str(path)):
            pass
