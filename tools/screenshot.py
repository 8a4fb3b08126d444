"""`make screenshot`: the picture of the page in README, taken from a real service with the sample photos."""

import io
import sys
from contextlib import ExitStack

import httpx
from PIL import Image
from playwright.sync_api import Page

from examples.service import service
from tests.harness.browser import find_chromium, new_page, runs
from tests.harness.client import Client
from tests.harness.deployment import ROOT

TARGET = ROOT / "docs" / "page.webp"
_SIZE = {"width": 1280, "height": 800}
_PHOTOS = ("astronaut", "chelsea", "coffee")
_LOOKS = ("vintage", "golden_hour", "teal_orange", "bw_dramatic")
_QUALITY = 82


def main() -> None:
    with ExitStack() as stack:
        chromium = find_chromium(stack, runs)
        if chromium is None:
            sys.exit("make screenshot needs Chromium.")
        url = stack.enter_context(service())
        client = stack.enter_context(Client(url))
        _render_samples(client)
        page = stack.enter_context(new_page(chromium))
        _sign_in(page, url, client)
        Image.open(io.BytesIO(_shoot(page, url))).convert("RGB").save(TARGET, quality=_QUALITY)


def _render_samples(client: Client) -> None:
    for look in _LOOKS:
        for photo in _PHOTOS:
            content = (ROOT / "examples" / "pictures" / f"{photo}.jpg").read_bytes()
            files = {"image": (f"{photo}.jpg", content)}
            answer = client.http.post("/v1/tasks", data={"filter": look}, files=files, headers={"Prefer": "wait=30"})
            assert answer.status_code == httpx.codes.OK, answer.text  # noqa: S101 - a tool


def _sign_in(page: Page, url: str, client: Client) -> None:
    body = {"email": client.email, "password": client.password, "cookie": True}
    page.request.post(f"{url}/v1/sessions", data=body, headers={"Origin": url})
    page.add_init_script("localStorage.setItem('darkroom.has_session', '1')")


def _shoot(page: Page, url: str) -> bytes:
    page.set_viewport_size(_SIZE)  # type: ignore[arg-type]
    page.goto(f"{url}/#/gallery")
    page.locator(".picture").nth(len(_LOOKS) * len(_PHOTOS) - 1).wait_for()
    page.evaluate("Promise.all([...document.images].map((image) => image.decode()))")
    return page.screenshot()


if __name__ == "__main__":
    main()
