"""A position over any sequence of fills: no unit and no cent appears or vanishes."""

from decimal import Decimal, localcontext
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.account.state import EXACT, Position
from tests.actors.scenes import dec

QUANTITIES = st.decimals("0.0001", "100000", places=4)
PRICES = st.decimals("-100", "10000", places=4)
Fills = list[tuple[int, Decimal, Decimal]]
FILLS = st.lists(st.tuples(st.sampled_from([1, -1]), QUANTITIES, PRICES), max_size=10)


def booked(fills: Fills, position: Position | None = None) -> Position:
    """These fills (sign, quantity, price) in a position, as the account books them."""
    position = position or Position()
    with localcontext(EXACT):
        for sign, quantity, price in fills:
            position.book(sign * quantity, sign * quantity * price)
    return position


def paid(fills: Fills) -> Decimal:
    with localcontext(EXACT):
        return sum((sign * quantity * price for sign, quantity, price in fills), Decimal(0))


def earned(fills: Fills) -> Decimal:
    return paid([(-sign, quantity, price) for sign, quantity, price in fills])


@given(FILLS)
def test_what_was_paid_is_cost_less_what_was_realized(fills: Fills) -> None:
    position = booked(fills)
    assert position.quantity == sum(sign * quantity for sign, quantity, _ in fills)
    with localcontext(EXACT):
        assert position.cost - position.realized == paid(fills)
    assert position.quantity or position.cost == 0


@given(FILLS)
def test_a_position_that_is_closed_has_realized_all_that_was_paid(fills: Fills) -> None:
    held = booked(fills).quantity
    if held:
        fills = [*fills, (1, -held, dec(10))]
    position = booked(fills)
    assert (position.quantity, position.cost, position.realized) == (0, 0, earned(fills))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_position_that_flips_costs_what_its_new_side_was_bought_for(sign: int) -> None:
    position = booked([(sign, dec(100), dec(10)), (-sign, dec(150), dec(12))])
    assert position.quantity == -sign * 50
    assert position.cost == -sign * 600
    assert position.realized == sign * 200


def test_closing_part_of_a_position_frees_its_share_of_the_cost() -> None:
    position = booked([(1, dec(100), dec(10)), (1, dec(100), dec(12)), (-1, dec(50), dec(12))])
    assert (position.quantity, position.cost, position.realized) == (150, 1650, 50)


def test_a_third_of_a_cost_is_not_exact_and_nothing_is_lost_by_it() -> None:
    position = Position()
    with localcontext(EXACT):
        position.book(dec(3), dec(100))
        seen = [position.cost - position.realized]
        for _ in range(3):
            position.book(dec(-1), dec(-40))
            seen.append(position.cost - position.realized)
    assert [after - before for before, after in pairwise(seen)] == [-40, -40, -40]
    assert (position.cost, position.realized) == (0, 20)


def test_the_largest_and_smallest_numbers_of_a_venue_are_booked_exactly() -> None:
    huge, tiny = dec("999999999999999.999999999999"), dec("0.000000000001")
    fills = [(1, huge, huge), (-1, tiny, huge), (1, tiny, tiny), (-1, huge, tiny)]
    position = booked(fills)
    assert (position.quantity, position.cost, position.realized) == (0, 0, earned(fills))
