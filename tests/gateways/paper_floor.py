"""A book of the paper exchange in tests: orders by number, and what happened in words."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from gateways.paper.conditions import Conditions
from gateways.paper.matching import Book, Outcome, Phase, crosses
from gateways.paper.orders import Order, OrdType, Side, TimeInForce
from gateways.paper.outcomes import Executed
from gateways.paper.phases import turn

DAY = TimeInForce.DAY
NUMBERS = ("stop_px", "min_qty", "display_qty", "peg_offset", "limit")


class Floor:
    """A book, its orders by number, and its trades: (incoming, resting, quantity, price)."""

    def __init__(self) -> None:
        self.book = Book(self._next)
        self.orders: dict[int, Order] = {}
        self.trades: list[tuple[int, int, Decimal, Decimal]] = []
        self.priority = 0

    def _next(self) -> int:
        self.priority += 1
        return self.priority

    def enter(
        self,
        side: Side,
        qty: str,
        price: str | None,
        tif: TimeInForce = DAY,
        kind: OrdType | None = None,
        **asked: Any,
    ) -> list[Outcome]:
        number = len(self.orders) + 1
        conditions = Conditions(**{n: _value(n, v) for n, v in asked.items()})
        plain = not asked and kind is None and tif in "0134"
        order = Order(
            number,
            f"c{number}",
            "acme",
            "AAPL",
            side,
            kind or (OrdType.LIMIT if price else OrdType.MARKET),
            tif,
            Decimal(qty),
            Decimal(price) if price else None,
            Decimal(qty),
            priority=self._next(),
            conditions=None if plain else conditions,
        )
        self.orders[number] = order
        return self.note(self.book.enter(order))

    def buy(self, qty: str, price: str | None = None, *rest: Any, **asked: Any) -> list[str]:
        return words(self.enter(Side.BUY, qty, price, *rest, **asked))

    def sell(self, qty: str, price: str | None = None, *rest: Any, **asked: Any) -> list[str]:
        return words(self.enter(Side.SELL, qty, price, *rest, **asked))

    def replace(self, number: int, qty: str, price: str | None) -> list[str]:
        order = self.orders[number]
        asked = order.conditions and Conditions.of(order.conditions.text())
        lost = self.book.amend(order, Decimal(qty), Decimal(price) if price else None, asked)
        if not lost:
            return words(self.note(self.book.settle()))
        order.priority = self._next()
        return words(self.note(self.book.enter(order)))

    def cancel(self, number: int) -> list[str]:
        self.book.cancel(self.orders[number])
        return words(self.note(self.book.settle()))

    def turn(self, phase: Phase) -> list[str]:
        return words(self.note(turn(self.book, phase)))

    def resting(self) -> list[str]:
        sides = (self.book.bids, self.book.offers)
        return [f"{o.number}:{o.leaves_qty}@{o.price}" for s in sides for o in s.in_order()]

    def note(self, outcomes: Iterable[Outcome]) -> list[Outcome]:
        seen = []
        for outcome in outcomes:
            if isinstance(outcome, Executed):
                # Checked at the moment of the execution, when both orders stand as reported.
                if outcome.resting.price is not None:  # not so in an auction
                    assert crosses(outcome.incoming, outcome.resting)
                for one in (outcome.incoming, outcome.resting):
                    assert one.cum_qty + one.leaves_qty == one.order_qty
                    if one.price is not None:
                        gain = (one.price - outcome.price) * (1 if one.buys else -1)
                        assert gain >= 0, "traded beyond its limit"
                pair = (outcome.incoming.number, outcome.resting.number)
                self.trades.append((*pair, outcome.quantity, outcome.price))
            seen.append(outcome)
        return seen


def _value(name: str, value: Any) -> Any:
    return Decimal(value) if name in NUMBERS else value


def words(outcomes: Iterable[Outcome]) -> list[str]:
    """``1:40@10``: order 1 gave 40 at 10; else what happened, with the order where it is told."""
    said = []
    for outcome in outcomes:
        if isinstance(outcome, Executed):
            said.append(f"{outcome.resting.number}:{outcome.quantity}@{outcome.price}")
        else:
            name = type(outcome).__name__.lower()
            said.append(f"{outcome.order.number} {name}")
    return said
