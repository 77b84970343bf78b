"""Market data: which book follows what, what the venue is asked for, and what it says.

A venue forgets at the end of a session who listens, so each logon asks anew, by names it has not
heard before: a quote under an older name is of another time. Nothing of a quote is kept here.
"""

from collections.abc import Iterator
from decimal import Decimal

from actors.actor import Send
from actors.venue import evolve
from actors.venue.state import VenueState
from messages import events as ev
from messages import venue as wire
from messages.fix import SecurityTradingStatus
from messages.market import Follow, Quote, QuotesLost, TradingStatus

Effects = Iterator[ev.VenueEvent | Send]


def follow(venue: str, state: VenueState, wish: Follow) -> Effects:
    """A book begins or ends to follow its symbol."""
    if wish.On == (wish.Symbol in state.follows):
        return
    asked = state.follows.get(wish.Symbol, "")
    yield ev.FollowChanged(Symbol=wish.Symbol, On=wish.On)
    status = state.statuses.get(wish.Symbol) or state.statuses.get("")
    if wish.On and status is not None:  # said before the book had a reason to hear it
        yield _trading(venue, wish.Symbol, status, None)
    if wish.On and state.up:
        yield from _ask(venue, state, wish.Symbol)
    elif asked and state.up:
        yield Send(f"fix/{venue}", _request(asked, wish.Symbol, subscribe=False))


def session_up(venue: str, state: VenueState) -> Effects:
    """Ask for everything that is followed."""
    for symbol in list(state.follows):
        yield from _ask(venue, state, symbol)


def session_down(venue: str, state: VenueState) -> Effects:
    """What was quoted last is not the market any more."""
    for symbol in state.follows:
        yield _lost(venue, symbol)


def quoted(venue: str, state: VenueState, said: wire.VenueQuotes) -> Effects:
    """Whole pictures, each to the book that follows it."""
    for quote in said.Quotes:
        if not state.follows.get(quote.Symbol):
            continue
        bid_px, bid_size = _side(quote.BidPx, quote.BidSize)
        offer_px, offer_size = _side(quote.OfferPx, quote.OfferSize)
        yield Send(
            f"book/{quote.Symbol}",
            Quote(
                Venue=venue,
                Symbol=quote.Symbol,
                BidPx=bid_px,
                BidSize=bid_size,
                OfferPx=offer_px,
                OfferSize=offer_size,
                LastPx=quote.LastPx,
                LastQty=quote.LastQty,
                At=quote.At,
            ),
        )


def refused(venue: str, state: VenueState, said: wire.VenueMarketDataReject) -> Effects:
    """There will be no quotes in this session, so the book must not wait for one."""
    for symbol, name in state.follows.items():
        if name == said.MDReqID:
            yield ev.QuotesRefused(Symbol=symbol, Text=said.Text)
            yield _lost(venue, symbol)
            return


def security_status(venue: str, state: VenueState, said: wire.VenueSecurityStatus) -> Effects:
    """Halts and the like concern the book of the symbol, whether it follows quotes or not."""
    ours = state.scope is not None and said.Symbol in state.scope.Symbols
    if ours or said.Symbol in state.follows:
        status = said.SecurityTradingStatus
        yield ev.SymbolStatusChanged(Symbol=said.Symbol, SecurityTradingStatus=status)
        yield _trading(venue, said.Symbol, status, said.Text)


def session_status(venue: str, state: VenueState, said: wire.VenueSessionStatus) -> Effects:
    """The whole venue: told to the books that have anything at stake there, and to no other."""
    yield ev.TradingSessionChanged(
        TradingSessionID=said.TradingSessionID, TradSesStatus=said.TradSesStatus, Text=said.Text
    )
    status = evolve.WHOLE.get(said.TradSesStatus)
    if status is None:
        return
    working = (child.terms.Symbol for child in state.children.values() if not child.ended)
    for symbol in dict.fromkeys((*state.follows, *working)):
        yield _trading(venue, symbol, status, said.Text)


def _ask(venue: str, state: VenueState, symbol: str) -> Effects:
    name = f"{symbol}.{state.asked + 1}"
    yield ev.QuotesAsked(Symbol=symbol, MDReqID=name)
    yield Send(f"fix/{venue}", _request(name, symbol, subscribe=True))


def _request(name: str, symbol: str, *, subscribe: bool) -> wire.VenueMarketDataRequest:
    return wire.VenueMarketDataRequest(MDReqID=name, Symbols=(symbol,), Subscribe=subscribe)


def _side(price: Decimal | None, size: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """A side of size 0 is gone."""
    return (None, None) if price is None or size == 0 else (price, size)


def _lost(venue: str, symbol: str) -> Send:
    return Send(f"book/{symbol}", QuotesLost(Venue=venue, Symbol=symbol))


def _trading(venue: str, symbol: str, status: SecurityTradingStatus, text: str | None) -> Send:
    return Send(
        f"book/{symbol}", TradingStatus(Venue=venue, Symbol=symbol, Status=status, Text=text)
    )
