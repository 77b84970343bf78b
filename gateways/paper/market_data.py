"""Market data: who asked for which symbols, and what is said of them as they change.

Invariant: nothing of it is kept: a subscription ends with the connection, and a quote that was
not taken is replaced by the next one. Every entry of a message has the same fields, so that it
can also be read by one who does not know where a repeating group begins.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from gateways.paper.effects import Effects
from gateways.paper.fields import SOH
from gateways.paper.floor import Floor
from gateways.paper.orders import ZERO
from gateways.paper.reports import time_text
from gateways.paper.requests import MarketDataRequest

SNAPSHOT, SUBSCRIBE, UNSUBSCRIBE = "0", "1", "2"
"""SubscriptionRequestType(263)."""
BID, OFFER, TRADE = "0", "1", "2"
"""MDEntryType(269)."""
ADDED, CHANGED, DELETED = "0", "1", "2"
"""MDUpdateAction(279)."""
UNKNOWN_SYMBOL, BAD_SUBSCRIPTION, BAD_DEPTH, BAD_ENTRY = "0", "4", "5", "8"
"""MDReqRejReason(281)."""


class Quote(NamedTuple):
    """A price and how much there is, or was traded, at it; ``serial`` tells trades apart."""

    price: Decimal
    size: Decimal
    serial: str = ""


class MarketData:
    """``take`` gives what is to be said; the rest tells what happened."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._asked: dict[str, MarketDataRequest] = {}
        self._watching: dict[str, list[str]] = {}
        self._said: dict[tuple[str, str], dict[str, Quote]] = {}
        self._traded: dict[str, Quote] = {}
        self._out: list[str] = []

    def request(self, request: MarketDataRequest, now: int) -> None:
        """MarketDataRequest: answered by a snapshot of each symbol, or a refusal."""
        if refused := self._refusal(request):
            reason, text = refused
            self._out.append(
                f"35=Y{SOH}262={request.request_id}{SOH}281={reason}{SOH}58={text}{SOH}"
            )
            return
        self._forget(request.request_id)
        if request.kind == UNSUBSCRIBE:
            return
        for symbol in request.symbols:
            quotes = self._quotes(symbol, request.entries)
            self._out.append(_snapshot(request.request_id, symbol, quotes, now))
            if request.kind == SUBSCRIBE:
                self._asked[request.request_id] = request
                self._watching.setdefault(symbol, []).append(request.request_id)
                self._said[request.request_id, symbol] = quotes

    def connected(self) -> None:
        """A new connection: who wants market data asks again."""
        self._asked.clear()
        self._watching.clear()
        self._said.clear()
        self._out.clear()

    def changed(self, effects: Effects, now: int) -> None:
        """Tell the subscribers what a batch has changed: one message for each symbol."""
        for fill in effects.fills:
            self._traded[fill.symbol] = Quote(fill.price, fill.quantity, fill.exec_id)
        if not self._watching:
            return
        symbols = {order.symbol for order in effects.orders.values()}
        symbols.update(symbol for symbol, _ in effects.house)
        for symbol in sorted(symbols & self._watching.keys()):
            for request_id in self._watching[symbol]:
                self._update(request_id, symbol, now)

    def take(self) -> list[str]:
        """What is to be said, once."""
        taken, self._out = self._out, []
        return taken

    def _update(self, request_id: str, symbol: str, now: int) -> None:
        before = self._said[request_id, symbol]
        after = self._quotes(symbol, self._asked[request_id].entries)
        entries = []
        for kind in sorted(before.keys() | after.keys()):
            quote = after.get(kind)
            if quote == before.get(kind):
                continue
            action = DELETED if quote is None else CHANGED if kind in before else ADDED
            head = f"279={action}{SOH}269={kind}{SOH}55={symbol}{SOH}"
            entries.append(head + _entry(quote or before[kind], now))
        if entries:
            self._said[request_id, symbol] = after
            head = f"35=X{SOH}262={request_id}{SOH}268={len(entries)}{SOH}"
            self._out.append(head + "".join(entries))

    def _quotes(self, symbol: str, entries: Iterable[str]) -> dict[str, Quote]:
        """Best prices with what is shown at them, and the last trade, as far as there are any."""
        book = self._floor.book(symbol)
        found = {}
        for kind, side in ((BID, book.bids), (OFFER, book.offers)):
            if kind in entries and (best := side.top()):
                found[kind] = Quote(*best)
        if TRADE in entries and book.last is not None:
            found[TRADE] = self._traded.get(symbol, Quote(book.last, ZERO))
        return found

    def _refusal(self, request: MarketDataRequest) -> tuple[str, str] | None:
        known = request.request_id in self._asked
        if request.kind == UNSUBSCRIBE:
            text = f"there is no subscription MDReqID(262)={request.request_id}"
            return None if known else (BAD_SUBSCRIPTION, text)
        if request.kind not in (SNAPSHOT, SUBSCRIBE):
            text = f"SubscriptionRequestType(263)={request.kind} is none of 0, 1, 2"
            return BAD_SUBSCRIPTION, text
        if request.depth != "1":
            return BAD_DEPTH, f"MarketDepth(264)={request.depth} is not given here: use 1"
        if unknown := [kind for kind in request.entries if kind not in (BID, OFFER, TRADE)]:
            return BAD_ENTRY, f"MDEntryType(269)={unknown[0]} is not given here: use 0, 1, 2"
        if not request.entries:
            return BAD_ENTRY, "MDEntryType(269) is missing: use 0, 1, 2"
        if not request.symbols:
            return UNKNOWN_SYMBOL, "Symbol(55) is missing"
        return None

    def _forget(self, request_id: str) -> None:
        if (request := self._asked.pop(request_id, None)) is None:
            return
        for symbol in request.symbols:
            self._said.pop((request_id, symbol), None)
            watching = [one for one in self._watching[symbol] if one != request_id]
            if watching:
                self._watching[symbol] = watching
            else:
                del self._watching[symbol]


def _snapshot(request_id: str, symbol: str, quotes: dict[str, Quote], now: int) -> str:
    entries = [f"269={kind}{SOH}{_entry(quote, now)}" for kind, quote in quotes.items()]
    head = f"35=W{SOH}262={request_id}{SOH}55={symbol}{SOH}268={len(entries)}{SOH}"
    return head + "".join(entries)


def _entry(quote: Quote, now: int) -> str:
    date, _, time = time_text(now)[:21].partition("-")
    return f"270={quote.price:f}{SOH}271={quote.size:f}{SOH}272={date}{SOH}273={time}{SOH}"
