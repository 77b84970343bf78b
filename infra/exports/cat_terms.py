"""What CAT's events have in common: keys, times, and the terms of an order in its codes."""

from actors.account.state import Order
from infra.exports.facts import Fact
from infra.exports.parties import Reporting
from infra.exports.regime import Made, Nothing, Record, local
from messages.base import SECOND, Instant
from messages.fix import ExecInst, OrdType, Side, TimeInForce
from messages.terms import Terms

ZONE = "America/New_York"
SIDES = {Side.Buy: "B", Side.Sell: "SL", Side.SellShort: "SS"}
INSTRUCTIONS = {
    ExecInst.AllOrNone: "AON", ExecInst.DoNotIncrease: "DNI", ExecInst.DoNotReduce: "DNR",
    ExecInst.NotHeld: "NH", ExecInst.Work: "WRK", ExecInst.MidPricePeg: "PEG",
    ExecInst.MarketPeg: "PEG", ExecInst.PrimaryPeg: "PEG",
}  # fmt: skip
AUCTIONS = {TimeInForce.AtTheOpening: ("MOO", "LOO"), TimeInForce.AtTheClose: ("MOC", "LOC")}

NOT_EQUITY = Nothing("not CAT reportable: CatReportable of its instrument is false")
NO_ORDER = Nothing("no order of ours: refused before there was one")


def stamp(at: Instant) -> str:
    """``20261123T093000.000000001``, Eastern time."""
    return f"{local(at, ZONE):%Y%m%dT%H%M%S}.{at % SECOND:09d}"


def day_of(at: Instant) -> int:
    return int(f"{local(at, ZONE):%Y%m%d}")


def symbol_of(symbol: str, about: Reporting) -> str:
    return about.instrument(symbol).CatSymbol or symbol


def head(fact: Fact, about: Reporting, kind: str, at: Instant | None = None) -> Record:
    imid = about.firm.CatImid
    return {
        "actionType": "NEW",
        "firmROEID": f"{day_of(at or fact.at)}_{fact.id}",
        "type": kind,
        "CATReporterIMID": imid.partition(":")[2] if imid else None,
    }


def key(order: Order, about: Reporting) -> Record:
    return {
        "orderKeyDate": stamp(order.received_at),
        "orderID": order.OrderID,
        "symbol": symbol_of(order.terms.Symbol, about),
    }


def happened(at: Instant, *, manual: bool = False) -> Record:
    return {"eventTimestamp": stamp(at), "manualFlag": manual, "electronicDupFlag": False}


def terms_of(terms: Terms, at: Instant) -> Record:
    return {
        "side": SIDES[terms.Side],
        "price": terms.Price,
        "quantity": terms.OrderQty,
        "minQty": terms.MinQty,
        "orderType": "LMT" if terms.Price is not None else "MKT",
        "timeInForce": _time(terms, at),
        "tradingSession": "REG",
        "handlingInstructions": _handling(terms) or None,
    }


def _time(terms: Terms, at: Instant) -> dict[str, object]:
    match terms.TimeInForce:
        case TimeInForce.GoodTillCancel:
            return {"GTC": True}
        case TimeInForce.ImmediateOrCancel:
            return {"IOC": True}
        case TimeInForce.FillOrKill:
            return {"FOK": True}
        case TimeInForce.GoodTillCrossing:
            return {"GTX": day_of(at)}
        case TimeInForce.GoodTillDate if terms.ExpireTime is not None:
            return {"GTT": stamp(terms.ExpireTime)}
        case TimeInForce.GoodTillDate:
            return {"GTD": int(terms.ExpireDate or day_of(at))}
        case _:
            return {"DAY": day_of(at)}


def _handling(terms: Terms) -> dict[str, object]:
    found: dict[str, object] = {
        INSTRUCTIONS[one]: True for one in terms.ExecInst or () if one in INSTRUCTIONS
    }
    if terms.has(ExecInst.TrailingStopPeg):
        found["TS"] = terms.PegOffsetValue
    if terms.OrdType in (OrdType.Stop, OrdType.StopLimit):
        found["STP"] = terms.StopPx
    if terms.OrdType is OrdType.MarketIfTouched:
        found["MQT"] = terms.StopPx
    if terms.DisplayQty is not None:
        found |= {"RSV": True, "DISQ": terms.DisplayQty}
    if auction := AUCTIONS.get(terms.TimeInForce):
        found[auction[terms.Price is not None]] = True
    return found


def of_order(fact: Fact, about: Reporting, kind: str, *more: Record) -> Made:
    order = fact.order
    if order is None:
        return NO_ORDER
    if not about.instrument(order.terms.Symbol).CatReportable:
        return NOT_EQUITY
    record = {**head(fact, about, kind), **key(order, about), **happened(fact.at)}
    for part in more:
        record |= part
    return record
