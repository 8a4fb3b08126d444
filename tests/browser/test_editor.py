"""The editor, as somebody with a picture uses it: by pointer, by keyboard alone, on a phone, and with mistakes."""

import io
import json
import re
import shlex
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from darkroom.batch.steps import parse_step
from tests.browser.conftest import PHONE, STEP_MILLISECONDS, Visit, Visitor
from tests.harness.client import sample_image

SIZE = (640, 480)
Steps = list[dict[str, object]]


@pytest.fixture
def editor(visit: Visit) -> Callable[..., Visitor]:
    """Open the editor with a picture of somebody new. Waits until it is shown."""

    def open_editor(*device: dict[str, object], query: str = "", **options: object) -> Visitor:
        visitor = visit(*device, **options)
        visitor.sign_up()
        page = visitor.open(f"#/edit/{visitor.upload(sample_image(SIZE))}{query}")
        picture(page).wait_for()
        return visitor

    return open_editor


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


def test_a_step_is_dragged(editor: Callable[..., Visitor]) -> None:
    page = editor(query='?pipeline=[{"filter":"sepia"},{"filter":"blur"},{"filter":"invert"}]').page
    grip, last = page.locator(".grip").first.bounding_box(), page.locator(".step").last.bounding_box()
    assert grip
    assert last
    page.mouse.move(grip["x"] + 5, grip["y"] + 10)
    page.mouse.down()
    page.mouse.move(grip["x"] + 5, last["y"] + last["height"] - 2, steps=12)
    page.mouse.up()
    expect_names(page, "blur", "invert", "sepia")


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


def test_the_picture_is_cropped_on_itself(editor: Callable[..., Visitor]) -> None:
    page = editor().page
    add(page, "crop")
    page.get_by_role("combobox", name="Aspect ratio").select_option("1:1")
    expect_steps(page, {"filter": "crop", "left": "12.5%", "top": "0%", "width": "75%", "height": "100%"})
    page.get_by_role("group", name=re.compile("Crop box")).press("ArrowRight")
    expect_that(page, lambda steps: steps[0]["left"] == "13.5%")
    handle, frame = page.locator(".handle.se").bounding_box(), page.locator(".canvas").bounding_box()
    assert handle
    assert frame
    page.mouse.move(handle["x"] + 12, handle["y"] + 12)
    page.mouse.down()
    page.mouse.move(handle["x"] + 12 - frame["width"] / 4, handle["y"], steps=5)
    page.mouse.up()
    expect_that(page, lambda steps: abs(float(str(steps[0]["width"]).rstrip("%")) - 50) < 1)
    page.locator(".overlay-bar").get_by_role("button", name="Done").click()
    expect(page.locator(".overlay")).to_have_count(0)


def test_regions_are_drawn_on_the_picture(editor: Callable[..., Visitor]) -> None:
    page = editor().page
    add(page, "redact")
    frame = page.locator(".overlay").bounding_box()
    assert frame
    page.mouse.move(frame["x"] + 5, frame["y"] + 5)
    page.mouse.down()
    page.mouse.move(frame["x"] + 5 + frame["width"] * 0.2, frame["y"] + 5 + frame["height"] * 0.2, steps=5)
    page.mouse.up()
    regions = expect_that(page, lambda steps: shares_of_second(steps) == [20, 20])[0]["regions"]
    page.get_by_role("group", name=re.compile("Region 2")).press("Delete")
    expect_that(page, lambda steps: steps[0]["regions"] == regions[:1])  # type: ignore[index]


def shares_of_second(steps: Steps) -> list[int]:
    """Return width and height of the second region in per cent; nothing before it is there."""
    regions = steps[0].get("regions") if steps else None
    if not isinstance(regions, list) or len(regions) < 2:
        return []
    return [round(float(each.rstrip("%"))) for each in regions[1][2:]]


def test_a_curve_is_drawn(editor: Callable[..., Visitor]) -> None:
    page = editor().page
    add(page, "curves")
    square = page.locator("svg.curve.rgb")
    side = (square.bounding_box() or {"width": 0})["width"]
    square.click(position={"x": side / 2, "y": side / 4})
    expect_steps(page, {"filter": "curves", "rgb": [[0, 0], [128, 191], [255, 255]]})
    page.get_by_role("img", name="Point: 128 becomes 191").press("ArrowDown")
    expect_steps(page, {"filter": "curves", "rgb": [[0, 0], [128, 187], [255, 255]]})


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


def test_corners_are_moved_on_the_picture(editor: Callable[..., Visitor]) -> None:
    page = editor().page
    add(page, "perspective")
    page.get_by_role("group", name="Top left corner: arrow keys move it").press("ArrowRight")
    expect_steps(page, {"filter": "perspective", "top_left": [1, 0]})
    point, frame = page.locator(".point").nth(2).bounding_box(), page.locator(".overlay").bounding_box()
    assert point
    assert frame
    page.mouse.move(point["x"] + 18, point["y"] + 18)
    page.mouse.down()
    page.mouse.move(point["x"] + 18 - frame["width"] / 5, point["y"] + 18, steps=5)
    page.mouse.up()
    expect_steps(page, {"filter": "perspective", "top_left": [1, 0], "bottom_right": [80, 100]})


def test_errors_of_fields_are_in_the_language_of_the_page(editor: Callable[..., Visitor]) -> None:
    visitor = editor(locale="ru-RU", query='?pipeline=[{"filter":"blur"}]')
    visitor.expected.append("422")
    visitor.page.locator(".opener").click()
    visitor.page.get_by_role("spinbutton").first.fill("9000")
    expect(visitor.page.locator(".step.wrong .error")).to_have_text("Не больше 250.")  # noqa: RUF001


def test_a_step_is_dragged_by_touch(editor: Callable[..., Visitor]) -> None:
    page = editor(PHONE, query='?pipeline=[{"filter":"sepia"},{"filter":"blur"},{"filter":"invert"}]').page
    page.locator(".step").last.scroll_into_view_if_needed()
    grip, last = page.locator(".grip").first.bounding_box(), page.locator(".step").last.bounding_box()
    assert grip
    assert last
    x, start, end = grip["x"] + 8, grip["y"] + 16, last["y"] + last["height"] - 4
    touch(page, [(x, start + (end - start) * part / 8) for part in range(9)])
    expect_names(page, "blur", "invert", "sepia")


def test_the_crop_box_is_dragged_by_touch(editor: Callable[..., Visitor]) -> None:
    page = editor(PHONE).page
    add(page, "crop")
    handle, frame = page.locator(".handle.se").bounding_box(), page.locator(".canvas").bounding_box()
    assert handle
    assert frame
    x, y = handle["x"] + 12, handle["y"] + 12
    touch(page, [(x - frame["width"] * part / 20, y - frame["height"] * part / 20) for part in range(11)])
    expect_that(page, lambda steps: bool(steps) and abs(float(str(steps[0].get("width", "0")).rstrip("%")) - 50) < 2)


def touch(page: Page, points: list[tuple[float, float]]) -> None:
    """Put a finger down, move it along the points, and lift it."""
    session = page.context.new_cdp_session(page)
    for kind, (x, y) in zip(["touchStart", *["touchMove"] * (len(points) - 1)], points, strict=True):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


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


def test_before_and_after_are_compared_by_keys(editor: Callable[..., Visitor]) -> None:
    page = editor(query='?pipeline=[{"filter":"invert"}]').page
    page.get_by_role("button", name="Compare before and after").click()
    divider = page.get_by_role("slider", name="Divider between before and after")
    divider.press("Home")
    expect(divider).to_have_value("0")
    divider.press("ArrowRight")
    expect(divider).to_have_value("0.5")
    page.get_by_role("button", name="Histogram").click()
    expect(page.get_by_role("img", name="Histogram")).to_be_visible()


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


def zoom_in(page: Page) -> None:
    page.get_by_role("button", name="Actual pixels (100 %)").click()
    page.locator(".stage.full-size").wait_for()


def test_actual_pixels_are_those_of_the_output(visit: Visit) -> None:
    """Previews have at most 1,024 pixels a side; this picture has more."""
    visitor = visit()
    visitor.sign_up()
    page = visitor.open(f"#/edit/{visitor.upload(sample_image((2000, 1500)))}")
    assert picture(page).evaluate("(image) => image.decode().then(() => image.naturalWidth)") < 2000
    zoom_in(page)
    assert picture(page).evaluate("(image) => [image.naturalWidth, image.clientWidth]") == [2000, 2000]
    before = shown_source(page)
    add(page, "invert")
    expect(picture(page)).not_to_have_attribute("src", before)
    assert picture(page).evaluate("(image) => image.naturalWidth") == 2000
    page.get_by_role("button", name="Actual pixels (100 %)").click()
    expect(page.locator(".stage.full-size")).to_have_count(0)


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
