"""The page in a real browser, on a real embedded service. A test fails on any console error or policy violation."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FilePayload,
    Page,
    expect,
    sync_playwright,
)

from tests.harness.deployment import Deployment
from tests.harness.deployments import deploy_as, start_all

STEP_MILLISECONDS = 60_000  # ends what hangs; a busy machine may take its time
expect.set_options(timeout=STEP_MILLISECONDS)
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# Chromium reports violations on the console too; this names the rule and what was blocked.
_REPORT_VIOLATIONS = """addEventListener('securitypolicyviolation', (event) =>
  console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`))"""


@dataclass
class Visitor:
    """A browser of somebody, and the errors that it showed on its console."""

    page: Page
    url: str
    email: str = field(default_factory=lambda: f"{secrets.token_hex(8)}@example.com")
    password: str = "correct horse"
    errors: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)  # parts of console errors that the test causes, such as " 401 "

    def open(self, fragment: str = "#/") -> Page:
        self.page.goto(f"{self.url}/{fragment}")
        return self.page

    def sign_up(self) -> None:
        """Register and sign in without the forms, which have a test of their own."""
        for path, more in (("/v1/users", {}), ("/v1/sessions", {"cookie": True})):
            body = {"email": self.email, "password": self.password, **more}
            answer = self.page.request.post(f"{self.url}{path}", data=body, headers={"Origin": self.url})
            assert answer.ok, answer.text()
        self.page.context.add_init_script("localStorage.setItem('darkroom.has_session', '1')")

    def upload(self, image: bytes, name: str = "holiday.jpg", **headers: str) -> str:
        """Upload an image without the page, and return its id."""
        file = FilePayload(name=name, mimeType="image/jpeg", buffer=image)
        answer = self.page.request.post(
            f"{self.url}/v1/images", multipart={"image": file}, headers={"Origin": self.url, **headers}
        )
        assert answer.ok, answer.text()
        return str(answer.json()["image_id"])

    def unexpected_errors(self) -> list[str]:
        return [error for error in self.errors if not any(part in error for part in self.expected)]


Visit = Callable[..., Visitor]


@pytest.fixture(scope="package")
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy_as("embedded", request, tmp_path_factory)() as running:
        start_all(running)
        yield running


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Launch a browser, without a sandbox for root. Its event loop must not meet asyncio tests of other modules."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, deployment: Deployment) -> Iterator[Visit]:
    """Open a browser for somebody new: on a desktop in English, or as the options of a context say."""
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def arrive(device: dict[str, Any] = DESKTOP, *, url: str = deployment.url, **options: object) -> Visitor:
        context = browser.new_context(**{"locale": "en-GB", **device, **options})
        contexts.append(context)
        visitors.append(_watch(context.new_page(), url))
        return visitors[-1]

    yield arrive
    found = [visitor.unexpected_errors() for visitor in visitors]
    for context in contexts:
        context.close()
    assert found == [[] for _ in visitors]


def _watch(page: Page, url: str) -> Visitor:
    visitor = Visitor(page=page, url=url)

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            visitor.errors.append(f"{message.text} {message.location.get('url', '')}")

    page.set_default_timeout(STEP_MILLISECONDS)
    page.add_init_script(_REPORT_VIOLATIONS)
    page.on("console", note)
    page.on("pageerror", lambda error: visitor.errors.append(str(error)))
    return visitor
