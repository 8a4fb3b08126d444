"""Outputs, as somebody with an HTTP client sees them: pixels, formats, names, links and reports."""

import io
import json

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.acceptance.images import GRAYSCALE, upload
from tests.harness.client import Client, Json, download, sample_image


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
    mark = upload(client, _png(Image.new("RGB", (8, 8), "red")))
    step = {"filter": "watermark", "image_id": mark, "position": "northwest", "scale": None, "margin": 2}
    _, image = client.run(sample_image((64, 48)), [step], {"format": "png"})
    colors = image.convert("RGB")
    assert colors.getpixel((3, 3)) == colors.getpixel((9, 9)) == (255, 0, 0)
    assert colors.getpixel((1, 1)) != (255, 0, 0)


def test_a_look_up_table_of_mine(client: Client) -> None:
    swapped = [f"{blue} {green} {red}" for blue in (0, 1) for green in (0, 1) for red in (0, 1)]
    cube = upload(client, "\n".join(['TITLE "red for blue"', "LUT_3D_SIZE 2", *swapped]).encode())
    source = Image.new("RGB", (8, 8), (200, 100, 10))
    _, image = client.run(_png(source), [{"filter": "lut", "image_id": cube}], {"format": "png"})
    assert np.abs(np.asarray(image.convert("RGB"))[4, 4].astype(int) - (10, 100, 200)).max() <= 1


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


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
