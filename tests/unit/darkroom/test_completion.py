"""Completion of filters, parameters, values and files, in the shells that are installed."""

import os
import pty
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from darkroom.command.shell_completion.completion import keep_catalogue
from imaging import describe_catalogue, describe_looks
from tests.harness.deployment import ROOT

BASHRC = """
cd $HOME
eval "$(darkroom completion bash)"
report() { printf %s "$READLINE_LINE" > $HOME/typed; exit; }
bind -x '"\\C-x": report'
PS1='READY> '
"""
ZSHRC = """
cd $HOME
autoload -Uz compinit && compinit -u -D
eval "$(darkroom completion zsh)"
report() { print -rn -- "$BUFFER" > $HOME/typed; exit }
zle -N report
bindkey '^X' report
PS1='READY> '
"""
SHELLS = {
    "bash": (".bashrc", BASHRC, ["--noprofile", "-i"]),
    "zsh": (".zshrc", ZSHRC, ["-i"]),
}


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


def skip_unless_installed(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("darkroom app", "darkroom apply "),
        ("darkroom apply -f sep", "darkroom apply -f sepia "),
        ("darkroom apply a.jpg -f blur:", "darkroom apply a.jpg -f blur:sigma="),
        ("darkroom apply a.jpg -f resize:width=320,fi", "darkroom apply a.jpg -f resize:width=320,fit="),
        ("darkroom apply a.jpg -f resize:fit=cov", "darkroom apply a.jpg -f resize:fit=cover "),
        ("darkroom apply --format we", "darkroom apply --format webp "),
        ("darkroom filters box", "darkroom filters box_blur "),
        ("darkroom apply pho", "darkroom apply photo.jpg "),
    ],
)
def test_bash_and_zsh(environment: dict[str, str], tmp_path: Path, shell: str, line: str, completed: str) -> None:
    """They complete at a terminal only: the line is typed there, then Tab, then a key that saves what stands there."""
    skip_unless_installed(shell)
    name, settings, arguments = SHELLS[shell]
    (tmp_path / "photo.jpg").touch()
    (tmp_path / name).write_text(settings)
    ours, its = pty.openpty()
    with subprocess.Popen(  # noqa: S603 - a shell
        [shell, *arguments],
        env=environment | {"TERM": "dumb"},
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    ):
        os.close(its)
        shown = b""
        while b"READY> " not in shown:
            shown += os.read(ours, 4096)
        os.write(ours, f"{line}\t\x18".encode())
        with suppress(OSError):  # the end, on Linux
            while os.read(ours, 4096):
                pass
    os.close(ours)
    assert (tmp_path / "typed").read_text() == completed


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("darkroom app", ["apply"]),
        ("darkroom apply -f sep", ["sepia"]),
        ("darkroom apply a.jpg -f blur:", ["blur:sigma="]),
        ("darkroom apply a.jpg -f resize:width=320,fi", ["resize:width=320,fit="]),
        ("darkroom apply a.jpg -f resize:fit=co", ["resize:fit=contain", "resize:fit=cover"]),
        ("darkroom apply --format we", ["webp"]),
        ("darkroom apply pho", ["photo.jpg"]),
    ],
)
def test_fish(environment: dict[str, str], tmp_path: Path, line: str, offered: list[str]) -> None:
    skip_unless_installed("fish")
    (tmp_path / "photo.jpg").touch()
    script = 'cd $HOME; darkroom completion fish | source; complete --do-complete "$LINE"'
    found = output_of("fish", "--no-config", "--command", script, environment=environment, LINE=line)
    assert sorted(each.partition("\t")[0] for each in found) == offered
