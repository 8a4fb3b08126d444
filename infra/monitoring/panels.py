"""Describes dashboards, and turns them into the JSON of Grafana 12 and 13."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from infra.monitoring.panel_options import OPTIONS, TABLE, Json

_COLUMNS = 24
_SCHEMA_VERSION = 41  # Grafana 12's; 13 reads it as well
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True, kw_only=True)
class Query:
    expr: str
    legend: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """`question`: what it answers, for the panel's description and docs/monitoring.md."""

    title: str
    question: str
    queries: tuple[Query, ...]
    kind: Literal["timeseries", "stat", "bargauge", "heatmap", "table"] = "timeseries"
    unit: str = "short"  # one of Grafana's unit ids
    width: int = 8
    height: int = 8
    stacked: bool = False
    color: str = "green"
    thresholds: tuple[tuple[float, str], ...] = ()  # (from this value on, this color)
    axis_max: float | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    name: str  # of its file, and with a prefix its uid
    title: str
    question: str
    rows: tuple[Row, ...]

    def as_json(self) -> Json:
        return {
            "uid": f"darkroom-{self.name}",
            "title": f"Darkroom / {self.title}",
            "description": self.question,
            "tags": ["darkroom"],
            "schemaVersion": _SCHEMA_VERSION,
            "version": 1,
            "editable": True,
            "graphTooltip": 1,  # one crosshair over all panels
            "refresh": "30s",
            "time": {"from": "now-1h", "to": "now"},
            "timezone": "browser",
            "templating": {"list": [_DATASOURCE]},
            "annotations": {"list": []},
            "links": [_LINKS],
            "panels": list(_place_panels(self.rows)),
        }


_DATASOURCE = {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1}
_LINKS = {
    "title": "Darkroom",
    "type": "dashboards",
    "tags": ["darkroom"],
    "asDropdown": False,
    "icon": "external link",
    "includeVars": True,
    "keepTime": True,
    "targetBlank": False,
    "tooltip": "",
}


def _place_panels(rows: tuple[Row, ...]) -> Iterator[Json]:
    """Lay out panels left to right, top to bottom."""
    panel_id, y = 0, 0
    for row in rows:
        panel_id += 1
        yield {
            "id": panel_id,
            "type": "row",
            "title": row.title,
            "collapsed": False,
            "panels": [],
            "gridPos": {"x": 0, "y": y, "w": _COLUMNS, "h": 1},
        }
        x, y, height = 0, y + 1, 0
        for panel in row.panels:
            if x + panel.width > _COLUMNS:
                x, y, height = 0, y + height, 0
            panel_id += 1
            position = {"x": x, "y": y, "w": panel.width, "h": panel.height}
            yield {"id": panel_id, "gridPos": position, **_panel(panel)}
            x, height = x + panel.width, max(height, panel.height)
        y += height


def _panel(panel: Panel) -> Json:
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.question,
        "datasource": _SOURCE,
        "targets": [_target(query, "ABCDEFGH"[index], panel.kind) for index, query in enumerate(panel.queries)],
        "options": OPTIONS[panel.kind],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        **({"transformations": TABLE} if panel.kind == "table" else {}),
    }


def _target(query: Query, ref: str, kind: str) -> Json:
    instant = kind in {"table", "bargauge"}
    return {
        "refId": ref,
        "datasource": _SOURCE,
        "expr": query.expr,
        "legendFormat": query.legend or "{{le}}",
        "format": {"table": "table", "heatmap": "heatmap"}.get(kind, "time_series"),
        "instant": instant,
        "range": not instant,
    }


def _defaults(panel: Panel) -> Json:
    steps = [
        {"value": None, "color": panel.color},
        *({"value": value, "color": color} for value, color in panel.thresholds),
    ]
    defaults: Json = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}, "min": 0}
    if panel.axis_max is not None:
        defaults["max"] = panel.axis_max
    if panel.kind == "timeseries":
        defaults["custom"] = {
            "drawStyle": "line",
            "lineWidth": 1,
            "fillOpacity": 30 if panel.stacked else 8,
            "showPoints": "never",
            "spanNulls": False,
            "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
            "thresholdsStyle": {"mode": "dashed" if panel.thresholds else "off"},
        }
    if panel.kind in {"stat", "bargauge"}:
        defaults["color"] = {"mode": "thresholds"}
    return defaults
