"""The rules for Prometheus as plain data: recorded series first, then every alert.

``document`` is the content of a rule file, and the ``spec`` of a PrometheusRule in Kubernetes.
"""

from collections.abc import Iterator
from typing import Any

from actors.conservation import LAWS
from infra.monitoring.alerts import ALERTS, Alert, every
from infra.monitoring.objectives import OBJECTIVES, WINDOWS

Rule = dict[str, Any]

RUNBOOKS = "docs/runbooks"
"""Where the pages are, below the repository; a site gives the address at which it shows them."""

GRACE = "30s"
"""What one side of a law has counted for so long the other side must have counted too."""

QUANTILES = {"p50": 0.5, "p99": 0.99}
LATENCIES = ("ack", "new", "fill")


def document(runbooks: str = RUNBOOKS) -> dict[str, Any]:
    """All rule groups; ``runbooks``: the address that ``runbook_url`` begins with."""
    groups = [
        {"name": "oms conservation", "interval": "5s", "rules": list(_overdue())},
        {"name": "oms objectives", "interval": "15s", "rules": list(_objectives())},
        {"name": "oms latency", "interval": "15s", "rules": list(_latencies())},
    ]
    for name, alerts in ALERTS.items():
        rules = [_alert(alert, runbooks) for alert in alerts]
        groups.append({"name": name, "interval": "5s", "rules": rules})
    return {"groups": groups}


def recorded() -> dict[str, tuple[str, ...]]:
    """Every series that a rule records, with its labels."""
    labels = {
        rule["record"]: tuple(rule.get("labels", ())) for rule in (*_overdue(), *_objectives())
    }
    return labels | {rule["record"]: () for rule in _latencies()}


def examples(rule_file: str) -> dict[str, dict[str, Any]]:
    """What ``promtool test rules`` runs, by name of file: each alert fires in its one example, and
    not in the other. Those that last for hours are evaluated less often.
    """
    found: dict[str, dict[str, Any]] = {}
    for alert in every():
        step = f"{alert.step_s}s"
        file = {"rule_files": [rule_file], "evaluation_interval": step, "tests": []}
        tests = found.setdefault(f"every-{step}.yml", file)["tests"]
        tests += [_example(alert, alert.fires, True), _example(alert, alert.calm, False)]
    return found


def _overdue() -> Iterator[Rule]:
    """Totals only rise, so what is missing on one side after the grace is missing for good.

    Both sides at one instant would differ by whatever is on its way.
    """
    for law, terms in LAWS.items():
        above = "|".join(total for total, sign in terms if sign > 0)
        below = "|".join(total for total, sign in terms if sign < 0)
        for side, more, less in (("above", above, below), ("below", below, above)):
            expr = (
                f'clamp_min(sum(oms_journaled_total{{total=~"{more}"}} offset {GRACE}) '
                f'- sum(oms_journaled_total{{total=~"{less}"}}), 0)'
            )
            labels = {"law": law, "side": side}
            yield {"record": "oms:conservation_overdue", "labels": labels, "expr": expr}


def _objectives() -> Iterator[Rule]:
    for objective in OBJECTIVES:
        for window in WINDOWS:
            expr = objective.errors.format(window=window)
            yield {"record": objective.record(window), "expr": expr}


def _latencies() -> Iterator[Rule]:
    for name in LATENCIES:
        for label, quantile in QUANTILES.items():
            expr = (
                f"histogram_quantile({quantile}, sum by (le) (rate(oms_{name}_seconds_bucket[1m])))"
            )
            yield {"record": f"oms:{name}_seconds:{label}_1m", "expr": expr}


def _alert(alert: Alert, runbooks: str) -> Rule:
    return {
        "alert": alert.name,
        "expr": alert.expr,
        "for": alert.lasts,
        "labels": {"severity": alert.severity},
        "annotations": {
            "summary": alert.summary,
            "runbook_url": f"{runbooks}/{alert.name}.md",
        },
    }


def _example(alert: Alert, series: Any, firing: bool) -> dict[str, Any]:
    expr = f'count(ALERTS{{alertname="{alert.name}",alertstate="firing"}}) > bool 0'
    return {
        "name": f"{alert.name} {'fires' if firing else 'is calm'}",
        "interval": f"{alert.step_s}s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": expr,
                "eval_time": alert.at,
                "exp_samples": [{"labels": "{}", "value": 1}] if firing else [],
            }
        ],
    }
