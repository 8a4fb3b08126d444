"""Completion of filters, parameters and values: as typed in bash, and by what the scripts of zsh and fish receive."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from darkroom.command.completion import keep_catalogue
from imaging import describe_catalogue, describe_looks
from tests.harness.deployment import ROOT

TYPED = """
eval "$(darkroom completion bash)"
COMP_LINE="$LINE" COMP_POINT=${#LINE}
_darkroom_completion darkroom
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return that of a shell whose PATH has the command, with the catalogue of an earlier run."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    keep_catalogue({"items": list(describe_catalogue()), "looks": list(describe_looks())})
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "darkroom"
    command.write_text(f'#!/bin/sh\nexec env PYTHONPATH={ROOT} {sys.executable} -m darkroom "$@"\n')
    command.chmod(0o755)
    return {"PATH": f"{command.parent}:{os.defpath}", "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}


def output_of(*command: str, environment: dict[str, str], **variables: str) -> list[str]:
    done = subprocess.run(  # noqa: S603 - our own command
        command, env=environment | variables, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("darkroom app", ["apply"]),
        ("darkroom apply -f sep", ["sepia"]),
        ("darkroom apply a.jpg -f blur:", ["sigma="]),
        ("darkroom apply a.jpg -f resize:width=320,fi", ["320,fit="]),
        ("darkroom apply a.jpg -f resize:fit=co", ["cover", "contain"]),
        ("darkroom apply --format we", ["webp"]),
        ("darkroom filters box", ["box_blur"]),
    ],
)
def test_bash(environment: dict[str, str], line: str, offered: list[str]) -> None:
    """Bash replaces what follows the last colon or equals sign."""
    found = output_of("bash", "--norc", "-c", TYPED, environment=environment, LINE=line)
    assert found == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish(environment: dict[str, str], shell: str) -> None:
    found = output_of(
        "darkroom",
        environment=environment,
        _DARKROOM_COMPLETE=f"{shell}_complete",
        COMP_WORDS="darkroom apply -f blur:si",
        COMP_CWORD="blur:si" if shell == "fish" else "3",
    )
    assert "blur:sigma=" in "\n".join(found).replace("\\:", ":")
    assert "_DARKROOM_COMPLETE" in "\n".join(output_of("darkroom", "completion", shell, environment=environment))
