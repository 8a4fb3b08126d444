"""The queue of uploads: what is rejected before it is sent, and what survives errors, a reload and a lost server."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, Visit, Visitor
from tests.harness.client import sample_image

IMAGES = "**/v1/images"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Five different images."""
    paths = [tmp_path / f"picture-{number}.jpg" for number in range(5)]
    for number, path in enumerate(paths):
        path.write_bytes(sample_image((64 + number, 48)))
    return paths


def choose(page: Page, files: list[Path]) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("main").get_by_role("button", name="Choose pictures").click()
    chooser.value.set_files(files)


def stored(visitor: Visitor) -> int:
    return len(visitor.page.request.get(f"{visitor.url}/v1/images").json()["items"])


def test_pictures_chosen_before_the_account_are_uploaded_after_it(visit: Visit, files: list[Path]) -> None:
    visitor = visit(PHONE)
    page = visitor.open()
    choose(page, files)
    expect(page.get_by_text("5 pictures wait in this browser.", exact=False)).to_be_visible()
    page.get_by_label("Email").fill(visitor.email)
    page.get_by_label("Password").fill(visitor.password)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("5 of 5 uploaded")).to_be_visible()
    assert stored(visitor) == 5


def test_files_that_the_server_would_reject_are_not_sent(visit: Visit, tmp_path: Path) -> None:
    visitor = visit()
    visitor.sign_up()
    page = visitor.open("#/upload")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.method))
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "empty.png").touch()
    choose(page, [tmp_path / "notes.txt", tmp_path / "empty.png"])
    expect(page.get_by_text(re.compile("^Darkroom cannot read this kind of file"))).to_be_visible()
    expect(page.get_by_text(re.compile("^The file is damaged or is no picture"))).to_be_visible()
    assert "POST" not in requests


def test_at_most_three_are_sent_at_a_time(visit: Visit, files: list[Path]) -> None:
    visitor = visit()
    visitor.sign_up()
    page = visitor.open("#/upload")
    held: list[Route] = []
    page.route(IMAGES, lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks the function
    choose(page, files)
    expect(page.locator(".uploads progress")).to_have_count(3)
    page.wait_for_timeout(200)
    assert len(held) == 3
    page.unroute(IMAGES)  # which lets them go on
    expect(page.get_by_text("5 of 5 uploaded")).to_be_visible()


def test_retry_after_is_honoured_for_the_whole_queue(visit: Visit, files: list[Path]) -> None:
    visitor = visit()
    visitor.expected.append("429")
    visitor.sign_up()
    page = visitor.open("#/upload")
    page.clock.install()
    sent: list[str] = []

    def reject(route: Route) -> None:
        sent.append(route.request.url)
        body = '{"code": "too_many_requests", "detail": "Rate limit exceeded."}'
        route.fulfill(status=429, headers={"Retry-After": "30"}, content_type="application/problem+json", body=body)

    page.route(IMAGES, reject)
    choose(page, files)
    expect(page.get_by_text("Too many requests. Try again in 30 s.").first).to_be_visible()
    page.clock.run_for(20_000)
    assert len(sent) == 3
    page.unroute(IMAGES)
    page.clock.run_for(20_000)
    expect(page.get_by_text("5 of 5 uploaded")).to_be_visible()


def test_failed_uploads_are_retried_together(visit: Visit, files: list[Path]) -> None:
    visitor = visit()
    visitor.expected.append("415")
    visitor.sign_up()
    page = visitor.open("#/upload")
    body = '{"code": "unsupported_image", "detail": "Unsupported image format."}'
    page.route(IMAGES, lambda route: route.fulfill(status=415, content_type="application/problem+json", body=body))
    choose(page, files)
    again = page.get_by_role("button", name="Retry all 5 failed")
    expect(again).to_be_visible()
    page.unroute(IMAGES)
    again.click()
    expect(page.get_by_text("5 of 5 uploaded")).to_be_visible()


def test_an_upload_is_resumed_after_a_reload(visit: Visit, files: list[Path]) -> None:
    visitor = visit()
    visitor.sign_up()
    page = visitor.open("#/upload")
    is_first_visit = True
    # Left unanswered, not `unroute`d before the reload: that lets the waiting requests through.
    page.route(IMAGES, lambda route: None if is_first_visit else route.continue_())
    choose(page, files)
    expect(page.locator(".uploads progress")).to_have_count(3)
    is_first_visit = False
    page.reload()
    expect(page.get_by_text("5 of 5 uploaded")).to_be_visible()
    assert stored(visitor) == 5


def test_a_lost_answer_makes_no_second_image(visit: Visit, files: list[Path]) -> None:
    visitor = visit()
    visitor.expected.append("ERR_CONNECTION_RESET")
    visitor.sign_up()
    page = visitor.open("#/upload")

    def lose_the_answer(route: Route) -> None:
        # Playwright does not see the files of a form.
        key = route.request.headers["idempotency-key"]
        visitor.upload(files[0].read_bytes(), files[0].name, **{"Idempotency-Key": key})
        route.abort("connectionreset")

    page.route(IMAGES, lose_the_answer, times=1)
    choose(page, files[:1])
    expect(page.get_by_text("1 of 1 uploaded")).to_be_visible()
    assert stored(visitor) == 1


def test_a_cancelled_upload_is_not_stored(visit: Visit, files: list[Path]) -> None:
    visitor = visit()
    visitor.sign_up()
    page = visitor.open("#/upload")
    page.route(IMAGES, lambda _: None)
    choose(page, files[:1])
    page.get_by_role("button", name="Cancel picture-0.jpg").click()
    expect(page.get_by_text("picture-0.jpg")).to_have_count(0)
    page.unroute(IMAGES)
    page.reload()
    expect(page.get_by_role("button", name="Choose pictures")).to_be_visible()
    assert stored(visitor) == 0


def test_pictures_are_dropped_anywhere(visit: Visit) -> None:
    visitor = visit()
    visitor.sign_up()
    page = visitor.open("#/account")
    page.get_by_role("heading", name="Account", exact=True).wait_for()
    data = page.evaluate_handle(
        """(bytes) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], 'dropped.jpg', { type: 'image/jpeg' }));
          return transfer;
        }""",
        list(sample_image()),
    )
    page.dispatch_event("body", "dragover", {"dataTransfer": data})
    expect(page.get_by_text("Drop to add the pictures")).to_be_visible()
    page.dispatch_event("body", "drop", {"dataTransfer": data})
    expect(page.get_by_text("1 of 1 uploaded")).to_be_visible()


def test_a_picture_is_pasted(visit: Visit) -> None:
    visitor = visit()
    visitor.sign_up()
    page = visitor.open("#/account")
    page.get_by_role("heading", name="Account", exact=True).wait_for()
    page.evaluate(
        """(bytes) => {
          const clipboardData = new DataTransfer();
          clipboardData.items.add(new File([new Uint8Array(bytes)], 'image.png', { type: 'image/png' }));
          document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
        }""",
        list(sample_image()),
    )
    expect(page.get_by_text("1 of 1 uploaded")).to_be_visible()


def test_no_chosen_file_is_lost_though_names_and_times_are_equal(visit: Visit, tmp_path: Path) -> None:
    """30 files of the same name, chosen in the same millisecond, in two goes, and read back after a reload."""
    visitor = visit()
    visitor.sign_up()
    page = visitor.page
    page.clock.set_fixed_time("2026-11-30T12:00:00Z")
    visitor.open("#/upload")
    paths = [tmp_path / str(number) / "IMG.jpg" for number in range(30)]
    for number, path in enumerate(paths):
        path.parent.mkdir()
        path.write_bytes(sample_image((32 + number, 16)))
    is_held = True
    page.route(IMAGES, lambda route: None if is_held else route.continue_())
    choose(page, paths[:20])
    choose(page, paths[20:])
    expect(page.locator(".uploads li")).to_have_count(30)
    expect(page.locator(".uploads progress")).to_have_count(3)
    is_held = False
    page.reload()
    expect(page.locator(".uploads li")).to_have_count(30)
    expect(page.get_by_text("30 of 30 uploaded")).to_be_visible()
    items = page.request.get(f"{visitor.url}/v1/images?limit=100").json()["items"]
    assert len(items) == 30
    assert len({item["sha256"] for item in items}) == 30


def test_files_added_while_the_queue_is_read_are_there_once(visit: Visit, files: list[Path]) -> None:
    visitor = visit()
    visitor.sign_up()
    page = visitor.page
    page.add_init_script("""const getAll = IDBObjectStore.prototype.getAll;
      IDBObjectStore.prototype.getAll = function () {
        const opened = getAll.call(this);
        const late = {};
        opened.onsuccess = () => setTimeout(() => { late.result = opened.result; late.onsuccess(); }, 1500);
        return late;
      };""")
    visitor.open("#/upload")
    page.route(IMAGES, lambda _: None)
    choose(page, files)
    page.wait_for_timeout(2500)
    expect(page.locator(".uploads li")).to_have_count(5)
