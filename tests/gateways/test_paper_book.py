"""Orders that ask more than a price: stops, icebergs, all or none, pegs, trailing stops."""

from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.paper.orders import OrdStatus, OrdType, Side, TimeInForce
from gateways.paper.outcomes import Executed, Phase
from gateways.paper.phases import everything
from tests.gateways.paper_floor import DAY, Floor

STOP, LIMIT_STOP, TOUCHED = OrdType.STOP, OrdType.STOP_LIMIT, OrdType.MARKET_IF_TOUCHED
LEFT_OVER, PEGGED = OrdType.MARKET_WITH_LEFT_OVER_AS_LIMIT, OrdType.PEGGED
IOC, FOK = TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL
OPENING, CLOSE = TimeInForce.AT_THE_OPENING, TimeInForce.AT_THE_CLOSE


@pytest.fixture
def floor() -> Floor:
    return Floor()


def trade_at(floor: Floor, price: str) -> list[str]:
    """One unit traded at this price; what else happened by it."""
    floor.sell("1", price)
    return floor.buy("1", price)[1:]


def test_a_stop_to_buy_waits_until_its_price_is_traded(floor: Floor) -> None:
    assert floor.buy("5", None, DAY, STOP, stop_px="11") == []
    floor.sell("9", "12")
    assert trade_at(floor, "10.99") == []
    assert trade_at(floor, "11") == ["1 triggered", "2:5@12"]


def test_a_stop_to_sell_triggers_at_or_below_its_price(floor: Floor) -> None:
    floor.buy("5", "8")
    floor.sell("5", None, DAY, STOP, stop_px="9")
    assert trade_at(floor, "9.01") == []
    assert trade_at(floor, "8.9") == ["2 triggered", "1:5@8"]


def test_a_stop_beyond_the_last_price_triggers_at_once(floor: Floor) -> None:
    trade_at(floor, "10")
    assert floor.buy("5", None, DAY, STOP, stop_px="10") == ["3 triggered", "3 canceled"]


def test_a_stop_limit_rests_at_its_limit_after_the_trigger(floor: Floor) -> None:
    floor.buy("5", "11.5", DAY, LIMIT_STOP, stop_px="11")
    floor.sell("9", "12")
    assert trade_at(floor, "11") == ["1 triggered"]
    assert floor.resting() == ["1:5@11.5", "2:9@12"]


def test_an_order_if_touched_waits_on_the_other_side_of_a_stop(floor: Floor) -> None:
    floor.sell("9", "12")
    floor.buy("5", None, DAY, TOUCHED, stop_px="9")
    assert trade_at(floor, "10") == []
    assert trade_at(floor, "9") == ["2 triggered", "1:5@12"]


def test_one_trigger_may_set_off_the_next_and_the_nearer_goes_first(floor: Floor) -> None:
    floor.sell("1", "11")
    floor.sell("1", "12")
    floor.sell("1", "13")
    floor.buy("1", None, DAY, STOP, stop_px="12")
    floor.buy("1", None, DAY, STOP, stop_px="11")
    assert floor.buy("1", "11") == ["1:1@11", "5 triggered", "2:1@12", "4 triggered", "3:1@13"]


def test_a_price_within_one_sweep_triggers_although_the_last_is_beyond(floor: Floor) -> None:
    trade_at(floor, "12")
    floor.buy("3", "8")
    floor.sell("3", None, DAY, STOP, stop_px="10.5")
    floor.sell("1", "10")
    floor.sell("1", "11")
    assert floor.buy("2", "11") == ["5:1@10", "6:1@11", "4 triggered", "3:3@8"]


def test_a_canceled_stop_never_triggers(floor: Floor) -> None:
    floor.buy("5", None, DAY, STOP, stop_px="11")
    floor.cancel(1)
    assert trade_at(floor, "11") == []


def test_the_left_over_of_a_market_order_rests_at_the_price_of_its_last_fill(floor: Floor) -> None:
    floor.sell("2", "10")
    floor.sell("2", "10.5")
    assert floor.buy("9", None, DAY, LEFT_OVER) == ["1:2@10", "2:2@10.5", "3 repriced"]
    assert floor.resting() == ["3:5@10.5"]
    assert Floor().buy("9", None, DAY, LEFT_OVER) == ["1 canceled"]


def test_an_iceberg_shows_its_next_part_at_the_end_of_the_queue(floor: Floor) -> None:
    floor.sell("25", "10", display_qty="10")
    floor.sell("10", "10")
    assert list(floor.book.offers.depth()) == [(Decimal(10), Decimal(20))]
    assert floor.buy("30", "10") == ["1:10@10", "2:10@10", "1:10@10"]
    assert floor.resting() == ["1:5@10"]
    assert floor.orders[1].shown == 5


def test_an_iceberg_that_comes_takes_all_it_can_and_then_hides(floor: Floor) -> None:
    floor.sell("12", "10")
    assert floor.buy("30", "10", display_qty="5") == ["1:12@10"]
    assert floor.orders[2].leaves_qty == 18
    assert floor.orders[2].shown == 5


def test_min_qty_is_met_at_entry_or_the_order_is_canceled(floor: Floor) -> None:
    floor.sell("5", "10")
    assert floor.buy("9", "10", min_qty="6") == ["2 canceled"]
    assert floor.buy("9", "10", min_qty="5") == ["1:5@10"]
    assert floor.sell("1", "10") == ["3:1@10"]


def test_all_or_none_waits_until_there_is_enough(floor: Floor) -> None:
    floor.sell("5", "10")
    assert floor.buy("9", "10", exec_inst="G") == []
    assert floor.sell("3", "10") == []
    assert floor.sell("1", "9.9") == ["4:1@9.9", "1:5@10", "3:3@10"]
    assert floor.orders[2].status is OrdStatus.FILLED


def test_all_or_none_is_passed_by_what_cannot_take_it_whole(floor: Floor) -> None:
    floor.sell("9", "10", exec_inst="G")
    floor.sell("5", "11")
    assert floor.buy("6", "11") == ["2:5@11"]
    assert floor.resting() == ["3:1@11"]
    assert floor.buy("7", "10") == []
    assert floor.buy("9", "10", IOC) == ["1:9@10"]


def test_two_all_or_none_orders_of_one_size_trade(floor: Floor) -> None:
    floor.sell("9", "10", exec_inst="G")
    assert floor.buy("9", "10", exec_inst="5 G") == ["1:9@10"]


def test_a_fill_or_kill_counts_what_only_trades_whole(floor: Floor) -> None:
    floor.sell("9", "10", exec_inst="G")
    floor.sell("2", "10")
    assert floor.buy("10", "10", FOK) == ["3 canceled"]
    assert floor.buy("11", "10", FOK) == ["2:2@10", "1:9@10"]


def test_a_primary_peg_follows_its_own_side(floor: Floor) -> None:
    assert floor.buy("5", None, DAY, PEGGED, exec_inst="R", peg_offset="-0.1") == []
    assert floor.resting() == []
    assert floor.buy("1", "10") == ["1 repriced"]
    assert floor.resting() == ["2:1@10", "1:5@9.9"]
    floor.buy("1", "10.5")
    assert floor.resting() == ["3:1@10.5", "1:5@10.4", "2:1@10"]
    floor.cancel(3)
    assert floor.resting()[-1] == "1:5@9.9"


def test_a_mid_peg_stands_between_and_pegs_do_not_follow_pegs(floor: Floor) -> None:
    floor.buy("1", "10")
    floor.sell("1", "11")
    floor.buy("5", None, DAY, PEGGED, exec_inst="M")
    assert floor.sell("5", None, DAY, PEGGED, exec_inst="M") == ["4 repriced", "3:5@10.5"]


def test_a_market_peg_takes_up_to_its_limit(floor: Floor) -> None:
    floor.sell("3", "10")
    assert floor.buy("5", None, DAY, PEGGED, exec_inst="P", limit="10.2") == [
        *("2 repriced", "1:3@10", "2 repriced")
    ]
    floor.sell("9", "12")
    assert floor.resting() == ["2:2@10.2", "3:9@12"]


def test_a_trailing_stop_follows_the_price_up_and_sells_when_it_falls(floor: Floor) -> None:
    floor.buy("5", "5")
    floor.sell("5", None, DAY, PEGGED, exec_inst="a", peg_offset="1")
    assert trade_at(floor, "10") == ["2 moved"]
    assert trade_at(floor, "12") == ["2 moved"]
    assert trade_at(floor, "11.5") == []
    assert trade_at(floor, "11") == ["2 triggered", "1:5@5"]


def test_a_trailing_distance_may_be_in_basis_points(floor: Floor) -> None:
    asked = {"exec_inst": "a", "peg_offset": "100", "peg_offset_type": "1"}
    trade_at(floor, "100")
    assert floor.enter(Side.BUY, "5", None, DAY, PEGGED, **asked)
    assert floor.orders[3].conditions is not None
    assert floor.orders[3].conditions.stop_px == Decimal(101)


def test_an_opening_auction_trades_most_at_one_price(floor: Floor) -> None:
    floor.turn(Phase.OPENING_AUCTION)
    for qty, price in (("50", "10.2"), ("50", "10.1"), ("100", "10")):
        assert floor.buy(qty, price) == []
    for qty, price in (("80", "9.9"), ("40", "10.1"), ("100", "10.3")):
        assert floor.sell(qty, price) == []
    assert floor.turn(Phase.CONTINUOUS) == ["4:50@10.1", "4:30@10.1", "5:20@10.1"]
    assert floor.resting() == ["3:100@10", "5:20@10.1", "6:100@10.3"]


def test_of_equal_volume_the_smaller_imbalance_then_the_reference_decides(floor: Floor) -> None:
    trade_at(floor, "10.05")
    floor.turn(Phase.PRE_OPEN)
    floor.buy("50", "10.1")
    floor.sell("50", "10")
    assert floor.turn(Phase.CONTINUOUS) == ["4:50@10.05"]


def test_market_orders_go_first_in_an_auction_and_do_not_rest(floor: Floor) -> None:
    floor.turn(Phase.OPENING_AUCTION)
    floor.buy("10", "10")
    floor.buy("30")
    floor.sell("20", "10")
    assert floor.turn(Phase.CONTINUOUS) == ["3:20@10", "2 canceled"]
    assert floor.resting() == ["1:10@10"]


def test_orders_for_the_opening_expire_after_it(floor: Floor) -> None:
    floor.turn(Phase.PRE_OPEN)
    floor.buy("10", "10", OPENING)
    floor.buy("5", "9", OPENING)
    floor.sell("10", "10")
    assert floor.turn(Phase.CONTINUOUS) == ["3:10@10", "2 expired"]


def test_orders_for_the_close_wait_through_the_day(floor: Floor) -> None:
    floor.sell("10", "10", CLOSE)
    assert floor.buy("5", "10") == []
    floor.buy("5", None, CLOSE)
    assert floor.turn(Phase.CLOSING_AUCTION) == []
    assert floor.turn(Phase.CLOSED) == ["1:5@10", "1:5@10"]


def test_good_till_crossing_ends_when_the_crossing_begins(floor: Floor) -> None:
    floor.sell("10", "10", TimeInForce.GOOD_TILL_CROSSING)
    assert floor.turn(Phase.CLOSING_AUCTION) == ["1 expired"]


def test_a_halt_cancels_who_asked_for_it_and_the_others_wait(floor: Floor) -> None:
    floor.sell("10", "10", exec_inst="K")
    floor.sell("10", "11")
    assert floor.turn(Phase.HALTED) == ["1 canceled"]
    assert floor.buy("4", "12") == []
    assert floor.buy("4", "12", IOC) == ["4 canceled"]
    assert floor.turn(Phase.CONTINUOUS)[0].startswith("2:4@")
    assert floor.resting() == ["2:6@11"]


def test_a_stop_triggers_on_the_price_of_an_auction(floor: Floor) -> None:
    floor.buy("1", None, DAY, STOP, stop_px="10")
    floor.turn(Phase.OPENING_AUCTION)
    floor.buy("5", "10")
    floor.sell("6", "10")
    assert floor.turn(Phase.CONTINUOUS) == ["3:5@10", "1 triggered", "3:1@10"]


PRICES = st.integers(1, 6).map(str)
QTYS = st.integers(1, 9).map(str)
ASKED = st.sampled_from(
    [
        *({}, {}, {"display_qty": "2"}, {"min_qty": "3"}, {"exec_inst": "G"}),
        *({"exec_inst": "K"}, {"stop_px": "3"}, {"stop_px": "4"}),
        *({"exec_inst": "R"}, {"exec_inst": "M"}, {"exec_inst": "P", "peg_offset": "-1"}),
        {"exec_inst": "a", "peg_offset": "1"},
    ]
)


class Act(NamedTuple):
    """One act of a drawn run; ``number`` picks the order of a cancel or replace."""

    kind: str
    side: Side
    qty: str
    price: str | None
    tif: TimeInForce
    asked: dict[str, str]
    number: int
    phase: Phase
    stop: OrdType


ACTS = st.lists(
    st.builds(
        Act,
        st.sampled_from(["enter", "enter", "enter", "cancel", "replace", "turn"]),
        *(st.sampled_from(Side), QTYS, st.none() | PRICES, st.sampled_from(TimeInForce), ASKED),
        *(st.integers(1, 25), st.sampled_from(Phase), st.sampled_from([STOP, TOUCHED])),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=300)
@given(ACTS)
def test_whatever_is_asked_the_book_keeps_its_word(acts: list[Act]) -> None:
    floor = Floor()
    ended: set[int] = set()
    for act in acts:
        before = len(floor.trades)
        perform(floor, act)
        for incoming, resting, _, _ in floor.trades[before:]:
            assert not {incoming, resting} & ended, "an ended order was filled"
        check(floor)
        ended |= {number for number, order in floor.orders.items() if not order.is_open}


def perform(floor: Floor, act: Act) -> None:
    order = floor.orders.get(act.number)
    if act.kind == "turn":
        floor.turn(act.phase)
    elif act.kind == "enter":
        enter(floor, act)
    elif order is not None and order.is_open and act.kind == "cancel":
        floor.cancel(act.number)
    elif order is not None and order.is_open:
        priced = order.price is not None and not order.is_pegged
        floor.replace(act.number, act.qty, (act.price or "1") if priced else None)


def enter(floor: Floor, act: Act) -> None:
    sort, price, tif = None, act.price, act.tif
    if "stop_px" in act.asked:
        sort = LIMIT_STOP if price else act.stop
    elif act.asked.get("exec_inst", "-") in "RMPa":
        sort, price = PEGGED, None
    elif act.number % 7 == 0 and price is None:
        sort = LEFT_OVER
    if sort or act.asked:  # not for an auction, and a pegged order rests
        tif = DAY if sort is PEGGED or tif in (OPENING, CLOSE) else tif
    out = floor.enter(act.side, act.qty, price, tif, sort, **act.asked)
    order = floor.orders[len(floor.orders)]
    if "min_qty" in act.asked and order.cum_qty:
        filled = sum(one.quantity for one in out if isinstance(one, Executed))
        assert filled >= min(Decimal(3), Decimal(act.qty))


def check(floor: Floor) -> None:
    """What holds between two requests, whatever they were."""
    book = floor.book
    bid, offer = book.bids.best(), book.offers.best()
    if book.phase is Phase.CONTINUOUS and bid and offer:
        assert bid.price is not None
        assert offer.price is not None
        assert bid.price < offer.price, "crossed"
    there = [order.number for order in everything(book)]
    assert sorted(there) == [n for n, order in floor.orders.items() if order.is_open]
    filled = dict.fromkeys(floor.orders, Decimal(0))
    for incoming, rest, quantity, price in floor.trades:
        assert floor.orders[incoming].buys is not floor.orders[rest].buys
        assert quantity > 0
        assert price > 0
        filled[incoming] += quantity
        filled[rest] += quantity
    for number, order in floor.orders.items():
        assert order.cum_qty == filled[number] <= order.order_qty
        assert order.leaves_qty == (order.order_qty - order.cum_qty if order.is_open else 0)
        conditions = order.conditions
        if conditions is not None and conditions.display_qty is not None and order.is_open:
            assert order.shown <= conditions.display_qty
            assert order.shown <= order.leaves_qty
        if order.is_whole and order.order_qty == order.leaves_qty + order.cum_qty:
            assert order.cum_qty in (0, order.order_qty) or not order.is_open
