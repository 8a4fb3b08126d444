"""Holds promise 21: another user's id answers like a missing one, on every route that the OpenAPI document names."""

import io
from collections.abc import Iterator

import httpx
import pytest
import pytest_asyncio
from PIL import Image

from api.app import create_app
from core.settings import Settings
from tests.unit.api.answers import problem_of, without_request

pytestmark = pytest.mark.asyncio(loop_scope="session")

MISSING = "019a0000-0000-7000-8000-000000000000"
NAMED = ("PUT", "/v1/presets/{name}")  # each user has names of their own: below
SIGNED = {
    "/v1/objects/{key}",
    "/i/{signature}/{path}",
    "/thumbor/{key}/{signature}/{path}",
}  # for whoever has a link: test_objects.py, test_delivery.py
KINDS = {"task_id", "image_id", "session_id", "key_id", "delivery_key_id", "name"}


def routes_with_ids() -> Iterator[tuple[str, str]]:
    for path, calls in create_app(Settings()).openapi()["paths"].items():
        if "{" in path and path not in SIGNED:
            yield from ((method.upper(), path) for method in calls if (method.upper(), path) != NAMED)


ROUTES = sorted(routes_with_ids())


@pytest_asyncio.fixture(loop_scope="session")
async def theirs(client: httpx.AsyncClient) -> dict[str, str]:
    out = io.BytesIO()
    Image.new("L", (8, 8)).save(out, "PNG")
    task = (await client.post("/v1/tasks", files={"image": out.getvalue()})).json()
    image = (await client.post("/v1/images", content=out.getvalue())).json()
    (session,) = (await client.get("/v1/sessions")).json()["items"]
    key = (await client.post("/v1/api-keys", json={"name": "CI", "scopes": ["read"]})).json()
    preset = (await client.put("/v1/presets/private", json={"pipeline": [{"filter": "sepia"}]})).json()
    delivery_key = (await client.post("/v1/delivery-keys")).json()
    return {
        "delivery_key_id": delivery_key["key_id"],
        "name": preset["name"],
        "key_id": key["key_id"],
        "task_id": task["task_id"],
        "image_id": image["image_id"],
        "session_id": session["session_id"],
    }


async def test_the_matrix_knows_every_kind_of_id() -> None:
    named = {name for _, path in ROUTES for name in KINDS if f"{{{name}}}" in path}
    assert named == KINDS
    assert all(path.count("{") == 1 and any(f"{{{kind}}}" in path for kind in KINDS) for _, path in ROUTES)
    assert len(ROUTES) >= 8


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_resources_of_another_user_are_not_found(
    client: httpx.AsyncClient, other_user: httpx.AsyncClient, theirs: dict[str, str], method: str, path: str
) -> None:
    """Holds promise 21."""
    before = await _everything(client)
    answer = await other_user.request(method, path.format_map(theirs))
    nowhere = await other_user.request(method, path.format_map(dict.fromkeys(KINDS, MISSING)))
    assert problem_of(answer)[:2] == (404, "not_found")
    assert without_request(answer) == without_request(nowhere)
    assert answer.headers.keys() == nowhere.headers.keys()
    assert await _everything(client) == before, "what belongs to another user is not changed either"


@pytest.mark.parametrize("path", ["/v1/tasks", "/v1/previews"])
async def test_another_users_image_in_a_body(other_user: httpx.AsyncClient, theirs: dict[str, str], path: str) -> None:
    """Holds promise 21, for ids in a body."""
    ids = (theirs["image_id"], MISSING)
    answers = [await other_user.post(path, json={"image_id": image_id}) for image_id in ids]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert without_request(answers[0]) == without_request(answers[1])


async def test_another_users_preset(other_user: httpx.AsyncClient, theirs: dict[str, str]) -> None:
    """Holds promise 21: it is unknown in a task, and its name is free."""
    path, image = f"/v1/presets/{theirs['name']}", {"image": ("a.png", b"not read")}
    unknown = await other_user.post("/v1/tasks", data={"pipeline": f"@{theirs['name']}"}, files=image)
    assert problem_of(unknown) == (422, "invalid_pipeline", ["pipeline"])
    saved = await other_user.put(path, json={"pipeline": [{"filter": "invert"}]})
    assert (saved.status_code, saved.json()["version"]) == (201, 1)


async def _everything(client: httpx.AsyncClient) -> list[object]:
    tasks, images = (await client.get("/v1/tasks")).json(), (await client.get("/v1/images")).json()
    sessions = (await client.get("/v1/sessions")).json()["items"]
    keys = (await client.get("/v1/api-keys")).json()
    presets = (await client.get("/v1/presets")).json()
    delivery_keys = (await client.get("/v1/delivery-keys")).json()
    return [tasks, images, keys, delivery_keys, presets, [session["session_id"] for session in sessions]]
