"""An exchange in memory for random runs: honest, and as awkward as FIX allows it to be.

It answers late, fills while requests wait, cancels on its own, repeats itself, and forgets nothing
that it has said: reports are numbered and can be heard again, as over a FIX session.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from messages import venue as wire
from messages.base import Message
from messages.fix import CxlRejReason, ExecType, OrdRejReason, OrdStatus, Side

Asked = wire.VenueCancel | wire.VenueReplace
ToVenue = wire.VenueNewOrder | Asked | wire.VenueStatusRequest


@dataclass
class Resting:
    """One order, under all its names."""

    names: list[str]
    symbol: str
    side: Side
    qty: Decimal
    px: Decimal
    cum: Decimal = Decimal(0)
    status: OrdStatus = OrdStatus.New

    @property
    def left(self) -> Decimal:
        return self.qty - self.cum if self.working else Decimal(0)

    @property
    def working(self) -> bool:
        return self.status in (OrdStatus.New, OrdStatus.PartiallyFilled)


@dataclass
class Exchange:
    """``said``: every message to the venue connection, whose MsgSeqNum is its place, from 1."""

    random: Random
    said: list[Message] = field(default_factory=list)
    orders: list[Resting] = field(default_factory=list)
    names: dict[str, Resting] = field(default_factory=dict)
    waiting: list[Asked] = field(default_factory=list)
    answers: dict[str, Message] = field(default_factory=dict)
    trades: dict[str, Decimal] = field(default_factory=dict)

    def hear(self, message: ToVenue) -> None:
        """One message of the venue connection."""
        match message:
            case wire.VenueNewOrder():
                self._new(message)
            case wire.VenueStatusRequest():
                self._status(message)
            case wire.VenueCancel() | wire.VenueReplace():
                self._change(message)

    def act(self) -> None:
        """Something happens by itself: a trade, an answer, rarely an end."""
        working = [order for order in self.orders if order.working]
        if self.waiting and (not working or self.random.random() < 0.4):
            self._decide(self.waiting.pop(self.random.randrange(len(self.waiting))))
        elif working:
            order = self.random.choice(working)
            if self.random.random() < 0.85:
                self._trade(order, Decimal(self.random.randint(1, int(order.left))))
            else:
                self._end(order, self.random.choice((ExecType.Canceled, ExecType.Expired)))

    def close(self) -> None:
        """The day ends: every request is answered and every order is over."""
        while self.waiting:
            self._decide(self.waiting.pop(0))
        for order in self.orders:
            if order.working:
                self._end(order, ExecType.Expired)

    def _new(self, message: wire.VenueNewOrder) -> None:
        known = self.names.get(message.ClOrdID)
        if known and message.PossResend:
            self._report(known, ExecType.OrderStatus, exec_id="0")
            return
        if known:
            self._report(known, ExecType.Rejected, reason=OrdRejReason.DuplicateOrder)
            return
        order = Resting(
            [message.ClOrdID], message.Terms.Symbol, message.Terms.Side, message.Terms.quantity,
            message.Terms.Price or Decimal(10),
        )  # fmt: skip
        self.orders.append(order)
        self.names[message.ClOrdID] = order
        if self.random.random() < 0.1:
            order.status = OrdStatus.Rejected
            self._report(order, ExecType.Rejected, reason=OrdRejReason.ExchangeClosed)
            return
        if self.random.random() < 0.2:
            self._report(order, ExecType.PendingNew)
        self._report(order, ExecType.New)

    def _status(self, message: wire.VenueStatusRequest) -> None:
        order = self.names.get(message.ClOrdID)
        if order:
            self._report(order, ExecType.OrderStatus, exec_id="0", name=message.ClOrdID)
            return
        self.said.append(
            wire.VenueExecution(
                ClOrdID=message.ClOrdID, OrderID="NONE", ExecID="0",
                ExecType=ExecType.OrderStatus, OrdStatus=OrdStatus.Rejected,
                Symbol=message.Symbol, Side=message.Side, OrderQty=Decimal(0), CumQty=Decimal(0),
                LeavesQty=Decimal(0), OrdRejReason=OrdRejReason.UnknownOrder, TransactTime=1,
            )
        )  # fmt: skip

    def _change(self, message: Asked) -> None:
        if message.ClOrdID in self.answers:
            self.said.append(self.answers[message.ClOrdID])  # the same words, the same ExecID
        elif any(w.ClOrdID == message.ClOrdID for w in self.waiting):
            pass  # it is being worked on
        elif self.random.random() < 0.5:
            self.waiting.append(message)
            order = self.names.get(message.OrigClOrdID)
            if order and self.random.random() < 0.5:
                kind = (
                    ExecType.PendingCancel
                    if isinstance(message, wire.VenueCancel)
                    else ExecType.PendingReplace
                )
                self._report(order, kind, name=message.ClOrdID, orig=message.OrigClOrdID)
        else:
            self._decide(message)

    def _decide(self, message: Asked) -> None:
        order = self.names.get(message.OrigClOrdID)
        if order is None:
            self._refuse(message, CxlRejReason.UnknownOrder, OrdStatus.Rejected)
        elif isinstance(message, wire.VenueCancel):
            if order.working:
                order.status = OrdStatus.Canceled
                self._take(order, message, ExecType.Canceled)
            else:
                self._refuse(message, CxlRejReason.TooLateToCancel, order.status)
        elif not order.working and order.status is not OrdStatus.Filled:
            self._refuse(message, CxlRejReason.TooLateToCancel, order.status)
        elif self.random.random() < 0.2:
            self._refuse(message, CxlRejReason.BrokerOption, order.status)
        else:
            order.qty = max(message.Terms.quantity, order.cum)
            order.px = message.Terms.Price or order.px
            filled = OrdStatus.PartiallyFilled if order.cum else OrdStatus.New
            order.status = OrdStatus.Filled if order.qty == order.cum else filled
            self._take(order, message, ExecType.Replaced)

    def _take(self, order: Resting, message: Asked, kind: ExecType) -> None:
        order.names.append(message.ClOrdID)
        self.names[message.ClOrdID] = order
        self._report(order, kind, name=message.ClOrdID, orig=message.OrigClOrdID)
        self.answers[message.ClOrdID] = self.said[-1]

    def _refuse(self, message: Asked, reason: CxlRejReason, status: OrdStatus) -> None:
        refusal = wire.VenueCancelReject(
            ClOrdID=message.ClOrdID, OrigClOrdID=message.OrigClOrdID, OrderID="V",
            OrdStatus=status, CxlRejReason=reason,
        )  # fmt: skip
        self.answers[message.ClOrdID] = refusal
        self.said.append(refusal)

    def _trade(self, order: Resting, qty: Decimal) -> None:
        order.cum += qty
        order.status = OrdStatus.PartiallyFilled if order.qty > order.cum else OrdStatus.Filled
        self._report(order, ExecType.Trade, qty=qty)
        if self.random.random() < 0.1:
            self.said.append(self.said[-1])  # says it twice

    def _end(self, order: Resting, kind: ExecType) -> None:
        order.status = OrdStatus(kind.value)
        self._report(order, kind)

    def _report(
        self,
        order: Resting,
        kind: ExecType,
        *,
        exec_id: str | None = None,
        name: str | None = None,
        orig: str | None = None,
        qty: Decimal | None = None,
        reason: OrdRejReason | None = None,
    ) -> None:
        exec_id = exec_id or f"E{len(self.said) + 1}"
        if qty:
            self.trades[exec_id] = qty
        self.said.append(
            wire.VenueExecution(
                ClOrdID=name or order.names[-1], OrigClOrdID=orig, OrderID=f"V{order.names[0]}",
                ExecID=exec_id, ExecType=kind, OrdStatus=order.status, Symbol=order.symbol,
                Side=order.side, OrderQty=order.qty, CumQty=order.cum, LeavesQty=order.left,
                LastQty=qty, LastPx=order.px if qty else None, OrdRejReason=reason, TransactTime=1,
            )
        )  # fmt: skip
