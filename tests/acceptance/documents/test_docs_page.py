"""The API reference works in a real browser: sign in, submit a task, download its output."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from tests.acceptance.conftest import Elsewhere
from tests.harness.browser import new_page
from tests.harness.client import Client, Json, download, sample_image
from tests.harness.deployment import Deployment


def open_operation(page: Page, summary: str) -> Locator:
    operation = page.locator(".opblock", has=page.get_by_text(summary, exact=True))
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    return operation


def execute(operation: Locator) -> str:
    """Send the request, and return the status of the response."""
    operation.get_by_role("button", name="Execute").click()
    return operation.locator(".live-responses-table tbody .response-col_status").inner_text().split()[0]


def sign_in(page: Page, token: str) -> None:
    page.get_by_role("button", name="Authorize").first.click()
    form = page.locator(".auth-container", has_text="HTTPBearer")
    form.get_by_role("textbox").first.fill(token)
    form.get_by_role("button", name="Apply credentials").click()
    page.get_by_role("button", name="Close").first.click()


def values(operation: Locator) -> dict[str, list[str]]:
    """The text fields of the form, each with what it holds; a file picker is none."""
    rows = operation.locator("tr[data-property-name]").all()
    return {
        str(row.get_attribute("data-property-name")): [
            box.input_value() for box in row.locator("input[type=text], textarea").all()
        ]
        for row in rows
    }


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(sample_image())
    return path


def test_a_task_is_submitted_and_its_output_downloaded(
    deployment: Deployment | Elsewhere, client: Client, chromium_path: str, image: Path
) -> None:
    with new_page(chromium_path) as page:
        blocked: list[str] = []
        page.on("console", lambda line: blocked.append(line.text) if "Content Security Policy" in line.text else None)
        page.goto(f"{deployment.url}/docs")
        sign_in(page, client.http.headers["Authorization"].removeprefix("Bearer "))

        submit = open_operation(page, "Apply filters to an image")
        assert values(submit) == {
            "image": [],
            "filter": [],
            "pipeline": ['[{"filter": "blur", "sigma": 2}, {"filter": "grayscale"}]'],
            "output": ['{"format": "webp", "quality": 80}'],
            "file_name": [""],
            "disposition": [""],
            "reference": [""],
            "tag": [],
        }
        submit.locator("tr[data-property-name=image] input[type=file]").set_input_files(image)
        assert execute(submit) == "202"
        task = client.ended(client.http.get("/v1/tasks").json()["items"][0])
        assert [step["filter"] for step in task["pipeline"]] == ["blur", "grayscale"]

        output = open_operation(page, "Download the output")
        output.locator("tr[data-param-name=task_id] input").fill(task["task_id"])
        assert execute(output) == "200"
        assert_is_shown(output, task)
        assert blocked == []


def assert_is_shown(output: Locator, task: Json) -> None:
    """A download from the API has a link to save it; S3 servers do not let pages see its name, and it is shown."""
    body = output.locator(".live-responses-table").locator("a[download], img")
    body.wait_for()
    if body.evaluate("it => it.tagName") == "IMG":
        size = body.evaluate("it => it.decode().then(() => [it.naturalWidth, it.naturalHeight])")
        assert size == [task["output"]["width"], task["output"]["height"]]
        return
    with output.page.expect_download() as saved:
        body.click()
    assert saved.value.suggested_filename == "holiday-grayscale.webp"
    assert saved.value.path().read_bytes() == download(task)
