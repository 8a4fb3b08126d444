"""Finds uv, which `make setup` installs if it is missing, and runs it."""

import shutil
import subprocess
from pathlib import Path

from tests.harness.deployment import ROOT

_INSTALLED = (Path.home() / ".local/bin/uv", ROOT / ".uv/bin/uv", ROOT / ".uv/target/bin/uv")


def run_uv(*arguments: str) -> str:
    """Return what it wrote to stdout. Raises AssertionError with its messages if it fails."""
    done = _run(_find_uv(), *arguments)
    assert done.returncode == 0, f"uv {' '.join(arguments)}\n{done.stderr}"
    return done.stdout


def _find_uv() -> str:
    """Return the first that runs, as the Makefile does."""
    for path in (shutil.which("uv"), *_INSTALLED):
        if path and Path(path).exists() and _run(str(path), "--version").returncode == 0:
            return str(path)
    raise AssertionError("uv is missing: run `make setup`")


def _run(uv: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([uv, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - uv
