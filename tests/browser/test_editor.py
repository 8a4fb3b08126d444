"""The editor, as somebody with a picture uses it: by pointer, by keyboard alone, on a phone, and with mistakes."""

import io
import json
import shlex
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, Route, expect

from darkroom.batch.steps import parse_step
from tests.browser.conftest import PHONE, Visit, Visitor
from tests.browser.editing import (
    SIZE,
    add,
    expect_names,
    expect_steps,
    expect_that,
    open_editor,
    picture,
    shown_source,
    zoom_in,
)
from tests.harness.client import sample_image


@pytest.fixture
def editor(visit: Visit) -> Callable[..., Visitor]:
    return partial(open_editor, visit)


def test_a_step_shows_at_once_and_is_rendered(editor: Callable[..., Visitor]) -> None:
    visitor = editor()
    page = visitor.page
    before = shown_source(page)
    add(page, "grayscale")
    expect(picture(page)).not_to_have_attribute("src", before)
    page.get_by_label("Format").select_option("png")
    page.get_by_role("button", name="Render").click()
    link = page.get_by_role("link", name="Download")
    link.wait_for()
    expect(page.locator(".result")).to_contain_text("640")
    output = page.request.get(link.get_attribute("href") or "").body()
    assert Image.open(io.BytesIO(output)).convert("RGB").getpixel((9, 9)) == (gray := _gray(output), gray, gray)


def _gray(output: bytes) -> int:
    return int(Image.open(io.BytesIO(output)).convert("L").getpixel((9, 9)))  # type: ignore[arg-type]


def test_values_are_undone_and_are_in_the_address(editor: Callable[..., Visitor]) -> None:
    page = editor().page
    add(page, "brightness")
    amount = page.get_by_role("spinbutton", name="Amount")
    amount.fill("40")
    expect_steps(page, {"filter": "brightness", "amount": 40})
    address = page.url
    page.get_by_role("button", name="Undo").click()
    expect_steps(page, {"filter": "brightness"})
    page.keyboard.press("Control+z")
    expect_steps(page)
    page.keyboard.press("Control+Shift+z")
    page.get_by_role("button", name="Redo").click()
    expect_steps(page, {"filter": "brightness", "amount": 40})
    page.goto(address)
    page.reload()
    page.get_by_text("Amount 40").wait_for()


def test_steps_are_moved_switched_off_duplicated_and_removed(editor: Callable[..., Visitor]) -> None:
    page = editor(query='?pipeline=[{"filter":"sepia"},{"filter":"blur","sigma":4},{"filter":"invert"}]').page
    page.locator(".opener", has_text="Negative").press("Alt+ArrowUp")
    expect_names(page, "sepia", "invert", "blur")
    expect(page.locator(".opener", has_text="Negative")).to_be_focused()
    page.locator(".opener", has_text="Blur").click()
    page.get_by_role("button", name="Move up").click()
    page.get_by_role("button", name="Duplicate").click()
    expect_names(page, "sepia", "blur", "blur", "invert")
    page.get_by_role("switch", name="Sepia: on").click()
    expect_that(page, lambda steps: steps[0] == {"filter": "sepia", "off": True})
    page.get_by_role("button", name="Reset to defaults").click()
    expect_that(page, lambda steps: steps[1] == {"filter": "blur"})
    page.get_by_role("button", name="Remove").click()
    expect_names(page, "sepia", "blur", "invert")


def test_an_error_of_the_server_is_at_its_field(editor: Callable[..., Visitor]) -> None:
    visitor = editor(query='?pipeline=[{"filter":"sepia","off":true},{"filter":"blur"}]')
    visitor.expected.append("422")
    page = visitor.page
    page.locator(".opener", has_text="Blur").click()
    before = shown_source(page)
    field = page.get_by_role("spinbutton", name="Softness")
    field.fill("9000")
    expect(page.locator(".step.wrong .error")).to_contain_text("Must be at most 250.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".opener", has_text="Blur")).to_contain_text("Needs attention")
    assert shown_source(page) == before, "the last good picture stays"
    field.fill("5")
    expect(page.locator(".step.wrong")).to_have_count(0)


def test_stops_and_weights_are_edited_in_rows(editor: Callable[..., Visitor]) -> None:
    page = editor().page
    add(page, "gradient map")
    page.get_by_role("button", name="Add a row").click()
    page.get_by_role("spinbutton", name="row 2, column 1").fill("30")
    color = page.get_by_role("textbox", name="Colours: row 2, column 2", exact=True)
    color.fill("navy")
    color.press("Enter")
    page.get_by_role("button", name="Remove row 3").click()
    expect_steps(page, {"filter": "gradient_map", "stops": [[0, "#00224e"], [30, "navy"], [100, "#fee838"]]})
    page.get_by_role("button", name="Remove", exact=True).click()
    add(page, "convolution")
    page.get_by_role("button", name="5 × 5").click()  # noqa: RUF001
    page.get_by_role("spinbutton", name="row 1, column 2").fill("-1")
    weights = [0, -1, *[0] * 10, 1, *[0] * 12]
    expect_steps(page, {"filter": "convolution", "kernel": weights})


def test_errors_of_fields_are_in_the_language_of_the_page(editor: Callable[..., Visitor]) -> None:
    visitor = editor(locale="ru-RU", query='?pipeline=[{"filter":"blur"}]')
    visitor.expected.append("422")
    visitor.page.locator(".opener").click()
    visitor.page.get_by_role("spinbutton").first.fill("9000")
    expect(visitor.page.locator(".step.wrong .error")).to_have_text("Не больше 250.")  # noqa: RUF001


def test_a_second_picture_is_chosen(editor: Callable[..., Visitor]) -> None:
    visitor = editor()
    visitor.expected.append("422")  # of the preview without a picture
    page = visitor.page
    mark = visitor.upload(sample_image(format="PNG"), name="logo.png")
    add(page, "watermark")
    page.get_by_role("button", name="logo.png").click()
    expect_steps(page, {"filter": "watermark", "image_id": mark})
    expect(page.locator(".stage [role=alert]")).to_have_count(0)


def test_a_look_is_a_thumbnail_and_unfolds(editor: Callable[..., Visitor]) -> None:
    page = editor().page
    page.get_by_role("button", name="Add a step").click()
    page.get_by_role("group", name="Groups").get_by_role("button", name="Looks").click()
    page.locator(".tile img").nth(5).wait_for()
    page.get_by_role("button", name="Warm", exact=True).click()
    expect_steps(page, {"filter": "warm"})
    page.get_by_role("button", name="Unfold into steps").click()
    expect_names(page, "temperature", "saturation")


def test_the_edit_is_copied(editor: Callable[..., Visitor]) -> None:
    visitor = editor(query='?pipeline=[{"filter":"blur","sigma":4},{"filter":"text","text":"a, b"}]')
    visitor.expected.append("409")  # there is no key to sign with yet
    page = visitor.page
    page.get_by_role("button", name="Copy as code or URL").click()
    text = page.locator(".snippet")
    page.get_by_role("button", name="Command", exact=True).click()
    expect(text).to_contain_text("-f blur:sigma=4")
    words = shlex.split(text.inner_text().replace("\\\n", ""))
    steps = [parse_step(word) for option, word in pairwise(words) if option == "-f"]
    assert steps == [{"filter": "blur", "sigma": 4}, {"filter": "text", "text": "a, b"}]
    page.get_by_role("button", name="URL", exact=True).click()
    expect(text).to_contain_text("/blur,sigma=4/text,text=a~2C~20b/")
    assert Image.open(io.BytesIO(page.request.get(text.inner_text()).body())).size == SIZE


def test_a_picture_is_edited_by_keyboard_alone(editor: Callable[..., Visitor]) -> None:
    page = editor().page
    page.get_by_role("button", name="Add a step").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("sepia")
    page.keyboard.press("Enter")
    expect(page.locator(".opener", has_text="Sepia")).to_be_focused()
    page.keyboard.press("Tab")  # the switch
    page.keyboard.press("Tab")
    expect(page.get_by_role("slider", name="Amount")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect_steps(page, {"filter": "sepia", "amount": 99.9})
    page.get_by_role("button", name="Render").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Download").wait_for()


STATES: dict[str, Callable[[Page], None]] = {
    "empty": lambda _: None,
    "catalogue": lambda page: page.get_by_role("button", name="Add a step").click(),
    "text": lambda page: add(page, "text"),
    "crop": lambda page: add(page, "crop"),
    "curves": lambda page: add(page, "curves"),
    "compared": lambda page: page.get_by_role("button", name="Compare before and after").click(),
    "full size": zoom_in,
    "copy": lambda page: page.get_by_role("button", name="Copy as code or URL").click(),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(editor: Callable[..., Visitor], scheme: str) -> None:
    found = []
    visitor = editor(color_scheme=scheme)
    address = visitor.page.url
    for name, enter in STATES.items():
        visitor.page.goto(address)
        visitor.page.reload()
        picture(visitor.page).wait_for()
        enter(visitor.page)
        visitor.page.wait_for_timeout(300)  # for what fades in
        violations = Axe().run(visitor.page).response["violations"]
        found += [(name, each["id"], each["nodes"][0]["html"]) for each in violations if each["impact"] != "minor"]
    assert found == []


def test_the_picture_stays_in_view_on_a_phone(editor: Callable[..., Visitor]) -> None:
    page = editor(PHONE).page
    add(page, "blur")
    expect(picture(page)).to_be_in_viewport()
    expect(page.get_by_role("spinbutton", name="Softness")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_picture_that_does_not_exist(visit: Visit) -> None:
    visitor = visit()
    visitor.expected.append("404")
    visitor.sign_up()
    page = visitor.open("#/edit/01a00000-0000-7000-8000-000000000000")
    expect(page.get_by_role("alert")).to_contain_text("does not exist any more")


def test_a_preset_is_saved_and_applied(editor: Callable[..., Visitor]) -> None:
    output = quote(json.dumps({"format": "webp", "quality": 70}))
    page = editor(query=f'?pipeline=[{{"filter":"blur","sigma":4}}]&output={output}').page
    page.get_by_role("button", name="Presets").click()
    page.get_by_label("Save this edit as").fill("soft")
    page.get_by_role("button", name="Save preset").click()
    page.get_by_role("button", name="Apply").wait_for()
    page.keyboard.press("Escape")
    page.locator(".opener", has_text="Blur").click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_label("Format").select_option("png")
    page.get_by_role("button", name="Presets").click()
    page.get_by_role("button", name="Apply").click()
    expect_steps(page, {"filter": "blur", "sigma": 4})
    expect(page.get_by_label("Format")).to_have_value("webp")
    expect(page.get_by_role("spinbutton", name="Quality")).to_have_value("70")
    page.get_by_role("button", name="Render").click()
    expect(page.locator(".result")).to_contain_text("WEBP")


def test_the_newest_change_wins(editor: Callable[..., Visitor]) -> None:
    """A preview that takes long is aborted when there is a newer one, and the last picture stays meanwhile."""
    page = editor(query='?pipeline=[{"filter":"blur"}]').page
    page.locator(".opener", has_text="Blur").click()
    held: list[Route] = []
    aborted: list[str] = []

    def hold(route: Route) -> None:
        if '"sigma":5' in str(route.request.post_data):
            held.append(route)
        else:
            route.continue_()

    page.route("**/v1/previews", hold)
    page.on("requestfailed", lambda request: aborted.append(str(request.post_data)))
    before = shown_source(page)
    field = page.get_by_role("spinbutton", name="Softness")
    field.fill("5")
    while not held:
        page.wait_for_timeout(50)
    assert shown_source(page) == before
    field.fill("9")
    expect(picture(page)).not_to_have_attribute("src", before)
    assert len(aborted) == 1
    assert '"sigma":5' in aborted[0]
