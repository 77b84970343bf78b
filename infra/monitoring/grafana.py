"""The dashboards as Grafana's JSON (schema 39, Grafana 11 and later), made of the tables alone."""

from typing import Any

from infra.monitoring.dashboards import Dashboard, Panel

WIDTH, HEIGHT, COLUMNS = 12, 8, 2
"""Of a panel, in units of which a row has 24."""

SOURCE = {"type": "prometheus", "uid": "${source}"}


def as_json(dashboard: Dashboard) -> dict[str, Any]:
    """What Grafana imports. ``source``: a variable, the data source to look at."""
    return {
        "uid": f"oms-{dashboard.name}",
        "title": dashboard.title,
        "tags": ["oms"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "10s",
        "time": {"from": "now-30m", "to": "now"},
        "timezone": "utc",
        "graphTooltip": 1,
        "templating": {
            "list": [{"name": "source", "label": "Prometheus", "type": "datasource",
                      "query": "prometheus", "hide": 0}]
        },
        "links": [{"type": "dashboards", "tags": ["oms"], "title": "oms", "asDropdown": False}],
        "panels": [_panel(panel, index) for index, panel in enumerate(dashboard.panels)],
    }  # fmt: skip


def _panel(panel: Panel, index: int) -> dict[str, Any]:
    row, column = divmod(index, COLUMNS)
    return {
        "id": index + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom"},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "expr": expr,
                "legendFormat": legend,
                "datasource": SOURCE,
                "exemplar": "_bucket" in expr,
            }
            for number, (legend, expr) in enumerate(panel.queries)
        ],
    }


def _defaults(panel: Panel) -> dict[str, Any]:
    custom: dict[str, Any] = {"lineWidth": 1, "fillOpacity": 8, "showPoints": "never"}
    if panel.log:
        custom["scaleDistribution"] = {"type": "log", "log": 10}
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.zero:
        custom["thresholdsStyle"] = {"mode": "line"}
        steps.append({"color": "red", "value": 1})
    return {
        "unit": "bool_on_off" if panel.unit == "bool" else panel.unit,
        "custom": custom,
        "thresholds": {"mode": "absolute", "steps": steps},
    }
