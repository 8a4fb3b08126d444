"""From the upload to the download, as somebody with an HTTP client sees it."""

import io
import json

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.harness.client import Client, Json, download, sample_image
from tests.harness.deployment import wait_for

GRAYSCALE: Json = {"filter": "grayscale"}
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


def test_grayscale_is_gray(client: Client) -> None:
    _, image = client.run(sample_image(), [GRAYSCALE], {"format": "png"})
    red, green, blue = (np.asarray(band) for band in image.convert("RGB").split())
    assert np.array_equal(red, green)
    assert np.array_equal(green, blue)


def test_invert_inverts(client: Client) -> None:
    source = Image.new("RGB", (8, 8), (10, 200, 60))
    _, image = client.run(_png(source), [{"filter": "invert"}], {"format": "png"})
    assert image.convert("RGB").getpixel((4, 4)) == (245, 55, 195)


def test_steps_run_in_order(client: Client) -> None:
    crop = {"filter": "crop", "left": 0, "top": 0, "width": 32, "height": 48}
    _, image = client.run(sample_image((64, 48)), [crop, {"filter": "rotate", "angle": 90}])
    assert image.size == (48, 32)


def test_one_stream_has_the_events_of_all_tasks(client: Client) -> None:
    with client.http.stream("GET", "/v1/events", timeout=None) as stream:
        names = (line.removeprefix("event: ") for line in stream.iter_lines() if line.startswith("event: "))
        assert next(names) == "refetch"
        client.ended(client.submit(sample_image(), [GRAYSCALE]))
        assert [next(names) for _ in range(3)] == ["created", "running", "succeeded"]


@pytest.mark.parametrize(("wanted", "pillow_format"), [("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")])
def test_the_output_has_the_format_asked_for(client: Client, wanted: str, pillow_format: str) -> None:
    task, image = client.run(sample_image(format="PNG"), [GRAYSCALE], {"format": wanted, "effort": 7})
    assert image.format == pillow_format
    assert task["output"]["format"] == wanted


def test_a_link_serves_an_inert_attachment(client: Client) -> None:
    """Holds promise 24."""
    task, _ = client.run(sample_image(), [GRAYSCALE])
    answer = httpx.get(task["output"]["url"])
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_an_output_keeps_the_name_of_its_source(client: Client) -> None:
    answer = client.http.post("/v1/tasks", data={"filter": "sepia"}, files={"image": ("holiday.jpg", sample_image())})
    task = client.ended(answer.json())
    head = client.http.head(f"/v1/tasks/{task['task_id']}/output", follow_redirects=True)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(task["output"]["bytes"]))
    for headers in (head.headers, httpx.get(task["output"]["url"]).headers):
        assert 'filename="holiday-sepia.jpeg"' in headers["Content-Disposition"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_output_is_shown_on_request(client: Client, method: str) -> None:
    task, _ = client.run(sample_image(), [GRAYSCALE])
    path = f"/v1/tasks/{task['task_id']}/output"
    shown = client.http.request(method, path, params={"disposition": "inline"}, follow_redirects=True)
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert shown.headers["Content-Disposition"].startswith("inline; filename=")
    assert client.http.request(method, path, params={"disposition": "shown"}).status_code == 422


def test_a_link_to_a_source_is_an_attachment_too(client: Client) -> None:
    """Holds promise 24: whatever somebody uploaded, no browser shows it as a page."""
    image = client.http.post("/v1/images", content=sample_image()).json()
    answer = httpx.get(client.http.get(f"/v1/images/{image['image_id']}").json()["url"])
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_nothing_but_the_image_comes_back(client: Client) -> None:
    """Holds promise 24: no metadata of the source, and of a polyglot only what is an image."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x010E] = "hidden in EXIF"
    exif.get_ifd(0x8825)[1] = "N"
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>hidden in XMP</x:xmpmeta>"
    Image.linear_gradient("L").save(out, "JPEG", exif=exif, xmp=xmp, comment=b"hidden in a comment")
    polyglot = out.getvalue() + b"<script>alert('hidden behind the image')</script>PK\x05\x06" + bytes(18)
    task = client.ended(client.submit(polyglot, []))
    data = download(task)
    assert b"hidden" in polyglot
    assert not any(word in data for word in (b"hidden", b"<script", b"PK\x05\x06", b"Exif", b"xmpmeta"))
    assert Image.open(io.BytesIO(data)).format == "JPEG"


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


def test_output_redirects_to_a_link_that_works(client: Client) -> None:
    task, _ = client.run(sample_image(), [GRAYSCALE])
    answer = client.http.get(f"/v1/tasks/{task['task_id']}/output")
    assert answer.status_code == httpx.codes.TEMPORARY_REDIRECT
    assert httpx.get(answer.headers["Location"]).content == download(task)


def test_no_output_before_success(client: Client) -> None:
    task = client.ended(client.submit(sample_image((640, 480))[:2000], [GRAYSCALE]))
    answer = client.http.get(f"/v1/tasks/{task['task_id']}/output")
    assert (answer.status_code, answer.json()["code"]) == (409, "task_not_succeeded")


def test_a_watermark_of_mine(client: Client) -> None:
    mark = _upload(client, _png(Image.new("RGB", (8, 8), "red")))
    step = {"filter": "watermark", "image_id": mark, "position": "northwest", "scale": None, "margin": 2}
    _, image = client.run(sample_image((64, 48)), [step], {"format": "png"})
    colors = image.convert("RGB")
    assert colors.getpixel((3, 3)) == colors.getpixel((9, 9)) == (255, 0, 0)
    assert colors.getpixel((1, 1)) != (255, 0, 0)


def test_a_look_up_table_of_mine(client: Client) -> None:
    swapped = [f"{blue} {green} {red}" for blue in (0, 1) for green in (0, 1) for red in (0, 1)]
    cube = _upload(client, "\n".join(['TITLE "red for blue"', "LUT_3D_SIZE 2", *swapped]).encode())
    source = Image.new("RGB", (8, 8), (200, 100, 10))
    _, image = client.run(_png(source), [{"filter": "lut", "image_id": cube}], {"format": "png"})
    assert np.abs(np.asarray(image.convert("RGB"))[4, 4].astype(int) - (10, 100, 200)).max() <= 1


def test_another_users_watermark_is_rejected(client: Client, other_user: Client) -> None:
    steps = [GRAYSCALE, {"filter": "watermark", "image_id": _upload(other_user, sample_image())}]
    answer = client.http.post("/v1/tasks", data={"pipeline": json.dumps(steps)}, files={"image": sample_image()})
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert [problem["place"] for problem in answer.json()["problems"]] == ["pipeline.1.image_id"]


def test_an_animation_goes_through_a_pipeline(client: Client) -> None:
    source = io.BytesIO()
    frames = [Image.new("RGB", (32, 24), (60 * index, 0, 0)) for index in range(4)]
    frames[0].save(source, "GIF", save_all=True, append_images=frames[1:], duration=[50, 100, 150, 200], loop=0)
    task, animation = client.run(source.getvalue(), [{"filter": "invert"}, {"filter": "resize", "width": 16}])
    assert task["output"]["format"] == "gif"
    assert (getattr(animation, "n_frames", 1), animation.size, animation.info["loop"]) == (4, (16, 12), 0)
    for index, duration in enumerate((50, 100, 150, 200)):
        animation.seek(index)
        assert animation.info["duration"] == duration
        assert animation.convert("RGB").getpixel((8, 6)) == (255 - 60 * index, 255, 255)


def test_an_analysis_is_on_the_task(client: Client) -> None:
    source = _png(Image.new("RGB", (8, 8), (200, 100, 10)))
    task = client.ended(client.submit(source, [], {"analyse": ["average_color", "info"]}))
    assert task["analysis"]["average_color"] == {"color": "#c8640a", "alpha": 1.0}
    assert task["analysis"]["info"]["width"] == 8
    assert task["output"]["format"] == "json"
    assert json.loads(download(task)) == task["analysis"]


def test_a_task_reports_its_plan_and_timings(client: Client) -> None:
    steps: list[Json] = [{"filter": name} for name in ("grayscale", "brightness", "contrast", "blur")]
    task = client.submit(sample_image((640, 480)), [{"filter": "resize", "width": 100}, *steps])
    assert task["render_report"] is None

    report = client.ended(task)["render_report"]

    assert report["engine"].startswith("Pillow ")
    assert (report["decode"]["scale"], report["decode"]["luma_only"], report["decode"]["frames"]) == ("1/4", True, 1)
    assert [[step["filter"] for step in each["steps"]] for each in report["passes"]] == [
        ["resize"],
        ["grayscale", "brightness", "contrast"],
        ["blur"],
    ]
    assert report["passes"][1]["steps"][-1]["place"] == "pipeline.3"
    assert all(part["milliseconds"] > 0 for part in (report["decode"], *report["passes"], report["encode"]))


def test_what_is_probably_not_meant_is_a_warning(client: Client) -> None:
    steps: list[Json] = [{"filter": "contrast", "amount": 0}, {"filter": "invert"}]
    ended = client.ended(client.submit(image=sample_image(), pipeline=steps, output={"target_bytes": 100}))
    assert [(each["code"], each["path"]) for each in ended["warnings"]] == [
        ("step_without_effect", "pipeline.0"),
        ("target_bytes_exceeded", "output.target_bytes"),
    ]
    assert "warnings" not in ended["render_report"]
    assert client.ended(client.submit(image=sample_image(), pipeline=[{"filter": "invert"}]))["warnings"] == []


def test_a_task_that_failed_has_no_render_report(client: Client) -> None:
    ended = client.ended(client.submit(sample_image((640, 480))[:2000], [GRAYSCALE]))
    assert (ended["status"], ended["render_report"]) == ("failed", None)


def _upload(client: Client, data: bytes) -> str:
    answer = client.http.post("/v1/images", content=data)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return str(answer.json()["image_id"])


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
