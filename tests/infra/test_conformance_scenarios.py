"""Scenario files: what is read, what is refused, and which ways of playing a scenario has."""

from pathlib import Path

import pytest

from infra.conformance import words
from infra.conformance.scenarios import Row, Scenario, ScenariosRefused, load

SAMPLE = Path("infra/conformance/sample.yaml")


def written(tmp_path: Path, steps: str, meta: str = "{}") -> Path:
    path = tmp_path / "file.yaml"
    path.write_text(f"meta: {meta}\nscenarios:\n- id: T\n  title: test\n  steps:\n{steps}")
    return path


def read(tmp_path: Path, *steps: str, meta: str = "{}") -> Scenario:
    lines = "".join(f"  - {{{step}}}\n" for step in steps)
    return load(written(tmp_path, lines, meta))[0]


def played(scenario: Scenario) -> dict[str, list[int]]:
    return {v.name: [row.number for row in v.rows] for v in scenario.variants()}


OUT = "dir: out, msg: ExecutionReport, ClOrdID: X"


def test_scalars_are_the_text_they_are(tmp_path: Path) -> None:
    scenario = read(
        tmp_path,
        "t: 1, dir: in, msg: NewOrderSingle, ClOrdID: NO, OrderQty: 1_000, Price: 50.10, Text: ~",
    )
    row = scenario.rows[0]
    assert row.fields == {"ClOrdID": "NO", "OrderQty": "1_000", "Price": "50.10"}
    assert (row.direction, row.msg, row.day) == ("in", "NewOrderSingle", 1)


def test_a_message_may_be_named_by_its_type_and_codes_by_their_names(tmp_path: Path) -> None:
    names = "{codes: {CxlRejReason: {'3': AlreadyPendingCancelOrReplace}}}"
    one, two = read(
        tmp_path,
        "t: 1, dir: in, MsgType: G, ClOrdID: Y, TimeInForce: GoodTillCancel, ExecInst: Work G",
        "t: 2, dir: out, MsgType: '9', CxlRejReason: AlreadyPendingCancelOrReplace, OrdStatus: E",
        meta=names,
    ).rows
    assert (one.msg, two.msg) == ("OrderCancelReplaceRequest", "OrderCancelReject")
    assert (one.fields["TimeInForce"], one.fields["ExecInst"]) == ("1", "2 G")
    assert two.fields == {"CxlRejReason": "3", "OrdStatus": "E"}


def test_a_row_on_the_second_day_says_so(tmp_path: Path) -> None:
    rows = read(tmp_path, f"t: d1.4, {OUT}", f"t: d2.1, {OUT}", f"t: 12, {OUT}").rows
    assert [row.day for row in rows] == [1, 2, 1]


def test_every_alternative_is_an_end_after_the_main_rows_before_it(tmp_path: Path) -> None:
    scenario = read(
        tmp_path,
        "t: 1, dir: in, msg: NewOrderSingle, ClOrdID: X",
        f"t: 2, branch: alternative, {OUT}",
        f"t: 2, {OUT}",
        f"t: 3, branch: alternative, {OUT}",
        f"t: 3, {OUT}",
    )
    assert played(scenario) == {"main": [1, 3, 5], "row 2": [1, 2], "row 4": [1, 3, 4]}


def test_what_crosses_on_the_wire_is_played_in_both_orders(tmp_path: Path) -> None:
    scenario = read(
        tmp_path,
        "t: 1, dir: in, msg: NewOrderSingle, ClOrdID: X",
        "t: 2, crosses: true, dir: in, msg: OrderCancelRequest, ClOrdID: Y",
        f"t: 2, crosses: true, {OUT}",
        f"t: 3, {OUT}",
        "t: 4, crosses: true, dir: in, msg: OrderCancelRequest, ClOrdID: Z",
    )
    assert played(scenario) == {"main": [1, 3, 2, 4, 5], "the request overtakes": [1, 2, 3, 4, 5]}


def test_what_is_optional_may_be_left_out_alone_and_altogether(tmp_path: Path) -> None:
    same = "OrderQty: 10, CumQty: 5"
    scenario = read(
        tmp_path,
        f"t: 1, {OUT}, {same}",
        f"t: 2, optional: true, {OUT}, {same}",
        f"t: 3, optional: true, {OUT}, {same}",
        f"t: 4, {OUT}, {same}",
    )
    assert played(scenario) == {
        "main": [1, 2, 3, 4],
        "without row 2": [1, 3, 4],
        "without row 3": [1, 2, 4],
        "without row 2, 3": [1, 4],
    }


@pytest.mark.parametrize(
    "optional", ["OrderQty: 20, CumQty: 10", "OrderQty: 10, CumQty: 5, ExecID: B"]
)
def test_an_optional_row_stays_that_moves_a_quantity_or_is_named_later(
    tmp_path: Path, optional: str
) -> None:
    scenario = read(
        tmp_path,
        f"t: 1, {OUT}, OrderQty: 10, CumQty: 5",
        f"t: 2, optional: true, {OUT}, {optional}",
        f"t: 3, {OUT}, OrderQty: 20, CumQty: 10, ExecRefID: B",
    )
    assert played(scenario) == {"main": [1, 2, 3]}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("scenarios: [", "not YAML"),
        ("steps: []", "no list 'scenarios'"),
        ("scenarios: []", "no list 'scenarios'"),
        ("scenarios: [{title: x}]", "scenario 1 has no id"),
        ("scenarios: [{id: A}]", "scenario A has no steps"),
        ("scenarios: [{id: A, steps: [{dir: up}]}]", "scenario A, step 1: dir must be one of"),
        ("scenarios: [{id: A, steps: [{dir: in}]}]", "it has neither msg nor MsgType"),
    ],
)
def test_what_is_no_scenario_is_refused_with_its_place(
    tmp_path: Path, content: str, reason: str
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(content)
    with pytest.raises(ScenariosRefused, match=reason) as refused:
        load(path)
    assert str(path) in str(refused.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenariosRefused, match="No such file"):
        load(tmp_path / "nowhere.yaml")


def test_the_shipped_sample_uses_every_way_of_playing() -> None:
    scenarios = load(SAMPLE)
    rows = [row for scenario in scenarios for row in scenario.rows]
    marks = ("alternative", "crosses", "conflict", "optional")
    assert all(any(getattr(row, mark) for row in rows) for mark in marks)
    assert {row.direction for row in rows} == {"in", "out", "event"}
    assert max(row.day for row in rows) == 2


def test_a_row_is_told_with_its_place() -> None:
    row = Row(3, "2", "out", "ExecutionReport", {}, {})
    assert row.place() == "row 3 (t 2, out ExecutionReport)"


@pytest.mark.parametrize(
    ("field", "expected", "got", "equal"),
    [
        ("OrderQty", "100", "100.00", True),
        ("OrderQty", "100", "101", False),
        ("OrderQty", "100", "", False),
        ("AvgPx", "33.33", "33.33333333", True),
        ("AvgPx", "33", "33.4", False),
        ("OrdStatus", "1", "1", True),
        ("OrdStatus", "1", "01", False),
        ("ExecInst", "G 2", "2 G", True),
        ("Text", "a", "a", True),
    ],
)
def test_values_are_compared_as_what_they_are(
    field: str, expected: str, got: str, equal: bool
) -> None:
    assert words.same(field, expected, got) is equal


def test_a_code_is_shown_with_the_products_name_or_the_files() -> None:
    assert (
        words.shown("CxlRejReason", "3", {"CxlRejReason": {"3": "Theirs"}}) == "3 (AlreadyPending)"
    )
    assert words.shown("MultiLegReportingType", "2", {"MultiLegReportingType": {"2": "Leg"}}) == (
        "2 (Leg)"
    )
    assert words.shown("OrdStatus", "", {}) == "nothing"
