"""Dashboards show metrics that exist, are imported by Grafana, and can be drawn without it."""

import itertools
import math
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from infra import endpoints
from infra.cli import main
from infra.monitoring import watching
from infra.monitoring.dashboards import DASHBOARDS, Panel
from infra.monitoring.grafana import as_json
from infra.monitoring.picture import Drawn, Sheet, amount, empty, svg
from infra.monitoring.rules import recorded
from infra.monitoring.table import ALL, OURS, series
from infra.monitoring.watching import LABEL, expression, named
from infra.prometheus import Prometheus
from tests.infra.test_monitoring_rules import unknown

NAMES = ["overview", "order-flow", "actors", "broker", "compliance"]


def queries() -> Iterator[tuple[str, str, str]]:
    for dashboard in DASHBOARDS:
        for panel in dashboard.panels:
            for legend, query in panel.queries:
                yield f"{dashboard.name}: {panel.title}", legend, query


def test_there_is_one_for_each_question() -> None:
    assert [dashboard.name for dashboard in DASHBOARDS] == NAMES


def test_every_query_names_series_that_exist() -> None:
    assert {(where, *unknown(query)) for where, _, query in queries() if unknown(query)} == set()


def test_every_legend_names_labels_that_the_series_have() -> None:
    known = series(ALL) | recorded()
    for where, legend, query in queries():
        labels = {label for name in known if name in query for label in known[name]}
        wanted = set(LABEL.findall(legend)) - {"instance"}
        assert wanted <= labels, f"{where}: {legend}"


def test_most_of_what_is_measured_is_shown_somewhere() -> None:
    shown = " ".join(query for _, _, query in queries())
    unseen = [name for name in OURS if name not in shown]
    assert len(unseen) < len(OURS) / 3, unseen


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda one: one.name)
def test_the_json_is_what_grafana_imports(dashboard: object) -> None:
    made = as_json(next(one for one in DASHBOARDS if one is dashboard))
    assert made["uid"] == f"oms-{made['title'].split(': ')[1].replace(' ', '-')}"
    places = [tuple(panel["gridPos"].values()) for panel in made["panels"]]
    assert len(set(places)) == len(places)
    for panel in made["panels"]:
        assert [t["refId"] for t in panel["targets"]] == sorted(
            t["refId"] for t in panel["targets"]
        )
        assert all(t["expr"] and t["datasource"]["uid"] == "${source}" for t in panel["targets"])
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24


def test_a_histogram_s_quantiles_show_exemplars() -> None:
    panel = as_json(DASHBOARDS[0])["panels"][1]
    assert [target["exemplar"] for target in panel["targets"]] == [True] * 4


# ---- the picture


def a_sheet(panel: Panel, *series_of: tuple[str, list[tuple[float, float]]]) -> Sheet:
    drawn = [Drawn(panel, dict(series_of))]
    return Sheet("a <storm>", 100.0, 160.0, [(DASHBOARDS[0], drawn)], [(130.0, "account#03")])


ONE = Panel("Orders", "ops", (("{{rule}}", "x"),))


def test_a_series_is_a_line_and_a_start_is_a_mark() -> None:
    drawn = svg(a_sheet(ONE, ("received", [(100.0, 0.0), (101.0, 50.0), (102.0, 100.0)])))
    root = ElementTree.fromstring(drawn)
    lines = root.findall(".//{*}polyline")
    assert len(lines) == 1
    points = [tuple(map(float, pair.split(","))) for pair in lines[0].attrib["points"].split()]
    assert [round(a[1] - b[1], 1) for a, b in itertools.pairwise(points)] == [60.0, 60.0]
    (mark,) = root.findall(".//{*}line[@class='mark']")
    assert mark.findtext("{*}title") == "account#03"
    assert "received: 100/s" in drawn
    assert "a &lt;storm&gt;" in drawn


def test_where_there_is_no_value_there_is_no_line() -> None:
    gap = [(100.0, 1.0), (101.0, 1.0), (102.0, math.nan), (103.0, 1.0), (120.0, 1.0), (121.0, 1.0)]
    assert svg(a_sheet(ONE, ("x", gap))).count("<polyline") == 3


def test_what_is_wrong_is_coloured_and_what_is_empty_is_said() -> None:
    zero = ONE._replace(zero=True)
    assert 'class="wrong"' not in svg(a_sheet(zero, ("lost", [(100.0, 0.0)])))
    assert 'class="wrong"' in svg(a_sheet(zero, ("lost", [(100.0, 0.0), (101.0, 1.0)])))
    nothing = a_sheet(ONE)
    assert empty(nothing) == ["overview: Orders"]
    assert "nothing to show" in svg(nothing)


def test_of_many_series_the_highest_are_drawn() -> None:
    many = [(f"s{n}", [(100.0, float(n)), (101.0, float(n))]) for n in range(20)]
    drawn = svg(a_sheet(ONE, *many))
    assert drawn.count("<polyline") == 12
    assert "and 8 more" in drawn
    assert "s19: 19/s" in drawn


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.0123, "s", "12.3 ms"), (2.5, "s", "2.5 s"), (0.0, "s", "0 s"), (3e-5, "s", "30 µs"),
        (81_000_000, "bytes", "81 MB"), (1.0, "bool", "yes"), (0.0, "bool", "no"),
        (0.015, "percentunit", "1.5 %"), (1234.0, "ops", "1.23 k/s"), (7.0, "short", "7"),
    ],
)  # fmt: skip
def test_amounts_are_short(value: float, unit: str, shown: str) -> None:
    assert amount(value, unit) == shown  # type: ignore[arg-type]


def test_a_query_is_asked_with_a_window_that_suits_a_scrape_a_second() -> None:
    assert all("$" not in expression(query) for _, _, query in queries())
    assert named("rule {{rule}} {{side}}", {"rule": "max"}) == "rule max"
    assert re.search(r"\[15s\]", expression(DASHBOARDS[0].panels[0].queries[0][1]))


def test_a_target_that_comes_back_on_another_port_is_the_same_instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aimed: list[dict[str, str]] = []
    looks = iter([8001, 8001, 8002, 8002])

    def over() -> bool:
        port = next(looks, None)
        if port:
            endpoints.write(tmp_path, metrics=f"http://127.0.0.1:{port}/metrics")
        return port is None

    monkeypatch.setattr(watching, "LOOK_EVERY_S", 0.0)
    watching.watch(cast(Prometheus, SimpleNamespace(aim=aimed.append)), tmp_path, 60.0, over)
    assert aimed == [{"compliance-0": f"127.0.0.1:{port}"} for port in (8001, 8002)]


def test_a_picture_that_cannot_be_drawn_is_refused_with_what_can() -> None:
    told = CliRunner().invoke(main, ["dashboards", "draw", "--out", "x.png"])
    assert told.exit_code == 1
    assert ".svg" in told.output
