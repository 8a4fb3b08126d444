"""Uploads: every accepted form, every rejection, and nothing left behind by one."""

import hashlib

import httpx
import pytest

from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import MAX_UPLOAD_BYTES, Running
from tests.unit.api.image_forms import IMAGE, Part, image_part, objects_of, text_part

pytestmark = pytest.mark.asyncio(loop_scope="session")
BLUR = b'[{"filter": "blur", "sigma": 2}]'


class TestImages:
    async def test_raw_bytes(self, app: Running, client: httpx.AsyncClient) -> None:
        answer = await client.post("/v1/images", content=IMAGE, headers={"Content-Type": "text/plain"})
        assert answer.status_code == 201
        image = answer.json()
        assert answer.headers["Location"] == f"/v1/images/{image['image_id']}"
        assert (image["format"], image["bytes"]) == ("png", len(IMAGE))
        assert image["sha256"] == hashlib.sha256(IMAGE).hexdigest()
        key = f"sources/{image['image_id']}"
        assert await app.resources.storage.objects.get(key, max_bytes=MAX_UPLOAD_BYTES) == IMAGE

    async def test_multipart(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/v1/images", files=[image_part()])
        assert (answer.status_code, answer.json()["bytes"]) == (201, len(IMAGE))

    async def test_a_image_shorter_than_its_sniff(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/v1/images", content=IMAGE[:12])
        assert (answer.status_code, answer.json()["format"]) == (201, "png")

    async def test_a_link_to_a_image(self, app: Running, client: httpx.AsyncClient) -> None:
        image = (await client.post("/v1/images", content=IMAGE)).json()
        found = (await client.get(f"/v1/images/{image['image_id']}")).json()
        assert {**found, **image} == found
        async with app.client() as anybody:
            assert (await anybody.get(found["url"])).content == IMAGE

    async def test_lists_come_in_pages(self, client: httpx.AsyncClient) -> None:
        uploaded = [(await client.post("/v1/images", content=IMAGE)).json() for _ in range(3)]
        first = (await client.get("/v1/images?limit=2")).json()
        second = (await client.get("/v1/images", params={"limit": 2, "cursor": first["next_cursor"]})).json()
        assert first["items"] + second["items"] == uploaded[::-1]
        assert second["next_cursor"] is None

    async def test_delete(self, app: Running, client: httpx.AsyncClient) -> None:
        image = (await client.post("/v1/images", content=IMAGE)).json()
        path = f"/v1/images/{image['image_id']}"
        assert (await client.delete(path)).status_code == 204
        assert problem_of(await client.get(path))[:2] == (404, "not_found")
        assert problem_of(await client.delete(path))[:2] == (404, "not_found")
        assert f"sources/{image['image_id']}" not in await objects_of(app)

    async def test_an_image_that_a_task_needs_stays(self, client: httpx.AsyncClient) -> None:
        image = (await client.post("/v1/images", content=IMAGE)).json()
        task = (await client.post("/v1/tasks", json={"image_id": image["image_id"], "pipeline": []})).json()
        path = f"/v1/images/{image['image_id']}"
        assert problem_of(await client.delete(path))[:2] == (409, "image_in_use")
        await client.post(f"/v1/tasks/{task['task_id']}/cancel")
        assert (await client.delete(path)).status_code == 204


ORDERS: list[list[Part]] = [
    [image_part(), text_part("filter", b"grayscale"), text_part("filter", b"invert")],
    [text_part("filter", b"grayscale"), image_part(), text_part("filter", b"invert")],
    [text_part("pipeline", BLUR), text_part("output", b'{"format": "webp"}'), image_part()],
    [image_part(), text_part("output", b""), text_part("pipeline", BLUR)],
    [image_part()],
]


@pytest.mark.parametrize("parts", ORDERS)
async def test_fields_come_in_any_order(client: httpx.AsyncClient, parts: list[Part]) -> None:
    answer = await client.post("/v1/tasks", files=parts)
    assert answer.status_code == 202, answer.text
    task = answer.json()
    assert answer.headers["Location"] == f"/v1/tasks/{task['task_id']}"
    wanted = [text.decode() for name, (_, text) in parts if name == "filter"]
    assert [step["filter"] for step in task["pipeline"]] == (
        wanted or ["blur"] * any(n == "pipeline" for n, _ in parts)
    )
    assert (task["status"], task["attempt"], task["output"], task["error"]) == ("queued", 0, None, None)


REJECTED: list[tuple[str, list[Part], tuple[int, str, list[str]]]] = [
    ("no image", [text_part("filter", b"invert")], (422, "invalid_request", ["image"])),
    ("an empty image", [image_part(b"")], (422, "invalid_request", ["image"])),
    ("two images", [image_part(), image_part()], (422, "invalid_request", ["image"])),
    ("an unknown field", [image_part(), text_part("colour", b"red")], (422, "invalid_request", ["colour"])),
    ("no image", [image_part(b"%PDF-1.7" * 99)], (415, "unsupported_image", [])),
    ("a short no image", [image_part(b"GIF")], (415, "unsupported_image", [])),
    ("too large", [image_part(IMAGE + bytes(MAX_UPLOAD_BYTES))], (413, "upload_too_large", [])),
    ("no UTF-8", [image_part(), text_part("filter", b"\xff")], (422, "invalid_request", ["filter"])),
    ("a long field", [image_part(), text_part("filter", b"x" * 70_000)], (422, "invalid_request", ["filter"])),
    (
        "an unknown filter",
        [text_part("filter", b"blurr"), image_part()],
        (422, "invalid_pipeline", ["pipeline.0.filter"]),
    ),
    ("no JSON", [image_part(), text_part("pipeline", b"[")], (422, "invalid_pipeline", ["pipeline"])),
    ("deep JSON", [image_part(), text_part("pipeline", b"[" * 50_000)], (422, "invalid_pipeline", ["pipeline"])),
    (
        "a key twice in a step",
        [image_part(), text_part("pipeline", b'[{"filter": "blur", "sigma": 2, "sigma": 3}]')],
        (422, "invalid_pipeline", ["pipeline.0.sigma"]),
    ),
    (
        "a key twice in the output",
        [text_part("output", b'{"format": "webp", "format": "png"}'), image_part()],
        (422, "invalid_output", ["output.format"]),
    ),
    ("NaN", [image_part(), text_part("output", b'{"quality": NaN}')], (422, "invalid_output", ["output"])),
    ("endless parts", [image_part(), *[text_part("filter", b"")] * 65], (400, "malformed_body", [])),
    ("an empty pipeline", [image_part(), text_part("pipeline", b"")], (422, "invalid_pipeline", ["pipeline"])),
    (
        "filter and pipeline",
        [text_part("filter", b"invert"), text_part("pipeline", BLUR), image_part()],
        (422, "invalid_pipeline", ["filter"]),
    ),
    (
        "two pipelines",
        [text_part("pipeline", BLUR), image_part(), text_part("pipeline", BLUR)],
        (422, "invalid_pipeline", ["pipeline"]),
    ),
    (
        "an option that the format of the source lacks",
        [text_part("output", b'{"lossless": true, "progressive": true}'), text_part("filter", b"invert"), image_part()],
        (422, "invalid_output", ["output.progressive"]),
    ),
    (
        "errors everywhere",
        [
            image_part(),
            text_part("pipeline", b'[{"filter": "blur", "sigma": 2}, {"filter": "blur", "sigma": -1}]'),
            text_part("output", b'{"quality": 101}'),
        ],
        (422, "invalid_pipeline", ["pipeline.1.sigma", "output.quality"]),
    ),
]


@pytest.mark.parametrize(("parts", "rejection"), [pytest.param(*rest, id=name) for name, *rest in REJECTED])
async def test_a_rejection_leaves_nothing(
    app: Running, client: httpx.AsyncClient, parts: list[Part], rejection: tuple[int, str, list[str]]
) -> None:
    """Holds promise 19."""
    objects = await objects_of(app)
    assert problem_of(await client.post("/v1/tasks", files=parts)) == rejection
    assert await objects_of(app) == objects
    assert (await client.get("/v1/tasks")).json()["items"] == []


JSON_REJECTED: list[tuple[object, tuple[int, str, list[str]]]] = [
    ({}, (422, "invalid_request", ["image_id"])),
    ({"image_id": "me"}, (422, "invalid_request", ["image_id"])),
    ({"image_id": "019a0000-0000-7000-8000-000000000000"}, (404, "not_found", [])),
    ({"image_id": "019a0000-0000-7000-8000-000000000000", "pipeline": {}}, (422, "invalid_pipeline", ["pipeline"])),
    (
        {"image_id": "019a0000-0000-7000-8000-000000000000", "pipeline": [{"filter": "blur", "sigma": "x"}]},
        (422, "invalid_pipeline", ["pipeline.0.sigma"]),
    ),
    (
        {"image_id": "019a0000-0000-7000-8000-000000000000", "output": {"format": "svg"}},
        (422, "invalid_output", ["output.format"]),
    ),
]


@pytest.mark.parametrize(("body", "rejection"), JSON_REJECTED)
async def test_a_task_on_an_image_is_validated(
    client: httpx.AsyncClient, body: object, rejection: tuple[int, str, list[str]]
) -> None:
    assert problem_of(await client.post("/v1/tasks", json=body)) == rejection


async def test_a_task_wants_a_form_or_json(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/tasks", content=IMAGE, headers={"Content-Type": "image/png"})
    assert problem_of(answer)[:2] == (415, "unsupported_media_type")
