"""The market a book watches: which venues it follows, and which of their prices count.

A price counts while it is fresh: from this trading day, not older than MaxQuoteAge, the venue's
session up and trading not halted.
"""

from collections.abc import Iterable
from decimal import Decimal

from actors.actor import Send, Timer
from actors.book.effects import Effects
from actors.book.state import BookState, Parent
from messages import events as ev
from messages.base import SECOND, Instant
from messages.fix import SecurityTradingStatus, Side
from messages.market import Follow, Quote, QuotesLost
from messages.plans import CheckQuotes

NOT_TRADING = frozenset(
    (
        SecurityTradingStatus.Halt,
        SecurityTradingStatus.OpeningDelay,
        SecurityTradingStatus.Closed,
        SecurityTradingStatus.PreOpen,
    )
)
"""While a venue says so nothing is triggered, re-priced or sent on there."""


def trading(state: BookState, venue: str) -> bool:
    """Whether the trading day is open and the venue has not halted."""
    closed = state.days and state.today is None
    return not closed and state.statuses.get(venue) not in NOT_TRADING


def fresh(state: BookState, venue: str, now: Instant) -> Quote | None:
    """The venue's quote, where it counts."""
    quote = state.quotes.get(venue)
    if quote is None or not trading(state, venue) or (state.days and quote.At < state.opened_at):
        return None
    return None if now >= _stale_at(state, quote, now) else quote


def trigger_px(quote: Quote, side: Side) -> Decimal | None:
    """The last trade; where there is none yet, what the order would trade at."""
    if quote.LastPx is not None:
        return quote.LastPx
    return quote.OfferPx if side is Side.Buy else quote.BidPx


def _stale_at(state: BookState, quote: Quote, now: Instant) -> Instant:
    """The first instant at which the quote does not count any more."""
    age = state.definition.MaxQuoteAge if state.definition else None
    return now + 1 if age is None else quote.At + age * SECOND + 1


def heard(state: BookState, quote: Quote, now: Instant) -> Effects:
    """A quote of a venue that is followed; nothing where a later one came before."""
    known = state.quotes.get(quote.Venue)
    if quote.Venue not in state.followed or (known and quote.At < known.At):
        return
    yield ev.QuoteHeard(Quote=quote)
    if state.definition and state.definition.MaxQuoteAge is not None:
        due = _stale_at(state, quote, now)
        yield Timer(f"stale-{quote.Venue}", due, CheckQuotes(Venue=quote.Venue), keep=True)


def check(state: BookState, said: CheckQuotes, now: Instant) -> Effects:
    """The timer of a quote: it went stale, or a later one came and is waited for."""
    quote = state.quotes.get(said.Venue)
    if quote is None:
        return
    due = _stale_at(state, quote, now)
    if now >= due:
        yield ev.QuoteWentStale(Venue=said.Venue, Lost=False)
    else:
        yield Timer(f"stale-{said.Venue}", due, said)


def lost(state: BookState, said: QuotesLost) -> Effects:
    """The venue's session is down."""
    if said.Venue in state.quotes:
        yield ev.QuoteWentStale(Venue=said.Venue, Lost=True)


def waits(parent: Parent) -> bool:
    """Whether the order must hear prices, or halts, to go on."""
    work = parent.work
    if work is None or not parent.open:
        return False
    if work.plan.CancelOnHalt or parent.order_qty is None:
        return True
    if work.type.watch is not None:
        return not work.triggered
    return work.type.quoted


def follow(state: BookState, symbol: str, parent: Parent) -> Effects:
    """Ask for prices where the order needs them."""
    if parent.Venue not in state.followed and waits(parent):
        yield ev.VenueFollowed(Venue=parent.Venue, On=True)
        yield Send(f"venue/{parent.Venue}", Follow(Symbol=symbol, On=True))


def follow_all(state: BookState, symbol: str, venues: Iterable[str]) -> Effects:
    """Ask every venue that quotes: somebody must know the best price of all."""
    for venue in venues:
        if venue not in state.followed:
            yield ev.VenueFollowed(Venue=venue, On=True)
            yield Send(f"venue/{venue}", Follow(Symbol=symbol, On=True))


def unfollow(state: BookState, symbol: str) -> Effects:
    """Stop asking where nothing needs them any more."""
    known = state.rules.Securities.get(symbol) if state.rules else None
    if known and known.ShortSaleRestricted:
        return
    for venue in list(state.followed):
        if not any(
            p.Venue == venue and waits(p) for p in map(state.parents.get, state.worked) if p
        ):
            yield ev.VenueFollowed(Venue=venue, On=False)
            yield Send(f"venue/{venue}", Follow(Symbol=symbol, On=False))
