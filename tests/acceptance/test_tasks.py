"""From the upload to the download, as somebody with an HTTP client sees it."""

import io
import json

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.harness.client import Json, Person, download, picture
from tests.harness.deployment import wait_for

GRAYSCALE: Json = {"filter": "grayscale"}
SLOW: list[Json] = [{"filter": "blur", "sigma": 200}] * 20
BIG = (4000, 3000)


def test_a_picture_goes_in_and_its_output_comes_out(person: Person) -> None:
    task = person.submit(picture((64, 48)), [GRAYSCALE, {"filter": "resize", "width": 32}])
    assert task["status"] == "queued"

    ended = person.ended(task)

    assert ended["status"] == "succeeded"
    assert ended["attempt"] == 1
    assert ended["error"] is None
    output = ended["output"]
    assert (output["format"], output["width"], output["height"]) == ("jpeg", 32, 24)
    assert output["bytes"] == len(download(ended))


def test_grayscale_is_gray(person: Person) -> None:
    _, image = person.run(picture(), [GRAYSCALE], {"format": "png"})
    red, green, blue = (np.asarray(band) for band in image.convert("RGB").split())
    assert np.array_equal(red, green)
    assert np.array_equal(green, blue)


def test_invert_inverts(person: Person) -> None:
    source = Image.new("RGB", (8, 8), (10, 200, 60))
    _, image = person.run(_png(source), [{"filter": "invert"}], {"format": "png"})
    assert image.convert("RGB").getpixel((4, 4)) == (245, 55, 195)


def test_steps_run_in_order(person: Person) -> None:
    crop = {"filter": "crop", "left": 0, "top": 0, "width": 32, "height": 48}
    _, image = person.run(picture((64, 48)), [crop, {"filter": "rotate", "angle": 90}])
    assert image.size == (48, 32)


@pytest.mark.parametrize(("wanted", "pillow_format"), [("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")])
def test_the_output_has_the_format_asked_for(person: Person, wanted: str, pillow_format: str) -> None:
    task, image = person.run(picture(format="PNG"), [GRAYSCALE], {"format": wanted, "quality": 70})
    assert image.format == pillow_format
    assert task["output"]["format"] == wanted


def test_a_link_serves_an_inert_attachment(person: Person) -> None:
    """Holds promise 24."""
    task, _ = person.run(picture(), [GRAYSCALE])
    answer = httpx.get(task["output"]["url"])
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_link_to_a_source_is_an_attachment_too(person: Person) -> None:
    """Holds promise 24: whatever somebody uploaded, no browser shows it as a page."""
    image = person.http.post("/v1/images", content=picture()).json()
    answer = httpx.get(person.http.get(f"/v1/images/{image['image_id']}").json()["url"])
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_nothing_but_the_picture_comes_back(person: Person) -> None:
    """Holds promise 24: no metadata of the source, and of a polyglot only what is a picture."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x010E] = "told in EXIF"
    exif.get_ifd(0x8825)[1] = "N"
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>told in XMP</x:xmpmeta>"
    Image.linear_gradient("L").save(out, "JPEG", exif=exif, xmp=xmp, comment=b"told in a comment")
    polyglot = out.getvalue() + b"<script>alert('told behind the picture')</script>PK\x05\x06" + bytes(18)
    task = person.ended(person.submit(polyglot, []))
    data = download(task)
    assert b"told" in polyglot
    assert not any(word in data for word in (b"told", b"<script", b"PK\x05\x06", b"Exif", b"xmpmeta"))
    assert Image.open(io.BytesIO(data)).format == "JPEG"


def test_filters_by_name_alone(person: Person) -> None:
    fields = {"filter": ["grayscale", "invert"]}
    answer = person.http.post("/v1/tasks", data=fields, files={"image": ("a.jpg", picture())})
    assert answer.status_code == httpx.codes.ACCEPTED
    assert answer.headers["Location"] == f"/v1/tasks/{answer.json()['task_id']}"
    assert [step["filter"] for step in answer.json()["pipeline"]] == ["grayscale", "invert"]
    assert person.ended(answer.json())["status"] == "succeeded"


@pytest.mark.parametrize("image_first", [True, False])
def test_fields_come_in_any_order(person: Person, *, image_first: bool) -> None:
    image: dict[str, tuple[str | None, bytes | str]] = {"image": ("a.jpg", picture())}
    pipeline = {"pipeline": (None, json.dumps([GRAYSCALE]))}
    output = {"output": (None, json.dumps({"format": "png"}))}
    parts = image | pipeline | output if image_first else output | pipeline | image
    answer = person.http.post("/v1/tasks", files=parts)
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    assert person.ended(answer.json())["output"]["format"] == "png"


def test_a_task_on_a_picture_uploaded_before(person: Person) -> None:
    uploaded = person.http.post("/v1/images", content=picture(), headers={"Content-Type": "image/jpeg"})
    assert uploaded.status_code == httpx.codes.CREATED
    order = {"image_id": uploaded.json()["image_id"], "pipeline": [GRAYSCALE], "output": {"format": "webp"}}

    tasks = [person.http.post("/v1/tasks", json=order).json() for _ in range(2)]

    assert {person.ended(task)["status"] for task in tasks} == {"succeeded"}


def test_a_picture_that_cannot_be_decoded_fails_with_a_code(person: Person) -> None:
    broken = picture((640, 480))[:2000]
    ended = person.ended(person.submit(broken, [GRAYSCALE]))
    assert (ended["status"], ended["error"]["code"]) == ("failed", "invalid_image")
    assert ended["attempt"] == 1
    assert ended["output"] is None


def test_a_step_that_the_picture_cannot_take_fails_with_a_code(person: Person) -> None:
    outside = {"filter": "crop", "left": 500, "top": 500, "width": 10, "height": 10}
    ended = person.ended(person.submit(picture((64, 48)), [outside]))
    assert (ended["status"], ended["error"]["code"]) == ("failed", "invalid_step")


def test_a_wrong_parameter_is_refused_with_its_place(person: Person) -> None:
    steps = [GRAYSCALE, GRAYSCALE, {"filter": "blur", "sigma": -1}]
    answer = person.http.post("/v1/tasks", data={"pipeline": json.dumps(steps)}, files={"image": picture()})
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "invalid_pipeline"
    assert [problem["place"] for problem in answer.json()["problems"]] == ["pipeline.2.sigma"]


def test_what_is_no_picture_is_refused(person: Person) -> None:
    answer = person.http.post("/v1/tasks", data={"filter": "invert"}, files={"image": ("a.jpg", b"GIF? No." * 99)})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_image")


def test_lists_are_newest_first_and_come_in_pages(person: Person) -> None:
    submitted = [person.submit(picture(), [GRAYSCALE])["task_id"] for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = person.http.get("/v1/tasks", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [task["task_id"] for task in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == submitted[::-1]


def test_lists_by_status(person: Person) -> None:
    good, _ = person.run(picture(), [GRAYSCALE])
    bad = person.ended(person.submit(picture((640, 480))[:2000], [GRAYSCALE]))
    for status, task in (("succeeded", good), ("failed", bad)):
        items = person.http.get("/v1/tasks", params={"status": status}).json()["items"]
        assert [item["task_id"] for item in items] == [task["task_id"]]


def test_a_cancelled_task_stays_cancelled(person: Person) -> None:
    task = person.submit(picture(BIG), SLOW)
    wait_for(lambda: person.task(task["task_id"])["status"] == "running", what="the claim")

    answer = person.http.post(f"/v1/tasks/{task['task_id']}/cancel")

    assert answer.is_success, answer.text
    assert answer.json()["status"] == "cancelled"
    later, _ = person.run(picture(), [GRAYSCALE])  # the worker is free again
    assert later["status"] == "succeeded"
    cancelled = person.task(task["task_id"])
    assert (cancelled["status"], cancelled["output"]) == ("cancelled", None)
    again = person.http.post(f"/v1/tasks/{task['task_id']}/cancel")
    assert again.json()["status"] == "cancelled"


def test_delete_takes_row_and_objects(person: Person) -> None:
    task, _ = person.run(picture(), [GRAYSCALE])

    deleted = person.http.delete(f"/v1/tasks/{task['task_id']}")

    assert deleted.status_code == httpx.codes.NO_CONTENT
    assert person.http.get(f"/v1/tasks/{task['task_id']}").status_code == httpx.codes.NOT_FOUND
    assert httpx.get(task["output"]["url"]).status_code == httpx.codes.NOT_FOUND
    source = person.http.get(f"/v1/images/{task['image_id']}")
    assert source.status_code == httpx.codes.NOT_FOUND


def test_output_redirects_to_a_link_that_works(person: Person) -> None:
    task, _ = person.run(picture(), [GRAYSCALE])
    answer = person.http.get(f"/v1/tasks/{task['task_id']}/output")
    assert answer.status_code == httpx.codes.TEMPORARY_REDIRECT
    assert httpx.get(answer.headers["Location"]).content == download(task)


def test_no_output_before_success(person: Person) -> None:
    task = person.ended(person.submit(picture((640, 480))[:2000], [GRAYSCALE]))
    answer = person.http.get(f"/v1/tasks/{task['task_id']}/output")
    assert (answer.status_code, answer.json()["code"]) == (409, "task_not_succeeded")


def test_a_watermark_of_mine(person: Person) -> None:
    mark = _upload(person, _png(Image.new("RGB", (8, 8), "red")))
    step = {"filter": "watermark", "image_id": mark, "position": "northwest", "scale": None, "margin": 2}
    _, image = person.run(picture((64, 48)), [step], {"format": "png"})
    assert image.getpixel((3, 3)) == image.getpixel((9, 9)) == (255, 0, 0)
    assert image.getpixel((1, 1)) != (255, 0, 0)


def test_a_look_up_table_of_mine(person: Person) -> None:
    swapped = [f"{blue} {green} {red}" for blue in (0, 1) for green in (0, 1) for red in (0, 1)]
    cube = _upload(person, "\n".join(['TITLE "red for blue"', "LUT_3D_SIZE 2", *swapped]).encode())
    source = Image.new("RGB", (8, 8), (200, 100, 10))
    _, image = person.run(_png(source), [{"filter": "lut", "image_id": cube}], {"format": "png"})
    assert np.abs(np.asarray(image)[4, 4].astype(int) - (10, 100, 200)).max() <= 1


def test_somebody_elses_watermark_is_refused(person: Person, stranger: Person) -> None:
    steps = [GRAYSCALE, {"filter": "watermark", "image_id": _upload(stranger, picture())}]
    answer = person.http.post("/v1/tasks", data={"pipeline": json.dumps(steps)}, files={"image": picture()})
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert [problem["place"] for problem in answer.json()["problems"]] == ["pipeline.1.image_id"]


def test_a_film_goes_through_a_pipeline(person: Person) -> None:
    source = io.BytesIO()
    frames = [Image.new("RGB", (32, 24), (60 * index, 0, 0)) for index in range(4)]
    frames[0].save(source, "GIF", save_all=True, append_images=frames[1:], duration=[50, 100, 150, 200], loop=0)
    task, film = person.run(source.getvalue(), [{"filter": "invert"}, {"filter": "resize", "width": 16}])
    assert task["output"]["format"] == "gif"
    assert (getattr(film, "n_frames", 1), film.size, film.info["loop"]) == (4, (16, 12), 0)
    for index, duration in enumerate((50, 100, 150, 200)):
        film.seek(index)
        assert film.info["duration"] == duration
        assert film.convert("RGB").getpixel((8, 6)) == (255 - 60 * index, 255, 255)


def test_an_analysis_is_on_the_task(person: Person) -> None:
    source = _png(Image.new("RGB", (8, 8), (200, 100, 10)))
    task = person.ended(person.submit(source, [], {"analyse": ["average_color", "info"]}))
    assert task["analysis"]["average_color"] == {"color": "#c8640a", "alpha": 1.0}
    assert task["analysis"]["info"]["width"] == 8
    assert task["output"]["format"] == "json"
    assert json.loads(download(task)) == task["analysis"]


def test_a_task_tells_its_plan_and_where_the_time_went(person: Person) -> None:
    steps: list[Json] = [{"filter": name} for name in ("grayscale", "brightness", "contrast", "blur")]
    task = person.submit(picture((640, 480)), [{"filter": "resize", "width": 100}, *steps])
    assert task["render_report"] is None

    report = person.ended(task)["render_report"]

    assert report["engine"].startswith("Pillow ")
    assert (report["decode"]["scale"], report["decode"]["luma_only"], report["decode"]["frames"]) == ("1/4", True, 1)
    assert [[step["filter"] for step in each["steps"]] for each in report["passes"]] == [
        ["resize"],
        ["grayscale", "brightness", "contrast"],
        ["blur"],
    ]
    assert report["passes"][1]["steps"][-1]["place"] == "pipeline.3"
    assert all(part["milliseconds"] > 0 for part in (report["decode"], *report["passes"], report["encode"]))


def test_a_task_that_failed_has_no_render_report(person: Person) -> None:
    ended = person.ended(person.submit(picture((640, 480))[:2000], [GRAYSCALE]))
    assert (ended["status"], ended["render_report"]) == ("failed", None)


def _upload(person: Person, data: bytes) -> str:
    answer = person.http.post("/v1/images", content=data)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return str(answer.json()["image_id"])


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
