"""From the upload to the download, as somebody with an HTTP client sees it."""

import json

import httpx
import pytest

from tests.acceptance.images import GRAYSCALE, upload
from tests.harness.client import Client, Json, download, sample_image
from tests.harness.deployment import wait_for

SLOW: list[Json] = [{"filter": "blur", "sigma": 200}] * 20
BIG = (4000, 3000)


def test_a_image_goes_in_and_its_output_comes_out(client: Client) -> None:
    task = client.submit(sample_image((64, 48)), [GRAYSCALE, {"filter": "resize", "width": 32}])
    assert task["status"] == "queued"

    ended = client.ended(task)

    assert ended["status"] == "succeeded"
    assert ended["attempt"] == 1
    assert ended["error"] is None
    output = ended["output"]
    assert (output["format"], output["width"], output["height"]) == ("jpeg", 32, 24)
    assert output["bytes"] == len(download(ended))


def test_one_stream_has_the_events_of_all_tasks(client: Client) -> None:
    with client.http.stream("GET", "/v1/events", timeout=None) as stream:
        names = (line.removeprefix("event: ") for line in stream.iter_lines() if line.startswith("event: "))
        assert next(names) == "refetch"
        client.ended(client.submit(sample_image(), [GRAYSCALE]))
        assert [next(names) for _ in range(3)] == ["created", "running", "succeeded"]


def test_filters_by_name_alone(client: Client) -> None:
    fields = {"filter": ["grayscale", "invert"]}
    answer = client.http.post("/v1/tasks", data=fields, files={"image": ("a.jpg", sample_image())})
    assert answer.status_code == httpx.codes.ACCEPTED
    assert answer.headers["Location"] == f"/v1/tasks/{answer.json()['task_id']}"
    assert [step["filter"] for step in answer.json()["pipeline"]] == ["grayscale", "invert"]
    assert client.ended(answer.json())["status"] == "succeeded"


@pytest.mark.parametrize("image_first", [True, False])
def test_fields_come_in_any_order(client: Client, *, image_first: bool) -> None:
    image: dict[str, tuple[str | None, bytes | str]] = {"image": ("a.jpg", sample_image())}
    pipeline = {"pipeline": (None, json.dumps([GRAYSCALE]))}
    output = {"output": (None, json.dumps({"format": "png"}))}
    parts = image | pipeline | output if image_first else output | pipeline | image
    answer = client.http.post("/v1/tasks", files=parts)
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    assert client.ended(answer.json())["output"]["format"] == "png"


def test_a_task_on_a_image_uploaded_before(client: Client) -> None:
    uploaded = client.http.post("/v1/images", content=sample_image(), headers={"Content-Type": "image/jpeg"})
    assert uploaded.status_code == httpx.codes.CREATED
    order = {"image_id": uploaded.json()["image_id"], "pipeline": [GRAYSCALE], "output": {"format": "webp"}}

    tasks = [client.http.post("/v1/tasks", json=order).json() for _ in range(2)]

    assert {client.ended(task)["status"] for task in tasks} == {"succeeded"}


def test_a_image_that_cannot_be_decoded_fails_with_a_code(client: Client) -> None:
    broken = sample_image((640, 480))[:2000]
    ended = client.ended(client.submit(broken, [GRAYSCALE]))
    assert (ended["status"], ended["error"]["code"]) == ("failed", "invalid_image")
    assert ended["attempt"] == 1
    assert ended["output"] is None


def test_a_step_that_the_image_cannot_take_fails_with_a_code(client: Client) -> None:
    outside = {"filter": "crop", "left": 500, "top": 500, "width": 10, "height": 10}
    ended = client.ended(client.submit(sample_image((64, 48)), [outside]))
    assert (ended["status"], ended["error"]["code"]) == ("failed", "invalid_step")


def test_a_wrong_parameter_is_rejected_with_its_place(client: Client) -> None:
    steps = [GRAYSCALE, GRAYSCALE, {"filter": "blur", "sigma": -1}]
    answer = client.http.post("/v1/tasks", data={"pipeline": json.dumps(steps)}, files={"image": sample_image()})
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "invalid_pipeline"
    assert [problem["place"] for problem in answer.json()["problems"]] == ["pipeline.2.sigma"]


def test_what_is_no_image_is_rejected(client: Client) -> None:
    answer = client.http.post("/v1/tasks", data={"filter": "invert"}, files={"image": ("a.jpg", b"GIF? No." * 99)})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_image")


def test_lists_are_newest_first_and_come_in_pages(client: Client) -> None:
    submitted = [client.submit(sample_image(), [GRAYSCALE])["task_id"] for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = client.http.get("/v1/tasks", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [task["task_id"] for task in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == submitted[::-1]


def test_lists_by_status(client: Client) -> None:
    good, _ = client.run(sample_image(), [GRAYSCALE])
    bad = client.ended(client.submit(sample_image((640, 480))[:2000], [GRAYSCALE]))
    for status, task in (("succeeded", good), ("failed", bad)):
        items = client.http.get("/v1/tasks", params={"status": status}).json()["items"]
        assert [item["task_id"] for item in items] == [task["task_id"]]


def test_a_cancelled_task_stays_cancelled(client: Client) -> None:
    task = client.submit(sample_image(BIG), SLOW)
    wait_for(lambda: client.task(task["task_id"])["status"] == "running", what="the claim")

    answer = client.http.post(f"/v1/tasks/{task['task_id']}/cancel")

    assert answer.is_success, answer.text
    assert answer.json()["status"] == "cancelled"
    later, _ = client.run(sample_image(), [GRAYSCALE])  # the worker is free again
    assert later["status"] == "succeeded"
    cancelled = client.task(task["task_id"])
    assert (cancelled["status"], cancelled["output"]) == ("cancelled", None)
    again = client.http.post(f"/v1/tasks/{task['task_id']}/cancel")
    assert again.json()["status"] == "cancelled"


def test_delete_takes_row_and_objects(client: Client) -> None:
    task, _ = client.run(sample_image(), [GRAYSCALE])

    deleted = client.http.delete(f"/v1/tasks/{task['task_id']}")

    assert deleted.status_code == httpx.codes.NO_CONTENT
    assert client.http.get(f"/v1/tasks/{task['task_id']}").status_code == httpx.codes.NOT_FOUND
    assert httpx.get(task["output"]["url"]).status_code == httpx.codes.NOT_FOUND
    source = client.http.get(f"/v1/images/{task['image_id']}")
    assert source.status_code == httpx.codes.NOT_FOUND


def test_another_users_watermark_is_rejected(client: Client, other_user: Client) -> None:
    steps = [GRAYSCALE, {"filter": "watermark", "image_id": upload(other_user, sample_image())}]
    answer = client.http.post("/v1/tasks", data={"pipeline": json.dumps(steps)}, files={"image": sample_image()})
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert [problem["place"] for problem in answer.json()["problems"]] == ["pipeline.1.image_id"]


def test_a_task_that_failed_has_no_render_report(client: Client) -> None:
    ended = client.ended(client.submit(sample_image((640, 480))[:2000], [GRAYSCALE]))
    assert (ended["status"], ended["render_report"]) == ("failed", None)
