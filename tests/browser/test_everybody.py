"""For everybody: each state without findings of axe, on narrow screens, by keyboard alone, in Russian."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, Visitor
from tests.browser.editing import add, open_editor
from tests.browser.test_gallery import select_all, submit
from tests.harness.client import sample_image
from tests.harness.deployment import ROOT

SCREENS = ROOT / ".screens"  # what a run looked like; not kept in git
DESKTOP, PHONE, NARROWEST = (1280, 800), (390, 844), (320, 640)
_SERIOUS = {"serious", "critical"}


def welcome(visitor: Visitor) -> None:
    visitor.open().get_by_role("heading", level=1).wait_for()


def register(visitor: Visitor) -> None:
    visitor.open("#/sign-in?new=1").get_by_role("heading", name="Create an account").wait_for()


def rejected_sign_in(visitor: Visitor) -> None:
    visitor.expected.append("401")
    page = visitor.open("#/sign-in")
    page.get_by_label("Email").fill(visitor.email)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()


def empty_queue(visitor: Visitor) -> None:
    visitor.sign_up()
    visitor.open("#/upload").get_by_role("button", name="Choose a folder").wait_for()


def queue(visitor: Visitor) -> None:
    visitor.sign_up()
    page = visitor.open("#/upload")
    files = [
        {"name": "holiday.jpg", "mimeType": "image/jpeg", "buffer": sample_image()},
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"notes"},
    ]
    page.locator("input[type=file]:not([webkitdirectory])").set_input_files(files)  # type: ignore[arg-type]
    page.get_by_text("1 of 1 uploaded").wait_for()


def empty_gallery(visitor: Visitor) -> None:
    visitor.sign_up()
    visitor.open("#/gallery").get_by_role("heading", name="No results yet").wait_for()


def gallery(visitor: Visitor) -> None:
    visitor.expected.append("422")  # the thumbnail of a damaged image
    visitor.sign_up()
    for image, look in ((sample_image(), "noir"), (sample_image((640, 480))[:2000], "sepia")):
        submit(visitor, visitor.upload(image), [{"filter": look}])
    page = visitor.open("#/gallery")
    page.locator(".picture.failed").wait_for()
    page.locator(".picture.succeeded").wait_for()


def selection(visitor: Visitor) -> None:
    visitor.sign_up()
    visitor.upload(sample_image())
    select_all(visitor.open("#/gallery?tab=images"))


def choice_of_an_edit(visitor: Visitor) -> None:
    selection(visitor)
    visitor.page.get_by_role("button", name="Apply an edit").click()
    visitor.page.get_by_role("dialog").get_by_label("Edit").wait_for()


def failed_task(visitor: Visitor) -> None:
    gallery(visitor)
    visitor.page.locator(".picture.failed").get_by_role("button").click()
    visitor.page.get_by_role("dialog").wait_for()


def result(visitor: Visitor) -> None:
    gallery(visitor)
    visitor.page.locator(".picture.succeeded").get_by_role("button").click()
    visitor.page.get_by_role("dialog").get_by_role("link", name="Download").wait_for()


def account(visitor: Visitor) -> None:
    visitor.sign_up()
    visitor.open("#/account").get_by_text("this browser").wait_for()


def new_key(visitor: Visitor) -> None:
    account(visitor)
    visitor.page.get_by_role("button", name="New key").click()
    visitor.page.get_by_role("dialog").wait_for()


def pictures_that_wait(visitor: Visitor) -> None:
    page = visitor.open()
    file = {"name": "holiday.jpg", "mimeType": "image/jpeg", "buffer": sample_image()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_text("1 picture waits in this browser.", exact=False).wait_for()


def without_network(visitor: Visitor) -> None:
    visitor.expected.append("ERR_INTERNET_DISCONNECTED")
    empty_gallery(visitor)
    visitor.page.context.set_offline(True)
    visitor.page.get_by_text("You are offline", exact=False).wait_for()


def ended_session(visitor: Visitor) -> None:
    visitor.expected.append("401")
    empty_gallery(visitor)
    visitor.page.request.delete(f"{visitor.url}/v1/sessions", headers={"Origin": visitor.url})
    visitor.page.get_by_role("button", name="Originals").click()
    visitor.page.get_by_role("main").get_by_role("link", name="Sign in").wait_for()


def zip_progress(visitor: Visitor) -> None:
    visitor.page.add_init_script("delete window.showSaveFilePicker")
    visitor.sign_up()
    submit(visitor, visitor.upload(sample_image()), [{"filter": "noir"}])
    page = visitor.open("#/gallery")
    page.locator(".picture.succeeded").wait_for()
    page.route("**/output", lambda _: None)
    select_all(page)
    page.get_by_role("button", name="Download ZIP").click()
    page.get_by_role("progressbar").wait_for()


def in_russian(visitor: Visitor) -> None:
    gallery(visitor)
    visitor.page.get_by_role("button", name="RU").click()
    visitor.page.get_by_role("heading", name="Галерея").wait_for()


def editor(*filters: str) -> Callable[[Visitor], None]:
    """Return what reaches the editor with these steps added one after the other: the last one is open."""

    def reach(visitor: Visitor) -> None:
        page = open_editor(lambda: visitor).page
        for each in filters:
            add(page, each)
        page.locator(".canvas img").last.wait_for()

    reach.__name__ = f"editor_{'_'.join(filters)}"
    return reach


def explained(visitor: Visitor) -> None:
    editor("resize")(visitor)
    visitor.page.get_by_role("button", name="Explain the options").click()


def presets(visitor: Visitor) -> None:
    editor("sepia")(visitor)
    visitor.page.get_by_role("button", name="Presets").click()
    visitor.page.get_by_label("Save this edit as").fill("menu")
    visitor.page.get_by_role("button", name="Save preset").click()
    visitor.page.get_by_role("button", name="Apply", exact=True).wait_for()


STATES = [
    welcome,
    register,
    rejected_sign_in,
    empty_queue,
    queue,
    empty_gallery,
    gallery,
    selection,
    choice_of_an_edit,
    failed_task,
    result,
    account,
    new_key,
    pictures_that_wait,
    without_network,
    ended_session,
    zip_progress,
    in_russian,
    editor("crop"),
    editor("redact"),
    editor("perspective"),
    editor("curves"),
    editor("gradient map"),
    editor("convolution"),
    explained,
    presets,
]


def findings(page: Page) -> list[tuple[str, list[Any]]]:
    violations = Axe().run(page).response["violations"]
    return [
        (each["id"], [node["target"] for node in each["nodes"]]) for each in violations if each["impact"] in _SERIOUS
    ]


@pytest.mark.parametrize("reach", STATES, ids=lambda reach: reach.__name__)
def test_every_state_is_accessible_and_fits(visit: Visit, reach: Callable[[Visitor], None]) -> None:
    visitor = visit(reduced_motion="reduce")
    reach(visitor)
    page = visitor.page
    SCREENS.mkdir(exist_ok=True)
    for (width, height), scheme in ((DESKTOP, "light"), (PHONE, "dark"), (NARROWEST, "light")):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_timeout(150)  # until the colours of the other theme are drawn
        page.screenshot(path=SCREENS / f"{reach.__name__}-{width}-{scheme}.png")
        assert findings(page) == [], (width, scheme)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow == 0, width  # 320 pixels are 1280 at 400 %


def press_until(page: Page, name: str, *, key: str = "Tab") -> None:
    """Move the focus until it is on what has that name."""
    for _ in range(40):
        page.keyboard.press(key)
        found = page.evaluate("document.activeElement.ariaLabel || document.activeElement.innerText || ''")
        if name in found:
            return
    pytest.fail(f"the keyboard does not reach {name!r}")


def test_the_whole_path_by_keyboard(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open()
    page.get_by_role("heading", level=1).wait_for()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    press_until(page, "Divider between before and after")
    page.keyboard.press("ArrowRight")
    assert float(page.evaluate("document.activeElement.value")) > 50
    page.goto(f"{visitor.url}/#/sign-in?new=1")
    page.get_by_label("Email").focus()
    page.keyboard.type(visitor.email)
    page.keyboard.press("Tab")
    page.keyboard.type(visitor.password)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("#/upload"))
    submit(visitor, visitor.upload(sample_image()), [{"filter": "sepia"}])
    press_until(page, "Gallery", key="Shift+Tab")
    page.keyboard.press("Enter")
    page.get_by_text("holiday-sepia.jpeg").wait_for()
    expect(page.get_by_role("main")).to_be_focused()
    press_until(page, "holiday-sepia.jpeg")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="holiday-sepia.jpeg")).to_be_focused()


def test_the_whole_page_is_russian(visit: Visit) -> None:
    visitor = visit(locale="ru-RU")
    visitor.sign_up()
    image_id = visitor.upload(sample_image())
    edit = f'#/edit/{image_id}?pipeline=[{{"filter":"resize","width":40}},{{"filter":"noir"}}]'
    for fragment in ("#/upload", "#/gallery", "#/gallery?tab=images", "#/account", edit):
        page = visitor.open(fragment)
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_timeout(300)
        words = re.findall(r"[A-Za-z]{3,}", page.locator("body").inner_text())
        names = {"Darkroom", "example", "com", "Chrome", "Linux", "API", "holiday", "jpeg"}
        formats = {"JPEG", "PNG", "WebP", "AVIF", "HEIC", "GIF", "TIFF", "BMP", "ICO", "SVG"}
        left = set(words) - names - formats - set(re.findall(r"[a-z]+", visitor.email))
        assert left == set(), fragment


def test_the_theme_is_kept(visit: Visit) -> None:
    page = visit(color_scheme="light").open()
    page.get_by_role("button", name="Theme: like the system").click()
    page.get_by_role("button", name="Theme: light").click()
    page.reload()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(22, 20, 18)"
