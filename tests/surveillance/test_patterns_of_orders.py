"""Wash trades, layers, spoofs, floods: each recognised by what makes it, and not without it."""

from decimal import Decimal

import pytest

from messages.thresholds import Party
from tests.surveillance.watching import BUY, SELL, Watching


def owned(*accounts: str) -> list[Party]:
    return [Party(Account=account, Owner="ada") for account in accounts]


# ---- wash trades


def test_an_owner_that_trades_with_itself_is_an_alert_with_both_orders_as_evidence() -> None:
    scene = Watching(*owned("one", "two"))
    rests = scene.enter(1, "one", SELL, 100)
    scene.fill(5, rests, 100)
    scene.trade(5.1, "two", BUY, 100).found("wash_trade")
    (alert,) = scene.alerts
    assert (alert.Owner, alert.Severity, alert.Symbol, alert.Band) == ("ada", "High", "AAPL", "mid")
    assert alert.Accounts == ("one", "two")
    assert alert.OrderIDs == ("one-1", "two-1")
    assert alert.Entries == ("account/one 2", "account/two 2")
    assert [m.Name for m in alert.Measures] == ["SelfMatchWithin"]


@pytest.mark.parametrize(
    "differs",
    [{"account": "max"}, {"qty": 99}, {"px": "10.01"}, {"venue": "XLON"}, {"at": 8}],
)
def test_without_one_of_its_marks_it_is_no_self_match(differs: dict[str, object]) -> None:
    scene = Watching(*owned("one", "two"))
    scene.fill(5, scene.enter(1, "one", SELL, 100), 100)
    words = {"at": 5.1, "account": "two", "side": BUY, "qty": 100} | differs
    scene.trade(**words).found()  # type: ignore[arg-type]


def circles(scene: Watching, count: int, px: str = "10", wait: float = 30) -> Watching:
    for index in range(count):
        scene.trade(200 * index, "one", BUY, 500)
        scene.trade(200 * index + wait, "one", SELL, 500, px, "XLON")
    return scene


def test_the_same_amount_to_and_fro_twice_is_a_wash() -> None:
    circles(Watching(*owned("one")), 2).found("wash_trade")


@pytest.mark.parametrize(
    "scene",
    [
        lambda: circles(Watching(), 1),
        lambda: circles(Watching(), 3, px="10.02"),
        lambda: circles(Watching(), 3, wait=61),
    ],
)
def test_once_or_with_a_profit_or_after_a_while_is_none(scene: object) -> None:
    scene().found()  # type: ignore[operator]


# ---- layering


def layer(scene: Watching, *, levels: int = 3, qty: int = 20_000, trade: str = "one") -> list[str]:
    orders = [scene.enter(n, "one", BUY, qty, f"9.9{9 - n}") for n in range(levels)]
    if trade:
        scene.trade(10, trade, SELL, 100)
    return orders


def test_levels_that_vanish_after_a_trade_on_the_other_side_are_layering() -> None:
    scene = Watching()
    orders = layer(scene)
    scene.cancel(12, *orders)
    assert "layering" in [alert.Pattern for alert in scene.alerts]
    alert = next(alert for alert in scene.alerts if alert.Pattern == "layering")
    assert set(alert.OrderIDs) == {*orders, "one-4"}
    assert {m.Name: m.Value for m in alert.Measures}["LayerLevels"] == 3


@pytest.mark.parametrize("words", [{"levels": 2}, {"qty": 10_000}, {"trade": ""}, {"trade": "max"}])
def test_too_few_levels_or_too_small_or_without_a_trade_it_is_none(words: dict[str, int]) -> None:
    scene = Watching(SpoofNotional=Decimal(10_000_000))
    scene.cancel(12, *layer(scene, **words)).found()  # type: ignore[arg-type]


def test_levels_that_stand_long_after_the_trade_are_none() -> None:
    scene = Watching()
    scene.cancel(200, *layer(scene)).found()


def test_levels_of_which_most_still_stand_are_none() -> None:
    scene = Watching(SpoofNotional=Decimal(10_000_000))
    orders = layer(scene, levels=9)
    scene.cancel(12, *orders[:5]).found()


# ---- spoofing


def spoof(scene: Watching, *, side: object = SELL, qty: int = 1_000, at: float = 5) -> str:
    order = scene.enter(1, "one", BUY, 30_000, "9.99")
    scene.trade(at, "one", side, qty)  # type: ignore[arg-type]
    return order


def test_a_large_order_that_goes_after_a_small_trade_on_the_other_side_is_a_spoof() -> None:
    scene = Watching()
    order = spoof(scene)
    scene.cancel(20, order).found("spoofing")
    assert scene.alerts[0].OrderIDs == (order, "one-2")


@pytest.mark.parametrize("words", [{"side": BUY}, {"qty": 6_001}])
def test_the_same_way_or_not_much_larger_it_is_none(words: dict[str, int]) -> None:
    scene = Watching()
    scene.cancel(20, spoof(scene, **words)).found()


def test_filled_or_left_standing_or_expired_it_is_none() -> None:
    filled = Watching()
    order = spoof(filled)
    filled.fill(6, order, 3_001, "9.99").cancel(20, order).found()
    stands = Watching()
    stands.cancel(62, spoof(stands)).found()
    expired = Watching()
    expired.cancel(20, spoof(expired), asked=False).found()


def test_a_replace_that_leaves_next_to_nothing_is_as_good_as_a_cancel() -> None:
    scene = Watching()
    order = spoof(scene)
    scene.revise(20, order, 3_001, "9.99").found()
    scene.revise(21, order, 3_000, "9.99").found("spoofing")


# ---- quote stuffing and the ratio of orders to trades


def flood(scene: Watching, count: int, seconds: float, *, filled: int = 0) -> Watching:
    for n in range(count):
        at = seconds * n / count
        order = scene.enter(at, "one", BUY, 100, "9.90")
        if n < filled:
            scene.fill(at, order, 100, "9.90")
        else:
            scene.cancel(at, order)
    return scene


def test_sixty_orders_and_cancels_in_five_seconds_are_stuffing() -> None:
    flood(Watching(RatioOrders=1_000), 30, 4.9).found("quote_stuffing")
    flood(Watching(RatioOrders=1_000), 29, 4.9).found()
    flood(Watching(RatioOrders=1_000), 30, 12).found()


def test_a_burst_that_trades_is_no_stuffing() -> None:
    flood(Watching(RatioOrders=1_000), 60, 4.9, filled=20).found()


def test_many_orders_that_are_nearly_all_cancelled_are_an_alert() -> None:
    flood(Watching(), 30, 200).found("order_to_trade")
    flood(Watching(), 29, 200).found()
    flood(Watching(), 60, 200, filled=10).found()


def test_the_same_again_within_the_quiet_time_is_the_same_alert() -> None:
    flood(Watching(), 100, 500).found("order_to_trade")
    flood(Watching(Quiet=100), 100, 500).found(*["order_to_trade"] * 4)
