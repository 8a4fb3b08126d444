"""Metrics of several processes, one of which is dead."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.exposition import DIRECTORY_VARIABLE, exposition
from tests.harness.deployment import ROOT

_COUNT = "from core.telemetry import DEAD_LETTERS, SLOTS; DEAD_LETTERS.inc(3); SLOTS.set(2)"


def test_that_one_process_says_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DIRECTORY_VARIABLE, raising=False)
    text = exposition().decode()
    assert "# TYPE darkroom_http_requests_total counter" in text
    assert "python_info" in text


def test_that_counts_outlive_their_process_and_gauges_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        environment = {**os.environ, DIRECTORY_VARIABLE: str(tmp_path)}
        command = [sys.executable, "-c", _COUNT]
        subprocess.run(command, check=True, cwd=ROOT, env=environment, timeout=300)  # noqa: S603 - fixed arguments
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(tmp_path))
    text = exposition().decode()
    assert "darkroom_dead_letters_total 6.0" in text
    assert "darkroom_worker_slots 2.0" not in text
    assert not list(tmp_path.glob("gauge_live*"))
