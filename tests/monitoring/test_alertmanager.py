"""An alert that pages reaches its receiver: real Prometheus, real Alertmanager, and the receiver of the stack."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.harness.deployment import ROOT, wait_for
from tests.harness.managed_servers import listens, spawn, wait_until_answering
from tests.harness.ports import free_port
from tests.harness.programs import require_program
from tests.harness.server_specs import own_directory
from tests.monitoring.queries import RULES

MONITORING = ROOT / "infra/monitoring"
RUNBOOK_URL = "https://git.example.com/darkroom/docs/runbook.md"


@pytest.fixture(scope="module")
def received(promtool: str) -> Iterator[Path]:
    """What the receiver has written. Prometheus scrapes nothing: no API is up, which is a page."""
    del promtool
    with ExitStack() as stack:
        directory = own_directory(stack)
        log, receiver_port, alertmanager_port = directory / "alerts", free_port(), free_port()
        receiver = (sys.executable, str(MONITORING / "alert_log.py"), str(receiver_port))
        start(stack, receiver, port=receiver_port, log=log)
        start_alertmanager(stack, directory, port=alertmanager_port, url=f"http://127.0.0.1:{receiver_port}/")
        start_prometheus(stack, directory, alertmanager=f"127.0.0.1:{alertmanager_port}")
        yield log


def start(
    stack: ExitStack, command: tuple[str, ...], *, port: int, log: Path, environment: dict[str, str] | None = None
) -> None:
    process = spawn(stack, command, log=log, environment=environment)
    wait_until_answering(partial(listens, f"http://127.0.0.1:{port}"), process, log=log)


def start_alertmanager(stack: ExitStack, directory: Path, *, port: int, url: str) -> None:
    """By the script of the container; Debian's program has another name."""
    (directory / "alertmanager").symlink_to(
        require_program("prometheus-alertmanager", package="prometheus-alertmanager")
    )
    environment = {
        "PATH": f"{directory}:/usr/bin:/bin",
        "ALERTMANAGER_CONFIG": str(directory / "alertmanager.yml"),
        "ALERT_WEBHOOK_URL": url,
    }
    switches = (f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", f"--storage.path={directory}/am")
    command = ("/bin/sh", str(MONITORING / "alertmanager.sh"), *switches)
    start(stack, command, port=port, log=directory / "alertmanager.log", environment=environment)


def start_prometheus(stack: ExitStack, directory: Path, *, alertmanager: str) -> None:
    """With our rules, none of which waits, and our configuration of alerts."""
    rules = yaml.safe_load((RULES / "alerts.yml").read_text())
    for group in rules["groups"]:
        group["interval"] = "1s"
        for rule in group["rules"]:
            rule["for"] = "0s"
    (directory / "rules.yml").write_text(yaml.safe_dump(rules))
    config = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
    config |= {"scrape_configs": [], "rule_files": [str(directory / "rules.yml")]}
    config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = [alertmanager]
    (directory / "prometheus.yml").write_text(yaml.safe_dump(config))
    program, port = require_program("prometheus", package="prometheus"), free_port()
    switches = (
        "--enable-feature=expand-external-labels",  # always on since Prometheus 3
        "--rules.alert.resend-delay=1s",  # else a minute, if it fires before Alertmanager was discovered
        f"--config.file={directory}/prometheus.yml",
        f"--storage.tsdb.path={directory}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    environment = {"RUNBOOK_URL": RUNBOOK_URL}
    start(stack, (program, *switches), port=port, log=directory / "prometheus.log", environment=environment)


def test_a_page_reaches_the_receiver(received: Path) -> None:
    (page,) = wait_for(lambda: lines_about("DarkroomApiDown", received), what="the page")
    assert (page["status"], page["severity"]) == ("firing", "page")
    assert page["summary"] == "Prometheus can scrape no API process"


def test_its_runbook_is_an_absolute_url(received: Path) -> None:
    (page,) = wait_for(lambda: lines_about("DarkroomApiDown", received), what="the page")
    assert page["runbook_url"] == f"{RUNBOOK_URL}#darkroomapidown"
    assert "runbook" not in page, "the external label is no label of alerts"


def lines_about(alert: str, received: Path) -> list[dict[str, Any]]:
    lines = (json.loads(line) for line in received.read_text().splitlines())
    return [line for line in lines if line["alertname"] == alert]


def test_the_receiver_rejects_what_is_no_notification(tmp_path: Path) -> None:
    with ExitStack() as stack:
        port = free_port()
        receiver = (sys.executable, str(MONITORING / "alert_log.py"), str(port))
        start(stack, receiver, port=port, log=tmp_path / "alerts")
        answers = [httpx.post(f"http://127.0.0.1:{port}/", content=body) for body in (b"no JSON", b"[]", b'{"a": 1}')]
    assert {answer.status_code for answer in answers} == {400}
    assert (tmp_path / "alerts").read_text() == ""


def test_amtool_finds_nothing_wrong(tmp_path: Path) -> None:
    """And routes a page to the webhook that the setting names."""
    amtool = require_program("amtool", package="prometheus-alertmanager")
    (tmp_path / "alertmanager").write_text(f'#!/bin/sh\nexec {amtool} check-config "${{1#--config.file=}}"\n')
    (tmp_path / "alertmanager").chmod(0o755)
    config = tmp_path / "alertmanager.yml"
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "ALERTMANAGER_CONFIG": str(config),
        "ALERT_WEBHOOK_URL": "https://hooks.example.com/T0/B0?token=a&b=c",
    }
    with ExitStack() as stack:
        command = ("/bin/sh", str(MONITORING / "alertmanager.sh"))
        process = spawn(stack, command, log=tmp_path / "log", environment=environment)
        assert process.wait(60) == 0, (tmp_path / "log").read_text()
    found = yaml.safe_load(config.read_text())
    assert found["receivers"][0]["webhook_configs"][0]["url"] == environment["ALERT_WEBHOOK_URL"]
    assert config.stat().st_mode & 0o077 == 0
