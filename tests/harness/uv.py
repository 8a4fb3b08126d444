"""Finds uv, which `make setup` installs if it is missing, and runs it."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.harness.deployment import ROOT

_INSTALLED = (Path.home() / ".local/bin/uv", ROOT / ".uv/bin/uv", ROOT / ".uv/target/bin/uv")


def run_uv(*arguments: str) -> str:
    """Return what it wrote to stdout. Raises AssertionError with its messages if it fails.

    It is run again with the certificates of the system, as the Makefile does behind a proxy with its own authority.
    """
    uv = _find_uv()
    done = _run(uv, *arguments)
    if done.returncode != 0:
        done = _run(uv, *arguments, UV_SYSTEM_CERTS="1", UV_NATIVE_TLS="1")
    assert done.returncode == 0, f"uv {' '.join(arguments)}\n{done.stderr}"
    return done.stdout


def _find_uv() -> str:
    """Return the first that runs, as the Makefile does."""
    for path in (shutil.which("uv"), *_INSTALLED):
        if path and Path(path).exists() and _run(str(path), "--version").returncode == 0:
            return str(path)
    raise AssertionError("uv is missing: run `make setup`")


def _run(uv: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    return subprocess.run(  # noqa: S603 - uv
        [uv, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
