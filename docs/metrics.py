"""Prints docs/METRICS.md: every metric with its meaning, from infra/monitoring/table.py.

`make docs` writes it, beside the rules and dashboards that read these metrics.
"""

from collections.abc import Iterable, Iterator

from infra.monitoring.alerts import every
from infra.monitoring.dashboards import DASHBOARDS
from infra.monitoring.objectives import OBJECTIVES
from infra.monitoring.table import FOREIGN, GROUPS, LABELS, Row

PREFACE = """\
# Metrics

Made of `infra/monitoring/table.py` by `make docs`. One target, compliance, serves all of them at
`/metrics` (`oms status` says where); histograms carry the trace of the last observation in each
bucket as an exemplar (OpenMetrics). No label names an account, a desk, an order or an amount, and
each takes few values: tests hold that. To add one: a row in the table, and `make docs`.
"""


def page() -> Iterator[str]:
    """The page, line by line."""
    yield PREFACE
    for group, rows in GROUPS.items():
        yield from _section(group, rows)
    yield from _section("Read from others", FOREIGN)
    yield "## Labels"
    yield ""
    yield "| label | values at most | what |"
    yield "|---|---:|---|"
    for name, label in LABELS.items():
        yield f"| `{name}` | {label.most} | {label.means} |"
    yield ""
    yield "## Objectives"
    yield ""
    yield "| objective | promised | burn rates that alert |"
    yield "|---|---:|---|"
    for one in OBJECTIVES:
        rates = "14.4 over 1 h and 5 m, 6 over 6 h and 30 m; 3 over 1 d and 2 h, 1 over 3 d and 6 h"
        yield f"| {one.what} | {one.good * 100:g} % | {rates} |"
    yield ""
    yield "## Alerts"
    yield ""
    yield "| alert | | when |"
    yield "|---|---|---|"
    for alert in every():
        lasts = "" if alert.lasts == "0s" else f", for {alert.lasts}"
        expr = alert.expr.replace("|", "\\|")
        link = f"[{alert.name}](runbooks/{alert.name}.md)"
        yield f"| {link} | {alert.severity} | `{expr}`{lasts} |"
    yield ""
    yield "## Dashboards"
    yield ""
    for dashboard in DASHBOARDS:
        titles = ", ".join(panel.title for panel in dashboard.panels)
        yield f"- **{dashboard.name}**: {titles}"


def _section(title: str, rows: Iterable[Row]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield "| metric | kind | labels | unit | meaning |"
    yield "|---|---|---|---|---|"
    for row in rows:
        labels = ", ".join(f"`{label}`" for label in row.labels)
        yield f"| `{row.name}` | {row.kind} | {labels} | {row.unit} | {row.means} |"
    yield ""


if __name__ == "__main__":
    print("\n".join(page()))
