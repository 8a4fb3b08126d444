"""Slow networks, no network, and a server that dies and comes back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Request, Route, expect

from tests.browser.conftest import Visit
from tests.browser.editing import add, expect_names, picture, shown_source
from tests.browser.test_uploads import choose
from tests.harness.client import sample_image
from tests.harness.deployment import Deployment
from tests.harness.deployments import deploy_as

MOST_REQUESTS = 40
_SLOW = {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


@pytest.fixture
def own_deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy_as("embedded", request, tmp_path_factory)() as running:
        yield running


def test_the_first_view_over_a_slow_network(visit: Visit) -> None:
    visitor = visit()
    requests: list[Request] = []
    visitor.page.on("request", lambda request: requests.append(request))  # noqa: PLW0108 - Playwright marks it
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", _SLOW)
    page = visitor.open()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert len(requests) <= MOST_REQUESTS
    assert {request.url.split("/")[2] for request in requests} == {visitor.url.split("/")[2]}


def test_a_second_visit_loads_the_document_only(visit: Visit) -> None:
    visitor = visit()
    visitor.open().wait_for_load_state("networkidle")
    page = visitor.page.context.new_page()
    page.goto(visitor.url)
    page.wait_for_load_state("networkidle")
    transferred = page.evaluate(
        "performance.getEntriesByType('resource').filter((each) => each.transferSize).map((each) => each.name)"
    )
    assert transferred == []


def test_without_network_the_page_says_so(visit: Visit) -> None:
    visitor = visit()
    visitor.expected.append("ERR_INTERNET_DISCONNECTED")
    visitor.sign_up()
    page = visitor.open("#/upload")
    page.get_by_role("button", name="Choose a folder").wait_for()
    page.context.set_offline(True)
    expect(page.get_by_text(re.compile("^You are offline"))).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text(re.compile("^You are offline"))).to_have_count(0)


def test_an_answer_from_before_does_not_bring_the_network_back(visit: Visit) -> None:
    visitor = visit()
    visitor.expected.append("ERR_INTERNET_DISCONNECTED")
    visitor.sign_up()
    page = visitor.open("#/gallery")
    page.get_by_role("heading", name="No results yet").wait_for()
    held: list[Route] = []
    page.route("**/v1/images*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    with page.expect_request("**/v1/images*"):
        page.get_by_role("button", name="Originals").click()
    page.context.set_offline(True)
    expect(page.get_by_text(re.compile("^You are offline"))).to_be_visible()
    held[0].fulfill(json={"items": [], "next": None})
    page.get_by_role("heading", name="No pictures yet").wait_for()
    expect(page.get_by_text(re.compile("^You are offline"))).to_be_visible()


def test_a_view_that_was_not_shown_yet_opens_without_network(visit: Visit) -> None:
    visitor = visit()
    visitor.expected.append("ERR_INTERNET_DISCONNECTED")
    visitor.sign_up()
    with visitor.page.expect_response("**/views/edit/index.js"):
        page = visitor.open("#/gallery")
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.get_by_role("link", name="Upload").click()
    expect(page.get_by_role("button", name="Choose a folder")).to_be_visible()
    page.context.set_offline(False)


def test_a_view_that_could_not_be_loaded_opens_when_the_network_is_back(visit: Visit) -> None:
    visitor = visit()
    visitor.expected += ["ERR_INTERNET_DISCONNECTED", "ERR_FAILED"]
    visitor.sign_up()
    page = visitor.page
    page.route("**/views/upload.js", lambda route: route.abort())
    visitor.open("#/gallery").get_by_role("heading", name="No results yet").wait_for()
    page.context.set_offline(True)
    page.get_by_role("link", name="Upload").click()
    expect(page.get_by_text(re.compile("Check the connection; Darkroom continues"))).to_be_visible()
    page.unroute("**/views/upload.js")
    page.context.set_offline(False)
    expect(page.get_by_role("button", name="Choose a folder")).to_be_visible()


def test_a_view_of_an_earlier_version_asks_for_a_reload(visit: Visit) -> None:
    visitor = visit()
    visitor.expected.append("404")
    visitor.sign_up()
    page = visitor.page
    page.route("**/views/upload.js", lambda route: route.fulfill(status=404))
    visitor.open("#/gallery").get_by_role("heading", name="No results yet").wait_for()
    page.get_by_role("link", name="Upload").click()
    expect(page.get_by_role("alert")).to_contain_text("Darkroom was updated. Reload the page.")


def test_the_editor_over_a_slow_network(visit: Visit) -> None:
    visitor = visit()
    visitor.sign_up()
    page = visitor.open(f"#/edit/{visitor.upload(sample_image())}")
    picture(page).wait_for()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", _SLOW)
    add(page, "grayscale")
    before = shown_source(page)
    expect(picture(page)).not_to_have_attribute("src", before)
    page.get_by_role("button", name="Render").click()
    page.get_by_role("link", name="Download").wait_for()


def test_an_edit_outlives_the_server(visit: Visit, own_deployment: Deployment) -> None:
    """The page keeps the last picture and says what is wrong; when the server is back, the edit goes on."""
    own_deployment.start_api()
    visitor = visit(url=own_deployment.url)
    visitor.expected += [
        "ERR_CONNECTION_REFUSED",
        "ERR_CONNECTION_RESET",
        "ERR_EMPTY_RESPONSE",
        "401",
        "503",
        "ERR_INCOMPLETE",
    ]
    visitor.sign_up()
    page = visitor.open(f"#/edit/{visitor.upload(sample_image())}")
    picture(page).wait_for()
    own_deployment.services[-1].kill()
    before = shown_source(page)
    add(page, "grayscale")
    expect(page.get_by_text(re.compile("^The server does not answer")).first).to_be_visible()
    assert shown_source(page) == before
    expect_names(page, "grayscale")
    own_deployment.start_api()
    # Its sessions are in memory: the page asks for the password, and comes back to the edit.
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("Email").fill(visitor.email)
    page.get_by_label("Password").fill(visitor.password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.locator(".opener", has_text="Black and white")).to_be_visible()
    expect_names(page, "grayscale")
    page.get_by_role("button", name="Render").click()
    page.get_by_role("link", name="Download").wait_for()


def test_uploads_continue_when_the_server_comes_back(visit: Visit, own_deployment: Deployment, tmp_path: Path) -> None:
    own_deployment.start_api()
    visitor = visit(url=own_deployment.url)
    visitor.expected += ["ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE", "401", "503"]
    visitor.sign_up()
    page = visitor.open("#/upload")
    page.get_by_role("button", name="Choose a folder").wait_for()
    own_deployment.services[-1].kill()
    (tmp_path / "holiday.jpg").write_bytes(sample_image())
    choose(page, [tmp_path / "holiday.jpg"])
    expect(page.get_by_text(re.compile("^The server does not answer")).first).to_be_visible()
    expect(page.get_by_text(re.compile("^Waiting for the connection"))).to_be_visible()
    own_deployment.start_api()
    # The embedded service keeps sessions in memory: the page asks for the password again, and loses nothing.
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("Email").fill(visitor.email)
    page.get_by_label("Password").fill(visitor.password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.goto(f"{visitor.url}/#/upload")
    expect(page.get_by_text("1 of 1 uploaded")).to_be_visible()
