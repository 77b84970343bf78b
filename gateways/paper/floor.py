"""The orders and books of one venue, and the reports about them: what all requests work on.

Invariant: whatever is changed stands in ``effects`` until it is taken, so that it is written in
one transaction before any report leaves.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from heapq import heappop, heappush
from typing import Protocol

from gateways.paper import reports
from gateways.paper.effects import (
    Correction,
    Counters,
    Effects,
    Fill,
    Quoted,
    Standing,
    Trading,
)
from gateways.paper.fields import SOH
from gateways.paper.matching import Book, Canceled, Executed
from gateways.paper.orders import Order, OrdStatus
from gateways.paper.outcomes import Expired, Moved, Outcome, Phase, Repriced, Requoted, Triggered

_ORDER_ID = re.compile(r"O-(\d{1,18})", re.ASCII)
REPRICING = "3"
"""ExecRestatementReason(378)."""


class Past(Protocol):
    """What was written and is not kept in memory."""

    def find(self, cl_ord_id: str) -> Order | None:
        """The order that any ClOrdID names, with all its names."""
        ...

    def find_number(self, number: int) -> Order | None:
        """The order with this number, with all its names."""
        ...

    def find_fill(self, exec_id: str) -> Standing | None:
        """The fill that this ExecID, or that of a correction of it, is about."""
        ...

    def find_answer(self, cl_ord_id: str) -> str | None:
        """The OrderMassCancelReport that a ClOrdID was answered with."""
        ...

    def trades(self, symbol: str = "", limit: int = 100) -> list[Standing]:
        """The last executions as they stand, oldest first; busted ones have quantity 0."""
        ...


class Floor:
    """``open`` are the orders in work by number; ``expiries`` a heap of (nanoseconds, number)."""

    def __init__(self, venue: str, counters: Counters, past: Past) -> None:
        self.venue = venue
        self.counters = counters
        self.past = past
        self.effects = Effects()
        self.books: dict[str, Book] = {}
        self.open: dict[int, Order] = {}
        self.phase = Phase.CONTINUOUS
        self.expiries: list[tuple[int, int]] = []
        self._by_name: dict[str, Order] = {}
        self._touched: set[str] = set()

    def restore(
        self, orders: Iterable[Order], trading: dict[str, Trading], house: Iterable[Quoted] = ()
    ) -> None:
        """Put back the phases and last prices, and all orders in the order of their priority."""
        if "" in trading:
            self.phase = Phase(trading[""].phase)
        for symbol, (phase, resumes, last) in trading.items():
            if symbol:
                book = self.book(symbol)
                book.phase, book.resumes, book.last = Phase(phase), Phase(resumes), last
        quoted = [one.order() for one in house]
        for order in sorted([*orders, *quoted], key=lambda order: order.priority):
            self.book(order.symbol).restore(order)
            if not order.is_house:
                self.adopt(order)

    def adopt(self, order: Order) -> None:
        """An order works, under all its names."""
        self.open[order.number] = order
        self._by_name.update(dict.fromkeys(order.names, order))
        if order.conditions is not None and order.conditions.expires:
            heappush(self.expiries, (order.conditions.expires, order.number))

    def take_effects(self) -> Effects:
        """What happened since the last call."""
        taken, self.effects = self.effects, Effects()
        for symbol in self._touched:
            book = self.books[symbol]
            taken.symbols[symbol] = Trading(book.phase, book.resumes, book.last)
        self._touched.clear()
        return taken

    def forget(self, written: Effects) -> None:
        """Orders that have ended are found in the store from now on."""
        for order in written.orders.values():
            if not order.is_open:
                self.open.pop(order.number, None)
                for name in order.names:
                    self._by_name.pop(name, None)
        for name, number in written.names:
            if number not in self.open:
                self._by_name.pop(name, None)

    def work(self, order: Order, now: int) -> None:
        """Let an order that is not in the book trade, rest or wait."""
        self.tell(self.book(order.symbol).enter(order), now)

    def follow(self, order: Order, now: int) -> None:
        """Let what follows from a change of an order in the book happen."""
        self.settle(order.symbol, now)

    def settle(self, symbol: str, now: int) -> None:
        """Let what follows from a change in the book of a symbol happen."""
        book = self.book(symbol)
        if not book.is_plain:
            self.tell(book.settle(), now)

    def tell(self, outcomes: Iterable[Outcome], now: int) -> None:
        """Report what happens in a book, as it happens."""
        for outcome in outcomes:
            match outcome:
                case Executed():
                    self.trade(outcome, now)
                case Canceled(order, reason, restatement):
                    why = (f"378={restatement}",) if restatement else ()
                    self.say(order, reports.CANCELED, now, "", f"58={reason}", *why)
                case Expired(order, reason):
                    self.say(order, reports.EXPIRED, now, "", f"58={reason}")
                case Triggered(order):
                    self.say(order, reports.TRIGGERED, now)
                case Repriced(order) if order.price is not None:
                    self.say(order, reports.RESTATED, now, "", f"378={REPRICING}")
                case Repriced(order) | Moved(order):
                    self.effects.orders[order.number] = order
                case Requoted(order):
                    self.quoted(order)

    def trade(self, trade: Executed, now: int) -> None:
        """Both sides of a trade, as far as they are clients'."""
        self.counters.trade += 1
        incoming, resting, quantity, price = trade
        self._touched.add(incoming.symbol)
        last = reports.last(quantity, price, self.venue)
        for order in (incoming, resting):
            if not order.is_house:
                self.fill(order, quantity, price, now, last)

    def fill(
        self, order: Order, quantity: Decimal, price: Decimal, now: int, last: tuple[str, ...]
    ) -> str:
        """One side of the last counted trade; its ExecID."""
        exec_id = f"{self.venue}-{self.counters.trade}-{'B' if order.buys else 'S'}"
        self.effects.orders[order.number] = order
        self.effects.fills.append(
            Fill(
                exec_id,
                order.cl_ord_id,
                order.number,
                order.symbol,
                order.side,
                quantity,
                price,
                now,
            )
        )
        text = reports.execution(order, exec_id, reports.TRADE, now, "", *last)
        self.effects.reports.append(text)
        return exec_id

    def expire(self, order: Order, reason: str, now: int) -> None:
        """The time of an open order is over."""
        self.book(order.symbol).take_out(order)
        order.end(OrdStatus.EXPIRED)
        self.say(order, reports.EXPIRED, now, "", f"58={reason}")

    def expire_due(self, now: int) -> None:
        """End the orders whose ExpireTime(126) has come."""
        while self.expiries and self.expiries[0][0] <= now:
            due, number = heappop(self.expiries)
            order = self.open.get(number)
            if order is None or not order.is_open or order.conditions is None:
                continue
            if order.conditions.expires == due:
                self.expire(order, f"ExpireTime(126)={order.conditions.expire_time} is over", now)
                self.follow(order, now)

    def say(self, order: Order, exec_type: str, now: int, name: str = "", *extra: str) -> str:
        """Report an order as it stands; the ExecID."""
        if exec_type != reports.ORDER_STATUS:
            self.effects.orders[order.number] = order
        exec_id = self.exec_id()
        text = reports.execution(order, exec_id, exec_type, now, name, *extra)
        self.effects.reports.append(text)
        return exec_id

    def say_none(self, name: str, symbol: str, side: str, now: int, *extra: str) -> None:
        """Report that there is no such order."""
        text = reports.no_order(self.exec_id(), name, symbol, side, now, *extra)
        self.effects.reports.append(text)

    def exec_id(self) -> str:
        """ExecID(17) of a report that is no fill."""
        self.counters.report += 1
        return f"{self.venue}-R{self.counters.report}"

    def next_priority(self) -> int:
        """The next place in time."""
        self.counters.priority += 1
        return self.counters.priority

    def name(self, order: Order, name: str) -> None:
        """A ClOrdID that names the order from now on."""
        order.names.append(name)
        self._by_name[name] = order
        self.effects.orders[order.number] = order
        self.effects.names.append((name, order.number))

    def find(self, name: str) -> Order | None:
        """The order that a ClOrdID names."""
        order = self._by_name.get(name)
        if order is not None:
            return order
        order = self.past.find(name)
        return order and self.effects.orders.get(order.number, order)

    def find_number(self, number: int) -> Order | None:
        """The order with this number."""
        found = self.open.get(number) or self.effects.orders.get(number)
        return found or self.past.find_number(number)

    def find_id(self, order_id: str) -> Order | None:
        """The order with this OrderID(37)."""
        found = _ORDER_ID.fullmatch(order_id)
        return self.find_number(int(found[1])) if found else None

    def find_fill(self, exec_id: str) -> Standing | None:
        """The fill that an ExecID is about, with what was not written yet."""
        for one in self.effects.corrections:
            if one.report_id == exec_id:
                exec_id = one.exec_id
        found = self.past.find_fill(exec_id)
        for fill in self.effects.fills:
            if fill.exec_id == exec_id:
                found = Standing(fill, exec_id)
        for one in self.effects.corrections:
            if found is not None and one.exec_id == found.fill.exec_id:
                found = _corrected(found, one)
        return found

    def quoted(self, order: Order) -> None:
        """An order of the house has another price, size or place."""
        assert order.price is not None, "the house quotes prices"
        key = order.symbol, order.side
        self.effects.house[key] = Quoted(*key, order.price, order.order_qty, order.priority)

    def touch(self, symbol: str) -> None:
        """A symbol's phase or last price changed."""
        self._touched.add(symbol)

    def book(self, symbol: str) -> Book:
        """The book of a symbol, made where there is none."""
        book = self.books.get(symbol)
        if book is None:
            book = self.books[symbol] = Book(self.next_priority)
            book.phase = self.phase
            self._touched.add(symbol)  # so that it is known after a restart, also while empty
        return book


def _corrected(standing: Standing, by: Correction) -> Standing:
    fill = standing.fill._replace(quantity=by.quantity, price=by.price)
    return Standing(fill, by.report_id)


def brief(report: str) -> str:
    """A report as people read it."""
    return report.rstrip(SOH).replace(SOH, "|")
