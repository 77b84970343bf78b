"""MiFID II order records: Delegated Regulation (EU) 2017/580 (RTS 24), annex, table 2.

A venue keeps them of its book, an investment firm the same of its orders (2017/565, annex IV). One
record for each event of an order. Fields 13, 14 and 49 to 51 are a book's own (priority, auction
phases) and 30, 41 and 42 are of instruments that we do not trade: they are always blank.
"""

from decimal import Decimal

from actors.account.state import Order
from infra.exports.facts import Fact
from infra.exports.fields import Checked, Field, Kind, always
from infra.exports.identifiers import client, isin, lei
from infra.exports.parties import Reporting
from infra.exports.regime import Made, Nothing, Record, Regime, Row, silent
from messages import events as ev
from messages.base import Event, Instant, format_time
from messages.fix import ExecInst, ExecType, OrdStatus, OrdType, Side, TimeInForce
from messages.terms import PEGS, Terms

VALIDITY = {
    TimeInForce.Day: "GDAY", TimeInForce.GoodTillCancel: "GTCA",
    TimeInForce.ImmediateOrCancel: "IOCA", TimeInForce.FillOrKill: "FOKR",
    TimeInForce.AtTheOpening: "GDAY", TimeInForce.AtTheClose: "GDAY",
    TimeInForce.GoodTillCrossing: "GDAY",
}  # fmt: skip
AUCTIONS = frozenset((TimeInForce.AtTheOpening, TimeInForce.AtTheClose))
STOPS = frozenset((OrdType.Stop, OrdType.StopLimit, OrdType.MarketIfTouched))
CLASSES = {
    OrdType.Market: "MRKT", OrdType.Limit: "LMIT", OrdType.Stop: "STPM", OrdType.StopLimit: "STPL",
    OrdType.MarketIfTouched: "MITO", OrdType.MarketWithLeftOverAsLimit: "MTLO",
    OrdType.Pegged: "PEGD",
}  # fmt: skip
"""Field 23, our own four letters."""

STATES = {OrdStatus.Suspended: "SUSP", OrdStatus.PendingNew: "INAC"}
EVENTS = (
    "NEWO", "TRIG", "REME", "REMA", "REMH", "CHME", "CHMO", "CAME", "CAMO", "REMO", "EXPI", "PARF",
    "FILL",
)  # fmt: skip

LEI = r"[A-Z0-9]{18}\d{2}"
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,9}Z"
ISIN = r"[A-Z]{2}[A-Z0-9]{9}\d"


def _priced(record: Checked) -> bool:
    return any(name in record and record[name] is not None for name in PRICES)


PRICES = ("LimitPrice", "StopPrice", "PeggedLimitPrice", "TransactionPrice")


def _traded(record: Checked) -> bool:
    return record.get("Event") in ("PARF", "FILL")


def _dated(record: Checked) -> bool:
    return record.get("ValidityPeriod") in ("GTHD", "GTDT")


def _price(name: str, number: int) -> Field:
    return Field(name, Kind.NUMBER, length=18, scale=13, number=number)


def _quantity(name: str, number: int) -> Field:
    return Field(name, Kind.NUMBER, length=20, scale=17, number=number, needed=always)


FIELDS: tuple[Field, ...] = (
    Field("SubmittingEntity", length=20, pattern=LEI, valid=lei, needed=always, number=1,
          remedy="set Lei of [reporting.firm]"),
    Field("DirectElectronicAccess", Kind.BOOLEAN, needed=always, number=2),
    Field("Client", length=35, needed=always, number=3, valid=client,
          remedy="set ClientID of [[reporting.accounts]]"),
    Field("InvestmentDecision", length=50, number=4),
    Field("Execution", length=50, needed=always, number=5),
    Field("NonExecutingBroker", length=20, pattern=LEI, valid=lei, number=6),
    Field("TradingCapacity", Kind.CHOICE, choices=("DEAL", "MTCH", "AOTC"), needed=always,
          number=7),
    Field("LiquidityProvision", Kind.BOOLEAN, needed=always, number=8),
    Field("DateTime", length=30, pattern=STAMP, needed=always, number=9),
    Field("ValidityPeriod", Kind.CHOICE, number=10, needed=always,
          choices=("GDAY", "GTCA", "GTHD", "GTDT", "IOCA", "FOKR")),
    Field("OrderRestriction", Kind.CHOICE, choices=("SESR", "VFAR", "VFCR"), number=11),
    Field("ValidUntil", length=30, pattern=STAMP, needed=_dated, number=12,
          barred=lambda r: not _dated(r)),
    Field("SequenceNumber", Kind.INTEGER, length=20, needed=always, number=15),
    Field("SegmentMic", length=4, pattern="[A-Z0-9]{4}", needed=_traded, number=16,
          remedy="set Mic of [[reporting.venues]]"),
    Field("OrderBookCode", length=11, number=17),
    Field("Instrument", length=12, pattern=ISIN, valid=isin, needed=always, number=18,
          remedy="set Isin of [[reporting.instruments]]"),
    Field("DateOfReceipt", length=10, pattern=r"\d{4}-\d\d-\d\d", needed=always, number=19),
    Field("OrderID", length=50, pattern="[A-Za-z0-9_.\\-]+", needed=always, number=20),
    Field("Event", Kind.CHOICE, choices=EVENTS, needed=always, number=21),
    Field("OrderType", Kind.CHOICE, choices=("LMTO", "STOP", "MRKT", "PEGD"), needed=always,
          number=22),
    Field("OrderTypeClass", Kind.CHOICE, choices=tuple(CLASSES.values()), needed=always,
          number=23),
    Field("LimitPrice", Kind.NUMBER, length=18, scale=13, number=24,
          needed=lambda r: r.get("OrderType") == "LMTO"),
    _price("AdditionalLimitPrice", 25),
    Field("StopPrice", Kind.NUMBER, length=18, scale=13, number=26,
          needed=lambda r: r.get("OrderType") == "STOP"),
    _price("PeggedLimitPrice", 27),
    Field("TransactionPrice", Kind.NUMBER, length=18, scale=13, needed=_traded, number=28,
          barred=lambda r: not _traded(r)),
    Field("PriceCurrency", length=3, pattern="[A-Z]{3}", needed=_priced, number=29),
    Field("PriceNotation", Kind.CHOICE, choices=("MONE", "PERC", "YIEL", "BAPO"), number=31,
          needed=_priced),
    Field("BuySell", Kind.CHOICE, choices=("BUYI", "SELL"), needed=always, number=32),
    Field("OrderStatus", Kind.CHOICE, needed=always, number=33,
          choices=("ACTI", "INAC", "SUSP", "FIRM", "INDI", "IMPL", "ROUT")),
    Field("QuantityNotation", Kind.CHOICE, choices=("UNIT", "NOML", "MONE"), needed=always,
          number=34),
    Field("QuantityCurrency", length=3, pattern="[A-Z]{3}", number=35,
          needed=lambda r: r.get("QuantityNotation") != "UNIT"),
    _quantity("InitialQuantity", 36),
    _quantity("RemainingQuantity", 37),
    Field("DisplayedQuantity", Kind.NUMBER, length=20, scale=17, number=38),
    Field("TradedQuantity", Kind.NUMBER, length=20, scale=17, needed=_traded, number=39,
          barred=lambda r: not _traded(r)),
    Field("MinimumQuantity", Kind.NUMBER, length=20, scale=17, number=40),
    Field("PassiveOnly", Kind.BOOLEAN, needed=always, number=43),
    Field("PassiveOrAggressive", Kind.CHOICE, choices=("PASV", "AGRE"), number=44),
    Field("SelfExecutionPrevention", Kind.BOOLEAN, needed=always, number=45),
    Field("StrategyLinkedOrder", length=50, number=46),
    Field("RoutingStrategy", length=4, pattern="[A-Z0-9]{4}", number=47),
    Field("VenueTransactionID", length=52, needed=_traded, number=48),
    Field("ClockBad", Kind.BOOLEAN),
    Field("Entry", length=120, needed=always),
)  # fmt: skip
"""Numbers are those of the annex; the last two lead back to the journal and its clock."""


def _record(fact: Fact, about: Reporting, what: str, terms: Terms, order: Order | None) -> Record:
    desk, account = "", about.account(fact.account)
    if order is not None:
        desk = order.Desk
    elif isinstance(fact.event, ev.OrderRefused):
        desk = fact.event.Desk
    received = order.received_at if order else getattr(fact.event, "ReceivedAt", fact.at)
    venue = getattr(fact.event, "Venue", None)
    by_money = terms.OrderQty is None
    return {
        "SubmittingEntity": about.firm.Lei,
        "DirectElectronicAccess": False,
        "Client": account.ClientID,
        "InvestmentDecision": about.desk(desk).DecisionMaker,
        "Execution": about.firm.Algorithm or "NORE",
        "TradingCapacity": about.firm.Capacity,
        "LiquidityProvision": False,
        "DateTime": format_time(fact.at),
        **_validity(terms),
        "SequenceNumber": fact.entry,
        "SegmentMic": about.venue(venue).Mic if venue else None,
        "Instrument": about.instrument(terms.Symbol).Isin,
        "DateOfReceipt": format_time(received)[:10],
        "OrderID": getattr(fact.event, "OrderID", None),
        "Event": what,
        **_prices(terms, fact.currency),
        "BuySell": "BUYI" if terms.Side is Side.Buy else "SELL",
        "OrderStatus": _status(order),
        "QuantityNotation": "MONE" if by_money else "UNIT",
        "QuantityCurrency": (terms.Currency or fact.currency) if by_money else None,
        "InitialQuantity": terms.CashOrderQty if by_money else terms.OrderQty,
        "RemainingQuantity": _remaining(terms, order),
        "DisplayedQuantity": terms.DisplayQty,
        "MinimumQuantity": terms.MinQty,
        "PassiveOnly": terms.has(ExecInst.ParticipateDontInitiate),
        "SelfExecutionPrevention": False,
        "StrategyLinkedOrder": order.ListID if order else None,
        "ClockBad": fact.clock_bad,
        "Entry": fact.id,
    }


def _validity(terms: Terms) -> Record:
    if terms.TimeInForce is not TimeInForce.GoodTillDate:
        restriction = "VFAR" if terms.TimeInForce in AUCTIONS else None
        return {"ValidityPeriod": VALIDITY[terms.TimeInForce], "OrderRestriction": restriction}
    if terms.ExpireTime is not None:
        until: Instant = terms.ExpireTime
        return {"ValidityPeriod": "GTDT", "ValidUntil": format_time(until)}
    day = terms.ExpireDate or "19700101"
    until_text = f"{day[:4]}-{day[4:6]}-{day[6:]}T23:59:59.000000Z"
    return {"ValidityPeriod": "GTHD", "ValidUntil": until_text}


def _prices(terms: Terms, currency: str) -> Record:
    kind = "LMTO" if terms.Price is not None else "MRKT"
    if terms.OrdType in STOPS:
        kind = "STOP"
    pegged = terms.OrdType is OrdType.Pegged and any(map(terms.has, PEGS))
    if pegged:
        kind = "PEGD"
    priced = terms.Price is not None or terms.StopPx is not None
    return {
        "OrderType": kind,
        "OrderTypeClass": CLASSES[terms.OrdType],
        "LimitPrice": None if pegged else terms.Price,
        "StopPrice": terms.StopPx,
        "PeggedLimitPrice": terms.Price if pegged else None,
        "PriceCurrency": currency if priced else None,
        "PriceNotation": "MONE" if priced else None,
    }


def _status(order: Order | None) -> str:
    if order is None or order.over or order.held:
        return "INAC"
    return STATES.get(order.status, "ACTI")


def _remaining(terms: Terms, order: Order | None) -> Decimal | None:
    if order is None:
        return Decimal(0)
    return terms.CashOrderQty if terms.OrderQty is None else order.leaves_qty


def _simple(what: str) -> Row:
    def make(fact: Fact, about: Reporting) -> Made:
        if fact.order is None:
            return Nothing("of no order of ours")
        if not about.instrument(fact.order.terms.Symbol).MifidReportable:
            return Nothing("MifidReportable of its instrument is false")
        return _record(fact, about, what, fact.order.terms, fact.order)

    return Row((what,), make)


def _chosen(*types: str) -> Row:
    def make(fact: Fact, about: Reporting) -> Made:
        return _simple(_which(fact.event)).make(fact, about)

    return Row(types, make)


def _which(event: Event) -> str:
    """Field 21, where what the event says decides."""
    match event:
        case ev.OrderReplaced():
            return "REME" if event.ClOrdID and " " not in event.ClOrdID else "REMA"
        case ev.OrderCanceled():
            return "CAME" if event.ClOrdID else "CAMO"
        case ev.OrderMoved() if event.ExecType is ExecType.Triggered:
            return "TRIG"
        case _:
            return "CHMO"


def _refused(fact: Fact, about: Reporting) -> Made:
    assert isinstance(fact.event, ev.OrderRefused)
    if not about.instrument(fact.event.Terms.Symbol).MifidReportable:
        return Nothing("MifidReportable of its instrument is false")
    return _record(fact, about, "REMO", fact.event.Terms, None)


def _filled(fact: Fact, about: Reporting) -> Made:
    event, order = fact.event, fact.order
    assert isinstance(event, ev.OrderFilled)
    filled = order is not None and order.terms.quantity <= order.cum_qty
    made = _simple("FILL" if filled else "PARF").make(fact, about)
    if isinstance(made, dict):
        made |= {
            "TransactionPrice": event.LastPx, "TradedQuantity": event.LastQty,
            "PriceCurrency": fact.currency, "PriceNotation": "MONE",
            "VenueTransactionID": event.VenueExecID,
        }  # fmt: skip
    return made


REQUEST = silent("a request: recorded with what comes of it")

ROWS: dict[type[Event], Row] = {
    ev.OrderAccepted: _simple("NEWO"),
    ev.OrderAdopted: _simple("NEWO"),
    ev.OrderRefused: Row(("REMO",), _refused),
    ev.OrderAcknowledged: _simple("CHMO"),
    ev.OrderHeld: _simple("CHME"),
    ev.OrderReleased: _simple("TRIG"),
    ev.HeldOrderCut: _simple("REMA"),
    ev.CancelRequested: REQUEST,
    ev.MassCancelRequested: REQUEST,
    ev.ReplaceRequested: REQUEST,
    ev.RequestPending: REQUEST,
    ev.OwnRequestMade: REQUEST,
    ev.OrderReplaced: _chosen("REME", "REMA"),
    ev.OrderRestated: _simple("REMA"),
    ev.OrderMoved: _chosen("TRIG", "CHMO"),
    ev.OrderCanceled: _chosen("CAME", "CAMO"),
    ev.OrderRejected: _simple("REMO"),
    ev.OrderExpired: _simple("EXPI"),
    ev.OrderFilled: Row(("PARF", "FILL"), _filled),
    ev.TradeCanceled: _simple("CHMO"),
    ev.TradeCorrected: _simple("CHMO"),
}
"""Each kind of transition, and the value of field 21 that it becomes."""

RTS24 = Regime("RTS 24 order records", "UTC", ROWS, lambda kind: FIELDS, "Event")
