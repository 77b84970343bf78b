"""Quotes on their way to a venue actor: of those that wait, only what they come to is told.

A quote is superseded by the next, so a busy market costs at most one message in ``EVERY_S`` for all
symbols together. What is told of a symbol is its whole picture: what is not told anew still holds.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from messages.venue import VenueMarketDataRequest, VenueQuote, VenueQuotes

EVERY_S = 0.05

PAIRS = (("BidPx", "BidSize"), ("OfferPx", "OfferSize"), ("LastPx", "LastQty"))


class Quotes:
    """The pictures of one session. ``tell(seq, quotes)``: to the actor, numbered as heard.

    Told late, a quote would have a number below those that were told meanwhile; it then has none
    (0), and the numbers go on rising.
    """

    def __init__(self, tell: Callable[[int, VenueQuotes], None]) -> None:
        self._tell = tell
        self._symbols: dict[str, tuple[str, ...]] = {}
        self._pictures: dict[str, VenueQuote] = {}
        self._waiting: dict[str, None] = {}
        self._seq = 0
        self._flushed = float("-inf")
        self._due: asyncio.Handle | None = None

    def asked(self, request: VenueMarketDataRequest) -> None:
        """The venue is asked for quotes, or for no more of them: the pictures begin anew."""
        self._symbols.pop(request.MDReqID, None)
        for symbol in request.Symbols:
            self._pictures.pop(symbol, None)
            self._waiting.pop(symbol, None)
        if request.Subscribe:
            self._symbols[request.MDReqID] = request.Symbols

    def heard(self, seq: int, said: VenueQuotes) -> None:
        """The venue quotes; it is told now or soon. What answers an older question is dropped."""
        if said.MDReqID is None:
            wanted = {symbol for symbols in self._symbols.values() for symbol in symbols}
        else:
            wanted = set(self._symbols.get(said.MDReqID, ()))
        for quote in said.Quotes:
            if quote.Symbol in wanted:
                self._pictures[quote.Symbol] = merged(self._pictures.get(quote.Symbol), quote)
                self._waiting[quote.Symbol] = None
                self._seq = max(self._seq, seq)
        if self._waiting and self._due is None:
            loop = asyncio.get_running_loop()
            wait = self._flushed + EVERY_S - loop.time()
            # Also when it may go at once: what is being read from the socket goes with it.
            self._due = (
                loop.call_later(wait, self.flush) if wait > 0 else loop.call_soon(self.flush)
            )

    def passed(self, seq: int) -> None:
        """A message of this number is told now, so no number below it may follow."""
        if seq >= self._seq:
            self._seq = 0

    def flush(self) -> None:
        """Tell what waits, now."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if not self._waiting:
            return
        quotes = tuple(self._pictures[symbol] for symbol in self._waiting)
        seq, self._seq = self._seq, 0
        self._waiting.clear()
        self._flushed = asyncio.get_running_loop().time()
        self._tell(seq, VenueQuotes(Quotes=quotes))

    def forget(self) -> None:
        """The session is another: nothing that was asked or quoted holds any more."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        self._symbols.clear()
        self._pictures.clear()
        self._waiting.clear()
        self._seq = 0


def merged(before: VenueQuote | None, quote: VenueQuote) -> VenueQuote:
    """The picture after this quote: a price and its size hold until either is told anew."""
    if before is None:
        return quote
    held: dict[str, Any] = {}
    for price, size in PAIRS:
        told = getattr(quote, price), getattr(quote, size)
        if told == (None, None):
            held |= {price: getattr(before, price), size: getattr(before, size)}
        elif told[0] is None and told[1] != 0:  # only the size changed
            held |= {price: getattr(before, price)}
        elif told[1] is None:  # only the price did, or the side is back
            held |= {size: getattr(before, size) or None}
    return quote.model_copy(update=held)
