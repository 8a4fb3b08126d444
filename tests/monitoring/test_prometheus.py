"""Every query of every panel and rule, run on a real Prometheus beside a working service."""

import subprocess
from functools import partial

import pytest

from tests.harness.deployment import ROOT, wait_for
from tests.monitoring.conftest import Prometheus
from tests.monitoring.queries import RULES, Asked, alerts, panels, recordings

pytestmark = pytest.mark.needs("postgres", "redis", "rabbitmq")


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603 - ours
    assert done.returncode == 0, done.stdout + done.stderr


def test_that_promtool_finds_nothing_wrong(promtool: str) -> None:
    _run(promtool, "check", "config", "infra/monitoring/prometheus.yml")


def test_that_each_alert_fires_when_it_should(promtool: str) -> None:
    _run(promtool, "test", "rules", *map(str, (RULES / "tests").glob("*.yml")))


def test_that_every_target_is_scraped(prometheus: Prometheus) -> None:
    wait_for(lambda: all(each["health"] == "up" for each in prometheus.targets()), what="every target")


@pytest.mark.parametrize("asked", [*panels(), *recordings()], ids=lambda asked: asked.name)
def test_that_a_query_returns_data(asked: Asked, prometheus: Prometheus) -> None:
    expr = asked.expr.replace("$__rate_interval", "30s")
    wait_for(lambda: prometheus.query(expr), what=f"data for {expr}")


def test_that_every_rule_is_evaluated(prometheus: Prometheus) -> None:
    found = wait_for(lambda: _all_evaluated(prometheus), what="every rule")
    assert {rule["name"]: rule.get("lastError") for rule in found if rule["health"] != "ok"} == {}
    assert len(found) == len(recordings()) + len(alerts())


def _all_evaluated(prometheus: Prometheus) -> list[dict[str, str]]:
    found = prometheus.rules()
    return [] if any(rule["health"] == "unknown" for rule in found) else found


@pytest.mark.parametrize("asked", [*recordings(), *alerts()], ids=lambda asked: asked.name)
def test_that_the_metrics_of_a_rule_have_data(asked: Asked, prometheus: Prometheus) -> None:
    for metric in asked.metrics():
        wait_for(partial(prometheus.query, metric), what=f"data for {metric}")
