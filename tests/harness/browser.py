"""Chromium for the tests of pages: an installed one, driven by Playwright, which downloads no browser of its own."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from playwright.sync_api import Page, sync_playwright

# The shell has the same engine, but no user interface, which takes more CPU than our page.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_STEP_MILLISECONDS = 300_000  # ends what hangs; a busy machine may take its time


def runs(path: str) -> bool:
    """Whether it is a browser: Ubuntu has a `chromium-browser` that only says how to install one."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)  # noqa: S603 - found on the PATH
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def find_chromium(stack: ExitStack, runs: Callable[[str], bool]) -> str | None:
    del stack  # nothing is started yet
    found = (shutil.which(name) for name in _NAMES)
    return next((path for path in found if path and runs(path)), None)


@contextmanager
def new_page(chromium_path: str) -> Iterator[Page]:
    """A page in a browser of its own. Root has no sandbox of Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(_STEP_MILLISECONDS)
        yield page
        browser.close()
