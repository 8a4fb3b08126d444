"""Requests for tasks that are wrong, or right in more than one way, and what each is answered."""

import httpx
import pytest

from tests.unit.api.answers import problem_of, without_request
from tests.unit.api.image_forms import IMAGE
from tests.unit.api.task_states import NOWHERE

pytestmark = pytest.mark.asyncio(loop_scope="session")


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
