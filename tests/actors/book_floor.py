"""One venue and one account around a book, for random days: honest, and awkward where FIX lets it.

The venue answers in its own time, fills while requests wait, refuses, takes fills back and ends
orders by itself. The account follows each order through the life cycle's table.
"""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

from actors import lifecycle
from messages.base import Message
from messages.fix import (
    CxlRejReason,
    ExecRestatementReason,
    ExecType,
    OrdStatus,
    OrdType,
    TimeInForce,
)
from messages.routing import CancelOrder, Execution, NewOrder, ReplaceOrder, RequestRejected
from messages.terms import Terms

ZERO = Decimal(0)


@dataclass
class Resting:
    """A child as the venue has it."""

    child: str
    terms: Terms
    qty: Decimal
    cum: Decimal = ZERO
    open: bool = True
    fills: dict[str, Decimal] = field(default_factory=dict)


class Floor:
    """``asked`` waits for the venue, ``said`` for the book."""

    def __init__(self) -> None:
        self.orders: dict[str, Resting] = {}
        self.asked: deque[Message] = deque()
        self.said: deque[Message] = deque()
        self.count = 0
        self.undone: set[str] = set()
        """Orders of which a fill was taken back that nobody works again."""

    def answer(self, luck: int) -> None:
        """Take the next message of the book."""
        if not self.asked:
            return
        message = self.asked.popleft()
        match message:
            case NewOrder():
                self._new(message, luck)
            case CancelOrder():
                self._cancel(message, luck)
            case ReplaceOrder():
                self._replace(message, luck)

    def trade(self, which: int, part: int) -> None:
        """Some open order fills, in part or in full."""
        working = [o for o in self.orders.values() if o.open]
        if working:
            order = working[which % len(working)]
            left = order.qty - order.cum
            self._fill(order, max(Decimal(1), left * part // 9))

    def bust(self, which: int, *, revive: bool) -> None:
        """A fill is taken back; the order works on, or not."""
        filled = [o for o in self.orders.values() if o.fills]
        if filled:
            order = filled[which % len(filled)]
            name, qty = order.fills.popitem()
            order.cum -= qty
            order.open = order.open or (revive and order.cum + qty == order.qty)
            if not order.open:
                self.undone.add(order.child.rpartition(".")[0])
            self._say(order, ExecType.TradeCancel, VenueExecRefID=name)

    def end(self, which: int, kind: ExecType) -> None:
        """The venue ends an order by itself."""
        working = [o for o in self.orders.values() if o.open]
        if working:
            order = working[which % len(working)]
            order.open = False
            self._say(order, kind)

    def _new(self, message: NewOrder, luck: int) -> None:
        terms = message.Terms
        assert message.OrderID not in self.orders
        assert terms.OrderQty
        order = Resting(message.OrderID, terms, terms.OrderQty)
        self.orders[message.OrderID] = order
        if luck == 0:
            order.open = False
            self._say(order, ExecType.Rejected, Text="luck")
            return
        self._say(order, ExecType.New)
        if terms.OrdType is OrdType.Market and luck > 2:
            self._fill(order, max(Decimal(1), order.qty * luck // 9))
        if terms.TimeInForce is TimeInForce.ImmediateOrCancel and order.open:
            order.open = False
            self._say(order, ExecType.Canceled)

    def _cancel(self, message: CancelOrder, luck: int) -> None:
        order = self.orders[message.OrderID]
        if not order.open:
            self._refuse(order, message.RequestID, CxlRejReason.TooLateToCancel)
        elif luck == 0:
            self._refuse(order, message.RequestID, CxlRejReason.BrokerOption)
        else:
            order.open = False
            self._say(order, ExecType.Canceled, RequestID=message.RequestID)

    def _replace(self, message: ReplaceOrder, luck: int) -> None:
        order = self.orders[message.OrderID]
        assert message.Terms.OrderQty
        if not order.open:
            self._refuse(order, message.RequestID, CxlRejReason.TooLateToCancel)
        elif luck < 2:
            self._refuse(order, message.RequestID, CxlRejReason.BrokerOption)
        else:
            order.qty = max(message.Terms.OrderQty, order.cum)
            order.terms = message.Terms
            order.open = order.cum < order.qty
            more = {} if order.qty == message.Terms.OrderQty else {"OrderQty": order.qty}
            self._say(order, ExecType.Replaced, RequestID=message.RequestID, **more)

    def _fill(self, order: Resting, qty: Decimal) -> None:
        qty = min(qty, order.qty - order.cum)
        order.cum += qty
        order.open = order.cum < order.qty
        px = order.terms.Price or Decimal("10.00")
        self._say(order, ExecType.Trade, LastQty=qty, LastPx=px)
        order.fills[f"x{self.count}"] = qty

    def _say(self, order: Resting, kind: ExecType, **more: object) -> None:
        self.count += 1
        self.said.append(
            Execution(
                OrderID=order.child, Symbol="AAPL", Account="acme", ExecType=kind, Venue="XNAS",
                VenueExecID=f"x{self.count}", TransactTime=1, **more,  # type: ignore[arg-type]
            )
        )  # fmt: skip

    def _refuse(self, order: Resting, request_id: str, reason: CxlRejReason) -> None:
        self.said.append(
            RequestRejected(
                OrderID=order.child, Symbol="AAPL", Account="acme", RequestID=request_id,
                CxlRejReason=reason,
            )
        )  # fmt: skip


@dataclass
class Told:
    """An order as the account has it, from what the book says alone."""

    order_qty: Decimal | None
    lasting: TimeInForce
    status: OrdStatus = OrdStatus.PendingNew
    cum: Decimal = ZERO
    news: int = 0
    triggers: int = 0
    waiting: dict[str, Decimal | None] = field(default_factory=dict)
    """Requests without an answer; the new total of a replace."""
    fills: dict[str, Decimal] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    too_late: set[str] = field(default_factory=set)
    """Cancels that the last fill answered; a replace may have re-opened the order since."""

    @property
    def over(self) -> bool:
        return lifecycle.over(self.status, self.lasting)

    def hear(self, said: Execution | RequestRejected) -> None:
        """What the book says: it must be possible, and said once."""
        if isinstance(said, RequestRejected):
            self.waiting.pop(said.RequestID, None)
            return
        assert said.VenueExecID not in self.names
        self.names.add(said.VenueExecID)
        self._count(said)
        self.news += said.ExecType is ExecType.New
        self.triggers += said.ExecType is ExecType.Triggered
        total = self.order_qty or ZERO
        after = lifecycle.after(self.status, said.ExecType, total, self.cum)
        assert after is not None, f"{said.ExecType} while {self.status}"
        self.status = after
        if said.RequestID:
            assert said.RequestID in (*self.waiting, *self.too_late)
            self.waiting.pop(said.RequestID, None)
        if self.status is OrdStatus.Filled and said.ExecType is not ExecType.Trade:
            return
        if self.status is OrdStatus.Filled:  # a replace may still re-open it
            self.too_late |= {name for name, total in self.waiting.items() if total is None}
            self.waiting = {n: total for n, total in self.waiting.items() if total is not None}
        elif self.over:
            self.waiting.clear()

    def _count(self, said: Execution) -> None:
        if said.ExecType is ExecType.Trade:
            assert said.LastQty
            self.fills[said.VenueExecID] = said.LastQty
        elif said.ExecType is ExecType.TradeCancel:
            self.fills.pop(said.VenueExecRefID or "")
        elif said.ExecType is ExecType.Replaced and said.RequestID:
            self.order_qty = self.waiting[said.RequestID]
        self.cum = sum(self.fills.values(), ZERO)
        if said.OrderQty is not None:
            self.order_qty = said.OrderQty
        if self.order_qty is not None:
            self.order_qty = max(self.order_qty, self.cum)
        if said.ExecType is ExecType.Restated:
            assert said.ExecRestatementReason is ExecRestatementReason.GTRenewal
