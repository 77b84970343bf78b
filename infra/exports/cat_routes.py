"""CAT: routes to venues, what venues refuse, and fills that are ours to report."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from actors.account.state import Order
from infra.exports.cat_terms import (
    NO_ORDER,
    NOT_EQUITY,
    SIDES,
    happened,
    head,
    key,
    of_order,
    stamp,
    symbol_of,
    terms_of,
)
from infra.exports.facts import Fact
from infra.exports.parties import Reporting, ReportingVenue
from infra.exports.regime import Made, Nothing, Record
from messages import events as ev
from messages.base import Instant
from messages.fix import ExecType, Side

# ---- fills


def _details(order: Order, suffix: str = "") -> list[dict[str, Any]]:
    key = {"orderKeyDate": stamp(order.received_at), "orderID": order.OrderID + suffix}
    return [{**key, "side": SIDES[order.terms.Side]}]


def filled(fact: Fact, about: Reporting) -> Made:
    event, order = fact.event, fact.order
    assert isinstance(event, ev.OrderFilled | ev.TradeCanceled | ev.TradeCorrected)
    if order is None:
        return NO_ORDER
    if not about.instrument(order.terms.Symbol).CatReportable:
        return NOT_EQUITY
    if about.venue(event.Venue).DestinationType == "I":
        return _trade(fact, event, order, about)
    if not about.account(fact.account).Representative:
        return Nothing("executed where it was routed to: reported by the exchange or broker")
    first = fact.fill
    correction = isinstance(event, ev.TradeCanceled | ev.TradeCorrected)
    if correction and first is None:
        return Nothing("of a fill that was never reported")
    quantity, price = _traded(event, first)
    record = {
        **head(fact, about, "MEFA" if correction else "MEOF"),
        "fillKeyDate": stamp(fact.at), "fulfillmentID": event.ExecID,
        "symbol": symbol_of(order.terms.Symbol, about),
        "eventTimestamp": stamp(fact.at), "manualFlag": False,
        "fulfillmentLinkType": "Y", "quantity": quantity, "price": price, "capacity": "R",
        "clientDetails": _details(order), "firmDetails": _details(order, "-R"),
    }  # fmt: skip
    if correction and first is not None:
        record["priorFillKeyDate"] = stamp(first.at)
        record["priorFulfillmentID"] = getattr(first.event, "ExecID", None)
    return record


def _traded(
    event: ev.OrderFilled | ev.TradeCanceled | ev.TradeCorrected, first: Fact | None
) -> tuple[Decimal, Decimal | None]:
    """Quantity and price as they stand now: of a fill that is taken back nothing is left."""
    if isinstance(event, ev.TradeCanceled):
        return Decimal(0), getattr(first.event, "LastPx", None) if first else None
    return event.LastQty, event.LastPx


def _trade(
    fact: Fact, event: ev.OrderFilled | ev.TradeCanceled | ev.TradeCorrected, order: Order,
    about: Reporting,
) -> Made:  # fmt: skip
    first = fact.fill or fact
    canceled = isinstance(event, ev.TradeCanceled)
    traded = first.event if canceled else event
    buying = order.terms.Side is Side.Buy
    return {
        **head(fact, about, "MEOT"),
        "tradeKeyDate": stamp(first.at if canceled else fact.at),
        "tradeID": getattr(traded, "ExecID", None),
        "symbol": symbol_of(order.terms.Symbol, about),
        "eventTimestamp": stamp(first.at if canceled else fact.at), "manualFlag": False,
        "cancelFlag": canceled, "cancelTimestamp": stamp(fact.at) if canceled else None,
        "quantity": getattr(traded, "LastQty", None), "price": getattr(traded, "LastPx", None),
        "capacity": "P", "sideDetailsInd": "BUY" if buying else "SELL",
        "buyDetails" if buying else "sellDetails": _details(order),
        "reportingExceptionCode": about.venue(event.Venue).ReportingException,
    }  # fmt: skip


# ---- routes


def represented(fact: Fact, about: Reporting) -> Made:
    """The order of our own by which the customer's is worked: once, at its first route."""
    event, order = fact.event, fact.order
    assert isinstance(event, ev.OrderRouted)
    if order is None or not about.account(fact.account).Representative:
        return Nothing("routed as the customer's order: no order of ours in between")
    if not event.ChildID.endswith(".1"):
        return Nothing("worked by the same order of ours as before")
    own = replace(order, OrderID=f"{order.OrderID}-R")
    holder = {"firmDesignatedID": about.firm.CatImid, "accountHolderType": "O"}
    return {
        **head(fact, about, "MENO"), **key(own, about), **happened(fact.at),
        "deptType": "T", "solicitationFlag": False, **terms_of(order.terms, fact.at),
        "custDspIntrFlag": False, **holder, "affiliateFlag": False, "negotiatedTradeFlag": False,
        "representativeInd": "Y",
        "aggregatedOrders": [
            {"orderKeyDate": stamp(order.received_at), "orderID": order.OrderID}
        ],
    }  # fmt: skip


def _route(venue: ReportingVenue, clordid: str, about: Reporting) -> Record:
    return {
        "senderIMID": about.firm.CatImid, "destination": venue.CatDestination,
        "destinationType": venue.DestinationType, "routedOrderID": clordid,
        "session": venue.Venue if venue.DestinationType == "E" else None,
    }  # fmt: skip


def _routed_order(fact: Fact, about: Reporting) -> Order | None:
    order = fact.order
    if order is not None and about.account(fact.account).Representative:
        return replace(order, OrderID=f"{order.OrderID}-R")
    return order


def sent(fact: Fact, about: Reporting) -> Made:
    event, order, request = fact.event, _routed_order(fact, about), fact.request
    assert isinstance(event, ev.VenueMessageSent)
    if order is None or request is None:
        return NO_ORDER
    if fact.again:
        return Nothing("sent again under the same ClOrdID: the route that was reported")
    venue = about.venue(fact.venue)
    if venue.DestinationType == "I":
        return Nothing("executed by ourselves: no route")
    routed = _route(venue, request.ClOrdID, about)
    terms = terms_of(request.terms or order.terms, fact.at)
    state = {
        "affiliateFlag": False if venue.DestinationType == "F" else None, "isoInd": "NA",
        "routeRejectedFlag": False, "dupROIDCond": False, "multiLegInd": False,
    }  # fmt: skip
    at = _at(fact, event.At)
    match request.kind:
        case "New":
            return of_order(at._replace(order=order), about, "MEOR", routed, terms, state)
        case "Replace":
            prior = {"priorRoutedOrderID": request.orig}
            return of_order(at._replace(order=order), about, "MEMR", routed, prior, terms, state)
        case _:
            part = {"leavesQty": Decimal(0), "routeRejectedFlag": False}
            routed["routedOrderID"] = request.orig
            return of_order(at._replace(order=order), about, "MECR", routed, part)


def _at(fact: Fact, at: Instant) -> Fact:
    """The fact at the instant that its event itself tells, where it tells one."""
    return fact._replace(at=at or fact.at)


def answered(fact: Fact, about: Reporting) -> Made:
    """A route, modification or cancellation that the venue refused."""
    order, request, event = _routed_order(fact, about), fact.request, fact.event
    if order is None or request is None:
        return NO_ORDER
    if isinstance(event, ev.VenueExecuted) and event.ExecType is not ExecType.Rejected:
        return Nothing("the venue's own word: reported by the venue")
    venue = about.venue(fact.venue)
    if venue.DestinationType == "I":
        return Nothing("executed by ourselves: no route")
    kind = {"New": "MEORS", "Replace": "MEMRS"}.get(request.kind, "MECRS")
    routed = _route(venue, request.ClOrdID, about)
    if kind == "MECRS":
        routed["routedOrderID"] = request.orig
    sent = fact._replace(at=request.sent_at or fact.at, order=order)
    record = of_order(sent, about, kind, routed, {"routeRejectedFlag": True})
    if isinstance(record, dict):
        for name in ("manualFlag", "electronicDupFlag"):
            del record[name]
    return record
