"""Rules of the book: what needs the market, the trading day, or the orders of other accounts.

They are asked where a version of the rule book is known here, after the account's own rules have
let the order through. One function and one row each; the first objection is the answer.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from actors.book import self_match, watching
from actors.book.state import BookState
from messages.base import Instant, decimal_text
from messages.fix import OrdRejReason, Side
from messages.refusals import Refusal
from messages.routing import NewOrder
from messages.rulebook import SelfMatchMode
from messages.terms import Terms

Found = tuple[str, str, str, str, dict[str, str]]
"""Field, what was given, what is allowed, what to do, and what was compared."""

Question = Callable[[BookState, NewOrder, Instant], Found | None]


class Check(NamedTuple):
    """``reason`` is what FIX calls it in OrdRejReason(103); ``parameter`` turns it on."""

    name: str
    reason: OrdRejReason
    check: Question
    parameter: str


def market_open(state: BookState, order: NewOrder, now: Instant) -> Found | None:
    """The trading day is open, and the venue that the order would go to has not halted."""
    del now
    assert state.rules is not None
    assert state.definition is not None
    wanted = order.Terms.ExDestination
    venues = (wanted,) if wanted else state.definition.Venues
    if not state.rules.MarketOpen or any(watching.trading(state, venue) for venue in venues):
        return None
    said = ", ".join(f"{venue} {state.statuses.get(venue, 'closed')}" for venue in venues)
    symbol = order.Terms.Symbol
    return ("Symbol", symbol, f"does not trade now: {said}", "wait for the market", {"Said": said})


def short_sale(state: BookState, order: NewOrder, now: Instant) -> Found | None:
    """Rule 201: while the symbol is restricted, a short sale is priced above the best bid."""
    return _short(state, order.Terms, now)


def _short(state: BookState, terms: Terms, now: Instant) -> Found | None:
    if terms.Side is not Side.SellShort or not restricted(state, terms.Symbol):
        return None
    best = best_bid(state, terms.Symbol, now)
    given = "none" if terms.Price is None else decimal_text(terms.Price)
    if best is None:
        allowed = "the national best bid is not known, so no short sale is let through"
        return ("Price", given, allowed, "wait for a quote", {})
    if terms.Price is not None and terms.Price > best:
        return None
    bid = decimal_text(best)
    allowed = f"a short sale is above the national best bid of {bid} (Rule 201)"
    return ("Price", given, allowed, "send a higher price", {"NationalBestBid": bid})


def restricted(state: BookState, symbol: str) -> bool:
    """Whether Rule 201's price test is in force."""
    known = state.rules.Securities.get(symbol) if state.rules else None
    return known is not None and known.ShortSaleRestricted


def best_bid(state: BookState, symbol: str, now: Instant) -> Decimal | None:
    """The highest bid of any venue that quotes; else what the rule book says."""
    quotes = (watching.fresh(state, venue, now) for venue in state.quotes)
    bids = [quote.BidPx for quote in quotes if quote and quote.BidPx is not None]
    known = state.rules.Securities.get(symbol) if state.rules else None
    return max(bids, default=known.NationalBestBid if known else None)


def own_orders(state: BookState, order: NewOrder, now: Instant) -> Found | None:
    """The order would trade with its owner's; the modes in which the new one has to go."""
    del now
    mode = state.rules.SelfMatch if state.rules else None
    by_cash = mode is SelfMatchMode.Decrement and order.Terms.OrderQty is None
    if mode not in (SelfMatchMode.CancelNewest, SelfMatchMode.CancelBoth) and not by_cash:
        return None
    found = self_match.crossing(state, order.Account, order.Terms)
    return crossed(order.Terms, found[0].OrderID) if found else None


def crossed(terms: Terms, other: str) -> Found:
    """It would trade with that order."""
    given = "none" if terms.Price is None else decimal_text(terms.Price)
    allowed = f"would trade with order {other} of the same owner"
    return ("Price", given, allowed, "cancel that one first", {"Other": other})


CHECKS = (
    Check("market_open", OrdRejReason.ExchangeClosed, market_open, "MarketOpen"),
    Check(
        "short_sale_price", OrdRejReason.ShortSellNotPermitted, short_sale, "ShortSaleRestricted"
    ),
    Check("self_match", OrdRejReason.BrokerOption, own_orders, "SelfMatch"),
)
"""In order of precedence."""


def first_objection(
    state: BookState, order: NewOrder, now: Instant
) -> tuple[OrdRejReason, Refusal] | None:
    """The first rule that objects to a new order."""
    for row in CHECKS:
        if found := row.check(state, order, now):
            return row.reason, refused(row.name, found, state)
    return None


def refused(name: str, found: Found, state: BookState) -> Refusal:
    """The objection with its rule and version."""
    field, given, allowed, remedy, inputs = found
    return Refusal(
        Rule=name,
        Field=field,
        Given=given,
        Allowed=allowed,
        Remedy=remedy,
        Version=state.version,
        Level="firm",
        Inputs=inputs or None,
    )


def of_replace(state: BookState, account: str, terms: Terms, now: Instant) -> Refusal | None:
    """Why an order may not get these terms; one that would meet its owner's stays as it is."""
    if state.rules is None:
        return None
    if found := _short(state, terms, now):
        return refused("short_sale_price", found, state)
    if state.rules.SelfMatch and (others := self_match.crossing(state, account, terms)):
        return refused("self_match", crossed(terms, others[0].OrderID), state)
    return None
