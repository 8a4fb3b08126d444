"""Rules and dashboards as Kubernetes objects, for infra/k8s/monitoring. They differ from the originals in form only."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from infra.monitoring.dashboards import DASHBOARDS

_INFRA = Path(__file__).resolve().parents[1]
_RULES = _INFRA / "monitoring/rules"
_TARGET = _INFRA / "k8s/monitoring"
_NOTE = "# Written by `make fix` from infra/monitoring. Change it there.\n"
_LABELS = {"app.kubernetes.io/name": "darkroom"}


def kubernetes_files() -> Iterator[tuple[Path, str]]:
    """Yield each file with its text."""
    yield _TARGET / "rules.yaml", _as_yaml(_rules(path) for path in sorted(_RULES.glob("*.yml")))
    yield _TARGET / "dashboards.yaml", _as_yaml(_dashboards())


def _rules(path: Path) -> dict[str, Any]:
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": f"darkroom-{path.stem}", "labels": _LABELS},
        "spec": yaml.safe_load(path.read_text()),
    }


def _dashboards() -> Iterator[dict[str, Any]]:
    for dashboard in DASHBOARDS:
        yield {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": f"darkroom-{dashboard.name}", "labels": {**_LABELS, "grafana_dashboard": "1"}},
            "data": {f"darkroom-{dashboard.name}.json": json.dumps(dashboard.as_json(), separators=(",", ":"))},
        }


def _as_yaml(manifests: Iterator[dict[str, Any]]) -> str:
    return _NOTE + yaml.dump_all(manifests, Dumper=_NoAliases, sort_keys=False, width=1_000_000)


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, _: object) -> bool:
        return True
