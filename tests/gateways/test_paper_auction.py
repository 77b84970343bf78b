"""The price of an auction: found in one pass, and no other is better."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.paper.auction import Crossing, crossing, pairs, rank
from gateways.paper.orders import Order, OrdType, Side, TimeInForce

ZERO = Decimal(0)
ROWS = st.lists(
    st.tuples(st.booleans(), st.integers(1, 9), st.none() | st.integers(1, 6)), max_size=25
)


def orders(rows: list[tuple[bool, int, int | None]]) -> tuple[list[Order], list[Order]]:
    """Bids and offers of (buys, quantity, price), ranked."""
    made = [
        Order(
            number,
            f"c{number}",
            "acme",
            "AAPL",
            Side.BUY if buys else Side.SELL,
            OrdType.LIMIT if price else OrdType.MARKET,
            TimeInForce.DAY,
            Decimal(quantity),
            Decimal(price) if price else None,
            Decimal(quantity),
            priority=number,
        )
        for number, (buys, quantity, price) in enumerate(rows, 1)
    ]
    bids = sorted((order for order in made if order.buys), key=rank)
    return bids, sorted((order for order in made if not order.buys), key=rank)


def at(bids: list[Order], offers: list[Order], price: Decimal) -> tuple[Decimal, Decimal]:
    """Volume and imbalance at a price, counted one by one."""
    wanted = sum((o.leaves_qty for o in bids if o.price is None or o.price >= price), ZERO)
    given_ = sum((o.leaves_qty for o in offers if o.price is None or o.price <= price), ZERO)
    return min(wanted, given_), abs(wanted - given_)


@settings(deadline=None)
@given(ROWS, st.none() | st.integers(1, 6))
def test_no_other_price_trades_more_or_leaves_less_or_is_nearer(
    rows: list[tuple[bool, int, int | None]], last: int | None
) -> None:
    bids, offers = orders(rows)
    reference = Decimal(last) if last else None
    found = crossing(bids, offers, reference)
    every = {o.price for o in (*bids, *offers) if o.price is not None}
    every |= {reference} if reference is not None else set()
    for price in every:
        volume, imbalance = at(bids, offers, price)
        if found is None:
            assert not volume
            continue
        assert volume <= found.volume
        if volume == found.volume:
            best = at(bids, offers, found.price)[1]
            assert imbalance >= best
            if imbalance == best and reference is not None:
                assert abs(price - reference) >= abs(found.price - reference)


@settings(deadline=None)
@given(ROWS, st.none() | st.integers(1, 6))
def test_who_is_ahead_is_filled_before_who_is_behind(
    rows: list[tuple[bool, int, int | None]], last: int | None
) -> None:
    bids, offers = orders(rows)
    found = crossing(bids, offers, Decimal(last) if last else None)
    if found is None:
        return
    traded = ZERO
    for bid, offer, quantity in pairs(bids, offers, found):
        assert quantity > 0
        for order in (bid, offer):
            order.fill(quantity, found.price)
            assert order.leaves_qty >= 0
        traded += quantity
    assert traded == found.volume
    for side in (bids, offers):
        filled = [order.cum_qty > 0 for order in side]
        assert filled == sorted(filled, reverse=True)
        assert sum(1 for order in side if order.cum_qty and order.leaves_qty) <= 1


def test_where_there_is_no_reference_the_side_that_is_left_decides() -> None:
    bids, offers = orders([(True, 9, 6), (False, 5, 2)])
    assert crossing(bids, offers, None) == Crossing(Decimal(6), Decimal(5))
    bids, offers = orders([(True, 5, 6), (False, 9, 2)])
    assert crossing(bids, offers, None) == Crossing(Decimal(2), Decimal(5))


def test_orders_without_any_price_wait_for_a_reference() -> None:
    bids, offers = orders([(True, 9, None), (False, 5, None)])
    assert crossing(bids, offers, None) is None
    assert crossing(bids, offers, Decimal(3)) == Crossing(Decimal(3), Decimal(5))
