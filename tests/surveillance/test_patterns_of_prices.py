"""Marking the close, ramping, momentum ignition, best execution: by what happened to the price."""

from decimal import Decimal

import pytest

from messages.thresholds import Party
from tests.surveillance.watching import BUY, SELL, Watching, house

CLOSE = 3_600


def closing(
    scene: Watching, begin: float, *, qty: int = 400, up: int = 3, symbol: str = "AAPL"
) -> Watching:
    """Four trades that rise, after one of somebody else."""
    scene.trade(begin - 1_000, "max", BUY, 100, symbol=symbol)
    for n in range(4):
        px = str(Decimal("10") + Decimal(n * up) / 100)
        scene.trade(begin + 60 * n, "one", BUY, qty, px, symbol=symbol)
    return scene


def quiet(**words: object) -> Watching:
    """Without what else such trades may be."""
    return Watching(RampTrades=50, **words)


def test_volume_one_way_that_moves_the_price_before_the_close_is_an_alert() -> None:
    scene = closing(quiet(), CLOSE - 400).found("marking_the_close")
    measured = {m.Name: m.Value for m in scene.alerts[0].Measures}
    assert measured["CloseMove"] >= Decimal("0.005")
    assert len(scene.alerts[0].Entries) == 3


@pytest.mark.parametrize(
    ("begin", "words"),
    [
        (CLOSE - 2_000, {}),
        (CLOSE - 400, {"qty": 200}),
        (CLOSE - 400, {"up": 1}),
        (CLOSE - 400, {"up": -3}),
        (CLOSE - 400, {"symbol": "MSFT"}),
    ],
)
def test_earlier_or_less_or_without_a_move_or_without_a_known_volume_it_is_none(
    begin: float, words: dict[str, int]
) -> None:
    closing(quiet(), begin, **words).found()  # type: ignore[arg-type]


def test_both_ways_at_the_close_is_none() -> None:
    scene = quiet(IgnitionTrades=50)
    scene.trade(CLOSE - 1_500, "max", BUY, 100)
    for n in range(8):
        scene.trade(CLOSE - 500 + 50 * n, "one", (BUY, SELL)[n % 2], 400 + n, f"10.{n:02}")
    scene.found()


def ramp(scene: Watching, steps: int, by: int = 3, apart: float = 30, **words: int) -> Watching:
    for n in range(steps):
        scene.trade(apart * n, "one", BUY, 100, str(Decimal("10") + Decimal(by * n) / 100))
        if words:
            scene.trade(apart * n + 1, "max", SELL, words["others"], str(Decimal("10")))
    return scene


def test_six_trades_each_a_little_higher_are_a_ramp() -> None:
    scene = ramp(Watching(), 6).found("ramping")
    assert len(scene.alerts[0].OrderIDs) == 6


def test_fewer_or_flat_or_slow_or_in_much_other_volume_they_are_none() -> None:
    ramp(Watching(), 5).found()
    ramp(Watching(), 6, by=1).found()
    ramp(Watching(), 6, apart=150).found()
    ramp(Watching(), 6, others=400).found()


def test_resting_orders_to_which_the_market_comes_are_no_ramp() -> None:
    scene = Watching()
    orders = [scene.enter(0, "one", BUY, 100, f"10.{3 * n:02}") for n in range(7)]
    for n, order in enumerate(orders):
        scene.fill(30 * (n + 1), order, 100, f"10.{3 * n:02}")
    scene.found()


def test_a_burst_that_moves_the_price_and_its_reversal_are_ignition() -> None:
    scene = quiet()
    for n in range(3):
        scene.trade(n, "one", BUY, 100, f"10.{2 * n:02}")
    scene.trade(10, "max", BUY, 100, "10.06").found()
    scene.trade(30, "one", SELL, 150, "10.06").found("momentum_ignition")


@pytest.mark.parametrize(
    ("at", "side", "qty", "px"),
    [
        (30, SELL, 149, "10.06"),
        (30, SELL, 300, "10.04"),
        (30, BUY, 300, "10.06"),
        (123, SELL, 300, "10.06"),
    ],
)
def test_too_little_or_at_the_old_price_or_the_same_way_or_late_it_is_none(
    at: float, side: object, qty: int, px: str
) -> None:
    scene = quiet()
    for n in range(3):
        scene.trade(n, "one", BUY, 100, f"10.{2 * n:02}")
    scene.trade(at, "one", side, qty, px).found()  # type: ignore[arg-type]


def market(scene: Watching, *others: Party) -> Watching:
    del others
    for n in range(5):
        scene.trade(n, f"max{n}", (BUY, SELL)[n % 2], 100 + n, "10.00")
    return scene


def test_a_customer_s_fill_far_from_what_others_got_is_an_outlier() -> None:
    scene = market(Watching()).trade(20, "one", BUY, 100, "10.10").found("best_execution")
    assert scene.alerts[0].Accounts == ("one",)


def test_a_fill_is_held_against_the_quote_where_there_is_one() -> None:
    scene = Watching().quote(1, "9.99", "10.01")
    scene.trade(20, "one", SELL, 100, "9.88").found("best_execution")
    Watching().quote(1, "9.99", "10.01").trade(20, "one", SELL, 100, "9.95").found()
    Watching().quote(1, "9.99", "10.01").trade(62, "one", SELL, 100, "9.88").found()


def test_near_the_market_or_better_or_for_the_house_or_with_no_market_it_is_none() -> None:
    market(Watching()).trade(20, "one", BUY, 100, "10.09").found()
    market(Watching()).trade(20, "one", SELL, 100, "10.10").found()
    market(Watching(house())).trade(20, "prop", BUY, 100, "10.10").found()
    market(Watching()).trade(90, "one", BUY, 100, "10.10").found()
