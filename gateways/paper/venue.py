"""What the exchange decides: every request to reports, executions and changed orders.

Pure: no I/O, no clock. One sequence number is the exchange's time: it gives OrderID, ExecID and
priority, so the same requests give the same answers, and no id is used twice over restarts.
Invariant: what was decided since ``take`` is the whole difference to what is stored, so storing it
in one transaction keeps the store at a state that the venue was in between two requests.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import assert_never

from gateways.paper import reports as fix
from gateways.paper.decided import Decided, Execution
from gateways.paper.matching import Book, Canceled, Executed
from gateways.paper.orders import NO_ORDER, ZERO, Order, OrdStatus
from gateways.paper.reports import Reports, business_reject
from gateways.paper.requests import (
    SOH,
    Cancel,
    MassCancel,
    MassStatus,
    NewOrder,
    Replace,
    Request,
    Status,
    Unreadable,
)
from gateways.paper.terms import BROKER_OPTION, Terms

DUPLICATE_ORDER = 6
"""OrdRejReason(103)."""
TOO_LATE, UNKNOWN_ORDER, DUPLICATE_CLORDID = 0, 1, 6
"""CxlRejReason(102)."""


class Venue:
    """The books of one venue and who may find what in them.

    ``stored`` finds an order that has ended by any ClOrdID of its chain.
    """

    def __init__(
        self, name: str, stored: Callable[[str], Order | None], terms: Terms | None = None
    ) -> None:
        self.name = name
        self.sequence = 0
        self._stored = stored
        self._terms = terms or Terms()
        self._reports = Reports(name)
        self._books: dict[str, Book] = {}
        self._open: dict[int, Order] = {}
        self._named: dict[str, Order] = {}  # of open orders, and of what is not stored yet
        self._names: dict[int, list[str]] = {}
        self._decided = Decided()
        self._now = 0

    def restore(self, sequence: int, orders: Iterable[tuple[Order, list[str]]]) -> None:
        """Stand where the stored state stands: its number, and open orders with their ClOrdIDs."""
        self.sequence = sequence
        for order, names in sorted(orders, key=lambda known: known[0].priority):
            self._open[order.number] = order
            self._names[order.number] = names
            for name in names:
                self._named[name] = order
            self._book(order.symbol).restore(order)

    @property
    def open_orders(self) -> list[Order]:
        """Oldest first."""
        return [self._open[number] for number in sorted(self._open)]

    def take(self) -> Decided:
        """What was decided since the last call. Store it before the next request is handled."""
        decided, self._decided = self._decided, Decided()
        for number, order in decided.orders.items():
            if not order.is_open:
                for name in self._names.pop(number, ()):
                    self._named.pop(name, None)
        for name, number in decided.names:
            if number not in self._open:
                self._named.pop(name, None)
        return decided

    def handle(self, request: Request, now_ns: int) -> None:
        """Decide one request; total: whatever it says, the answer is a report."""
        self._now = now_ns
        match request:
            case NewOrder():
                self._new(request)
            case Cancel():
                self._cancel(request)
            case Replace():
                self._replace(request)
            case Status():
                self._status(request)
            case MassStatus():
                self._mass_status(request)
            case MassCancel():
                self._mass_cancel(request)
            case Unreadable():
                self._say(business_reject(request))
            case _:
                assert_never(request)

    def _new(self, request: NewOrder) -> None:
        first = self._find(request.cl_ord_id)
        if first is not None:
            self._repeated(first, request.cl_ord_id, repeat=request.repeat)
            return
        order = Order(
            self._next(),
            request.cl_ord_id,
            request.account,
            request.symbol,
            request.side,
            request.ord_type,
            request.time_in_force,
            request.order_qty,
            request.price,
            request.order_qty,
        )
        order.priority = order.number
        self._open[order.number] = order
        self._name(request.cl_ord_id, order)
        refusal = self._terms.refusal(request)
        if refusal is not None:
            reason, text = refusal
            order.order_qty = max(order.order_qty, ZERO)
            order.end(OrdStatus.REJECTED)
            self._report(order, fix.REJECTED, f"103={reason}{SOH}58={text}{SOH}")
            return
        self._report(order, fix.NEW)
        self._enter(order)

    def _repeated(self, first: Order, cl_ord_id: str, *, repeat: bool) -> None:
        """A ClOrdID that is known: asked about (FIX F.1.b), or used twice (FIX F.1.a)."""
        if repeat:
            self._say(self._reports.status(first, cl_ord_id, "", self._now))
            return
        more = f"103={DUPLICATE_ORDER}{SOH}58=ClOrdID {cl_ord_id} was used before{SOH}"
        exec_id = f"{self.name}-{self._next()}"
        self._say(
            self._reports.execution(first, fix.REJECTED, exec_id, self._now, more, cl_ord_id)
        )

    def _cancel(self, request: Cancel) -> None:
        order = self._addressed(request, request.cl_ord_id, request.symbol, repeat=request.repeat)
        if order is None:
            return
        original = order.cl_ord_id
        self._book(order.symbol).cancel(order)
        order.cl_ord_id = request.cl_ord_id
        self._name(request.cl_ord_id, order)
        self._report(order, fix.CANCELED, f"41={original}{SOH}")

    def _replace(self, request: Replace) -> None:
        asked = request.order
        order = self._addressed(request, asked.cl_ord_id, asked.symbol, repeat=asked.repeat)
        if order is None:
            return
        refusal = self._terms.unchangeable(order, asked)
        if refusal is not None:
            self._refuse(request, order, *refusal)
            return
        assert asked.price is not None, "a limit order has a price"
        original, book = order.cl_ord_id, self._book(order.symbol)
        enters = book.amend(order, asked.order_qty, asked.price)
        order.cl_ord_id, order.time_in_force = asked.cl_ord_id, asked.time_in_force
        self._name(asked.cl_ord_id, order)
        self._report(order, fix.REPLACED, f"41={original}{SOH}")
        if enters:
            order.priority = self.sequence
            self._enter(order)

    def _addressed(
        self, request: Cancel | Replace, cl_ord_id: str, symbol: str, *, repeat: bool
    ) -> Order | None:
        """The open order that a request is about; None: there is none, and it was answered."""
        known = self._find(cl_ord_id)
        order = self._find(request.orig_cl_ord_id)
        if known is not None and repeat:
            self._say(self._reports.status(known, cl_ord_id, "", self._now))
        elif known is not None:
            what = f"ClOrdID {cl_ord_id} was used before"
            self._say(self._reject(request, order or NO_ORDER, DUPLICATE_CLORDID, what))
        elif order is None or order is NO_ORDER:
            what = f"no order has the ClOrdID {request.orig_cl_ord_id}"
            self._say(self._reject(request, NO_ORDER, UNKNOWN_ORDER, what))
        elif not order.is_open:
            self._refuse(request, order, TOO_LATE, "the order has ended")
        elif symbol != order.symbol:
            self._refuse(request, order, BROKER_OPTION, f"the order's Symbol(55) is {order.symbol}")
        else:
            return order
        return None

    def _refuse(self, request: Cancel | Replace, order: Order, reason: int, text: str) -> None:
        """The request fails, and its ClOrdID is used up: it names the order it was about."""
        replace = isinstance(request, Replace)
        self._name(request.order.cl_ord_id if replace else request.cl_ord_id, order)
        self._say(self._reject(request, order, reason, text))

    def _status(self, request: Status) -> None:
        order = self._find(request.cl_ord_id)
        if order is None or order is NO_ORDER:
            self._say(self._reports.unknown(request, self._now))
            return
        asked, request_id = request.cl_ord_id, request.request_id
        self._say(self._reports.status(order, asked, request_id, self._now))

    def _mass_status(self, request: MassStatus) -> None:
        orders = self._which(request)
        for order in orders:
            last = "Y" if order is orders[-1] else "N"
            more = f"584={request.request_id}{SOH}911={len(orders)}{SOH}912={last}{SOH}"
            self._say(self._reports.status(order, "", "", self._now, more))
        if not orders:
            self._say(self._reports.none_open(request.request_id, self._now))

    def _mass_cancel(self, request: MassCancel) -> None:
        """The report first, then a Canceled for each order. A repeat cancels nothing more."""
        number = self._next()
        if request.kind not in ("1", "7"):
            self._say(self._reports.mass_cancel(request, number, "0", self._now, f"532=0{SOH}"))
            return
        if self._find(request.cl_ord_id) is not None:
            more = f"532=99{SOH}58=ClOrdID {request.cl_ord_id} was used before{SOH}"
            self._say(self._reports.mass_cancel(request, number, "0", self._now, more))
            return
        self._name(request.cl_ord_id, NO_ORDER)
        orders = self._which(request)
        more = f"533={len(orders)}{SOH}"
        self._say(self._reports.mass_cancel(request, number, request.kind, self._now, more))
        for order in orders:
            self._book(order.symbol).cancel(order)
            self._report(order, fix.CANCELED, f"58=mass cancel {request.cl_ord_id}{SOH}")

    def _which(self, request: MassStatus | MassCancel) -> list[Order]:
        return [
            order
            for order in self.open_orders
            if request.symbol in ("", order.symbol) and request.side in ("", order.side)
        ]

    def _enter(self, order: Order) -> None:
        """Into the book, and a report of all that follows from it."""
        for outcome in self._book(order.symbol).enter(order):
            match outcome:
                case Executed(incoming, resting, quantity, price):
                    number = self._next()
                    self._executed(incoming, number, quantity, price)
                    self._executed(resting, number, quantity, price)
                case Canceled(_, reason):
                    self._report(order, fix.CANCELED, f"58={reason}{SOH}")
                case _:
                    assert_never(outcome)

    def _executed(self, order: Order, number: int, quantity: Decimal, price: Decimal) -> None:
        exec_id = f"{self.name}-{number}-{'B' if order.buys else 'S'}"
        more = f"32={quantity:f}{SOH}31={price:f}{SOH}30={self.name}{SOH}"
        self._say(self._reports.execution(order, fix.TRADE, exec_id, self._now, more))
        self._changed(order)
        self._decided.executions.append(
            Execution(
                exec_id,
                order.cl_ord_id,
                self._reports.order_id(order),
                order.account,
                order.symbol,
                order.side,
                quantity,
                price,
                order.cum_qty,
                self._now,
            )
        )

    def _report(self, order: Order, exec_type: str, more: str = "") -> None:
        """What happened to an order, other than a trade."""
        exec_id = f"{self.name}-{self._next()}"
        self._say(self._reports.execution(order, exec_type, exec_id, self._now, more))
        self._changed(order)

    def _changed(self, order: Order) -> None:
        self._decided.orders[order.number] = order
        if not order.is_open:
            self._open.pop(order.number, None)

    def _say(self, report: str) -> None:
        self._decided.reports.append(report)

    def _reject(self, request: Cancel | Replace, order: Order, reason: int, text: str) -> str:
        return self._reports.cancel_reject(request, order, reason, text, self._now)

    def _next(self) -> int:
        self.sequence += 1
        return self.sequence

    def _book(self, symbol: str) -> Book:
        book = self._books.get(symbol)
        if book is None:
            book = self._books[symbol] = Book()
        return book

    def _find(self, cl_ord_id: str) -> Order | None:
        return self._named.get(cl_ord_id) or self._stored(cl_ord_id)

    def _name(self, cl_ord_id: str, order: Order) -> None:
        self._named[cl_ord_id] = order
        self._decided.names.append((cl_ord_id, order.number))
        if order.is_open:
            self._names.setdefault(order.number, []).append(cl_ord_id)
