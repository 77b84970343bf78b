"""The order book of the paper exchange: price first, then time."""

from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.paper.orders import OrdStatus, Side, TimeInForce
from tests.gateways.paper_floor import Floor

DAY, IOC, FOK = TimeInForce.DAY, TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL


@pytest.fixture
def floor() -> Floor:
    return Floor()


def test_a_trade_is_at_the_resting_price(floor: Floor) -> None:
    floor.sell("100", "10")
    assert floor.buy("40", "12") == ["1:40@10"]
    assert floor.resting() == ["1:60@10"]


def test_the_best_price_goes_first_and_then_who_came_first(floor: Floor) -> None:
    floor.sell("10", "11")
    floor.sell("10", "10")
    floor.sell("10", "10")
    assert floor.buy("25", "11") == ["2:10@10", "3:10@10", "1:5@11"]


def test_no_order_trades_through_its_limit(floor: Floor) -> None:
    floor.sell("10", "10")
    floor.sell("10", "11")
    assert floor.buy("20", "10") == ["1:10@10"]
    assert floor.resting() == ["3:10@10", "2:10@11"]


def test_a_market_order_takes_what_is_there_and_its_rest_is_canceled(floor: Floor) -> None:
    floor.sell("10", "10")
    floor.sell("10", "99")
    assert floor.buy("30", None) == ["1:10@10", "2:10@99", "3 canceled"]
    assert floor.orders[3].status is OrdStatus.CANCELED
    assert floor.resting() == []


def test_the_rest_of_an_immediate_or_cancel_is_canceled(floor: Floor) -> None:
    floor.sell("10", "10")
    assert floor.buy("30", "10", IOC) == ["1:10@10", "2 canceled"]
    assert floor.resting() == []


def test_a_fill_or_kill_is_filled_whole_or_not_at_all(floor: Floor) -> None:
    floor.sell("10", "10")
    floor.sell("10", "11")
    assert floor.buy("20", "10", FOK) == ["3 canceled"]
    assert floor.buy("21", "11", FOK) == ["4 canceled"]
    assert floor.orders[3].cum_qty == 0
    assert floor.buy("20", "11", FOK) == ["1:10@10", "2:10@11"]


def test_a_cancelled_order_frees_its_queue_position(floor: Floor) -> None:
    floor.sell("10", "10")
    floor.sell("10", "10")
    floor.book.cancel(floor.orders[1])
    assert floor.buy("10", "10") == ["2:10@10"]
    assert floor.orders[1].leaves_qty == 0


def test_less_at_the_same_price_keeps_the_place(floor: Floor) -> None:
    floor.sell("10", "10")
    floor.sell("10", "10")
    assert floor.replace(1, "5", "10.0") == []
    assert floor.buy("10", "10") == ["1:5@10.0", "2:5@10"]


def test_more_at_the_same_price_loses_the_place(floor: Floor) -> None:
    floor.sell("10", "10")
    floor.sell("10", "10")
    floor.replace(1, "11", "10")
    assert floor.buy("15", "10") == ["2:10@10", "1:5@10"]


def test_a_new_price_loses_the_place_and_may_trade_at_once(floor: Floor) -> None:
    floor.buy("10", "9")
    floor.sell("10", "10")
    assert floor.replace(1, "10", "10") == ["2:10@10"]
    assert floor.resting() == []


def test_a_total_at_or_below_what_is_filled_means_stop(floor: Floor) -> None:
    floor.sell("10", "10")
    floor.buy("4", "10")
    assert floor.replace(1, "3", "10") == []
    order = floor.orders[1]
    assert order.status is OrdStatus.FILLED
    assert (str(order.order_qty), str(order.leaves_qty)) == ("4", "0")
    assert floor.resting() == []


def test_a_price_that_was_left_can_be_used_again(floor: Floor) -> None:
    floor.sell("10", "10")
    floor.book.cancel(floor.orders[1])
    floor.sell("10", "10")
    floor.sell("10", "9")
    assert floor.buy("20", None) == ["3:10@9", "2:10@10"]


class Act(NamedTuple):
    """``number`` picks the order of a cancel or replace."""

    kind: str
    side: Side
    qty: int
    price: int | None
    tif: TimeInForce
    number: int


ACTS = st.lists(
    st.builds(
        Act,
        st.sampled_from(["enter", "enter", "enter", "cancel", "replace"]),
        st.sampled_from(Side),
        st.integers(1, 9),
        st.none() | st.integers(1, 6),
        st.sampled_from([DAY, TimeInForce.GOOD_TILL_CANCEL, IOC, FOK]),
        st.integers(1, 30),
    ),
    max_size=40,
)


class Plain:
    """The same exchange, as slow and simple as can be: one list, sorted for every trade."""

    def __init__(self) -> None:
        self.rows: dict[int, list[int]] = {}  # number: sign, price, leaves, total, filled, priority
        self.trades: list[tuple[int, int, Decimal, Decimal]] = []
        self.clock = 0

    def candidates(self, sign: int, limit: int | None) -> list[int]:
        other = [n for n, row in self.rows.items() if row[0] == -sign and row[2]]
        fits = [n for n in other if limit is None or sign * (limit - self.rows[n][1]) >= 0]
        return sorted(fits, key=lambda n: (sign * self.rows[n][1], self.rows[n][5]))

    def match(self, number: int, limit: int | None) -> None:
        row = self.rows[number]
        for other in self.candidates(row[0], limit):
            quantity = min(row[2], self.rows[other][2])
            if quantity:
                for one in (row, self.rows[other]):
                    one[2] -= quantity
                    one[4] += quantity
                price = Decimal(self.rows[other][1])
                self.trades.append((number, other, Decimal(quantity), price))

    def enter(self, number: int, act: Act) -> None:
        self.clock += 1
        sign = 1 if act.side is Side.BUY else -1
        self.rows[number] = [sign, act.price or 0, 0, act.qty, 0, self.clock]
        there = sum(self.rows[n][2] for n in self.candidates(sign, act.price))
        if act.tif is FOK and there < act.qty:
            return
        self.rows[number][2] = act.qty
        self.match(number, act.price)
        if act.price is None or act.tif in (IOC, FOK):
            self.rows[number][2] = 0

    def replace(self, number: int, qty: int, price: int) -> None:
        row = self.rows[number]
        stays = price == row[1] and qty <= row[3]
        row[1], row[3] = price, max(qty, row[4])
        row[2] = row[3] - row[4]
        if not stays:
            self.clock += 1
            row[5] = self.clock
            self.match(number, price)


@settings(deadline=None)
@given(ACTS)
def test_the_book_trades_as_a_plain_list_would(acts: list[Act]) -> None:
    floor, plain = Floor(), Plain()
    for act in acts:
        order = floor.orders.get(act.number)
        if act.kind == "enter":
            price = None if act.price is None else str(act.price)
            floor.enter(act.side, str(act.qty), price, act.tif)
            plain.enter(len(floor.orders), act)
        elif order is not None and order.is_open and act.kind == "cancel":
            floor.book.cancel(order)
            plain.rows[act.number][2] = 0
        elif order is not None and order.is_open:
            floor.replace(act.number, str(act.qty), str(act.price or 1))
            plain.replace(act.number, act.qty, act.price or 1)
        assert floor.trades == plain.trades
        check(floor)


def check(floor: Floor) -> None:
    """What holds between two requests, whatever they were."""
    bid, offer = floor.book.bids.best(), floor.book.offers.best()
    if bid and offer:
        assert bid.price is not None
        assert offer.price is not None
        assert bid.price < offer.price, "crossed"
    resting = {o.number for s in (floor.book.bids, floor.book.offers) for o in s.in_order()}
    assert resting == {n for n, order in floor.orders.items() if order.is_open}
    filled = dict.fromkeys(floor.orders, Decimal(0))
    for incoming, rest, quantity, price in floor.trades:
        assert floor.orders[incoming].buys is not floor.orders[rest].buys
        assert quantity > 0
        assert price > 0
        filled[incoming] += quantity
        filled[rest] += quantity
    for number, order in floor.orders.items():
        assert order.cum_qty == filled[number] <= order.order_qty
        open_qty = order.order_qty - order.cum_qty if order.is_open else 0
        assert order.leaves_qty == open_qty
