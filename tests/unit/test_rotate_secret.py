"""infra/rotate_secret.sh with a program in place of Compose that records its arguments and what it is sent."""

import subprocess
from pathlib import Path

from tests.harness.deployment import ROOT

INFRA = ROOT / "infra"


def rotated(directory: Path, secret: str, *, exit_code: int = 0) -> tuple[int, str, str, str]:
    """Return the exit code, the old and the new value, and what Compose got."""
    passwords, compose, record = directory / "env", directory / "compose", directory / "record"
    subprocess.run(["/bin/sh", INFRA / "secrets.sh", passwords], check=True, capture_output=True)  # noqa: S603 - our own script
    sent = 'case "$1" in exec) cat;; esac'
    compose.write_text(f'#!/bin/sh\n{{ echo "$@"; {sent}; }} >> {record}\ncase "$1" in exec) exit {exit_code};; esac\n')
    compose.chmod(0o700)
    before = value_of(secret, passwords)
    script = ["/bin/sh", str(INFRA / "rotate_secret.sh"), secret, str(passwords), str(compose)]
    done = subprocess.run(script, capture_output=True, check=False)  # noqa: S603 - our own script
    return done.returncode, before, value_of(secret, passwords), record.read_text()


def value_of(secret: str, passwords: Path) -> str:
    return dict(line.split("=", 1) for line in passwords.read_text().splitlines() if "=" in line)[secret]


def test_grafana_gets_the_new_password_by_its_standard_input(tmp_path: Path) -> None:
    code, before, after, record = rotated(tmp_path, "GRAFANA_PASSWORD")
    assert (code, before == after) == (0, False)
    command, sent, *restart = record.splitlines()
    assert command == "exec --no-TTY grafana grafana cli admin reset-admin-password --password-from-stdin"
    assert sent == after
    assert restart[-1].startswith("up --detach --no-build --wait")
    assert after not in "".join((command, *restart))


def test_a_server_that_rejects_the_new_value_leaves_the_old_one(tmp_path: Path) -> None:
    code, before, after, record = rotated(tmp_path, "POSTGRES_PASSWORD", exit_code=2)
    assert (code, before == after) == (2, True)
    assert "up --detach" not in record
