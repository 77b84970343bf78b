"""A venue for random runs: honest, and as awkward as FIX allows it to be.

It answers late, fills while requests wait, halts, ends its day, cancels, restates, takes back and
corrects on its own, takes orders by telephone, repeats itself, and forgets nothing that it has
said: its messages are numbered and can be heard again, as over a FIX session. ``fills`` is its own
book: what the ledger holds against the desks.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Protocol

from infra.ledger import VenueChange, VenueFill
from infra.sim.resting import ZERO, Resting
from messages import venue as wire
from messages.base import Message
from messages.fix import (
    CxlRejReason,
    ExecRestatementReason,
    ExecType,
    OrdRejReason,
    OrdStatus,
    TimeInForce,
)
from messages.terms import UNLIMITED, Terms

Asked = wire.VenueCancel | wire.VenueReplace
ToVenue = wire.VenueNewOrder | Asked | wire.VenueStatusRequest | wire.VenueMarketDataRequest
AT_ONCE = (TimeInForce.ImmediateOrCancel, TimeInForce.FillOrKill)


class Listener(Protocol):
    """Who is told that there is something to hear."""

    def said(self) -> None: ...

    def cut(self) -> None: ...


@dataclass
class Exchange:
    """``said``: every message to the venue connection, whose MsgSeqNum is its place, from 1.

    ``placed``: the terms of every new order and replace heard, by ClOrdID; ``wrong``: what an
    honest member would not have said. ``changes``: busts and corrections. ``orders`` by OrderID.
    """

    venue: str
    random: Random
    multiplier: dict[str, Decimal]
    accounts: tuple[str, ...] = ()
    said: list[Message] = field(default_factory=list)
    orders: dict[str, Resting] = field(default_factory=dict)
    live: dict[str, Resting] = field(default_factory=dict)
    names: dict[str, Resting] = field(default_factory=dict)
    placed: dict[str, tuple[str, Terms]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    waiting: list[Asked] = field(default_factory=list)
    answers: dict[str, Message] = field(default_factory=dict)
    fills: dict[str, tuple[Resting, VenueFill]] = field(default_factory=dict)
    changes: list[VenueChange] = field(default_factory=list)
    dated: dict[str, Resting] = field(default_factory=dict)
    heard: list[tuple[int, ToVenue]] = field(default_factory=list)
    """Everything that its member has said, and when."""
    seen: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    """By ClOrdID: lowest and highest price until it was heard."""
    px: dict[str, Decimal] = field(default_factory=dict)
    lows: dict[str, Decimal] = field(default_factory=dict)
    highs: dict[str, Decimal] = field(default_factory=dict)
    listens: dict[str, tuple[str, ...]] = field(default_factory=dict)
    halted: dict[str, None] = field(default_factory=dict)
    line: Listener | None = None
    open: bool = True
    calm: bool = False
    """No halts, new days and telephoned orders any more."""
    swallows: float = 0.0
    day: int = 2
    canceled: list[Resting] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    now: int = 0

    def hear(self, message: ToVenue) -> None:
        """One message of the venue connection."""
        self.heard.append((self.now, message))
        match message:
            case wire.VenueNewOrder():
                self._new(message)
            case wire.VenueStatusRequest():
                self._status(message)
            case wire.VenueMarketDataRequest():
                self._listen(message)
            case wire.VenueCancel() | wire.VenueReplace():
                self._change(message)

    def logged_on(self) -> None:
        """A new session: who listened to quotes is forgotten."""
        self.listens.clear()

    def still_open(self) -> Iterator[str]:
        """OrderIDs of what may trade, now or on the next day."""
        for order_id, order in self.orders.items():
            if order.working or order.asleep:
                yield order_id

    def working(self, order_id: str) -> bool:
        """Whether the order of that OrderID may trade."""
        return order_id in self.orders and self.orders[order_id].working

    def say(self, message: Message) -> None:
        """The next message of the session."""
        self.said.append(message)
        if self.line:
            self.line.said()

    # ---- new orders

    def units(self, terms: Terms) -> Decimal:
        """OrderQty, or what CashOrderQty buys."""
        if terms.OrderQty is not None or terms.CashOrderQty is None:
            return terms.quantity
        worth = self.market(terms.Symbol) * self.multiplier[terms.Symbol]
        return Decimal(int(terms.CashOrderQty / worth))

    def market(self, symbol: str) -> Decimal:
        """What it trades at."""
        return self.px.setdefault(symbol, Decimal(10))

    def _new(self, message: wire.VenueNewOrder) -> None:
        known = self.names.get(message.ClOrdID)
        if known and message.PossResend:
            self.report(known, ExecType.OrderStatus, exec_id="0")
            return
        if known:
            self.wrong.append(f"{message.ClOrdID} was placed twice, the second time as new")
            self.report(known, ExecType.Rejected, reason=OrdRejReason.DuplicateOrder)
            return
        self._placed(message)
        qty = self.units(message.Terms)
        order_id = f"V{message.ClOrdID}"
        order = Resting.of(order_id, message.ClOrdID, message.Account, message.Terms, qty)
        self.orders[order_id] = self.names[message.ClOrdID] = order
        if self.random.random() < 0.05 or not qty:
            order.status = OrdStatus.Rejected
            self.report(order, ExecType.Rejected, reason=OrdRejReason.ExchangeClosed)
            return
        self.settle(order)
        if self.random.random() < 0.1:
            self.report(order, ExecType.PendingNew)
        plain = not (order.least or order.waits or order.whole)
        if plain and self.random.random() < 0.1:
            self.trade(order, Decimal(1))  # the fill overtakes the acknowledgement
        self.report(order, ExecType.New)
        if order.lasting in AT_ONCE:
            self._at_once(order)

    def _placed(self, message: wire.VenueNewOrder | wire.VenueReplace) -> None:
        terms = message.Terms
        self.placed.setdefault(message.ClOrdID, (message.Account, terms))
        self.seen.setdefault(message.ClOrdID, self.range(terms.Symbol))
        if terms.OrdType in UNLIMITED and terms.Price is not None:
            self.wrong.append(f"{message.ClOrdID}: a {terms.OrdType} order with a price")

    def range(self, symbol: str) -> tuple[Decimal, Decimal]:
        """Lowest and highest price so far."""
        px = self.market(symbol)
        return self.lows.get(symbol, px), self.highs.get(symbol, px)

    def _at_once(self, order: Resting) -> None:
        if order.working and self.random.random() < 0.5 and not order.waits:
            self.trade(order, self.part(order))
        if order.working:
            self.end(order, ExecType.Canceled)

    def telephone(self, order: Resting) -> None:
        """An order that no desk sent; ``order`` has no name."""
        self.orders[order.order_id] = self.live[order.order_id] = order
        self.happened["telephoned"] += 1
        self.report(order, ExecType.New)

    # ---- requests and questions

    def _listen(self, message: wire.VenueMarketDataRequest) -> None:
        if not message.Subscribe:
            self.listens.pop(message.MDReqID, None)
        elif self.random.random() < 0.03:
            text = "not today"
            self.say(wire.VenueMarketDataReject(MDReqID=message.MDReqID, Text=text))
        else:
            self.listens[message.MDReqID] = message.Symbols
            self.quote(message.MDReqID)

    def quote(self, name: str) -> None:
        """The market as it is, to who asked by that name."""
        step = Decimal("0.01")
        quotes = tuple(
            wire.VenueQuote(
                Symbol=symbol, BidPx=px - step, BidSize=Decimal(500), OfferPx=px + step,
                OfferSize=Decimal(500), LastPx=px, LastQty=Decimal(1), At=self.now,
            )
            for symbol in self.listens[name]
            for px in (self.market(symbol),)
        )  # fmt: skip
        self.happened["quotes"] += 1
        self.say(wire.VenueQuotes(MDReqID=name, Quotes=quotes))

    def _status(self, message: wire.VenueStatusRequest) -> None:
        order = self.names.get(message.ClOrdID)
        if order:
            self.report(order, ExecType.OrderStatus, exec_id="0", name=message.ClOrdID)
            return
        self.say(
            wire.VenueExecution(
                ClOrdID=message.ClOrdID, OrderID="NONE", ExecID="0",
                ExecType=ExecType.OrderStatus, OrdStatus=OrdStatus.Rejected,
                Symbol=message.Symbol, Side=message.Side, OrderQty=ZERO, CumQty=ZERO,
                LeavesQty=ZERO, OrdRejReason=OrdRejReason.UnknownOrder, TransactTime=self.now,
            )
        )  # fmt: skip

    def order_of(self, message: Asked) -> Resting | None:
        """The order that a request names."""
        return self.names.get(message.OrigClOrdID) or self.orders.get(message.OrderID or "")

    def _change(self, message: Asked) -> None:
        if isinstance(message, wire.VenueReplace):
            self._placed(message)
        if message.ClOrdID in self.answers:
            self.say(self.answers[message.ClOrdID])  # the same words, the same ExecID
        elif any(w.ClOrdID == message.ClOrdID for w in self.waiting):
            pass  # it is being worked on
        elif self.random.random() < 0.5:
            self.waiting.append(message)
            order = self.order_of(message)
            if order and self.random.random() < 0.5:
                cancel = isinstance(message, wire.VenueCancel)
                kind = ExecType.PendingCancel if cancel else ExecType.PendingReplace
                self.report(order, kind, name=message.ClOrdID, orig=message.OrigClOrdID)
        else:
            self.decide(message)

    def decide(self, message: Asked) -> None:
        """Do it, or refuse."""
        order = self.order_of(message)
        if order is None:
            self._refuse(message, CxlRejReason.UnknownOrder, OrdStatus.Rejected)
        elif isinstance(message, wire.VenueCancel):
            if order.working or order.asleep:
                if order.left > 1:
                    self.canceled.append(order)
                order.status = OrdStatus.Canceled
                self.live.pop(order.order_id, None)
                self._take(order, message, ExecType.Canceled)
            else:
                self._refuse(message, CxlRejReason.TooLateToCancel, order.status)
        elif not order.working and order.status is not OrdStatus.Filled:
            self._refuse(message, CxlRejReason.TooLateToCancel, order.status)
        elif self.random.random() < 0.2 or not self._takes(order, message):
            self._refuse(message, CxlRejReason.BrokerOption, order.status)
        else:
            self._replace(order, message)

    def _takes(self, order: Resting, message: wire.VenueReplace) -> bool:
        """Not nothing, and not more than it declined before."""
        units = self.units(message.Terms)
        return units > 0 and (order.most is None or units <= order.most)

    def _replace(self, order: Resting, message: wire.VenueReplace) -> None:
        terms = message.Terms
        fresh = Resting.of("", "", "", terms, ZERO)
        order.qty = max(self.units(terms), order.cum)
        order.px, order.kind, order.lasting = terms.Price, terms.OrdType, terms.TimeInForce
        order.least, order.whole, order.expires = fresh.least, fresh.whole, fresh.expires
        order.waits = fresh.waits and not order.cum
        self.settle(order)
        self._take(order, message, ExecType.Replaced)

    def _take(self, order: Resting, message: Asked, kind: ExecType) -> None:
        order.names.append(message.ClOrdID)
        self.names[message.ClOrdID] = order
        self.report(order, kind, name=message.ClOrdID, orig=message.OrigClOrdID)
        self.answers[message.ClOrdID] = self.said[-1]

    def _refuse(self, message: Asked, reason: CxlRejReason, status: OrdStatus) -> None:
        refusal = wire.VenueCancelReject(
            ClOrdID=message.ClOrdID, OrigClOrdID=message.OrigClOrdID, OrderID="V",
            OrdStatus=status, CxlRejReason=reason,
        )  # fmt: skip
        self.answers[message.ClOrdID] = refusal
        self.say(refusal)

    # ---- what becomes of an order

    def part(self, order: Resting) -> Decimal:
        """A quantity that it may trade next."""
        if order.whole or order.left <= order.least - order.cum:
            return order.left
        least = max(Decimal(1), order.least - order.cum)
        return Decimal(self.random.randint(int(least), int(order.left)))

    def trade(self, order: Resting, qty: Decimal) -> None:
        """A fill."""
        order.cum += qty
        self.settle(order)
        px = order.px if order.px is not None else self.market(order.symbol)
        exec_id = self.next_exec_id()
        name = order.names[0] if order.names else ""
        fill = VenueFill(self.venue, exec_id, name, order.symbol, order.side, qty, px)
        self.fills[exec_id] = order, fill
        self.report(order, ExecType.Trade, exec_id=exec_id, last=(qty, px))

    def next_exec_id(self) -> str:
        """ExecID of what is said next."""
        return f"{self.venue}-{len(self.said) + 1}"

    def settle(self, order: Resting) -> None:
        """The quantities decide whether it works."""
        order.settle()
        if order.expires is not None:
            self.dated[order.order_id] = order
        if order.working:
            self.live[order.order_id] = order
        else:
            self.live.pop(order.order_id, None)

    def end(self, order: Resting, kind: ExecType) -> None:
        """It is over, or done for the day."""
        order.status = OrdStatus(kind.value)
        self.live.pop(order.order_id, None)
        self.report(order, kind)

    def report(
        self,
        order: Resting,
        kind: ExecType,
        *,
        exec_id: str | None = None,
        ref: str | None = None,
        name: str | None = None,
        orig: str | None = None,
        last: tuple[Decimal, Decimal] = (ZERO, ZERO),
        reason: OrdRejReason | None = None,
        why: ExecRestatementReason | None = None,
    ) -> None:
        """An execution report; now and then the same once more."""
        fill = kind in (ExecType.Trade, ExecType.TradeCancel, ExecType.TradeCorrect)
        made_here = not order.names
        self.say(
            wire.VenueExecution(
                ClOrdID=name or (None if made_here else order.names[-1]), OrigClOrdID=orig,
                OrderID=order.order_id, ExecID=exec_id or self.next_exec_id(), ExecRefID=ref,
                ExecType=kind, OrdStatus=order.status, Symbol=order.symbol,
                Account=order.account if made_here else None,
                OrdType=order.kind if made_here else None,
                Price=order.px if made_here else None,
                TimeInForce=order.lasting if made_here else None,
                Side=order.side, OrderQty=order.qty, CumQty=order.cum, LeavesQty=order.left,
                LastQty=last[0] if fill else None, LastPx=last[1] if fill else None,
                OrdRejReason=reason, ExecRestatementReason=why,
                TradeDate=f"202611{self.day:02}", TransactTime=self.now,
            )
        )  # fmt: skip
        if exec_id != "0" and self.random.random() < 0.06:
            self.happened["repeated"] += 1
            self.say(self.said[-1])
