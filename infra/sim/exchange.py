"""A venue for random runs: honest, and as awkward as FIX allows it to be.

It answers late, fills while requests wait, cancels, restates, takes back and corrects on its own,
repeats itself, and forgets nothing that it has said: its messages are numbered and can be heard
again, as over a FIX session. ``fills`` is its own book: what the ledger holds against the desks.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Protocol

from infra.ledger import VenueFill
from messages import venue as wire
from messages.base import Message
from messages.fix import (
    CxlRejReason,
    ExecRestatementReason,
    ExecType,
    OrdRejReason,
    OrdStatus,
    Side,
    TimeInForce,
)

Asked = wire.VenueCancel | wire.VenueReplace
ToVenue = wire.VenueNewOrder | Asked | wire.VenueStatusRequest
WORKING = (OrdStatus.New, OrdStatus.PartiallyFilled)
ZERO = Decimal(0)


class Listener(Protocol):
    """Who is told that there is something to hear."""

    def said(self) -> None: ...

    def cut(self) -> None: ...


@dataclass(slots=True)
class Resting:
    """One order, under all its names."""

    names: list[str]
    account: str
    symbol: str
    side: Side
    qty: Decimal
    px: Decimal
    cum: Decimal = ZERO
    status: OrdStatus = OrdStatus.New
    last_exec: dict[str, str] = field(default_factory=dict)

    @property
    def left(self) -> Decimal:
        return self.qty - self.cum if self.working else ZERO

    @property
    def working(self) -> bool:
        return self.status in WORKING


@dataclass
class Exchange:
    """``said``: every message to the venue connection, whose MsgSeqNum is its place, from 1."""

    venue: str
    random: Random
    said: list[Message] = field(default_factory=list)
    orders: list[Resting] = field(default_factory=list)
    names: dict[str, Resting] = field(default_factory=dict)
    waiting: list[Asked] = field(default_factory=list)
    answers: dict[str, Message] = field(default_factory=dict)
    fills: dict[str, tuple[Resting, VenueFill]] = field(default_factory=dict)
    line: Listener | None = None
    open: bool = True
    swallows: float = 0.0
    canceled: list[Resting] = field(default_factory=list)
    repeats: int = 0
    after_the_fact: int = 0

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
        """Something happens by itself: a trade, an answer, rarely something else."""
        working = [order for order in self.orders[-200:] if order.working]
        if self.waiting and (not working or self.random.random() < 0.4):
            self._decide(self.waiting.pop(self.random.randrange(len(self.waiting))))
            return
        luck = self.random.random()
        if luck < 0.04 and self.fills:
            self._change_a_fill()
        elif working and luck < 0.90:
            order = self.random.choice(working)
            part = Decimal(self.random.randint(1, int(order.left)))
            self._trade(order, part if self.random.random() < 0.4 else order.left)
        elif luck < 0.91 and self.canceled:
            self._late_fill(self.canceled.pop())
        elif working and luck < 0.94:
            self._restate(self.random.choice(working))
        elif working:
            order = self.random.choice(working)
            self._end(order, self.random.choice((ExecType.Canceled, ExecType.Expired)))

    def close(self) -> None:
        """The day ends: every request is answered and every order is over."""
        while self.waiting:
            self._decide(self.waiting.pop(0))
        for order in self.orders:
            if order.working:
                self._end(order, ExecType.Expired)

    def _say(self, message: Message) -> None:
        self.said.append(message)
        if self.line:
            self.line.said()

    def _new(self, message: wire.VenueNewOrder) -> None:
        known = self.names.get(message.ClOrdID)
        if known and message.PossResend:
            self._report(known, ExecType.OrderStatus, exec_id="0")
            return
        if known:
            self._report(known, ExecType.Rejected, reason=OrdRejReason.DuplicateOrder)
            return
        terms = message.Terms
        order = Resting(
            [message.ClOrdID], message.Account, terms.Symbol, terms.Side, terms.quantity,
            terms.Price or Decimal(10),
        )  # fmt: skip
        self.orders.append(order)
        self.names[message.ClOrdID] = order
        if self.random.random() < 0.05:
            order.status = OrdStatus.Rejected
            self._report(order, ExecType.Rejected, reason=OrdRejReason.ExchangeClosed)
            return
        if self.random.random() < 0.1:
            self._report(order, ExecType.PendingNew)
        if self.random.random() < 0.1:
            self._trade(order, Decimal(1))  # the fill overtakes the acknowledgement
        self._report(order, ExecType.New)
        if terms.TimeInForce in (TimeInForce.ImmediateOrCancel, TimeInForce.FillOrKill):
            self._at_once(order, terms.TimeInForce)

    def _at_once(self, order: Resting, time_in_force: TimeInForce) -> None:
        if not order.working:
            return
        if self.random.random() < 0.5:
            whole = time_in_force is TimeInForce.FillOrKill
            self._trade(
                order, order.left if whole else Decimal(self.random.randint(1, int(order.left)))
            )
        if order.working:
            self._end(order, ExecType.Canceled)

    def _status(self, message: wire.VenueStatusRequest) -> None:
        order = self.names.get(message.ClOrdID)
        if order:
            self._report(order, ExecType.OrderStatus, exec_id="0", name=message.ClOrdID)
            return
        self._say(
            wire.VenueExecution(
                ClOrdID=message.ClOrdID, OrderID="NONE", ExecID="0",
                ExecType=ExecType.OrderStatus, OrdStatus=OrdStatus.Rejected,
                Symbol=message.Symbol, Side=message.Side, OrderQty=ZERO, CumQty=ZERO,
                LeavesQty=ZERO, OrdRejReason=OrdRejReason.UnknownOrder, TransactTime=1,
            )
        )  # fmt: skip

    def _change(self, message: Asked) -> None:
        if message.ClOrdID in self.answers:
            self._say(self.answers[message.ClOrdID])  # the same words, the same ExecID
        elif any(w.ClOrdID == message.ClOrdID for w in self.waiting):
            pass  # it is being worked on
        elif self.random.random() < 0.5:
            self.waiting.append(message)
            order = self.names.get(message.OrigClOrdID)
            if order and self.random.random() < 0.5:
                cancel = isinstance(message, wire.VenueCancel)
                kind = ExecType.PendingCancel if cancel else ExecType.PendingReplace
                self._report(order, kind, name=message.ClOrdID, orig=message.OrigClOrdID)
        else:
            self._decide(message)

    def _decide(self, message: Asked) -> None:
        order = self.names.get(message.OrigClOrdID)
        if order is None:
            self._refuse(message, CxlRejReason.UnknownOrder, OrdStatus.Rejected)
        elif isinstance(message, wire.VenueCancel):
            if order.working:
                if order.left > 1:
                    self.canceled.append(order)
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
            self._settle(order)
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
        self._say(refusal)

    def _trade(self, order: Resting, qty: Decimal) -> None:
        order.cum += qty
        self._settle(order)
        exec_id = f"{self.venue}-{len(self.said) + 1}"
        name = order.names[0]
        self.fills[exec_id] = (
            order,
            VenueFill(self.venue, exec_id, name, order.symbol, order.side, qty, order.px),
        )
        self._report(order, ExecType.Trade, exec_id=exec_id, last=(qty, order.px))
        if self.random.random() < 0.1:
            self.repeats += 1
            self._say(self.said[-1])  # says it twice

    def _late_fill(self, order: Resting) -> None:
        """It traded before the cancel came, and the report took its time."""
        if order.qty - order.cum > 1:
            self._trade(order, Decimal(1))

    def _change_a_fill(self) -> None:
        """A bust or a correction of one of the latest fills."""
        exec_id = self.random.choice(list(self.fills)[-50:])
        order, fill = self.fills[exec_id]
        ref = order.last_exec.get(exec_id, exec_id)
        self.after_the_fact += 1
        if self.random.random() < 0.5:
            del self.fills[exec_id]
            order.cum -= fill.last_qty
            self._settle(order)
            self._report(order, ExecType.TradeCancel, ref=ref, last=(ZERO, ZERO))
            return
        px = fill.last_px - Decimal("0.01") * fill.side.sign
        self.fills[exec_id] = (
            order,
            VenueFill(fill.venue, exec_id, fill.clordid, fill.symbol, fill.side, fill.last_qty, px),
        )
        new = f"{self.venue}-{len(self.said) + 1}"
        order.last_exec[exec_id] = new
        self._report(order, ExecType.TradeCorrect, exec_id=new, ref=ref, last=(fill.last_qty, px))

    def _restate(self, order: Resting) -> None:
        """The venue takes less than was asked."""
        if order.left > 1:
            order.qty -= Decimal(self.random.randint(1, int(order.left) - 1))
            why = ExecRestatementReason.PartialDeclineOfOrderQty
            self._report(order, ExecType.Restated, why=why)

    def _settle(self, order: Resting) -> None:
        if order.status in (*WORKING, OrdStatus.Filled):
            part = OrdStatus.PartiallyFilled if order.cum else OrdStatus.New
            order.status = OrdStatus.Filled if order.qty == order.cum else part

    def _end(self, order: Resting, kind: ExecType) -> None:
        order.status = OrdStatus(kind.value)
        self._report(order, kind)

    def _report(
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
        fill = kind in (ExecType.Trade, ExecType.TradeCancel, ExecType.TradeCorrect)
        self._say(
            wire.VenueExecution(
                ClOrdID=name or order.names[-1], OrigClOrdID=orig, OrderID=f"V{order.names[0]}",
                ExecID=exec_id or f"{self.venue}-{len(self.said) + 1}", ExecRefID=ref,
                ExecType=kind, OrdStatus=order.status, Symbol=order.symbol,
                Side=order.side, OrderQty=order.qty, CumQty=order.cum, LeavesQty=order.left,
                LastQty=last[0] if fill else None, LastPx=last[1] if fill else None,
                OrdRejReason=reason, ExecRestatementReason=why, TransactTime=1,
            )
        )  # fmt: skip
