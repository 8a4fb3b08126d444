"""Tasks as their owner sees them. The worker's side is played through the repository."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from core.keys import output_key
from core.tasks import Output
from core.telemetry import PUBLISH_FAILURES
from tests.unit.api.answers import problem_of, without_request
from tests.unit.api.conftest import Running
from tests.unit.api.image_forms import IMAGE

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOWHERE = "019a0000-0000-7000-8000-000000000000"
EXPIRED = timedelta(seconds=-1)
FRESH = timedelta(seconds=290)


async def submit(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.post("/v1/tasks", files={"image": IMAGE}, data={"filter": "invert"})
    assert answer.status_code == 202, answer.text
    task: dict[str, Any] = answer.json()
    return task


async def claim(app: Running, task: dict[str, Any]) -> int:
    claimed = await app.resources.storage.tasks.claim(UUID(task["task_id"]), worker_id="a test", lease_seconds=60)
    assert claimed
    return claimed.attempt


async def succeed(app: Running, task: dict[str, Any], *, link_life: timedelta = FRESH) -> Output:
    attempt = await claim(app, task)
    key = output_key(UUID(task["task_id"]), attempt, "png")
    await app.resources.storage.objects.put(key, IMAGE, media_type="image/png", file_name="output.png")
    output = Output(
        key=key,
        format="png",
        width=256,
        height=256,
        bytes=len(IMAGE),
        sha256=hashlib.sha256(IMAGE).hexdigest(),
        url="/v1/objects/stored",
        url_expires_at=datetime.now(UTC) + link_life,
    )
    assert await app.resources.storage.tasks.succeed(UUID(task["task_id"]), attempt, output=output)
    return output


async def test_a_queued_task(app: Running, client: httpx.AsyncClient) -> None:
    submitted = await submit(client)
    found = await client.get(f"/v1/tasks/{submitted['task_id']}")
    assert found.json() == submitted
    stored = await app.resources.storage.images.get(UUID(submitted["image_id"]), owner_id=await owner_of(client))
    assert stored
    assert stored.sha256 == hashlib.sha256(IMAGE).hexdigest()


async def owner_of(client: httpx.AsyncClient) -> UUID:
    return UUID((await client.get("/v1/users/me")).json()["user_id"])


async def test_a_failed_task_says_why(app: Running, client: httpx.AsyncClient) -> None:
    task = await submit(client)
    attempt = await claim(app, task)
    failed = await app.resources.storage.tasks.fail(
        UUID(task["task_id"]), attempt, code="invalid_image", detail="Torn."
    )
    assert failed
    found = (await client.get(f"/v1/tasks/{task['task_id']}")).json()
    assert (found["status"], found["error"]) == ("failed", {"code": "invalid_image", "detail": "Torn."})
    assert problem_of(await client.get(f"/v1/tasks/{task['task_id']}/output"))[:2] == (409, "task_not_succeeded")


async def test_a_stored_link_is_handed_out_while_it_is_good(app: Running, client: httpx.AsyncClient) -> None:
    task = await submit(client)
    output = await succeed(app, task)
    found = (await client.get(f"/v1/tasks/{task['task_id']}")).json()["output"]
    assert found.keys() == {"url", "url_expires_at", "format", "width", "height", "bytes", "sha256", "file_name"}
    assert found["url"] == f"http://darkroom{output.url}"


async def test_a_link_near_its_end_is_signed_anew_and_stored(app: Running, client: httpx.AsyncClient) -> None:
    task = await submit(client)
    await succeed(app, task, link_life=EXPIRED)
    (listed,) = (await client.get("/v1/tasks?status=succeeded")).json()["items"]
    first = (await client.get(f"/v1/tasks/{task['task_id']}")).json()["output"]
    second = (await client.get(f"/v1/tasks/{task['task_id']}")).json()["output"]
    assert first == second
    assert datetime.fromisoformat(first["url_expires_at"]) > datetime.now(UTC) + timedelta(seconds=250)
    redirect = await client.get(f"/v1/tasks/{task['task_id']}/output")
    assert redirect.status_code == 307
    assert redirect.headers["Location"] == first["url"]
    async with app.client() as anybody:
        for url in (first["url"], listed["output"]["url"]):
            assert (await anybody.get(url)).content == IMAGE


async def test_lists_come_in_pages_and_by_status(client: httpx.AsyncClient) -> None:
    submitted = [(await submit(client))["task_id"] for _ in range(3)]
    first = (await client.get("/v1/tasks?limit=2")).json()
    second = (await client.get("/v1/tasks", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [task["task_id"] for task in first["items"] + second["items"]] == submitted[::-1]
    assert second["next_cursor"] is None

    await client.post(f"/v1/tasks/{submitted[0]}/cancel")
    cancelled = (await client.get("/v1/tasks?status=cancelled")).json()["items"]
    assert [task["task_id"] for task in cancelled] == [submitted[0]]


async def test_a_look_and_a_string_of_thumbor_are_written_out(client: httpx.AsyncClient) -> None:
    for field in ({"filter": "moon"}, {"pipeline": "thumbor:filters:grayscale():blur(2)"}):
        answer = await client.post("/v1/tasks", files={"image": IMAGE}, data=field)
        assert answer.json()["pipeline"][0]["filter"] == "grayscale"
    unknown = await client.post("/v1/tasks", files={"image": IMAGE}, data={"pipeline": "thumbor:filters:zap()"})
    assert problem_of(unknown) == (422, "invalid_pipeline", ["pipeline.0.filter"])


@pytest.mark.parametrize("path", ["/v1/tasks", "/v1/images"])
@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=%00%C3%A4", "cursor"),
        ("cursor=" + "A" * 65, "cursor"),
    ],
)
async def test_errors_in_a_list_are_named(client: httpx.AsyncClient, path: str, query: str, place: str) -> None:
    assert problem_of(await client.get(f"{path}?{query}")) == (422, "invalid_request", [place])


@pytest.mark.parametrize(
    ("method", "path", "names", "hint"),
    [
        ("GET", "/v1/tasks?limit=5&statuss=failed&x=1", ["statuss", "x"], "Did you mean 'status'?"),
        ("GET", "/v1/images?status=failed", ["status"], "Known: cursor, limit, reference, tag."),
        ("GET", f"/v1/tasks/{NOWHERE}?wait=5", ["wait"], "Known: none."),
        ("POST", "/v1/tasks?filter=sepia", ["filter"], "Known: none."),
        ("GET", "/v1/filters?name=sepia", ["name"], "unknown query parameter 'name'"),
        ("GET", "/v1/presets?limits=5", ["limits"], "Did you mean 'limit'?"),
        ("GET", "/v1/api-keys?limit=5", ["limit"], "Known: none."),
        ("DELETE", f"/v1/delivery-keys/{NOWHERE}?force=1", ["force"], "Known: none."),
        ("DELETE", f"/v1/sessions/{NOWHERE}?{'a' * 300}", ["a" * 50], "unknown query parameter"),
    ],
)
async def test_an_unknown_query_parameter_is_named(
    client: httpx.AsyncClient, method: str, path: str, names: list[str], hint: str
) -> None:
    answer = await client.request(method, path)
    assert problem_of(answer) == (422, "invalid_request", names)
    assert hint in answer.json()["problems"][0]["message"]


@pytest.mark.parametrize(
    ("method", "path", "thing"),
    [
        ("GET", "/v1/tasks/{}", "Task"),
        ("GET", "/v1/tasks/{}/output", "Task"),
        ("GET", "/v1/tasks/{}/events", "Task"),
        ("POST", "/v1/tasks/{}/cancel", "Task"),
        ("DELETE", "/v1/tasks/{}", "Task"),
        ("GET", "/v1/images/{}", "Image"),
        ("DELETE", "/v1/images/{}", "Image"),
        ("DELETE", "/v1/sessions/{}", "Session"),
        ("DELETE", "/v1/api-keys/{}", "Key"),
        ("DELETE", "/v1/delivery-keys/{}", "Delivery key"),
    ],
)
async def test_a_malformed_id_is_an_unknown_one(
    client: httpx.AsyncClient, nobody: httpx.AsyncClient, method: str, path: str, thing: str
) -> None:
    malformed = [await client.request(method, path.format(each)) for each in ("12", NOWHERE[:-1], "%00", "nan")]
    unknown = await client.request(method, path.format(NOWHERE))
    assert [problem_of(each) for each in malformed] == [(404, "not_found", [])] * 4
    assert [without_request(each) for each in malformed] == [without_request(unknown)] * 4
    assert unknown.json()["detail"] == f"{thing} not found."
    assert (await nobody.request(method, path.format("12"))).status_code == 401


async def test_an_unknown_status_is_named(client: httpx.AsyncClient) -> None:
    assert problem_of(await client.get("/v1/tasks?status=pending")) == (422, "invalid_request", ["status"])


async def test_cancel_is_idempotent(app: Running, client: httpx.AsyncClient) -> None:
    task = await submit(client)
    for _ in range(2):
        answer = await client.post(f"/v1/tasks/{task['task_id']}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    ended = await submit(client)
    await succeed(app, ended)
    assert (await client.post(f"/v1/tasks/{ended['task_id']}/cancel")).json()["status"] == "succeeded"


async def test_delete_takes_the_objects_along(app: Running, client: httpx.AsyncClient) -> None:
    task = await submit(client)
    output = await succeed(app, task)
    assert (await client.delete(f"/v1/tasks/{task['task_id']}")).status_code == 204
    for path in ("", "/output"):
        assert problem_of(await client.get(f"/v1/tasks/{task['task_id']}{path}"))[:2] == (404, "not_found")
    keys = {stored.key async for stored in app.resources.storage.objects.list("")}
    assert keys.isdisjoint({output.key, f"sources/{task['image_id']}"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/tasks/{task_id}"),
        ("GET", "/v1/tasks/{task_id}/output"),
        ("POST", "/v1/tasks/{task_id}/cancel"),
        ("DELETE", "/v1/tasks/{task_id}"),
        ("GET", "/v1/images/{image_id}"),
        ("DELETE", "/v1/images/{image_id}"),
    ],
)
async def test_what_is_another_users_is_not_there(
    app: Running, client: httpx.AsyncClient, other_user: httpx.AsyncClient, method: str, path: str
) -> None:
    task = await submit(client)
    await succeed(app, task)
    theirs = await other_user.request(method, path.format_map(task))
    nowhere = await other_user.request(method, path.format(task_id=NOWHERE, image_id=NOWHERE))
    assert problem_of(theirs)[:2] == problem_of(nowhere)[:2] == (404, "not_found")
    assert without_request(theirs) == without_request(nowhere)
    assert (await client.get(f"/v1/tasks/{task['task_id']}")).json()["status"] == "succeeded"
    assert (await other_user.get("/v1/tasks")).json()["items"] == []
    assert (await other_user.get("/v1/images")).json()["items"] == []


async def test_nobody_works_on_another_users_image(client: httpx.AsyncClient, other_user: httpx.AsyncClient) -> None:
    image = (await client.post("/v1/images", content=IMAGE)).json()
    theirs = await other_user.post("/v1/tasks", json={"image_id": image["image_id"], "pipeline": []})
    nowhere = await other_user.post("/v1/tasks", json={"image_id": NOWHERE, "pipeline": []})
    assert problem_of(theirs)[:2] == (404, "not_found")
    assert without_request(theirs) == without_request(nowhere)


def publish_failures() -> float:
    return next(sample.value for metric in PUBLISH_FAILURES.collect() for sample in metric.samples)


@pytest.mark.parametrize(
    ("names", "steps"),
    [("sepia", ["sepia"]), (["blur", "sepia"], ["blur", "sepia"]), ([], []), (None, [])],
)
async def test_json_may_name_filters(client: httpx.AsyncClient, names: object, steps: list[str]) -> None:
    image = (await client.post("/v1/images", content=IMAGE)).json()
    task = (await client.post("/v1/tasks", json={"image_id": image["image_id"], "filter": names})).json()
    assert [step["filter"] for step in task["pipeline"]] == steps


async def test_json_with_filters_and_a_pipeline(client: httpx.AsyncClient) -> None:
    both = {"image_id": NOWHERE, "pipeline": [{"filter": "blur"}], "filter": "sepia"}
    answer = await client.post("/v1/tasks", json=both)
    assert answer.status_code == 422
    [problem] = answer.json()["problems"]
    assert problem == {"place": "filter", "message": "cannot be combined with `pipeline`; send one of them"}


async def test_a_broker_that_is_away_fails_no_request(
    run_with: Callable[..., AbstractAsyncContextManager[Running]],
) -> None:
    failures = publish_failures()
    async with run_with(broker_url="amqp://127.0.0.1:9/") as app, await app.new_client() as client:
        task = await submit(client)
        assert (await client.get(f"/v1/tasks/{task['task_id']}")).json()["status"] == "queued"
        (waiting,) = await app.resources.storage.tasks.hold_unpublished(stale_seconds=60)
        assert str(waiting.task_id) == task["task_id"]
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert ready.json()["dependencies"]["broker"] != "ok"
    assert publish_failures() == failures + 1


async def test_a_session_store_that_is_away_is_503(
    run_with: Callable[..., AbstractAsyncContextManager[Running]],
) -> None:
    async with run_with(redis_url="redis://127.0.0.1:9/0") as app, app.client("token") as client:
        answer = await client.get("/v1/tasks")
        assert problem_of(answer)[:2] == (503, "dependency_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert (await client.get("/livez")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
        assert ready.json()["dependencies"].keys() == {"database", "object_store", "session_store", "broker"}
        assert [name for name, state in ready.json()["dependencies"].items() if state != "ok"] == ["session_store"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"image_id": "%s", "pipeline": [], "pipeline": []}', "pipeline"),
        (b'{"image_id": "%s", "pipeline": [{"filter": "blur", "sigma": 2, "sigma": 3}]}', "pipeline.0.sigma"),
        (b'{"image_id": "%s", "output": {"format": "png", "format": "webp"}}', "output.format"),
        (b'{"image_id": "%s", "pipeline": [{"filter": "blur", "sigma": NaN}]}', "body"),
        (b'{"image_id": "%s", "pipeline": [{"filter": "blur", "sigma": 1e999}]}', "body"),
        (b'{"image_id": "%s", "pipeline": ' + b"[" * 50_000 + b"}", "body"),
        (b'{"image_id": "%s", "pipeline": ["\\ud800"]}', "body"),
        (b'{"image_id": "%s", "pipeline": ["\xff"]}', "body"),
        (b'{"image_id": "%s", "pipeline": ' + b"1" * 9_999 + b"}", "body"),
    ],
    ids=[
        "key",
        "key of a step",
        "key of the output",
        "NaN",
        "infinity",
        "deep",
        "surrogate",
        "no UTF-8",
        "huge number",
    ],
)
async def test_json_with_two_meanings_or_none_is_rejected(client: httpx.AsyncClient, body: bytes, place: str) -> None:
    answer = await client.post(
        "/v1/tasks", content=body % NOWHERE.encode(), headers={"Content-Type": "application/json"}
    )
    assert problem_of(answer) == (400, "malformed_body", [place])
