"""The exchange without a connection or a disk: a request in, its effects out.

Pure: time is given, numbers are counted. Invariant: everything that a request changed stands in
``effects`` until it is taken, so that it is written in one transaction before any report leaves.
"""

from collections.abc import Callable, Iterable
from typing import assert_never

from gateways.paper import reports
from gateways.paper.effects import Counters, Effects, Fill
from gateways.paper.matching import Book, Canceled, Executed
from gateways.paper.orders import Order, OrdStatus
from gateways.paper.requests import (
    Cancel,
    MassStatus,
    NewOrder,
    Replace,
    Request,
    Status,
    Unreadable,
)
from gateways.paper.terms import BROKER_OPTION, refusal, unchangeable

DUPLICATE_ORDER, UNKNOWN_ORDER = "6", "5"
"""OrdRejReason(103)."""
TOO_LATE, UNKNOWN, DUPLICATE_NAME = "0", "1", "6"
"""CxlRejReason(102)."""


class Market:
    """All books of one venue, and the orders in them.

    ``find_ended`` finds an order that is not open by any of its ClOrdIDs.
    """

    def __init__(
        self, venue: str, counters: Counters, find_ended: Callable[[str], Order | None]
    ) -> None:
        self.venue = venue
        self.counters = counters
        self.effects = Effects()
        self._find_ended = find_ended
        self._books: dict[str, Book] = {}
        self._open: dict[int, Order] = {}
        self._by_name: dict[str, Order] = {}

    def restore(self, orders: Iterable[Order]) -> None:
        """Put back the open orders, in the order of their priority."""
        for order in orders:
            self._book(order.symbol).restore(order)
            self._open[order.number] = order
            self._by_name.update(dict.fromkeys(order.names, order))

    def take_effects(self) -> Effects:
        """What happened since the last call."""
        taken, self.effects = self.effects, Effects()
        return taken

    def forget(self, written: Effects) -> None:
        """Orders that have ended are found in the store from now on."""
        for order in written.orders.values():
            if not order.is_open:
                self._open.pop(order.number, None)
                for name in order.names:
                    self._by_name.pop(name, None)
        for name, number in written.names:
            if number not in self._open:
                self._by_name.pop(name, None)

    def handle(self, request: Request, now: int) -> None:
        """Do what is asked at ``now`` (nanoseconds since 1970)."""
        match request:
            case NewOrder():
                self._enter(request, now)
            case Cancel():
                self._cancel(request, now)
            case Replace():
                self._replace(request, now)
            case Status():
                self._status(request, now)
            case MassStatus():
                self._mass_status(request, now)
            case Unreadable():
                self.effects.reports.append(reports.business_reject(request))
            case _:
                assert_never(request)

    def _enter(self, request: NewOrder, now: int) -> None:
        if known := self._find(request.cl_ord_id):
            self._known(known, request.cl_ord_id, request.repeat, now)
            return
        self.counters.order += 1
        order = Order(
            self.counters.order,
            request.cl_ord_id,
            request.account,
            request.symbol,
            request.side,
            request.ord_type,
            request.time_in_force,
            request.order_qty,
            request.price,
            request.order_qty,
            priority=self._next_priority(),
        )
        self._name(order, request.cl_ord_id)
        if refused := refusal(request):
            reason, text = refused
            order.end(OrdStatus.REJECTED)
            self._say(order, reports.REJECTED, now, "", f"103={reason}", f"58={text}")
            return
        self._open[order.number] = order
        self._say(order, reports.NEW, now)
        self._match(order, now)

    def _cancel(self, request: Cancel, now: int) -> None:
        order = self._target(request, request.orig_cl_ord_id, "1", now)
        if order is None:
            return
        orig, order.cl_ord_id = order.cl_ord_id, request.cl_ord_id
        self._book(order.symbol).cancel(order)
        self._say(order, reports.CANCELED, now, "", f"41={orig}")

    def _replace(self, request: Replace, now: int) -> None:
        terms = request.order
        order = self._target(terms, request.orig_cl_ord_id, "2", now)
        if order is None:
            return
        if trouble := unchangeable(order, terms):
            self._refuse(order, terms.cl_ord_id, order.cl_ord_id, "2", *trouble, now)
            return
        assert terms.price is not None, "a limit order has a price"
        lost_place = self._book(order.symbol).amend(order, terms.order_qty, terms.price)
        orig, order.cl_ord_id = order.cl_ord_id, terms.cl_ord_id
        order.time_in_force = terms.time_in_force
        self._say(order, reports.REPLACED, now, "", f"41={orig}")
        if lost_place:
            order.priority = self._next_priority()
            self._match(order, now)

    def _target(
        self, request: Cancel | NewOrder, orig: str, response_to: str, now: int
    ) -> Order | None:
        """The open order that a cancel or replace is about; None: it has been answered."""
        name = request.cl_ord_id
        if known := self._find(name):
            if request.repeat:
                self._say(known, reports.ORDER_STATUS, now, name)
            else:
                text = f"ClOrdID {name} was used before"
                self._refuse(known, name, orig, response_to, DUPLICATE_NAME, text, now)
            return None
        order = self._find(orig)
        if order is None:
            text = f"no order has the ClOrdID {orig}"
            self._refuse(None, name, orig, response_to, UNKNOWN, text, now)
            return None
        self._name(order, name)
        if not order.is_open:
            text = f"the order has ended: {order.status.name}"
            self._refuse(order, name, order.cl_ord_id, response_to, TOO_LATE, text, now)
            return None
        if (request.symbol, request.side) != (order.symbol, order.side):
            text = f"the order is about Symbol(55)={order.symbol}, Side(54)={order.side}"
            self._refuse(order, name, order.cl_ord_id, response_to, BROKER_OPTION, text, now)
            return None
        return order

    def _status(self, request: Status, now: int) -> None:
        extra = (f"790={request.request_id}",) if request.request_id else ()
        order = self._find(request.cl_ord_id)
        if order is not None:
            self._say(order, reports.ORDER_STATUS, now, request.cl_ord_id, *extra)
            return
        self._say_none(
            request.cl_ord_id,
            request.symbol,
            request.side,
            now,
            f"103={UNKNOWN_ORDER}",
            f"58=no order has the ClOrdID {request.cl_ord_id}",
            *extra,
        )

    def _mass_status(self, request: MassStatus, now: int) -> None:
        asked = f"584={request.request_id}"
        wanted = [o for o in self._open.values() if o.is_open]
        if request.symbol:
            wanted = [order for order in wanted if order.symbol == request.symbol]
        total = len(wanted)
        for number, order in enumerate(wanted, 1):
            last = f"912={'Y' if number == total else 'N'}"
            self._say(order, reports.ORDER_STATUS, now, "", asked, f"911={total}", last)
        if not wanted:
            symbol = request.symbol or reports.NO_SYMBOL
            none = (asked, "911=0", "912=Y", "58=no open orders")
            self._say_none("", symbol, reports.UNDISCLOSED, now, *none)

    def _match(self, order: Order, now: int) -> None:
        for outcome in self._book(order.symbol).enter(order):
            match outcome:
                case Executed():
                    self._trade(outcome, now)
                case Canceled(_, reason):
                    self._say(order, reports.CANCELED, now, "", f"58={reason}")

    def _trade(self, trade: Executed, now: int) -> None:
        self.counters.trade += 1
        last = reports.last(trade.quantity, trade.price, self.venue)
        for order in (trade.incoming, trade.resting):
            exec_id = f"{self.venue}-{self.counters.trade}-{'B' if order.buys else 'S'}"
            self.effects.orders[order.number] = order
            self.effects.fills.append(
                Fill(
                    exec_id,
                    order.cl_ord_id,
                    order.number,
                    order.symbol,
                    order.side,
                    trade.quantity,
                    trade.price,
                    now,
                )
            )
            text = reports.execution(order, exec_id, reports.TRADE, now, "", *last)
            self.effects.reports.append(text)

    def _known(self, order: Order, name: str, repeat: bool, now: int) -> None:
        if repeat:
            self._say(order, reports.ORDER_STATUS, now, name)
            return
        text = f"58=ClOrdID {name} was used before"
        self._say(order, reports.REJECTED, now, name, f"103={DUPLICATE_ORDER}", text)

    def _refuse(
        self,
        order: Order | None,
        name: str,
        orig: str,
        response_to: str,
        reason: str,
        text: str,
        now: int,
    ) -> None:
        self.effects.reports.append(
            reports.cancel_reject(order, name, orig, response_to, reason, text, now)
        )

    def _say(self, order: Order, exec_type: str, now: int, name: str = "", *extra: str) -> None:
        if exec_type != reports.ORDER_STATUS:
            self.effects.orders[order.number] = order
        text = reports.execution(order, self._exec_id(), exec_type, now, name, *extra)
        self.effects.reports.append(text)

    def _say_none(self, name: str, symbol: str, side: str, now: int, *extra: str) -> None:
        text = reports.no_order(self._exec_id(), name, symbol, side, now, *extra)
        self.effects.reports.append(text)

    def _exec_id(self) -> str:
        self.counters.report += 1
        return f"{self.venue}-R{self.counters.report}"

    def _next_priority(self) -> int:
        self.counters.priority += 1
        return self.counters.priority

    def _name(self, order: Order, name: str) -> None:
        order.names.append(name)
        self._by_name[name] = order
        self.effects.orders[order.number] = order
        self.effects.names.append((name, order.number))

    def _find(self, name: str) -> Order | None:
        return self._by_name.get(name) or self._find_ended(name)

    def _book(self, symbol: str) -> Book:
        book = self._books.get(symbol)
        if book is None:
            book = self._books[symbol] = Book()
        return book
