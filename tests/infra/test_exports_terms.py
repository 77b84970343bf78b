"""Every order type, time in force and instruction is written in each regime's own codes."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from infra.exports.fields import check
from infra.exports.rts24 import FIELDS
from messages import fix
from messages import venue as wire
from messages.orders import NewOrderSingle
from tests.infra.exported import exported, of_type
from tests.infra.journaled_day import Day, new

D = Decimal
T, X, O = fix.TimeInForce, fix.ExecInst, fix.OrdType  # noqa: E741  # as short as the table
LATER = 1_795_500_000_000_000_000

TERMS: dict[str, dict[str, Any]] = {
    "limit": {},
    "market": {"OrdType": O.Market, "Price": None},
    "stop": {"OrdType": O.Stop, "Price": None, "StopPx": D(195)},
    "stop-limit": {"OrdType": O.StopLimit, "StopPx": D(195)},
    "touched": {"OrdType": O.MarketIfTouched, "Price": None, "StopPx": D(185)},
    "leftover": {"OrdType": O.MarketWithLeftOverAsLimit, "Price": None},
    "peg": {"OrdType": O.Pegged, "ExecInst": (X.PrimaryPeg,)},
    "trailing": {
        "OrdType": O.Pegged, "Price": None, "ExecInst": (X.TrailingStopPeg,),
        "PegOffsetValue": D(-1), "Side": fix.Side.Sell,
    },
    "gtc": {"TimeInForce": T.GoodTillCancel},
    "ioc": {"TimeInForce": T.ImmediateOrCancel},
    "fok": {"TimeInForce": T.FillOrKill},
    "gtx": {"TimeInForce": T.GoodTillCrossing},
    "till-date": {"TimeInForce": T.GoodTillDate, "ExpireDate": "20261231"},
    "till-time": {"TimeInForce": T.GoodTillDate, "ExpireTime": LATER},
    "opening": {"TimeInForce": T.AtTheOpening},
    "close": {"TimeInForce": T.AtTheClose, "OrdType": O.Market, "Price": None},
    "iceberg": {"DisplayQty": D(10)},
    "minimum": {"MinQty": D(10)},
    "all-or-none": {"ExecInst": (X.AllOrNone, X.NotHeld)},
    "passive": {"ExecInst": (X.ParticipateDontInitiate,)},
    "short": {"Side": fix.Side.SellShort},
    "cash": {"OrderQty": None, "CashOrderQty": D(5_000), "Currency": "USD"},
}  # fmt: skip


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    with Day(tmp_path_factory.mktemp("terms")) as day:
        day.pass_time(15 * 3600)
        day.says(wire.SessionUp())
        day.the_venue_does_everything()
        for number, (name, terms) in enumerate(TERMS.items(), 1):
            day.desk("alpha", NewOrderSingle(**(dict(new(name)) | terms)))
            asked = [m for m in day.asked if getattr(m, "ClOrdID", "") == f"growth-{number}.1"]
            assert len(asked) == 1, name
        yield day


def orders(day: Day, regime: str, kind: str, name: str = "type") -> dict[str, dict[str, Any]]:
    """The records of that type by the name of the terms."""
    found = of_type(exported(day.data, regime), kind, name)
    names = list(TERMS)
    order = "orderID" if regime == "cat" else "OrderID"
    return {names[int(record[order].rpartition("-")[2]) - 1]: record for record in found}


def test_every_kind_of_terms_passes_the_field_checks(day: Day) -> None:
    assert exported(day.data, "rts24").rejected == []
    assert orders(day, "rts24", "NEWO", "Event").keys() == TERMS.keys()
    rejected = exported(day.data, "cat").rejected
    assert {one.record["orderID"] for one in rejected} == {f"growth-{len(TERMS)}"}
    assert {fault.field for one in rejected for fault in one.faults} == {"quantity"}
    assert orders(day, "cat", "MENO").keys() == TERMS.keys() - {"cash"}
    assert orders(day, "cat", "MEOR").keys() == TERMS.keys() - {"cash"}


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("limit", {"orderType": "LMT", "timeInForce": {"DAY": 20261123}, "price": D(190)}),
        ("market", {"orderType": "MKT", "price": None}),
        ("stop", {"orderType": "MKT", "handlingInstructions": {"STP": D(195)}}),
        ("stop-limit", {"orderType": "LMT", "handlingInstructions": {"STP": D(195)}}),
        ("touched", {"handlingInstructions": {"MQT": D(185)}}),
        ("peg", {"handlingInstructions": {"PEG": True}}),
        ("trailing", {"handlingInstructions": {"TS": D(-1)}, "side": "SL"}),
        ("gtc", {"timeInForce": {"GTC": True}}),
        ("ioc", {"timeInForce": {"IOC": True}}),
        ("fok", {"timeInForce": {"FOK": True}}),
        ("gtx", {"timeInForce": {"GTX": 20261123}}),
        ("till-date", {"timeInForce": {"GTD": 20261231}}),
        ("till-time", {"timeInForce": {"GTT": "20261124T010000.000000000"}}),
        ("opening", {"handlingInstructions": {"LOO": True}}),
        ("close", {"handlingInstructions": {"MOC": True}}),
        ("iceberg", {"handlingInstructions": {"RSV": True, "DISQ": D(10)}}),
        ("minimum", {"minQty": D(10)}),
        ("all-or-none", {"handlingInstructions": {"AON": True, "NH": True}}),
        ("short", {"side": "SS"}),
    ],
)
def test_cat_says_it_in_its_codes(day: Day, name: str, fields: dict[str, Any]) -> None:
    record = orders(day, "cat", "MENO")[name]
    assert {field: record.get(field) for field in fields} == fields


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("limit", {"OrderType": "LMTO", "ValidityPeriod": "GDAY", "LimitPrice": D(190)}),
        ("market", {"OrderType": "MRKT", "OrderTypeClass": "MRKT", "PriceCurrency": None}),
        ("stop", {"OrderType": "STOP", "StopPrice": D(195), "PriceCurrency": "USD"}),
        ("stop-limit", {"OrderType": "STOP", "LimitPrice": D(190), "OrderTypeClass": "STPL"}),
        ("peg", {"OrderType": "PEGD", "PeggedLimitPrice": D(190), "LimitPrice": None}),
        ("gtc", {"ValidityPeriod": "GTCA"}),
        ("ioc", {"ValidityPeriod": "IOCA"}),
        ("fok", {"ValidityPeriod": "FOKR"}),
        ("till-date", {"ValidityPeriod": "GTHD", "ValidUntil": "2026-12-31T23:59:59.000000Z"}),
        ("till-time", {"ValidityPeriod": "GTDT", "ValidUntil": "2026-11-24T06:00:00.000000000Z"}),
        ("opening", {"OrderRestriction": "VFAR"}),
        ("iceberg", {"DisplayedQuantity": D(10), "InitialQuantity": D(100)}),
        ("minimum", {"MinimumQuantity": D(10)}),
        ("passive", {"PassiveOnly": True}),
        ("short", {"BuySell": "SELL"}),
        ("cash", {"QuantityNotation": "MONE", "InitialQuantity": D(5_000)}),
    ],
)
def test_rts24_says_it_in_its_codes(day: Day, name: str, fields: dict[str, Any]) -> None:
    record = orders(day, "rts24", "NEWO", "Event")[name]
    assert {field: record.get(field) for field in fields} == fields
    assert list(check(record, FIELDS)) == []
