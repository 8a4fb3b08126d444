"""Generates Grafana's JSON and the tables of docs/monitoring.md from the code. A test compares."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from core import telemetry
from infra.monitoring.dashboards import DASHBOARDS
from infra.monitoring.kubernetes import kubernetes_files
from infra.monitoring.panels import Dashboard

_ROOT = Path(__file__).resolve().parents[2]
_DOCUMENT = _ROOT / "docs/monitoring.md"
_MARK = "<!-- {}: written by `make fix` -->"

type Metric = Counter | Gauge | Histogram


def metrics() -> dict[str, Metric]:
    """Return our metrics by the names that Prometheus queries."""
    found = [each for each in vars(telemetry).values() if isinstance(each, Counter | Gauge | Histogram)]
    return {_name(each): each for each in sorted(found, key=_name)}


def generated_files() -> Iterator[tuple[Path, str]]:
    """Yield each file with its text."""
    for dashboard in DASHBOARDS:
        path = _ROOT / f"infra/monitoring/grafana/dashboards/{dashboard.name}.json"
        yield path, json.dumps(dashboard.as_json(), indent=2) + "\n"
    yield from kubernetes_files()
    text = _DOCUMENT.read_text()
    for name, table in {"metrics": _metrics_table(), "dashboards": "\n".join(map(_describe, DASHBOARDS))}.items():
        begin, end = _MARK.format(name), f"<!-- /{name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n\n{table}\n{end}{rest.partition(end)[2]}"
    yield _DOCUMENT, text


def _name(metric: Metric) -> str:
    described = next(iter(metric.describe()))
    return f"{described.name}_total" if described.type == "counter" else described.name


def _metrics_table() -> str:
    rows = ((f"`{name}`", _kind(each), _labels(each), _help(each)) for name, each in metrics().items())
    return _table(("metric", "kind", "labels", "meaning"), rows)


def _kind(metric: Metric) -> str:
    return type(metric).__name__.lower()


def _labels(metric: Metric) -> str:
    names: Iterable[Any] = metric._labelnames  # noqa: SLF001 - they have no public name
    return ", ".join(f"`{name}`" for name in names)


def _help(metric: Metric) -> str:
    return next(iter(metric.describe())).documentation


def _describe(dashboard: Dashboard) -> str:
    parts = [f"### {dashboard.title}\n\n{dashboard.question}\n"]
    for row in dashboard.rows:
        rows = ((panel.title, panel.question) for panel in row.panels)
        parts.append(f"**{row.title}**\n\n{_table(('panel', 'question'), rows)}")
    return "\n".join(parts)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
