"""Previews and thumbnails: what they show, who sees them, and what becomes of the stored small copy."""

import asyncio
import hashlib
import io
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest
from PIL import Image
from prometheus_client import REGISTRY

from core.errors import SourceMissing
from core.keys import proxy_key
from core.tasks import Output
from storage import Storage
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

RunWith = Callable[..., AbstractAsyncContextManager[Running]]
FRAME = [{"filter": "frame", "width": 80, "color": "red"}]
MISSING = "019a0000-0000-7000-8000-000000000000"
SEPIA = [{"filter": "sepia"}]


def photo(size: tuple[int, int] = (2048, 1024), image_format: str = "JPEG", **options: Any) -> bytes:  # noqa: ANN401
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, image_format, **options)
    return out.getvalue()


async def upload(client: httpx.AsyncClient, data: bytes = b"") -> str:
    answer = await client.post("/v1/images", content=data or photo())
    return str(answer.json()["image_id"])


def shown(answer: httpx.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    with Image.open(io.BytesIO(answer.content)) as image:
        image.load()
    return image


async def stored_proxy(storage: Storage, image_id: str) -> bytes | None:
    try:
        return await storage.objects.get(proxy_key(UUID(image_id)), max_bytes=10**7)
    except SourceMissing:
        return None


async def test_a_preview_is_the_output_made_smaller(client: httpx.AsyncClient) -> None:
    body = {"image_id": await upload(client), "pipeline": FRAME, "output": {"format": "png"}, "max_side": 276}
    answer = await client.post("/v1/previews", json=body)
    image = shown(answer)
    # 2048 pixels became 276, so that the frame of 80 is 11 wide; then all of it was made to fit.
    assert (image.format, image.width) == ("PNG", 276)
    red, green, _ = np.moveaxis(np.asarray(image.convert("RGB"), dtype=int), -1, 0)
    assert list((red - green)[60, [7, 13]] > 200) == [True, False]
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_preview_without_a_format_is_one_that_browsers_show(client: httpx.AsyncClient) -> None:
    ids = [await upload(client), await upload(client, photo((40, 30), "TIFF"))]
    answers = [await client.post("/v1/previews", json={"image_id": image_id}) for image_id in ids]
    assert [shown(answer).format for answer in answers] == ["JPEG", "PNG"]
    assert shown(answers[0]).size == (1024, 512)


async def test_the_small_copy_is_stored_once_and_deleted_with_its_image(
    app: Running, client: httpx.AsyncClient
) -> None:
    storage, image_id = app.resources.storage, await upload(client)
    assert await stored_proxy(storage, image_id) is None
    for side in (100, 200):
        shown(await client.post("/v1/previews", json={"image_id": image_id, "max_side": side}))
    assert await stored_proxy(storage, image_id)
    assert (await client.delete(f"/v1/images/{image_id}")).status_code == 204
    assert await stored_proxy(storage, image_id) is None
    assert (await client.post("/v1/previews", json={"image_id": image_id})).status_code == 404


async def test_the_small_copy_of_another_engine_is_replaced(app: Running, client: httpx.AsyncClient) -> None:
    storage, image_id = app.resources.storage, await upload(client)
    old, key = b'{"engine": "Pillow 1.0", "source_size": [9, 9]}\nno image', proxy_key(UUID(image_id))
    await storage.objects.put(key, old, media_type="application/octet-stream", file_name="a.proxy")
    assert shown(await client.get(f"/v1/images/{image_id}/thumbnail")).size == (256, 128)
    assert await stored_proxy(storage, image_id) != old


async def test_a_small_copy_is_upright(client: httpx.AsyncClient) -> None:
    exif = Image.Exif()
    exif[274] = 6
    image_id = await upload(client, photo((400, 200), exif=exif))
    body = {"image_id": image_id, "pipeline": [{"filter": "crop", "left": 0, "top": 0, "width": 200, "height": 100}]}
    assert shown(await client.post("/v1/previews", json=body)).size == (200, 100)


async def test_a_thumbnail_of_an_image(client: httpx.AsyncClient) -> None:
    path = f"/v1/images/{await upload(client)}/thumbnail"
    answer = await client.get(path)
    assert (shown(answer).format, shown(answer).size) == ("WEBP", (256, 128))
    assert answer.headers["Cache-Control"] == "private, max-age=3600"
    tag = answer.headers["ETag"]
    for sent in (tag, f'"other", W/{tag}', "*"):
        again = await client.get(path, headers={"If-None-Match": sent})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert (await client.get(path, headers={"If-None-Match": '"other"'})).content == answer.content


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({"pipeline": [{"filter": "blurr"}]}, ["pipeline.0.filter"]),
        ({"output": {"analyse": ["info"], "auto_orient": False}}, ["output.analyse", "output.auto_orient"]),
        ({"max_side": 1025}, ["max_side"]),
        (
            {"pipeline": [{"filter": "lut", "image_id": "019a0000-0000-7000-8000-000000000000"}]},
            ["pipeline.0.image_id"],
        ),
    ],
)
async def test_what_cannot_be_previewed_is_named(
    client: httpx.AsyncClient, body: dict[str, Any], places: list[str]
) -> None:
    answer = await client.post("/v1/previews", json={"image_id": await upload(client, photo((8, 8))), **body})
    assert (answer.status_code, problem_of(answer)[2]) == (422, places)


async def test_a_preview_fails_where_the_task_would(client: httpx.AsyncClient) -> None:
    crop = {"filter": "crop", "left": 3000, "width": 10}
    answer = await client.post("/v1/previews", json={"image_id": await upload(client), "pipeline": [*SEPIA, crop]})
    assert problem_of(answer)[:2] == (422, "invalid_step")
    assert answer.json()["detail"].startswith("pipeline.1 (crop): the box starts at 3000,0")


async def test_an_api_key_that_may_read_may_preview(app: Running, client: httpx.AsyncClient) -> None:
    image_id = await upload(client)
    statuses = []
    for scope in ("read", "write"):
        key = (await client.post("/v1/api-keys", json={"name": scope, "scopes": [scope]})).json()["key"]
        async with app.client(key) as program:
            statuses.append((await program.post("/v1/previews", json={"image_id": image_id})).status_code)
    assert statuses == [200, 403]


async def test_a_page_of_another_site_cannot_use_the_cookie(nobody: httpx.AsyncClient) -> None:
    who = {"email": "preview@example.com", "password": "correct horse"}
    await nobody.post("/v1/users", json=who)
    signed_in = await nobody.post("/v1/sessions", json={**who, "cookie": True}, headers={"Origin": "http://darkroom"})
    assert signed_in.status_code == 201, signed_in.text
    cookie = signed_in.headers["Set-Cookie"].partition(";")[0]
    sent = {"Cookie": cookie, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = await nobody.post("/v1/previews", json={}, headers=sent)
    assert problem_of(answer)[:2] == (403, "cross_site_request")


async def test_render_processes_start_with_the_first_thumbnail_and_thumbnails_are_limited(run_with: RunWith) -> None:
    before = slots()
    async with run_with(previews_per_minute=1) as app, await app.new_client() as client:
        path = f"/v1/images/{await upload(client)}/thumbnail"
        assert slots() == before
        assert (await client.get(path)).status_code == 200
        assert slots() == before + 1
        limited = await client.get(path)
        assert problem_of(limited)[:2] == (429, "too_many_requests")
        assert int(limited.headers["Retry-After"]) > 0
    assert slots() == before


def slots() -> float:
    return REGISTRY.get_sample_value("darkroom_worker_slots") or 0


async def test_a_thumbnail_of_an_output(app: Running, client: httpx.AsyncClient) -> None:
    task = (await client.post("/v1/tasks", json={"image_id": await upload(client)})).json()
    path = f"/v1/tasks/{task['task_id']}/thumbnail"
    assert problem_of(await client.get(path))[:2] == (409, "task_not_succeeded")
    await end_task(app, task["task_id"], photo((600, 300), "PNG"), output_format="png")
    answer = await client.get(path)
    assert (shown(answer).format, shown(answer).size) == ("WEBP", (256, 128))
    assert (await client.get(path, headers={"If-None-Match": answer.headers["ETag"]})).status_code == 304


async def test_an_output_that_is_no_image_has_no_thumbnail(app: Running, client: httpx.AsyncClient) -> None:
    task = (await client.post("/v1/tasks", json={"image_id": await upload(client)})).json()
    await end_task(app, task["task_id"], b"{}", output_format="json")
    assert problem_of(await client.get(f"/v1/tasks/{task['task_id']}/thumbnail"))[:2] == (404, "not_found")


async def end_task(app: Running, task_id: str, data: bytes, *, output_format: str) -> None:
    storage, key = app.resources.storage, f"outputs/{task_id}/1.{output_format}"
    await storage.objects.put(key, data, media_type="image/png", file_name="a.png")
    claimed = await storage.tasks.claim(UUID(task_id), worker_id="a test", lease_seconds=60)
    assert claimed
    output = Output(
        key=key,
        format=output_format,
        width=600,
        height=300,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        url="",
        url_expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    assert await storage.tasks.succeed(UUID(task_id), claimed.attempt, output=output)


async def test_many_previews_at_once_make_one_small_copy(client: httpx.AsyncClient) -> None:
    image_id = await upload(client)
    bodies = [{"image_id": image_id, "max_side": side} for side in range(20, 40)]
    before = small_copies()
    answers = await asyncio.gather(*(client.post("/v1/previews", json=body) for body in bodies))
    assert [shown(answer).width for answer in answers] == [*range(20, 40)]
    assert small_copies() == before + 1


def small_copies() -> float:
    return REGISTRY.get_sample_value("darkroom_proxies_total", {"source": "rendered"}) or 0


async def test_a_preview_lists_the_warnings_of_the_task(client: httpx.AsyncClient) -> None:
    """`resize` changes nothing in the original, though the small copy is smaller."""
    image_id = await upload(client, photo((2048, 1024), "PNG"))
    steps = [*SEPIA, {"filter": "resize", "width": 4000}, {"filter": "round_corners", "radius": "25%"}]
    body = {"image_id": image_id, "pipeline": steps, "output": {"format": "jpeg", "target_bytes": 1000}}
    first, kept = [(await client.post("/v1/previews", json=body)) for _ in range(2)]
    expected = (
        'step_without_effect;path="pipeline.1", transparency_lost;path="output.format", '
        'target_bytes_exceeded;path="output.target_bytes"'
    )
    assert first.headers["Darkroom-Warnings"] == kept.headers["Darkroom-Warnings"] == expected
    assert shown(first).format == "JPEG"


async def test_nothing_to_warn_of_has_no_header(client: httpx.AsyncClient) -> None:
    image_id = await upload(client, photo((40, 30)))
    answers = [
        await client.post("/v1/previews", json={"image_id": image_id, "pipeline": SEPIA}),
        await client.get(f"/v1/images/{image_id}/thumbnail"),
    ]
    assert [shown(answer).size for answer in answers] == [(40, 30), (40, 30)]
    assert [name for answer in answers for name in answer.headers if name == "darkroom-warnings"] == []
