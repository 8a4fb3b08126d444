"""A dashboard in the words that matter, and the JSON that Grafana 12 and 13 make of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

type Json = dict[str, Any]

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
    limits: tuple[tuple[float, str], ...] = ()  # from this value on, this color
    most: float | None = None  # of the axis


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
            "panels": list(_placed(self.rows)),
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


def _placed(rows: tuple[Row, ...]) -> Iterator[Json]:
    """Left to right, top to bottom."""
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
        "options": _OPTIONS[panel.kind],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        **({"transformations": _TABLE} if panel.kind == "table" else {}),
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
        *({"value": value, "color": color} for value, color in panel.limits),
    ]
    defaults: Json = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}, "min": 0}
    if panel.most is not None:
        defaults["max"] = panel.most
    if panel.kind == "timeseries":
        defaults["custom"] = {
            "drawStyle": "line",
            "lineWidth": 1,
            "fillOpacity": 30 if panel.stacked else 8,
            "showPoints": "never",
            "spanNulls": False,
            "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
            "thresholdsStyle": {"mode": "dashed" if panel.limits else "off"},
        }
    if panel.kind in {"stat", "bargauge"}:
        defaults["color"] = {"mode": "thresholds"}
    return defaults


_LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_TABLE = [{"id": "organize", "options": {"excludeByName": {"Time": True}, "renameByName": {"Value": "value"}}}]
_LEGEND = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}
_OPTIONS: dict[str, Json] = {
    "timeseries": {"legend": _LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}},
    "stat": {
        "reduceOptions": _LAST,
        "orientation": "auto",
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "textMode": "auto",
        "wideLayout": True,
        "showPercentChange": False,
        "percentChangeColorMode": "standard",
    },
    "bargauge": {
        "reduceOptions": _LAST,
        "orientation": "horizontal",
        "displayMode": "gradient",
        "valueMode": "color",
        "namePlacement": "auto",
        "showUnfilled": True,
        "sizing": "auto",
        "minVizHeight": 16,
        "minVizWidth": 8,
        "maxVizHeight": 300,
        "legend": {**_LEGEND, "showLegend": False},
    },
    "heatmap": {
        "calculate": False,
        "cellGap": 1,
        "color": {
            "mode": "scheme",
            "scheme": "Oranges",
            "steps": 64,
            "exponent": 0.5,
            "fill": "dark-orange",
            "reverse": False,
        },
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
        "filterValues": {"le": 1e-9},
        "legend": {"show": True},
        "showValue": "never",
        "tooltip": {"mode": "single", "yHistogram": True, "showColorScale": True},
        "yAxis": {"axisPlacement": "left", "unit": "s"},
    },
    "table": {"showHeader": True, "cellHeight": "sm", "frameIndex": 0},
}
