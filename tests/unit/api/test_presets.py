"""Presets: saved like pipelines, used in place of one, and recorded in the task."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.unit.api.answers import problem_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

WARM: dict[str, Any] = {"pipeline": [{"filter": "sepia", "amount": 60}], "output": {"format": "webp", "quality": 70}}
COLD: dict[str, Any] = {"pipeline": [{"filter": "invert"}]}


def sample_image() -> bytes:
    out = io.BytesIO()
    Image.new("L", (8, 8)).save(out, "PNG")
    return out.getvalue()


async def save(client: httpx.AsyncClient, name: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.put(f"/v1/presets/{name}", json=body)
    assert answer.is_success, answer.text
    saved: dict[str, Any] = answer.json()
    return saved


async def submit(client: httpx.AsyncClient, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
    return await client.post("/v1/tasks", data=fields, files={"image": sample_image()}, headers=headers)


async def test_each_change_is_a_version(client: httpx.AsyncClient) -> None:
    created = await client.put("/v1/presets/warm", json=WARM)
    assert created.status_code == 201
    first = created.json()
    assert (first["version"], first["reference"]) == (1, "@warm.v1")
    assert first["pipeline"][0]["filter"] == "sepia"
    assert (first["output_options"]["format"], first["output_options"]["frames"]) == ("webp", "all")
    again = await client.put("/v1/presets/warm", json=WARM)
    assert (again.status_code, again.json()) == (200, first)
    second = await save(client, "warm", COLD)
    assert second["version"] == 2
    assert (await client.get("/v1/presets/warm")).json() == second
    assert (await client.get("/v1/presets/warm.v1")).json() == first
    assert (await client.get("/v1/presets")).json() == {"items": [second], "next_cursor": None}


async def test_a_deleted_preset(client: httpx.AsyncClient) -> None:
    await save(client, "warm", WARM)
    task = (await submit(client, pipeline="@warm")).json()
    assert (await client.delete("/v1/presets/warm")).status_code == 204
    for method, name in (("DELETE", "warm"), ("GET", "warm"), ("GET", "warm.v1")):
        assert problem_of(await client.request(method, f"/v1/presets/{name}"))[:2] == (404, "not_found")
    for reference in ("@warm", "@warm.v1"):
        assert problem_of(await submit(client, pipeline=reference)) == (422, "invalid_pipeline", ["pipeline"])
    assert (await client.get(f"/v1/tasks/{task['task_id']}")).json()["pipeline"] == task["pipeline"]
    assert (await save(client, "warm", WARM))["version"] == 2


@pytest.mark.parametrize("reference", ["@warm", "@warm.v1"])
async def test_a_task_renders_a_preset_and_records_its_version(client: httpx.AsyncClient, reference: str) -> None:
    saved = await save(client, "warm", WARM)
    image_id = (await client.post("/v1/images", content=sample_image())).json()["image_id"]
    by_form = await submit(client, pipeline=reference)
    by_json = await client.post("/v1/tasks", json={"image_id": image_id, "pipeline": reference})
    for answer in (by_form, by_json):
        assert answer.status_code == 202, answer.text
        task = answer.json()
        assert task["preset"] == "@warm.v1"
        assert (task["pipeline"], task["output_options"]) == (saved["pipeline"], saved["output_options"])
    assert (await submit(client, filter="invert")).json()["preset"] is None


async def test_the_named_version_stays_and_the_name_follows(client: httpx.AsyncClient) -> None:
    for body in (WARM, COLD):
        await save(client, "warm", body)
    named = [(await submit(client, pipeline=reference)).json() for reference in ("@warm.v1", "@warm")]
    assert [task["preset"] for task in named] == ["@warm.v1", "@warm.v2"]
    assert [task["pipeline"][0]["filter"] for task in named] == ["sepia", "invert"]


async def test_options_of_the_request_replace_those_of_the_preset(client: httpx.AsyncClient) -> None:
    await save(client, "warm", WARM)
    task = (await submit(client, pipeline="@warm", output='{"format": "avif", "effort": 2}')).json()
    options = task["output_options"]
    assert (options["format"], options["quality"], options["effort"]) == ("avif", 70, 2)
    unset = (await submit(client, pipeline="@warm", output='{"quality": null}')).json()["output_options"]
    assert (unset["format"], unset["quality"]) == ("webp", None)
    both = await submit(client, pipeline="@warm", output='{"format": "jpeg", "lossless": true}')
    assert problem_of(both) == (422, "invalid_output", ["output.lossless"])
    assert problem_of(await submit(client, pipeline="@warm", output="[]")) == (422, "invalid_output", ["output"])


@pytest.mark.parametrize("reference", ["@", "@Warm", "@warm.v0", "@warm.3", "@warm.v1.v2", "@warm.v1000000"])
async def test_malformed_references(client: httpx.AsyncClient, reference: str) -> None:
    assert problem_of(await submit(client, pipeline=reference)) == (422, "invalid_pipeline", ["pipeline"])


async def test_an_unknown_preset_is_rejected_before_its_image_is_read(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/tasks", data={"pipeline": "@nowhere"}, files={"image": b"no image, and not read"})
    assert problem_of(answer) == (422, "invalid_pipeline", ["pipeline"])
    assert "PUT /v1/presets/nowhere" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({"pipeline": [{"filter": "sepia"}, {"filter": "blur", "sigma": -1}]}, ["pipeline.1.sigma"]),
        ({"pipeline": [{"filter": "seppia"}], "output": {"quality": 0}}, ["pipeline.0.filter", "output.quality"]),
        ({"pipeline": "@other"}, ["pipeline"]),
        ({"pipeline": [{"filter": "sepia"}] * 21}, ["pipeline"]),
        (
            {"pipeline": [{"filter": "watermark", "image_id": "019a0000-0000-7000-8000-000000000000"}]},
            ["pipeline.0.image_id"],
        ),
    ],
)
async def test_a_preset_is_validated_like_a_pipeline(
    client: httpx.AsyncClient, body: dict[str, Any], places: list[str]
) -> None:
    assert problem_of(await client.put("/v1/presets/warm", json=body)) == (422, "invalid_pipeline", places)


@pytest.mark.parametrize("name", ["Warm", "a.b", "-a", "a" * 65, "%40a"])
async def test_invalid_names(client: httpx.AsyncClient, name: str) -> None:
    assert problem_of(await client.put(f"/v1/presets/{name}", json=WARM)) == (422, "invalid_request", ["name"])


async def test_a_repeated_request_gets_its_task_also_after_the_preset_has_changed(client: httpx.AsyncClient) -> None:
    await save(client, "warm", WARM)
    key = {"Idempotency-Key": "once"}
    first = (await submit(client, key, pipeline="@warm")).json()
    await save(client, "warm", COLD)
    again = await submit(client, key, pipeline="@warm")
    assert (again.status_code, again.json()["task_id"]) == (202, first["task_id"])
    assert again.json()["preset"] == "@warm.v1"
    for other in ({"pipeline": "@warm.v1"}, {"pipeline": "@warm", "output": '{"effort": 3}'}):
        assert problem_of(await submit(client, key, **other))[:2] == (422, "idempotency_key_reused")
