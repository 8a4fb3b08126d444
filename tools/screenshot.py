"""`make screenshot`: the picture of the page in README, taken from a real service with a sample photo."""

import io
import json
import sys
from contextlib import ExitStack
from urllib.parse import quote

import httpx
from PIL import Image
from playwright.sync_api import Page

from examples.service import service
from tests.harness.browser import find_chromium, new_page, runs
from tests.harness.client import Client
from tests.harness.deployment import ROOT

TARGET = ROOT / "docs" / "page.webp"
_SIZE = {"width": 1440, "height": 900}
_PHOTO = ROOT / "examples" / "pictures" / "coffee.jpg"
_PIPELINE = ({"filter": "crop", "aspect": "4:3"}, {"filter": "golden_hour"}, {"filter": "vignette", "strength": 60})
_QUALITY = 82


def main() -> None:
    with ExitStack() as stack:
        chromium = find_chromium(stack, runs)
        if chromium is None:
            sys.exit("make screenshot needs Chromium.")
        url = stack.enter_context(service())
        client = stack.enter_context(Client(url))
        image_id = _upload(client)
        page = stack.enter_context(new_page(chromium))
        _sign_in(page, url, client)
        Image.open(
            io.BytesIO(_shoot(page, f"{url}/#/edit/{image_id}?pipeline={quote(json.dumps(_PIPELINE))}"))
        ).convert("RGB").save(TARGET, quality=_QUALITY)


def _upload(client: Client) -> str:
    answer = client.http.post("/v1/images", files={"image": (_PHOTO.name, _PHOTO.read_bytes())})
    assert answer.status_code == httpx.codes.CREATED, answer.text  # noqa: S101 - a tool
    return str(answer.json()["image_id"])


def _sign_in(page: Page, url: str, client: Client) -> None:
    body = {"email": client.email, "password": client.password, "cookie": True}
    page.request.post(f"{url}/v1/sessions", data=body, headers={"Origin": url})
    page.add_init_script("localStorage.setItem('darkroom.has_session', '1')")


def _shoot(page: Page, address: str) -> bytes:
    page.set_viewport_size(_SIZE)  # type: ignore[arg-type]
    page.goto(address)
    page.get_by_role("button", name="Compare before and after").click()
    page.locator(".canvas img.after").wait_for()
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    return page.screenshot()


if __name__ == "__main__":
    main()
