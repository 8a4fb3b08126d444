"""What leaves the editor and comes back: presets, earlier edits, and what is copied as code."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, Visitor
from tests.browser.editing import expect_names, pipeline
from tests.harness.client import sample_image

CLIPBOARD = ["clipboard-read", "clipboard-write"]
PIPELINE = [{"filter": "crop", "aspect": "4:3"}, {"filter": "text", "text": "It's “5\" $HOME” \\n"}]
OUTPUT = {"format": "webp", "quality": 70}


@pytest.fixture
def edited(visit: Visit) -> Visitor:
    visitor = visit(permissions=CLIPBOARD)
    visitor.sign_up()
    image_id = visitor.upload(sample_image())
    query = f"pipeline={json.dumps(PIPELINE)}&output={json.dumps(OUTPUT)}"
    visitor.open(f"#/edit/{image_id}?{query}").locator(".canvas img").wait_for()
    return visitor


def copied(page: Page, kind: str) -> str:
    page.get_by_role("button", name="Copy as code or URL").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=kind, exact=True).click()
    dialog.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_text("Copied.").last).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def api_key(visitor: Visitor) -> str:
    body = {"name": "copied", "scopes": ["read", "write"]}
    answer = visitor.page.request.post(f"{visitor.url}/v1/api-keys", data=body, headers={"Origin": visitor.url})
    return str(answer.json()["key"])


def in_python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def in_shell(code: str) -> list[str]:
    return ["bash", "-c", code]


@pytest.mark.parametrize(("kind", "command"), [("Python", in_python), ("curl", in_shell)])
def test_copied_code_runs(edited: Visitor, tmp_path: Path, kind: str, command: Callable[[str], list[str]]) -> None:
    (tmp_path / "photo.jpg").write_bytes(sample_image((64, 48)))
    environment = {**os.environ, "DARKROOM_TOKEN": api_key(edited)}
    code = copied(edited.page, kind)
    done = subprocess.run(  # noqa: S603 - code of the page, with the key of this test
        command(code), cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    url = done.stdout.strip() if kind == "Python" else json.loads(done.stdout)["output"]["url"]
    assert edited.page.request.get(url).headers["content-type"] == "image/webp"


def test_copied_json_is_a_task(edited: Visitor) -> None:
    body = json.loads(copied(edited.page, "JSON"))
    assert (body["pipeline"], body["output"]) == (PIPELINE, OUTPUT)
    answer = edited.page.request.post(f"{edited.url}/v1/tasks", data=body, headers={"Origin": edited.url})
    assert answer.status == 202


def test_a_message_that_is_shown_is_not_shown_twice(edited: Visitor) -> None:
    page = edited.page
    copied(page, "JSON")
    page.get_by_role("dialog").get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_text("Copied.", exact=True)).to_have_count(2)  # one is for screen readers


def test_an_applied_preset_has_only_what_differs_from_the_defaults(edited: Visitor) -> None:
    """The server answers with every parameter and option."""
    page = edited.page
    page.get_by_role("button", name="Presets").click()
    page.get_by_label("Save this edit as").fill("menu")
    page.get_by_role("button", name="Save preset").click()
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Redo").click()
    expect(page.get_by_text("Aspect ratio 4:3")).to_be_visible()
    page.wait_for_url(re.compile("output="))
    expect_names(page, "crop", "text")
    assert pipeline(page) == PIPELINE
    assert page.url.endswith("output=%7B%22format%22%3A%22webp%22%2C%22quality%22%3A70%7D")


def test_parameters_are_explained_on_request(edited: Visitor) -> None:
    page = edited.page
    page.locator(".opener", has_text="Text").click()
    text = page.get_by_text("Longest line, in per cent of the width between the margins", exact=False)
    expect(text).to_be_hidden()
    page.get_by_role("button", name="Explain the options").click()
    expect(text).to_be_visible()
    described = page.get_by_role("spinbutton", name="Longest line").get_attribute("aria-describedby") or ""
    assert page.locator(f"#{described}").inner_text().startswith("Longest line")


def test_a_deleted_picture_of_a_step_is_named_at_its_field(visit: Visit) -> None:
    visitor = visit(locale="ru-RU")
    visitor.expected += ["422", "404"]
    visitor.sign_up()
    missing = "00000000-0000-7000-8000-000000000000"
    step = json.dumps([{"filter": "watermark", "image_id": missing}])
    page = visitor.open(f"#/edit/{visitor.upload(sample_image())}?pipeline={step}")
    page.locator(".opener").click()
    expect(page.get_by_text("Этот снимок удалён. Выберите другой.")).to_be_visible()
