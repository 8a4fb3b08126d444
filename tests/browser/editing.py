"""The editor with a picture: opens it, adds steps, and reads what it shows."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page

from tests.browser.conftest import STEP_MILLISECONDS, Visit, Visitor
from tests.harness.client import sample_image

SIZE = (640, 480)
Steps = list[dict[str, object]]


def open_editor(visit: Visit, *device: dict[str, object], query: str = "", **options: object) -> Visitor:
    """Open the editor with a picture of somebody new. Waits until it is shown."""
    visitor = visit(*device, **options)
    visitor.sign_up()
    page = visitor.open(f"#/edit/{visitor.upload(sample_image(SIZE))}{query}")
    picture(page).wait_for()
    return visitor


def picture(page: Page) -> Locator:
    return page.locator(".canvas img").last


def shown_source(page: Page) -> str:
    return picture(page).get_attribute("src") or ""


def add(page: Page, words: str) -> None:
    """Add the first filter or look that a search finds."""
    page.get_by_role("button", name="Add a step").click()
    page.get_by_role("searchbox").fill(words)
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("searchbox").wait_for(state="detached")


def pipeline(page: Page) -> Steps:
    """Return the steps in the address."""
    query = parse_qs(urlsplit(urlsplit(page.url).fragment).query)
    steps: Steps = json.loads(query.get("pipeline", ["[]"])[0])
    return steps


def expect_steps(page: Page, *expected: dict[str, object]) -> None:
    """Wait until the address has these steps: it follows a change after a moment."""
    expect_that(page, lambda steps: steps == list(expected))


def expect_names(page: Page, *expected: str) -> None:
    expect_that(page, lambda steps: [step["filter"] for step in steps] == list(expected))


def expect_that(page: Page, is_right: Callable[[Steps], bool]) -> Steps:
    for _ in range(STEP_MILLISECONDS // 100):
        if is_right(steps := pipeline(page)):
            return steps
        page.wait_for_timeout(100)
    raise AssertionError(pipeline(page))


def zoom_in(page: Page) -> None:
    page.get_by_role("button", name="Actual pixels (100 %)").click()
    page.locator(".stage.full-size").wait_for()
