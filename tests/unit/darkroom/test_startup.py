"""What help and completion import: nothing that takes long."""

import subprocess
import sys

import pytest

from darkroom.command.app import app
from tests.harness.deployment import ROOT

SLOW = {"httpx", "rich", "asyncio", "ssl", "importlib.metadata", "fastapi", "pydantic", "core", "darkroom.client"}
COMMANDS = list(app.modules)


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_help_imports_nothing_slow(arguments: list[str]) -> None:
    code = f"import sys; from darkroom.command.app import run; run({arguments!r}); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own module
    *shown, modules = done.stdout.splitlines()
    assert shown[0].startswith("Usage: darkroom")
    assert [name for name in SLOW if repr(name) in modules] == []


def test_the_line_of_help_fits_on_one_line() -> None:
    assert [text for _, text in app.modules.values() if len(text) > 60] == []
