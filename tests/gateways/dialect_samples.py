"""What dialects are tried with: orders for a venue, and its words as the engine hands them over."""

from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import quickfix

from gateways.fix import dictionary
from gateways.fix.dialect import ToVenue
from gateways.fix.fields import fields_of
from messages import fix
from messages.fix import ExecInst, OrdType, PegOffsetType, TimeInForce
from messages.terms import Terms
from messages.venue import (
    VenueCancel,
    VenueMarketDataRequest,
    VenueNewOrder,
    VenueReplace,
    VenueStatusRequest,
)

AT = 1_795_444_200_123_456_789  # 2026-11-23T14:30:00.123456789Z

LIMIT = Terms(
    Symbol="AAPL",
    Side=fix.Side.Buy,
    OrderQty=Decimal("100"),
    OrdType=OrdType.Limit,
    Price=Decimal("231.250"),
)
NEW_ORDER = VenueNewOrder(ClOrdID="c-1", Account="acme", Terms=LIMIT, TransactTime=AT)


def asking(**terms: Any) -> VenueNewOrder:
    """The order with other terms; a term that is None is not asked for."""
    changed = LIMIT.model_copy(update=terms)
    return NEW_ORDER.model_copy(update={"Terms": changed})


MARKET_SHORT = VenueNewOrder(
    ClOrdID="c-2",
    Account="acme",
    Terms=Terms(
        Symbol="BTC.USD",
        Side=fix.Side.SellShort,
        OrderQty=Decimal("0.0010"),
        OrdType=OrdType.Market,
        TimeInForce=TimeInForce.ImmediateOrCancel,
    ),
    TransactTime=AT,
)
REPLACE = VenueReplace(
    ClOrdID="c-1.1",
    OrigClOrdID="c-1",
    Account="acme",
    Terms=LIMIT.model_copy(
        update={
            "OrderQty": Decimal("1E+2"),
            "Price": Decimal("-0.5"),
            "TimeInForce": TimeInForce.GoodTillCancel,
        }
    ),
    TransactTime=AT,
)
CANCEL = VenueCancel(
    ClOrdID="c-1.2",
    OrigClOrdID="c-1.1",
    Terms=LIMIT.model_copy(update={"Side": fix.Side.Sell}),
    TransactTime=AT,
)
STATUS = VenueStatusRequest(ClOrdID="c-1", Symbol="AAPL", Side=fix.Side.Buy)
LISTEN = VenueMarketDataRequest(MDReqID="m-1", Symbols=("AAPL", "BRK.B"), Subscribe=True)

OUT: dict[str, ToVenue] = {
    "limit order": NEW_ORDER,
    "market order": MARKET_SHORT,
    "replace": REPLACE,
    "cancel": CANCEL,
    "status request": STATUS,
    "order again": NEW_ORDER.model_copy(update={"PossResend": True}),
    "replace again": REPLACE.model_copy(update={"PossResend": True}),
    "cancel again": CANCEL.model_copy(update={"PossResend": True}),
    "replace by OrderID": REPLACE.model_copy(update={"OrderID": "O-1"}),
    "cancel by OrderID": CANCEL.model_copy(update={"OrderID": "O-1"}),
    "cancel of an amount of money": CANCEL.model_copy(
        update={"Terms": LIMIT.model_copy(update={"OrderQty": None, "CashOrderQty": Decimal(5)})}
    ),
    "quotes": LISTEN,
    "no more quotes": LISTEN.model_copy(update={"Subscribe": False}),
}

TWO_PEGS = (ExecInst.NotHeld, ExecInst.TrailingStopPeg)

TERMS: list[tuple[VenueNewOrder, str]] = [
    (asking(OrdType=OrdType.Stop, Price=None, StopPx=Decimal(229)), "40=3|99=229"),
    (asking(OrdType=OrdType.StopLimit, StopPx=Decimal(229)), "40=4|44=231.250|99=229"),
    (asking(OrdType=OrdType.MarketIfTouched, Price=None, StopPx=Decimal(229)), "40=J|99=229"),
    (asking(OrdType=OrdType.MarketWithLeftOverAsLimit, Price=None), "40=K"),
    (asking(TimeInForce=TimeInForce.AtTheOpening), "59=2"),
    (asking(TimeInForce=TimeInForce.FillOrKill), "59=4"),
    (asking(TimeInForce=TimeInForce.GoodTillCrossing), "59=5"),
    (asking(TimeInForce=TimeInForce.GoodTillDate, ExpireDate="20261231"), "59=6|432=20261231"),
    (asking(TimeInForce=TimeInForce.AtTheClose), "59=7"),
    (asking(MinQty=Decimal(10), DisplayQty=Decimal("5.0")), "110=10|111=5.0"),
    (asking(ExecInst=(ExecInst.AllOrNone, ExecInst.Held)), "18=G 5"),
    (asking(Currency="USD"), "15=USD"),
    (asking(OrderQty=None, CashOrderQty=Decimal("5000.00")), "152=5000.00"),
    (asking(CashOrderQty=Decimal(5000)), "38=100"),  # the venue said how many units that is
    (
        asking(
            OrdType=OrdType.Pegged,
            ExecInst=TWO_PEGS,
            PegOffsetValue=Decimal("-0.25"),
            PegOffsetType=PegOffsetType.BasisPoints,
        ),
        "18=1 a|40=P|211=-0.25|836=1",
    ),
]
"""Orders, and the fields that say what is special about each."""

FILL = (
    "35=8|34=7|49=XPAR|52=20261123-14:30:00.200|56=OMS|37=O-1|11=c-1|17=E-1|150=F|39=1|55=AAPL"
    "|54=1|38=100|14=0040.50|151=59.5|32=40.5|31=231.2|6=231.2|60=20261123-14:30:00.123456789"
)
CANCEL_REJECT = (
    "35=9|34=8|49=XPAR|52=20261123-14:30:00.200|56=OMS|37=O-1|11=c-1.2|41=c-1|39=2|434=1|102=0"
    "|58=too late"
)
REJECT = (
    "35=3|34=9|49=XPAR|52=20261123-14:30:00.200|56=OMS|45=12|371=44|372=D|373=5"
    "|58=Value is incorrect"
)
BUSINESS_REJECT = (
    "35=j|34=9|49=XPAR|52=20261123-14:30:00.200|56=OMS|45=12|372=F|379=c-9|380=3|58=not now"
)


SNAPSHOT = (
    "35=W|34=9|49=XPAR|52=20261123-14:30:00.200|56=OMS|55=AAPL|262=m-1|268=3|269=0|270=231.2"
    "|271=300|269=1|270=231.3|271=200|269=2|270=231.25|271=40"
)
UPDATE = "35=X|34=9|49=XPAR|52=20261123-14:30:00.200|56=OMS|262=m-1"
STATUS_NEWS = (
    "35=f|34=9|49=XPAR|52=20261123-14:30:00.200|56=OMS|55=AAPL|326=2|58=news"
    "|60=20261123-14:30:00.123456789"
)
SESSION_NEWS = "35=h|34=9|49=XPAR|52=20261123-14:30:00.200|56=OMS|336=day|340=2|58=open"


@lru_cache
def engine_dictionary() -> quickfix.DataDictionary:
    """The dictionary that a session gives to the engine."""
    with TemporaryDirectory() as folder:
        return quickfix.DataDictionary(str(dictionary.write(Path(folder), "FIX.4.4")))


def received(text: str) -> quickfix.Message:
    """A message as the engine hands it over, from its fields with | for SOH."""
    raw = f"8=FIX.4.4|9=0|{text}|10=000|".replace("|", "\x01")
    return quickfix.Message(raw, engine_dictionary(), False)


def changed(text: str, changes: dict[str, str | None]) -> str:
    """The text with these tags set, or taken out (None)."""
    fields = fields_of(text.replace("|", "\x01")) | changes
    return "|".join(f"{tag}={value}" for tag, value in fields.items() if value is not None)
