"""Work made of real exchange messages: the same events, seed and accounts give the same requests.

Every order of the file becomes an order of one of the accounts, drawn by the order's id and the
seed. Every event either becomes exactly one request or is counted as skipped with its reason, so
``events == requests + sum(skipped.values())`` holds at the end.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from infra.replay.market import Kind, MarketEvent
from messages import fix, orders
from messages.base import Instant

UNKNOWN = "names an order that is not open in this file"
TRADED = "traded inside the file: the venue matches by itself"
HIDDEN = "traded against a hidden order"
CROSSED = "auction trade"
HALTED = "trading halt"
EMPTY = "order without a quantity"
REUSED = "new order with the id of an open one"

_NOT_SENT = {Kind.Hidden: HIDDEN, Kind.Cross: CROSSED, Kind.Halt: HALTED}


class Planned(NamedTuple):
    """One request, who sends it, and when the event happened on the source's clock."""

    at_ns: Instant
    desk: str
    request: orders.DeskRequest


@dataclass(slots=True)
class _Open:
    """An order as its desk believes it to be. ``total`` is OrderQty, ``left`` what may trade."""

    account: str
    clordid: str
    side: fix.Side
    total: Decimal
    left: Decimal
    price: Decimal


class Plan:
    """Iterate it once. ``skipped`` counts events by reason, ``requests`` the requests by MsgType.

    Memory is held for open orders only.
    """

    def __init__(
        self,
        events: Iterable[MarketEvent],
        *,
        symbol: str,
        accounts: Mapping[str, str],
        seed: int = 1,
        prefix: str = "",
        destination: str | None = None,
    ) -> None:
        """``accounts``: Account -> the desk that trades it, at least two accounts.

        ``prefix`` begins every ClOrdID: give another one for each run against the same day's
        books, since a ClOrdID that was used is a repeat. It defaults to the seed.
        """
        if len(accounts) < 2:
            raise ValueError(
                f"a replay needs two accounts to trade with each other, not {list(accounts)}"
            )
        self.events = 0
        self.skipped: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self._source = events
        self._symbol = symbol
        self._desks = dict(accounts)
        self._seed = seed
        self._prefix = prefix or f"s{seed}"
        self._destination = destination
        self._open: dict[str, _Open] = {}
        self._made = 0

    def __iter__(self) -> Iterator[Planned]:
        for event in self._source:
            self.events += 1
            answer = self._take(event)
            if isinstance(answer, str):
                self.skipped[answer] += 1
                continue
            self.requests[answer.MsgType] += 1
            yield Planned(event.at_ns, self._desks[answer.Account or ""], answer)

    def _take(self, event: MarketEvent) -> orders.DeskRequest | str:
        """The request that this event becomes, or the reason why it becomes none."""
        if event.kind in _NOT_SENT:
            return _NOT_SENT[event.kind]
        if event.kind is Kind.New:
            return self._new(event)
        order = self._open.get(event.order_id)
        if order is None:
            return UNKNOWN
        match event.kind:
            case Kind.Delete:
                return self._cancel(event, order)
            case Kind.Reduce if event.qty >= order.left:
                return self._cancel(event, order)
            case Kind.Reduce:
                order.left -= event.qty
                order.total -= event.qty
                return self._replace(order)
            case Kind.Change:
                order.left += event.qty
                order.total += event.qty
                order.price = event.price
                return self._replace(order)
            case Kind.Execute:
                self._trade(event, order)
                return self._aggressor(event, order)
            case _:
                # Kept open even at nothing left: the file still says when it is deleted, and the
                # venue of the replay may not have filled it.
                order.left -= min(event.qty, order.left)
                return TRADED

    def _trade(self, event: MarketEvent, order: _Open) -> None:
        order.left -= event.qty
        if order.left <= 0:
            del self._open[event.order_id]

    def _new(self, event: MarketEvent) -> orders.DeskRequest | str:
        if event.qty <= 0:
            return EMPTY
        if event.order_id in self._open:
            return REUSED
        account = self._draw(event.order_id, tuple(self._desks))
        order = _Open(account, self._id(), event.side, event.qty, event.qty, event.price)
        self._open[event.order_id] = order
        return self._limit_order(order, fix.TimeInForce.Day)

    def _aggressor(self, event: MarketEvent, order: _Open) -> orders.NewOrderSingle:
        """The other side of a trade that the file shows from the resting side only."""
        desk = self._desks[order.account]
        others = tuple(a for a in self._desks if a != order.account)
        elsewhere = tuple(a for a in others if self._desks[a] != desk)
        account = self._draw(event.order_id, elsewhere or others)
        side = fix.Side.Sell if order.side is fix.Side.Buy else fix.Side.Buy
        taker = _Open(account, self._id(), side, event.qty, event.qty, order.price)
        return self._limit_order(taker, fix.TimeInForce.ImmediateOrCancel)

    def _limit_order(self, order: _Open, tif: fix.TimeInForce) -> orders.NewOrderSingle:
        return orders.NewOrderSingle(
            ClOrdID=order.clordid,
            Account=order.account,
            Symbol=self._symbol,
            Side=order.side,
            OrderQty=order.total,
            OrdType=fix.OrdType.Limit,
            Price=order.price,
            TimeInForce=tif,
            ExDestination=self._destination,
        )

    def _cancel(self, event: MarketEvent, order: _Open) -> orders.OrderCancelRequest:
        del self._open[event.order_id]
        return orders.OrderCancelRequest(
            ClOrdID=self._id(),
            OrigClOrdID=order.clordid,
            Account=order.account,
            Symbol=self._symbol,
            Side=order.side,
            OrderQty=order.total,
        )

    def _replace(self, order: _Open) -> orders.OrderCancelReplaceRequest:
        # FIX's optimistic chain: the next request names the ClOrdID sent last, answered or not.
        chained, order.clordid = order.clordid, self._id()
        return orders.OrderCancelReplaceRequest(
            ClOrdID=order.clordid,
            OrigClOrdID=chained,
            Account=order.account,
            Symbol=self._symbol,
            Side=order.side,
            OrderQty=order.total,
            OrdType=fix.OrdType.Limit,
            Price=order.price,
            ExDestination=self._destination,
        )

    def _id(self) -> str:
        self._made += 1
        return f"{self._prefix}-{self._made}"

    def _draw(self, order_id: str, accounts: tuple[str, ...]) -> str:
        """An account by the order's id and the seed, the same wherever in the file one begins."""
        digest = hashlib.blake2b(f"{self._seed}/{order_id}".encode(), digest_size=8).digest()
        return accounts[int.from_bytes(digest, "big") % len(accounts)]
