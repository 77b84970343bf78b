"""The schemas that are committed are those of the models, and take exactly what the models take."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import quickfix
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from infra.commands.schema import FOLDER, REPORTS, REQUESTS, schema, schema_of, texts
from messages import fix
from messages.base import Message
from messages.lists import MOST_ORDERS, NewOrderList
from messages.orders import DESK_REQUEST
from messages.tags import OURS, TAGS
from tests.messages.models import paths_of
from tests.messages.test_terms import FAULTS

ROOT = Path(__file__).parents[2]
KINDS = (*REQUESTS, *REPORTS)


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
def test_a_committed_schema_is_that_of_the_model(model: type[Message]) -> None:
    name = f"{model.__name__}.json"
    assert (ROOT / FOLDER / name).read_text() == texts()[name], "run: oms schema"


def test_no_schema_is_left_of_a_message_that_is_gone() -> None:
    assert {path.name for path in (ROOT / FOLDER).glob("*.json")} == texts().keys()
    assert len(KINDS) == 14


def test_the_command_writes_every_schema(tmp_path: Path) -> None:
    result = CliRunner().invoke(schema, ["--out", str(tmp_path / "made")])
    assert (result.exit_code, result.output) == (0, f"14 schemas in {tmp_path / 'made'}\n")
    assert {p.name: p.read_text() for p in (tmp_path / "made").iterdir()} == texts()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(schema, ["--out", str(tmp_path / "file" / "below")])
    assert result.exit_code == 1
    assert f"cannot write to {tmp_path}/file/below" in result.stderr
    assert "--out" in result.stderr


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
def test_a_schema_is_valid_and_takes_the_golden_samples(model: type[Message]) -> None:
    made = schema_of(model)
    Draft202012Validator.check_schema(made)
    assert "://" not in made["$id"]
    assert made["required"][0] == next(iter(made["properties"])) == "MsgType"
    for path in paths_of(model):
        Draft202012Validator(made).validate(json.loads(path.read_text()))


def test_every_field_is_described_by_its_tag_or_as_ours() -> None:
    seen: set[str] = set()
    for model in KINDS:
        made = schema_of(model)
        parts = [made, *(part for part in made.get("$defs", {}).values() if "properties" in part)]
        for name, field in (item for part in parts for item in part["properties"].items()):
            seen.add(name)
            expected = f"{name}({TAGS[name]})" if name in TAGS else OURS[name]
            assert field["description"].startswith(expected)
    assert seen == TAGS.keys() | OURS.keys()


GROUPS = {"Orders": "NoOrders"}


@pytest.mark.parametrize(("name", "tag"), TAGS.items())
def test_a_tag_is_what_the_fix_engine_says(name: str, tag: int) -> None:
    assert getattr(quickfix, GROUPS.get(name, name))().getTag() == tag


def test_tags_stand_in_their_order() -> None:
    assert list(TAGS.values()) == sorted(TAGS.values())


# ---- schema and model agree, whatever the request

ABSENT = object()


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from((ABSENT, None, *values))


def of(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


names = of("growth", "BRK.B", "-x", "a b", "", "x" * 33, 5)
ids = of("c-1", "x" * 64, "x" * 65, "", "with space", "\u00e9", 7)
sides = of(*fix.Side, "BUY", 1)
quantities = of("1", "0.5", "100", "0", "0.000", "-1", "1e3", 100, 1.5, "", "0.0000000000001")
parts = maybe("0.5", "0", 1, "")  # no more than any good quantity: a schema compares no numbers
prices = maybe("190.25", "-37.63", "0", 190.25, "", "1.")
instructions = st.just(ABSENT) | st.lists(of(*fix.ExecInst, "AllOrNobody"), max_size=3) | of(None)
booleans = maybe(True, False, "true", 1)

TERMS: dict[str, st.SearchStrategy[Any]] = {
    "Symbol": names,
    "Side": sides,
    "OrderQty": quantities | maybe(),
    "OrdType": of(*fix.OrdType, "Funari"),
    "Price": prices,
    "StopPx": prices,
    "CashOrderQty": maybe("5000.00", "0", 5000),
    "Currency": maybe("USD", "usd", "USDT"),
    "MinQty": parts,
    "DisplayQty": parts,
    "ExecInst": instructions,
    "PegOffsetValue": maybe("-0.25", "0", 1),
    "PegOffsetType": maybe(*fix.PegOffsetType, "Ticks"),
    "ExpireDate": maybe("20261231", "20280229", "20261301", "20260431", "2026-12-31", 20261231),
    "ExpireTime": maybe("2026-12-31T21:00:00Z"),
    "TimeInForce": st.just(ABSENT) | of(*fix.TimeInForce, "GTC"),
    "ExDestination": maybe("XPAR", "-"),
}
MASS_CANCEL: dict[str, st.SearchStrategy[Any]] = {
    "ClOrdID": ids,
    "Account": names,
    "MassCancelRequestType": of(*fix.MassCancelRequestType, "All"),
    "Symbol": maybe("AAPL", ""),
}
MASS_STATUS: dict[str, st.SearchStrategy[Any]] = {
    "MassStatusReqID": ids,
    "Account": names,
    "MassStatusReqType": of(*fix.MassStatusReqType),
    "Symbol": maybe("AAPL"),
}
GOOD: dict[str, dict[str, Any]] = {
    "NewOrderSingle": {
        "ClOrdID": "c-1",
        "Account": "growth",
        "Symbol": "AAPL",
        "Side": "Buy",
        "OrderQty": "1",
        "OrdType": "Limit",
        "Price": "1",
    },
    "OrderMassCancelRequest": {
        "ClOrdID": "c-1",
        "Account": "growth",
        "MassCancelRequestType": "CancelAllOrders",
    },
    "OrderMassStatusRequest": {
        "MassStatusReqID": "s",
        "Account": "growth",
        "MassStatusReqType": "StatusForAllOrders",
    },
}
GOOD["OrderCancelReplaceRequest"] = {**GOOD["NewOrderSingle"], "OrigClOrdID": "c-0"}
GOOD["OrderCancelRequest"] = {"ClOrdID": "c-1", "Account": "growth", "OrigClOrdID": "c-0"}
GOODS: dict[str, list[dict[str, Any]]] = {kind: [request] for kind, request in GOOD.items()}
for kind in ("NewOrderSingle", "OrderCancelReplaceRequest"):
    plain = {name: value for name, value in GOOD[kind].items() if name != "Price"}
    GOODS[kind] += [
        {**plain, "OrdType": "StopLimit", "Price": "1", "StopPx": "1", "ExecInst": ["Held"]},
        {**plain, "OrdType": "Pegged", "ExecInst": ["TrailingStopPeg"], "PegOffsetValue": "-1"},
        {**plain, "OrdType": "Pegged", "ExecInst": ["AllOrNone", "MarketPeg"]},
        {**plain, "OrdType": "Market", "TimeInForce": "GoodTillDate", "ExpireDate": "20261231"},
        {**plain, "OrdType": "MarketWithLeftOverAsLimit", "MinQty": "0.5", "DisplayQty": "0.5"},
        {**plain, "OrdType": "Market", "OrderQty": None, "CashOrderQty": "1", "Currency": "EUR"},
    ]
VARIED: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "NewOrderSingle": {**TERMS, "ClOrdID": ids, "Account": names, "ReportPendingNew": booleans},
    "OrderCancelReplaceRequest": {
        **TERMS,
        "OrigClOrdID": ids | maybe(),
        "OrderID": maybe("growth-1"),
        "PossResend": booleans,
    },
    "OrderCancelRequest": {
        "ClOrdID": ids,
        "OrigClOrdID": ids | maybe(),
        "OrderID": maybe("growth-1", "with space"),
        "OrderQty": maybe("1", "0"),
    },
    "OrderMassCancelRequest": MASS_CANCEL,
    "OrderMassStatusRequest": MASS_STATUS,
}
VALIDATORS = {model.__name__: Draft202012Validator(schema_of(model)) for model in REQUESTS}


@st.composite
def requests(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """A good request of which some fields are something else, missing or nobody's."""
    found = {"MsgType": kind, **draw(st.sampled_from(GOODS[kind]))}
    varied = VARIED[kind]
    for name in draw(st.lists(st.sampled_from(sorted(varied)), max_size=3)):
        found[name] = draw(varied[name])
    if draw(st.integers(0, 9)) == 0:
        found["Prize"] = "1"
    return {name: value for name, value in found.items() if value is not ABSENT}


def taken(request: dict[str, Any]) -> bool:
    try:
        DESK_REQUEST.validate_json(json.dumps(request))
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("kind", VARIED)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_schema_takes_what_the_model_takes_and_nothing_else(kind: str, data: Any) -> None:
    request = data.draw(requests(kind))
    assert VALIDATORS[kind].is_valid(request) == taken(request), request


def test_both_answers_occur() -> None:
    order = {"MsgType": "NewOrderSingle", **GOOD["NewOrderSingle"]}
    assert taken(order)
    assert not taken(order | {"OrdType": "Market"})
    assert not taken(order | {"OrderQty": str(Decimal(0))})
    for kind, goods in GOODS.items():
        assert all(taken({"MsgType": kind, **good}) for good in goods)


@pytest.mark.parametrize("asked", [asked for asked, *_ in FAULTS])
def test_a_schema_refuses_what_does_not_go_together_but_compares_no_numbers(
    asked: dict[str, Any],
) -> None:
    order = {**GOOD["NewOrderSingle"], "MsgType": "NewOrderSingle", **asked}
    compares = "100.5" in (order.get("MinQty"), order.get("DisplayQty"))
    assert VALIDATORS["NewOrderSingle"].is_valid(order) == compares


def test_an_order_of_a_list_is_held_against_the_same_conditions() -> None:
    check = Draft202012Validator(schema_of(NewOrderList))
    order = {**GOOD["NewOrderSingle"], "ClOrdID": "l-1"}
    del order["Account"]
    good = {"MsgType": "NewOrderList", "ListID": "l", "Account": "growth", "Orders": [order]}
    linked = {**good, "Orders": [order] * 2, "ContingencyType": "OneCancelsTheOther"}
    cash = {**order, "OrdType": "Market", "Price": None, "OrderQty": None, "CashOrderQty": "1"}
    assert check.is_valid(good)
    assert check.is_valid(linked)
    assert check.is_valid({**good, "Orders": [cash]})
    for wrong in (
        {**good, "Orders": []},
        {**good, "Orders": [order] * (MOST_ORDERS + 1)},
        {**good, "Orders": [{**order, "Price": None}]},
        {**good, "Orders": [{**cash, "ClOrdLinkID": "x"}]},
        {**linked, "Orders": [order]},
        {**linked, "Orders": [order, cash]},
    ):
        assert not check.is_valid(wrong)
