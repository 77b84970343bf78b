"""What of an entry surveillance must see: the compliance actor's word for it, made of one copy.

A few kinds of events matter, and of each a few fields. Nothing is looked up: one entry says it all.
"""

from collections.abc import Callable, Iterator
from typing import Any

from messages import events as ev
from messages.base import Event
from messages.entry import EntryCopy

Sighting = ev.OrderSeen | ev.OrderRevised | ev.OrderGone | ev.FillSeen | ev.QuoteSeen


def sightings(copy: EntryCopy) -> Iterator[Sighting]:
    """What to tell of this entry, in order."""
    for event in copy.Events:
        tell = TOLD.get(type(event))
        if tell is not None:
            yield tell(copy, event)


def _order(copy: EntryCopy, event: ev.OrderAccepted | ev.OrderAdopted) -> Sighting:
    terms = event.Terms
    return ev.OrderSeen.model_construct(
        None,
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
    return ev.OrderRevised.model_construct(
        None,
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
    return ev.OrderGone.model_construct(
        None,
        Event="OrderGone",
        Account=copy.Actor[8:],
        Entry=copy.Number,
        At=copy.At,
        OrderID=order_id,
        Asked=asked,
    )


def _fill(copy: EntryCopy, event: ev.OrderFilled) -> Sighting:
    return ev.FillSeen.model_construct(
        None,
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
    return ev.QuoteSeen.model_construct(
        None,
        Event="QuoteSeen",
        Symbol=quote.Symbol,
        At=quote.At,
        BidPx=quote.BidPx,
        OfferPx=quote.OfferPx,
    )


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
