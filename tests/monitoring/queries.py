"""Everything that dashboards and rules ask Prometheus, and the names of the metrics in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.monitoring.dashboards import DASHBOARDS
from tests.harness.deployment import ROOT

RULES = ROOT / "infra/monitoring/rules"
EXPORTERS = Path(__file__).with_name("exporters")
_WORDS = frozenset({"or", "and", "unless", "bool", "offset"})
_NO_METRICS = (
    r'"[^"]*"',
    r"\{[^}]*\}",
    r"\[[^]]*\]",
    r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)",
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`name` says who asks."""

    name: str
    expr: str

    def metrics(self) -> set[str]:
        text = self.expr
        for pattern in _NO_METRICS:
            text = re.sub(pattern, " ", text)
        return set(re.findall(r"\b[a-zA-Z_:][\w:]*\b(?!\s*\()", text)) - _WORDS


def rules(file: str) -> list[dict[str, Any]]:
    groups = yaml.safe_load((RULES / file).read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> Iterator[Asked]:
    for dashboard in DASHBOARDS:
        for row in dashboard.rows:
            for panel in row.panels:
                for index, query in enumerate(panel.queries):
                    yield Asked(name=f"{dashboard.title} / {panel.title} / {index}", expr=query.expr)


def recordings() -> list[Asked]:
    return [Asked(name=rule["record"], expr=rule["expr"]) for rule in rules("recording.yml")]


def alerts() -> list[Asked]:
    return [Asked(name=rule["alert"], expr=rule["expr"]) for rule in rules("alerts.yml")]
