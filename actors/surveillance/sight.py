"""What of an entry surveillance must see: the compliance actor's word for it, made of one copy.

A few kinds of events matter, and of each a few fields. Nothing is looked up: one entry says it all.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from messages import events as ev
from messages.base import Event
from messages.entry import EntryCopy

S = TypeVar("S", bound=BaseModel)
ALL: frozenset[str] = frozenset()
"""Nobody asks a sighting which of its fields were set."""

Sighting = ev.OrderSeen | ev.OrderRevised | ev.OrderGone | ev.FillSeen | ev.QuoteSeen


def sightings(copy: EntryCopy) -> Iterator[Sighting]:
    """What to tell of this entry, in order."""
    for event in copy.Events:
        tell = TOLD.get(type(event))
        if tell is not None:
            yield tell(copy, event)


def _order(copy: EntryCopy, event: ev.OrderAccepted | ev.OrderAdopted) -> Sighting:
    terms = event.Terms
    return _made(
        ev.OrderSeen,
        Event="OrderSeen",
        Account=copy.Actor[8:],
        Entry=copy.Number,
        At=copy.At,
        OrderID=event.OrderID,
        Desk=event.Desk,
        Symbol=terms.Symbol,
        Side=terms.Side,
        OrderQty=terms.quantity,
        Price=terms.Price,
    )


def _revised(copy: EntryCopy, event: ev.ReplaceRequested) -> Sighting:
    return _made(
        ev.OrderRevised,
        Event="OrderRevised",
        Account=copy.Actor[8:],
        Entry=copy.Number,
        At=copy.At,
        OrderID=event.OrderID,
        OrderQty=event.Terms.quantity,
        Price=event.Terms.Price,
    )


def _canceled(copy: EntryCopy, event: ev.OrderCanceled) -> Sighting:
    return _gone(copy, event.OrderID, asked=event.ClOrdID is not None)


def _ended(copy: EntryCopy, event: ev.OrderExpired | ev.OrderRejected) -> Sighting:
    return _gone(copy, event.OrderID, asked=False)


def _gone(copy: EntryCopy, order_id: str, *, asked: bool) -> Sighting:
    return _made(
        ev.OrderGone,
        Event="OrderGone",
        Account=copy.Actor[8:],
        Entry=copy.Number,
        At=copy.At,
        OrderID=order_id,
        Asked=asked,
    )


def _fill(copy: EntryCopy, event: ev.OrderFilled) -> Sighting:
    return _made(
        ev.FillSeen,
        Event="FillSeen",
        Account=copy.Actor[8:],
        Entry=copy.Number,
        At=copy.At,
        OrderID=event.OrderID,
        Venue=event.Venue,
        LastQty=event.LastQty,
        LastPx=event.LastPx,
    )


def _quote(copy: EntryCopy, event: ev.QuoteHeard) -> Sighting:
    del copy
    quote = event.Quote
    return _made(
        ev.QuoteSeen,
        Event="QuoteSeen",
        Symbol=quote.Symbol,
        At=quote.At,
        BidPx=quote.BidPx,
        OfferPx=quote.OfferPx,
    )


def _made(kind: type[S], **fields: object) -> S:
    """``model_construct`` without its look at every field: all are given, and are right."""
    made = kind.__new__(kind)
    object.__setattr__(made, "__dict__", fields)
    object.__setattr__(made, "__pydantic_fields_set__", ALL)
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_private__", None)
    return made


TOLD: dict[type[Event], Callable[[EntryCopy, Any], Sighting]] = {
    ev.OrderAccepted: _order,
    ev.OrderAdopted: _order,
    ev.ReplaceRequested: _revised,
    ev.OrderCanceled: _canceled,
    ev.OrderExpired: _ended,
    ev.OrderRejected: _ended,
    ev.OrderFilled: _fill,
    ev.QuoteHeard: _quote,
}
"""Accounts and books tell them; an order that is bundled with its end ends when it is filled."""
