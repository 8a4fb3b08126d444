"""The gallery: live over one stream, details, deletion with undo, the same edit on many pictures, ZIP downloads."""

import io
import json
import re
import zipfile
from typing import Any

import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser.conftest import PHONE, Visit, Visitor
from tests.harness.client import sample_image
from tests.harness.deployment import wait_for

CLIPBOARD = ["clipboard-read", "clipboard-write"]
FALLBACK = "delete window.showSaveFilePicker"
# A real file handle of the browser, in place of the dialog that a test cannot answer.
INTO_OWN_STORAGE = """window.showSaveFilePicker = async ({ suggestedName }) =>
  (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })"""


@pytest.fixture
def visitor(visit: Visit) -> Visitor:
    somebody = visit(permissions=CLIPBOARD)
    somebody.sign_up()
    return somebody


def submit(visitor: Visitor, image_id: str, pipeline: list[dict[str, Any]]) -> None:
    answer = visitor.page.request.post(
        f"{visitor.url}/v1/tasks",
        data=json.dumps({"image_id": image_id, "pipeline": pipeline}),
        headers={"Origin": visitor.url, "Content-Type": "application/json"},
    )
    assert answer.ok, answer.text()


def select_all(page: Page) -> None:
    page.locator(".picture").first.wait_for()
    for box in page.locator(".picture > input").all():
        box.check()


def names_in(download: Download) -> list[str]:
    with zipfile.ZipFile(download.path()) as archive:
        assert archive.testzip() is None
        return sorted(archive.namelist())


def test_tasks_appear_and_end_without_a_reload(visitor: Visitor) -> None:
    page = visitor.open("#/gallery")
    expect(page.get_by_role("heading", name="No results yet")).to_be_visible()
    submit(visitor, visitor.upload(sample_image()), [{"filter": "sepia"}])
    expect(page.get_by_text("holiday-sepia.jpeg")).to_be_visible()


def test_two_tabs_share_one_stream(visitor: Visitor) -> None:
    page, other = visitor.page, visitor.page.context.new_page()
    streams: list[str] = []
    for tab in (page, other):
        tab.on("request", lambda request: streams.append(request.url) if request.url.endswith("/v1/events") else None)
        tab.goto(f"{visitor.url}/#/gallery")
        expect(tab.get_by_role("heading", name="No results yet")).to_be_visible()
    submit(visitor, visitor.upload(sample_image()), [{"filter": "sepia"}])
    for tab in (page, other):
        expect(tab.get_by_text("holiday-sepia.jpeg")).to_be_visible()
    assert len(streams) == 1
    page.close()  # the other one takes over
    submit(visitor, _upload_from(other, visitor.url), [{"filter": "invert"}])
    expect(other.get_by_text("later-invert.jpeg")).to_be_visible()


def _upload_from(page: Page, url: str) -> str:
    image = {"name": "later.jpg", "mimeType": "image/jpeg", "buffer": sample_image((40, 30))}
    answer = page.request.post(f"{url}/v1/images", multipart={"image": image}, headers={"Origin": url})  # type: ignore[dict-item]
    return str(answer.json()["image_id"])


def test_a_result_is_downloaded_linked_and_used_again(visitor: Visitor) -> None:
    image_id = visitor.upload(sample_image())
    submit(visitor, image_id, [{"filter": "sepia"}])
    page = visitor.open("#/gallery")
    page.get_by_text("holiday-sepia.jpeg").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "holiday-sepia.jpeg"
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".toast")).to_contain_text("It is valid until")
    link = page.evaluate("navigator.clipboard.readText()")
    assert page.request.get(link).headers["content-type"] == "image/jpeg"
    again = page.get_by_role("link", name="Edit again").get_attribute("href") or ""
    assert again.startswith(f"#/edit/{image_id}?pipeline=")


def test_a_delivery_url_gets_its_key(visitor: Visitor) -> None:
    visitor.expected.append("409")
    submit(visitor, visitor.upload(sample_image()), [{"filter": "sepia"}])
    page = visitor.open("#/gallery")
    page.get_by_text("holiday-sepia.jpeg").click()
    page.get_by_role("button", name="Copy delivery URL").click()
    expect(page.get_by_text(re.compile("^Delivery URL copied")).last).to_be_visible()
    answer = page.request.get(page.evaluate("navigator.clipboard.readText()"))
    assert answer.headers["content-type"].startswith("image/")


def test_a_result_becomes_an_original(visitor: Visitor) -> None:
    submit(visitor, visitor.upload(sample_image()), [{"filter": "sepia"}])
    page = visitor.open("#/gallery")
    page.get_by_text("holiday-sepia.jpeg").click()
    page.get_by_role("button", name="Edit the result").click()
    page.wait_for_url(re.compile("#/edit/"))
    items = page.request.get(f"{visitor.url}/v1/images").json()["items"]
    assert [item["file_name"] for item in items] == ["holiday-sepia.jpeg", "holiday.jpeg"]


def test_a_failed_task_says_what_to_do(visitor: Visitor) -> None:
    visitor.expected.append("422")  # the thumbnail of a damaged image
    submit(visitor, visitor.upload(sample_image((640, 480))[:2000]), [{"filter": "sepia"}])
    page = visitor.open("#/gallery")
    page.locator(".picture.failed").get_by_role("button").click()
    expect(page.get_by_role("dialog")).to_contain_text("Export it again and upload the new file.")


def test_deleted_pictures_can_be_brought_back(visitor: Visitor) -> None:
    visitor.upload(sample_image())
    page = visitor.open("#/gallery?tab=images")
    select_all(page)
    delete = page.get_by_role("button", name="Delete")
    delete.click()
    expect(page.get_by_text("holiday.jpeg")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("holiday.jpeg")).to_be_visible()
    select_all(page)
    delete.click()
    page.locator(".toast").get_by_role("button", name="Close").click()
    expect(page.get_by_role("heading", name="No pictures yet")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="No pictures yet")).to_be_visible()


def test_one_edit_on_many_pictures_downloaded_as_a_zip(visit: Visit) -> None:
    visitor = visit(PHONE)
    visitor.sign_up()
    visitor.page.add_init_script(FALLBACK)
    for width in (60, 61, 62):
        visitor.upload(sample_image((width, 40)))
    page = visitor.open("#/gallery?tab=images")
    expect(page.locator(".picture")).to_have_count(3)
    select_all(page)
    page.get_by_role("button", name="Apply an edit").click()
    page.get_by_role("dialog").get_by_label("Edit").select_option("look:noir")
    page.get_by_role("dialog").get_by_label("Save as").select_option("webp")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("3 of 3 finished").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all as ZIP").click()
    assert names_in(download.value) == ["holiday-noir (2).webp", "holiday-noir (3).webp", "holiday-noir.webp"]


def test_a_zip_is_written_while_it_is_fetched(visitor: Visitor) -> None:
    visitor.page.add_init_script(INTO_OWN_STORAGE)
    for width in (60, 61):
        submit(visitor, visitor.upload(sample_image((width, 40))), [{"filter": "invert"}])
    page = visitor.open("#/gallery")
    expect(page.locator(".picture.succeeded")).to_have_count(2)
    select_all(page)
    page.get_by_role("button", name="Download ZIP").click()
    read = """async () => {
      const root = await navigator.storage.getDirectory();
      const file = await (await root.getFileHandle('darkroom.zip', { create: true })).getFile();
      return [...new Uint8Array(await file.arrayBuffer())];
    }"""
    content = wait_for(lambda: bytes(page.evaluate(read)), what="the ZIP")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == ["holiday-invert (2).jpeg", "holiday-invert.jpeg"]


def test_failed_pictures_are_selected_again(visitor: Visitor) -> None:
    visitor.expected.append("422")
    visitor.upload(sample_image())
    visitor.upload(sample_image((640, 480))[:2000], "damaged.jpg")
    page = visitor.open("#/gallery?tab=images")
    expect(page.locator(".picture")).to_have_count(2)
    select_all(page)
    page.get_by_role("button", name="Apply an edit").click()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Select the failed ones").click()
    expect(page.get_by_text("One selected")).to_be_visible()
    expect(page.locator(".picture.selected")).to_contain_text("damaged.jpeg")


def test_an_edit_of_the_editor_is_offered_for_many(visitor: Visitor) -> None:
    visitor.upload(sample_image())
    page = visitor.open('#/gallery?tab=images&pipeline=[{"filter":"sepia","amount":50}]&output={"format":"png"}')
    expect(page.get_by_text("Select the pictures to apply your edit to.")).to_be_in_viewport()
    select_all(page)
    page.get_by_role("button", name="Apply an edit").click()
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("holiday-sepia.png")).to_be_visible()


def test_the_edit_of_a_result_becomes_a_preset(visitor: Visitor) -> None:
    submit(visitor, visitor.upload(sample_image()), [{"filter": "sepia"}])
    page = visitor.open("#/gallery")
    page.get_by_text("holiday-sepia.jpeg").click()
    page.get_by_role("button", name="Presets").click()
    dialog = page.get_by_role("dialog", name="Presets")
    dialog.get_by_label("Save this edit as").fill("My look")
    dialog.get_by_role("button", name="Save preset").click()
    expect(dialog.get_by_text("my-look", exact=True)).to_be_visible()
    saved = page.request.get(f"{visitor.url}/v1/presets/my-look").json()
    assert [step["filter"] for step in saved["pipeline"]] == ["sepia"]
    dialog.get_by_role("button", name="Delete the preset my-look").click()
    expect(dialog.get_by_text("No presets yet.")).to_be_visible()


def test_all_pictures_are_selected_also_those_that_are_not_loaded(visitor: Visitor) -> None:
    for width in range(45):  # a page has 40
        visitor.upload(sample_image((20 + width, 16)), f"IMG_{width}.jpg")
    page = visitor.open("#/gallery?tab=images")
    page.locator(".picture > input").first.check()
    page.get_by_role("button", name="Select all").click()
    expect(page.get_by_text("45 selected")).to_be_visible()
    page.get_by_role("button", name="Clear the selection").click()
    page.locator(".picture > input").nth(1).check()
    page.locator(".picture > input").nth(4).click(modifiers=["Shift"])
    expect(page.get_by_text("4 selected")).to_be_visible()


def test_pictures_are_found_by_the_names_of_their_files(visitor: Visitor) -> None:
    visitor.upload(sample_image(), "IMG_1.jpg")
    visitor.upload(sample_image((40, 30)), "IMG_2.jpg")
    page = visitor.open("#/gallery?tab=images")
    expect(page.locator(".picture")).to_have_count(2)
    page.get_by_role("searchbox").fill("img_2.jpg")
    expect(page.locator(".picture")).to_have_count(1)
    page.get_by_role("searchbox").fill("IMG_3.jpg")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()


def test_a_thumbnail_is_fetched_again_after_a_rejection(visitor: Visitor) -> None:
    """Scrolling through hundreds of pictures reaches the limit of thumbnails a minute."""
    visitor.expected.append("429")
    visitor.upload(sample_image())
    page = visitor.page
    page.clock.install()
    page.route("**/thumbnail", lambda route: route.fulfill(status=429), times=1)
    visitor.open("#/gallery?tab=images")
    expect(page.locator(".picture .frame > svg")).to_be_visible()
    page.clock.run_for(6_000)
    expect(page.locator(".picture img")).to_be_visible()


def test_pictures_that_were_loaded_stay_when_many_tasks_change(visitor: Visitor) -> None:
    image_id = visitor.upload(sample_image())
    for amount in range(45):
        submit(visitor, image_id, [{"filter": "sepia", "amount": amount + 1}])
    page = visitor.open("#/gallery")
    page.locator(".picture").first.wait_for()
    page.get_by_text("Show more").scroll_into_view_if_needed()
    expect(page.locator(".picture")).to_have_count(45)
    for amount in range(20):  # so many that the newest page is read
        submit(visitor, image_id, [{"filter": "blur", "sigma": amount + 1}])
    expect(page.locator(".picture")).to_have_count(65)
