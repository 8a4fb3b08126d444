"""The commands of the runbook work as they are written, from the repository's root."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.harness.deployment import ROOT, Deployment, environment_of_a_user
from tests.harness.deployments import SERVERS, on_servers
from tests.harness.runbook import Command, commands

COMMANDS = commands()
IN_COMPOSE = [command for command in COMMANDS if command.words[1] == "compose"]
MODULES = [command for command in IN_COMPOSE if command.module]
SERVICES = {
    name
    for file in ("compose.yml", "tls.yml")
    for name in yaml.safe_load((ROOT / "infra" / file).read_text())["services"]
}


def test_all_are_run_by_make() -> None:
    assert len(COMMANDS) > 20
    assert [command.text for command in COMMANDS if command.words[0] != "make"] == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.text)
def test_make_understands_it(command: Command) -> None:
    """Its target exists, and what it would run is a complete command for a shell."""
    program, *arguments = command.words
    planned = subprocess.run([program, "--dry-run", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert planned.returncode == 0, planned.stderr
    parsed = subprocess.run(["/bin/sh", "-n"], input=planned.stdout, capture_output=True, text=True, check=False)
    assert parsed.returncode == 0, parsed.stderr


@pytest.mark.parametrize("command", IN_COMPOSE, ids=lambda command: command.text)
def test_its_service_exists(command: Command) -> None:
    assert command.service in SERVICES | {""}


@pytest.fixture(scope="module")
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with on_servers(request, tmp_path_factory.mktemp("runbook")) as running:
        running.start_api()
        running.start_worker()
        yield running


@pytest.mark.needs(*SERVERS)
@pytest.mark.parametrize("command", MODULES, ids=lambda command: command.text)
def test_what_runs_in_a_container_of_darkroom_succeeds(
    command: Command, deployment: Deployment, tmp_path: Path
) -> None:
    done = subprocess.run(  # noqa: S603 - our own modules
        [sys.executable, *command.module],
        env=environment_of_a_user({**deployment.settings, "HOME": str(tmp_path)}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
