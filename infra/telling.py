"""What happened, in words: one line for each event, for trails and for a span's status."""

import re
from collections.abc import Iterator
from decimal import Decimal

from messages import events as ev
from messages.base import Event, decimal_text, format_time
from messages.refusals import Refusal
from messages.terms import Terms

TOLD: dict[str, str] = {
    "ClOrdID": "ClOrdID {}",
    "OrderID": "OrderID {}",
    "ChildID": "ChildID {}",
    "ExecType": "{}",
    "Terms": "{}",
    "VenueExecRefID": "of ExecID {}",
    "ExecRefID": "of ExecID {}",
    "LastQty": "LastQty {}",
    "LastPx": "LastPx {}",
    "OrderQty": "OrderQty {}",
    "Price": "Price {}",
    "CumQty": "CumQty {}",
    "Venue": "Venue {}",
    "VenueOrderID": "the venue's OrderID {}",
    "OrdStatus": "now {}",
    "Ends": "and the order is {}",
    "TradeDate": "TradeDate {}",
    "OrdRejReason": "{}",
    "CxlRejReason": "{}",
    "ExecRestatementReason": "{}",
    "Refusal": "{}",
    "Text": "{}",
    "What": "{}",
    "Reason": "{}",
}
"""The fields that ``words`` tells, in this order, and how."""


def words(event: ev.AnyEvent) -> str:
    """``OrderFilled`` as "Order filled: OrderID acme-1, LastQty 100, LastPx 231.20"."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", event.Event).capitalize()
    fields = dict(fields_of(event))
    if not isinstance(event, ev.VenueOrderAdopted):
        fields.pop("VenueOrderID", None)  # elsewhere the ClOrdID says which order
    if fields.get("OrdStatus") == fields.get("ExecType"):
        fields.pop("OrdStatus", None)
    if fields.get("OrdStatus"):
        fields.pop("Ends", None)  # that is where it moved
    told = [
        form.format(fields[field])
        for field, form in TOLD.items()
        if fields.get(field) not in (None, "")
    ]
    return f"{name}: {', '.join(told)}" if told else name


def fields_of(event: Event) -> Iterator[tuple[str, str | int]]:
    """The event's plain fields by their FIX names; a definition, with its cash, is left out."""
    for name in type(event).model_fields:
        value = getattr(event, name)
        if isinstance(value, Decimal):
            yield name, decimal_text(value)
        elif isinstance(value, str | int) and name != "Event":
            yield name, str(value) if isinstance(value, str) else value
        elif isinstance(value, Terms):
            yield name, _terms(value)
        elif isinstance(value, Refusal):
            yield name, value.text()


def _terms(terms: Terms) -> str:
    """``Buy 100 AAPL StopLimit 190 Day on XPAR, StopPx 189``: what is not there is not told."""
    words = [terms.Side, _amount(terms), terms.Symbol, terms.OrdType]
    words += [] if terms.Price is None else [decimal_text(terms.Price)]
    words += [terms.TimeInForce]
    words += [] if terms.ExDestination is None else [f"on {terms.ExDestination}"]
    return ", ".join((" ".join(words), *_conditions(terms)))


def _amount(terms: Terms) -> str:
    if terms.OrderQty is not None or terms.CashOrderQty is None:
        return decimal_text(terms.quantity)
    return f"for {decimal_text(terms.CashOrderQty)} {terms.Currency or 'in cash'} of"


def _conditions(terms: Terms) -> Iterator[str]:
    for name in CONDITIONS:
        value = getattr(terms, name)
        if isinstance(value, Decimal):
            yield f"{name} {decimal_text(value)}"
        elif isinstance(value, tuple):
            yield f"{name} {' '.join(value)}"
        elif isinstance(value, int):
            yield f"{name} {format_time(value)}"
        elif value is not None:
            yield f"{name} {value}"


CONDITIONS = (
    *("StopPx", "MinQty", "DisplayQty", "ExecInst", "PegOffsetValue", "PegOffsetType"),
    *("ExpireDate", "ExpireTime"),
)
"""What an order may ask beyond price, quantity and time."""
