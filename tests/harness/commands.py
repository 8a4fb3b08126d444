"""Runs a command of ours until it ends, with the settings of a deployment."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.harness.deployment import ROOT, environment_of_a_user
from tests.harness.preloaded import PreloadedProcess


def run_module(
    module: str, *arguments: str | Path, settings: Mapping[str, str], stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Return what `python -m module` prints, and its exit code."""
    with TemporaryDirectory() as directory:
        files = {name: Path(directory, name) for name in ("stdin", "log", "errors")}
        files["stdin"].write_text(stdin)
        process = PreloadedProcess(
            module, *map(str, arguments), environment=environment_of_a_user(settings), directory=ROOT, **files
        )
        code = process.wait()
        return subprocess.CompletedProcess(
            [module, *arguments], code, files["log"].read_text(), files["errors"].read_text()
        )
