"""What is drawn and dragged on the picture: crops, regions, curves and corners, by pointer and by touch."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit, Visitor
from tests.browser.editing import (
    Steps,
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
