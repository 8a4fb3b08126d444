"""References, tags and dispositions: given with a form, JSON or a query, returned, and searched for in lists."""

from typing import Any

import httpx
import pytest

from core.labels import MAX_TAGS
from tests.unit.api.answers import problem_of
from tests.unit.api.conftest import Running
from tests.unit.api.image_forms import IMAGE
from tests.unit.api.task_states import EXPIRED, succeed

pytestmark = pytest.mark.asyncio(loop_scope="session")

_IMAGE = {"image": IMAGE}


async def submit(client: httpx.AsyncClient, **fields: object) -> dict[str, Any]:
    answer = await client.post("/v1/tasks", files=_IMAGE, data={"filter": "invert", **fields})
    assert answer.status_code == 202, answer.text
    task: dict[str, Any] = answer.json()
    return task


async def ids(client: httpx.AsyncClient, path: str) -> list[str]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return [each.get("task_id") or each["image_id"] for each in answer.json()["items"]]


async def test_labels_of_a_form(client: httpx.AsyncClient) -> None:
    task = await submit(client, reference="Bestellung 7 ☀", tag=["red", "shoes", "red"])
    assert (task["reference"], task["tags"], task["disposition"]) == ("Bestellung 7 ☀", ["red", "shoes"], "attachment")
    assert (await client.get(f"/v1/tasks/{task['task_id']}")).json() == task


async def test_labels_of_json(client: httpx.AsyncClient) -> None:
    image = (await client.post("/v1/images", files=_IMAGE)).json()
    order = {"image_id": image["image_id"], "reference": "a/b", "tags": ["x"], "disposition": "inline"}
    task = (await client.post("/v1/tasks", json=order)).json()
    assert (task["reference"], task["tags"], task["disposition"]) == ("a/b", ["x"], "inline")


async def test_fields_that_are_left_empty_are_none(client: httpx.AsyncClient) -> None:
    task = await submit(client, reference="", tag="", disposition="")
    assert (task["reference"], task["tags"], task["disposition"]) == (None, [], "attachment")


async def test_labels_of_images(client: httpx.AsyncClient) -> None:
    form = await client.post("/v1/images", files=_IMAGE, data={"reference": "f", "tag": ["x", "y"]})
    raw = await client.post("/v1/images", content=IMAGE, params={"reference": "r", "tag": ["y"]})
    plain = await client.post("/v1/images", files=_IMAGE, params={"tag": "query"})
    assert [answer.status_code for answer in (form, raw, plain)] == [201, 201, 201]
    found = [(answer.json()["reference"], answer.json()["tags"]) for answer in (form, raw, plain)]
    assert found == [("f", ["x", "y"]), ("r", ["y"]), (None, ["query"])]
    first, second = form.json()["image_id"], raw.json()["image_id"]
    assert await ids(client, "/v1/images?tag=y") == [second, first]
    assert await ids(client, "/v1/images?tag=y&tag=x") == [first]
    assert await ids(client, "/v1/images?reference=r") == [second]


async def test_tasks_are_found_by_labels(client: httpx.AsyncClient, other_user: httpx.AsyncClient) -> None:
    tasks = [
        (await submit(client, reference="r", tag=tag))["task_id"] for tag in (["x"], ["x", "y"], ["y", "it's; --"])
    ]
    await submit(other_user, reference="r", tag="x")
    assert await ids(client, "/v1/tasks?tag=x") == [tasks[1], tasks[0]]
    assert await ids(client, "/v1/tasks?tag=x&tag=y") == [tasks[1]]
    assert await ids(client, "/v1/tasks?reference=r&status=queued&limit=2") == [tasks[2], tasks[1]]
    assert await ids(client, "/v1/tasks?tag=it's;%20--") == [tasks[2]]
    assert await ids(client, "/v1/tasks?tag=X") == []


async def test_pages_of_a_search(client: httpx.AsyncClient) -> None:
    tasks = [(await submit(client, tag="page"))["task_id"] for _ in range(3)]
    first = (await client.get("/v1/tasks?tag=page&limit=2")).json()
    assert [each["task_id"] for each in first["items"]] == [tasks[2], tasks[1]]
    assert await ids(client, f"/v1/tasks?tag=page&limit=2&cursor={first['next_cursor']}") == [tasks[0]]


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"reference": "x" * 201}, "reference"),
        ({"reference": "a\nb"}, "reference"),
        ({"reference": ["a", "b"]}, "reference"),
        ({"tag": " x"}, "tag"),
        ({"tag": "x" * 51}, "tag"),
        ({"tag": ["ok", "a\x00b"]}, "tag"),
        ({"tag": [str(n) for n in range(MAX_TAGS + 1)]}, "tag"),
        ({"disposition": "download"}, "disposition"),
    ],
)
async def test_labels_are_bounded(client: httpx.AsyncClient, fields: dict[str, Any], place: str) -> None:
    answer = await client.post("/v1/tasks", files=_IMAGE, data={"filter": "invert", **fields})
    assert problem_of(answer) == (422, "invalid_request", [place])


async def test_labels_in_json_and_queries_are_bounded(client: httpx.AsyncClient) -> None:
    image = (await client.post("/v1/images", files=_IMAGE)).json()
    answer = await client.post("/v1/tasks", json={"image_id": image["image_id"], "tags": ["ok", ""]})
    assert problem_of(answer) == (422, "invalid_request", ["tags.1"])
    for query in ({"tag": "x" * 51}, {"reference": "\x7f"}):
        assert problem_of(await client.get("/v1/tasks", params=query))[:2] == (422, "invalid_request")
        assert problem_of(await client.post("/v1/images", content=IMAGE, params=query))[:2] == (422, "invalid_request")


async def test_labels_are_part_of_a_repeated_request(client: httpx.AsyncClient) -> None:
    async def send(**fields: str) -> int:
        data = {"filter": "invert", **fields}
        key = {"Idempotency-Key": "labels"}
        return (await client.post("/v1/tasks", files=_IMAGE, data=data, headers=key)).status_code

    assert [await send(tag="x"), await send(tag="y"), await send(reference="x"), await send(tag="x")] == [
        202,
        422,
        422,
        202,
    ]


@pytest.mark.parametrize("disposition", ["attachment", "inline"])
async def test_an_output_is_saved_or_shown_as_its_task_says(
    app: Running, client: httpx.AsyncClient, disposition: str
) -> None:
    task = await submit(client, disposition=disposition)
    await succeed(app, task, link_life=EXPIRED)
    path, other = f"/v1/tasks/{task['task_id']}/output", {"attachment": "inline", "inline": "attachment"}[disposition]
    for query, wanted in (("", disposition), ("?disposition=inline", "inline"), (f"?disposition={other}", other)):
        head = await client.head(path + query)
        assert head.headers["Content-Disposition"].startswith(f"{wanted};")
    url = (await client.get(f"/v1/tasks/{task['task_id']}")).json()["output"]["url"]
    assert (await client.get(url)).headers["Content-Disposition"].startswith(f"{disposition};")
