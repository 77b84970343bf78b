"""What does not go together in an order: each fault with the field it is about and what to send."""

import json
import re
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from messages.fix import ExecInst, OrdType, TimeInForce
from messages.lists import ListOrder
from messages.orders import NewOrderSingle, OrderCancelReplaceRequest, OrderCancelRequest
from messages.terms import PEGS, LocalMktDate, Terms

LIMIT = {"Symbol": "AAPL", "Side": "Buy", "OrderQty": "100", "OrdType": "Limit", "Price": "190"}
MARKET = {**LIMIT, "OrdType": "Market", "Price": None}
STOP = {**MARKET, "OrdType": "Stop", "StopPx": "185"}
GTD = {**LIMIT, "TimeInForce": "GoodTillDate"}
CASH = {**MARKET, "OrderQty": None, "CashOrderQty": "5000"}
PEGGED = {**MARKET, "OrdType": "Pegged", "ExecInst": ["MidPricePeg"]}
TRAILING = {**PEGGED, "ExecInst": ["TrailingStopPeg"], "PegOffsetValue": "-2"}
DAY, AT = "20261231", "2026-12-31T21:00:00Z"

Asked = dict[str, Any]

LEGAL: list[Asked] = [
    LIMIT,
    MARKET,
    STOP,
    {**STOP, "OrdType": "StopLimit", "Price": "184.5"},
    {**STOP, "OrdType": "MarketIfTouched"},
    {**MARKET, "OrdType": "MarketWithLeftOverAsLimit"},
    {**LIMIT, "OrdType": "MarketWithLeftOverAsLimit"},
    PEGGED,
    {**PEGGED, "Price": "191", "PegOffsetValue": "0", "PegOffsetType": "BasisPoints"},
    {**PEGGED, "ExecInst": ["AllOrNone", "PrimaryPeg", "Held"]},
    TRAILING,
    {**GTD, "ExpireDate": DAY},
    {**GTD, "ExpireTime": AT},
    CASH,
    {**CASH, "Currency": "USD"},
    {**LIMIT, "MinQty": "100", "DisplayQty": "100"},
    {**LIMIT, "ExecInst": ["NotHeld", "CancelOnTradingHalt", "ReinstateOnSystemFailure"]},
    *({**LIMIT, "TimeInForce": str(t)} for t in TimeInForce if t is not TimeInForce.GoodTillDate),
]

STOPPED = "send OrdType Stop, StopLimit or MarketIfTouched"
PEG_NAMES = "MarketPeg, MidPricePeg, PrimaryPeg, TrailingStopPeg"
ONE_PEG = f"ExecInst of a Pegged order has exactly one peg; send one of {PEG_NAMES}"
FAULTS: list[tuple[Asked, str, str]] = [
    ({**LIMIT, "Price": None}, "Price", "a Limit order needs Price"),
    ({**STOP, "OrdType": "StopLimit"}, "Price", "a StopLimit order needs Price"),
    *(
        (
            {**wrong, "Price": "190"},
            "Price",
            f"a {kind} order takes no Price; send OrdType Limit or StopLimit to cap it",
        )
        for kind, wrong in (
            ("Market", MARKET),
            ("Stop", STOP),
            ("MarketIfTouched", {**STOP, "OrdType": "MarketIfTouched"}),
        )
    ),
    *(
        (
            {**LIMIT, "OrdType": kind, "Price": "190" if kind == "StopLimit" else None},
            "StopPx",
            f"a {kind} order needs StopPx",
        )
        for kind in ("Stop", "StopLimit", "MarketIfTouched")
    ),
    *(
        ({**good, "StopPx": "185"}, "StopPx", f"a {kind} order takes no StopPx; {STOPPED}")
        for kind, good in (("Limit", LIMIT), ("Market", MARKET), ("Pegged", PEGGED))
    ),
    (
        {**LIMIT, "OrderQty": None},
        "OrderQty",
        "OrderQty is missing; send it, or CashOrderQty for an amount of money",
    ),
    (
        {**CASH, "OrderQty": "100"},
        "CashOrderQty",
        "CashOrderQty excludes OrderQty; send one of them",
    ),
    ({**PEGGED, "ExecInst": None}, "ExecInst", ONE_PEG),
    ({**PEGGED, "ExecInst": []}, "ExecInst", ONE_PEG),
    ({**PEGGED, "ExecInst": ["AllOrNone"]}, "ExecInst", ONE_PEG),
    ({**PEGGED, "ExecInst": ["MidPricePeg", "MarketPeg"]}, "ExecInst", ONE_PEG),
    (
        {**TRAILING, "PegOffsetValue": None},
        "PegOffsetValue",
        "PegOffsetValue is missing of a trailing stop; send how far behind the market it stays",
    ),
    *(
        (
            {**LIMIT, "ExecInst": [str(peg)]},
            "ExecInst",
            f"ExecInst {peg} goes with OrdType Pegged; send that, or leave it out",
        )
        for peg in sorted(PEGS)
    ),
    *(
        (
            {**LIMIT, "PegOffsetValue": offset},
            "PegOffsetValue",
            "PegOffsetValue goes with OrdType Pegged; send that, or leave it out",
        )
        for offset in ("-2", "0")
    ),
    *(
        (
            {**asked, "PegOffsetType": "Price"},
            "PegOffsetType",
            "PegOffsetType needs PegOffsetValue; send both, or leave it out",
        )
        for asked in (LIMIT, PEGGED)
    ),
    *(
        (
            {**LIMIT, "ExecInst": [other, one]},
            "ExecInst",
            f"ExecInst {one} excludes {other}; send one of them",
        )
        for one, other in (
            ("NotHeld", "Held"),
            ("ReinstateOnSystemFailure", "CancelOnSystemFailure"),
            ("ReinstateOnTradingHalt", "CancelOnTradingHalt"),
        )
    ),
    (GTD, "ExpireDate", "ExpireDate is missing of a GoodTillDate order; send it, or ExpireTime"),
    *(
        (
            {**LIMIT, name: value},
            name,
            f"{name} goes with TimeInForce GoodTillDate; send that, or leave it out",
        )
        for name, value in (("ExpireDate", DAY), ("ExpireTime", AT))
    ),
    (
        {**GTD, "ExpireDate": DAY, "ExpireTime": AT},
        "ExpireTime",
        "ExpireTime excludes ExpireDate; send one of them",
    ),
    *(
        (
            {**LIMIT, name: "100.5"},
            name,
            f"{name} 100.5 is more than OrderQty 100; send at most that",
        )
        for name in ("MinQty", "DisplayQty")
    ),
    *(
        (
            {**CASH, name: "5"},
            name,
            f"{name} needs OrderQty; send that instead of CashOrderQty, or leave it out",
        )
        for name in ("MinQty", "DisplayQty")
    ),
]

NEW = {"ClOrdID": "c-1", "Account": "growth"}
REPLACE = {**NEW, "OrigClOrdID": "c-0"}
DESK = [(NewOrderSingle, NEW), (OrderCancelReplaceRequest, REPLACE), (ListOrder, {"ClOrdID": "c"})]


@pytest.mark.parametrize(("model", "named"), DESK, ids=lambda part: getattr(part, "__name__", ""))
@pytest.mark.parametrize("asked", LEGAL, ids=lambda asked: asked["OrdType"])
def test_what_goes_together_is_taken(model: type[Terms], named: Asked, asked: Asked) -> None:
    said = model.model_validate_json(json.dumps(asked | named))
    assert said.terms() == Terms.model_validate_json(json.dumps(asked))


def test_every_order_type_is_among_what_is_taken() -> None:
    assert {asked["OrdType"] for asked in LEGAL} == set(OrdType)


@pytest.mark.parametrize(("model", "named"), DESK, ids=lambda part: getattr(part, "__name__", ""))
@pytest.mark.parametrize(("asked", "field", "text"), FAULTS, ids=[text for *_, text in FAULTS])
def test_what_does_not_go_together_is_refused_with_the_field_and_the_remedy(
    model: type[Terms], named: Asked, asked: Asked, field: str, text: str
) -> None:
    with pytest.raises(ValidationError) as error:
        model.model_validate_json(json.dumps(asked | named))
    (found,) = error.value.errors()
    assert found["msg"] == f"Value error, {text}"
    words = re.findall(r"\w+", text)
    assert next(word for word in words if word in Terms.model_fields) == field
    assert "; " in text or asked.get(field) is None  # what to do, where adding it is not all


@pytest.mark.parametrize("asked", [asked for asked, *_ in FAULTS])
def test_terms_that_stand_in_a_journal_are_read_as_they_are(asked: Asked) -> None:
    """A venue may restate an order to what no desk could have asked for, and rules change."""
    terms = Terms.model_validate_json(json.dumps(asked))
    assert Terms.model_validate_json(terms.model_dump_json(exclude_none=True)) == terms


def test_terms_know_their_instructions_and_their_quantity() -> None:
    trailing = Terms.model_validate_json(json.dumps(TRAILING))
    assert trailing.has(ExecInst.TrailingStopPeg)
    assert not trailing.has(ExecInst.AllOrNone)
    assert trailing.quantity == 100
    cash = Terms.model_validate_json(json.dumps(CASH))
    assert (cash.quantity, cash.has(ExecInst.AllOrNone)) == (0, False)


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("Currency", "usd", "pattern"),
        ("Currency", "EURO", "pattern"),
        ("MinQty", "0", "greater than 0"),
        ("DisplayQty", "-1", "greater than 0"),
        ("CashOrderQty", "0", "greater than 0"),
        ("ExecInst", ["AllOrNobody"], "Input should be 'NotHeld'"),
        ("ExecInst", "AllOrNone", "valid array"),
        ("PegOffsetType", "Ticks", "'Price' or 'BasisPoints'"),
        ("StopPx", 185, "decimal as a string"),
        ("ExpireTime", "20261231", "RFC 3339"),
    ],
)
def test_a_term_of_a_wrong_kind_is_refused(field: str, value: object, text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        NewOrderSingle.model_validate_json(json.dumps({**LIMIT, **NEW, field: value}))


DATE: TypeAdapter[str] = TypeAdapter(LocalMktDate)


@pytest.mark.parametrize("day", ["20261231", "20240229", "20000229", "19991130"])
def test_a_day_of_the_calendar_is_taken(day: str) -> None:
    assert DATE.validate_json(json.dumps(day)) == day


@pytest.mark.parametrize(
    "day",
    [
        *("", "2026123", "2026-12-31", "20261301", "20260431", "20260229", "21000229", "20260000"),
        *("20261231\n", " 20261231", "00000101", "\u0662\u0660261231", "today", 20261231, None),
    ],
)
def test_what_is_no_day_of_the_calendar_is_refused(day: object) -> None:
    with pytest.raises(ValidationError, match="send a day of the calendar as YYYYMMDD"):
        DATE.validate_json(json.dumps(day))


@pytest.mark.parametrize("model", [OrderCancelRequest, OrderCancelReplaceRequest])
def test_a_request_names_its_order_by_one_id_or_the_other(model: type[Any]) -> None:
    request = {**NEW, **(LIMIT if model is OrderCancelReplaceRequest else {})}
    for name in ("OrigClOrdID", "OrderID"):
        assert getattr(model.model_validate_json(json.dumps({**request, name: "x"})), name) == "x"
    with pytest.raises(ValidationError) as error:
        model.model_validate_json(json.dumps(request))
    text = "OrigClOrdID is missing; name the order by it, or by OrderID"
    assert error.value.errors()[0]["msg"] == f"Value error, {text}"
