"""Generated files are up to date, and dashboards and rules query existing metrics."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from prometheus_client import Histogram
from prometheus_client.parser import text_string_to_metric_families

from infra.monitoring.generated import generated_files, metrics
from tests.harness.deployment import ROOT
from tests.monitoring.queries import EXPORTERS, RULES, Asked, alerts, panels, recordings, rules

SCHEMA = json.loads((Path(__file__).parent / "grafana/dashboard.schema.json").read_text())
DASHBOARDS = sorted((ROOT / "infra/monitoring/grafana/dashboards").glob("*.json"))
EVERYTHING = [*panels(), *recordings(), *alerts()]
RUNBOOK = '{{ or $externalLabels.runbook "docs/runbook.md" }}'
_OF_PROMETHEUS = {"up", "ALERTS"}


def of_darkroom() -> set[str]:
    suffixes = ("_bucket", "_sum", "_count")
    histograms = {
        name + suffix for name, each in metrics().items() if isinstance(each, Histogram) for suffix in suffixes
    }
    return histograms | {name for name, each in metrics().items() if not isinstance(each, Histogram)}


def of_exporters() -> set[str]:
    families = (
        family for path in EXPORTERS.glob("*.prom") for family in text_string_to_metric_families(path.read_text())
    )
    return {sample.name for family in families for sample in family.samples}


@pytest.mark.parametrize(("path", "text"), [pytest.param(*each, id=each[0].name) for each in generated_files()])
def test_generated_files_are_up_to_date(path: Path, text: str) -> None:
    assert path.read_text() == text, "run `make fix`"


@pytest.mark.parametrize("asked", EVERYTHING, ids=lambda asked: asked.name)
def test_every_queried_metric_exists(asked: Asked) -> None:
    recorded = {each.name for each in recordings()}
    assert asked.metrics()
    assert asked.metrics() <= of_darkroom() | of_exporters() | recorded | _OF_PROMETHEUS


def test_every_metric_is_queried() -> None:
    asked = {name for each in EVERYTHING for name in each.metrics()}
    unseen = {name for name in metrics() if not any(each.startswith(name) for each in asked)}
    assert not unseen


def test_every_exporter_metric_is_queried() -> None:
    asked = {name for each in EVERYTHING for name in each.metrics()}
    assert of_exporters() - asked <= {"pg_up", "redis_up"}


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_that_grafana_knows_what_we_say(path: Path) -> None:
    jsonschema.validate(json.loads(path.read_text()), SCHEMA)


@pytest.mark.parametrize(
    ("correct", "wrong"), [('"unit"', '"unt"'), ('"colorMode": "value"', '"colorMode": "rainbow"'), ('"expr"', '"exp"')]
)
def test_the_schema_rejects_an_error(correct: str, wrong: str) -> None:
    text = (ROOT / "infra/monitoring/grafana/dashboards/overview.json").read_text().replace(correct, wrong, 1)
    assert wrong in text
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(text), SCHEMA)


def test_that_dashboards_keep_their_uids_and_panels_their_ids() -> None:
    dashboards = [json.loads(path.read_text()) for path in DASHBOARDS]
    assert {each["uid"] for each in dashboards} == {f"darkroom-{path.stem}" for path in DASHBOARDS}
    for each in dashboards:
        ids = [panel["id"] for panel in each["panels"]]
        assert len(ids) == len(set(ids))
        titles = [panel["title"] for panel in each["panels"] if panel["type"] != "row"]
        assert len(titles) == len(set(titles))


def test_that_every_alert_has_its_section_and_every_section_its_alert() -> None:
    runbook = (ROOT / "docs/runbook.md").read_text()
    names = {each.name for each in alerts()}
    assert set(re.findall(r"^## (\w+)$", runbook, re.MULTILINE)) == names
    for rule in rules("alerts.yml"):
        assert rule["annotations"]["runbook_url"] == RUNBOOK + f"#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in {"page", "ticket"}
    assert set(re.findall(r"\(#(\w+)\)", runbook)) <= {name.lower() for name in names}


def test_that_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    cases = yaml.safe_load((RULES / "tests/alerts.yml").read_text())["tests"]
    tried = {(tried["alertname"], bool(tried["exp_alerts"])) for case in cases for tried in case["alert_rule_test"]}
    assert tried == {(each.name, fires) for each in alerts() for fires in (True, False)}
