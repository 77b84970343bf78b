"""The patterns: one file and one row each. ``NAMES`` is every name that an alert may have."""

from actors.surveillance.pattern import Pattern
from actors.surveillance.patterns import (
    best_execution,
    front_running,
    insider_dealing,
    layering,
    marking_the_close,
    momentum_ignition,
    order_to_trade,
    quote_stuffing,
    ramping,
    restricted_dealing,
    spoofing,
    trading_ahead,
    wash_trade,
)
from messages.base import Event
from messages.events import FillSeen, NewsHeard, OrderGone, OrderRevised, OrderSeen

ACTS = (OrderSeen, OrderRevised, OrderGone)

PATTERNS: tuple[Pattern, ...] = (
    Pattern("wash_trade", (FillSeen,), wash_trade.look),
    Pattern("layering", (OrderGone,), layering.look),
    Pattern("spoofing", (OrderGone, OrderRevised), spoofing.look),
    Pattern("quote_stuffing", ACTS, quote_stuffing.look),
    Pattern("order_to_trade", (OrderGone,), order_to_trade.look),
    Pattern("marking_the_close", (FillSeen,), marking_the_close.look),
    Pattern("ramping", (FillSeen,), ramping.look),
    Pattern("momentum_ignition", (FillSeen,), momentum_ignition.look),
    Pattern("front_running", (OrderSeen, FillSeen), front_running.look),
    Pattern("trading_ahead", (FillSeen,), trading_ahead.look, again=trading_ahead.again),
    Pattern("restricted_dealing", (OrderSeen,), restricted_dealing.look),
    Pattern("best_execution", (FillSeen,), best_execution.look),
    Pattern("insider_dealing", (NewsHeard,), insider_dealing.look),
)

NAMES = tuple(pattern.name for pattern in PATTERNS)

SEEN_BY: dict[type[Event], tuple[Pattern, ...]] = {
    kind: tuple(pattern for pattern in PATTERNS if kind in pattern.sees)
    for kind in (OrderSeen, OrderRevised, OrderGone, FillSeen, NewsHeard)
}
"""Which patterns look at a sighting of that kind."""
