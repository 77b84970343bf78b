"""Front running, trading ahead with its exceptions, restricted lists, insiders: who and when."""

from decimal import Decimal
from typing import Any

import pytest

from messages.thresholds import Capacity, Party, Restriction
from tests.surveillance.watching import BUY, NOON, SELL, Watching, house

S = 1_000_000_000


# ---- front running (FINRA 5270)


def test_a_trade_of_the_house_before_a_customer_s_block_is_an_alert() -> None:
    scene = Watching(house()).trade(100, "prop", BUY, 500)
    order = scene.enter(160, "carl", BUY, 10_000)
    scene.found("front_running")
    assert scene.alerts[0].Owner == "prop"
    assert scene.alerts[0].OrderIDs == (order, "prop-1")


def test_a_trade_that_is_heard_after_the_block_but_came_before_is_one_too() -> None:
    scene = Watching(house())
    order = scene.enter(100, "prop", BUY, 500)
    scene.enter(160, "carl", BUY, 10_000)
    scene.found().fill(159.8, order, 500).found("front_running")


@pytest.mark.parametrize(
    ("party", "trade", "block"),
    [
        (house(), (100, SELL, 500), (160, BUY, 10_000)),
        (house(), (100, BUY, 500), (160, BUY, 9_999)),
        (house(), (100, BUY, 500), (701, BUY, 10_000)),
        (house(), (170, BUY, 500), (160, BUY, 10_000)),
        (house(Wall="prop"), (100, BUY, 500), (160, BUY, 10_000)),
        (Party(Account="prop"), (100, BUY, 500), (160, BUY, 10_000)),
    ],
)
def test_another_side_or_size_or_time_or_wall_is_none(
    party: Party, trade: tuple[Any, ...], block: tuple[Any, ...]
) -> None:
    scene = Watching(party)
    at, side, qty = trade
    scene.trade(at, "prop", side, qty) if at < block[0] else None
    scene.enter(block[0], "carl", *block[1:])
    scene.trade(at, "prop", side, qty) if at > block[0] else None
    scene.found()


# ---- trading ahead (FINRA 5320)


def ahead(scene: Watching, *, qty: int = 500, px: str = "10.02", at: float = 50) -> str:
    """A customer's order, and at 100 the house buys 300 at 10.00."""
    order = scene.enter(at, "carl", BUY, qty, px)
    scene.trade(100, "prop", BUY, 300, "10.00")
    return order


def test_a_customer_who_is_not_executed_within_the_minute_was_traded_ahead_of() -> None:
    scene = Watching(house())
    order = ahead(scene)
    scene.found().time_passes().found("trading_ahead")
    assert scene.alerts[0].OrderIDs == (order, "prop-1")
    assert scene.alerts[0].At == NOON + 160 * S


@pytest.mark.parametrize(
    ("at", "qty", "px", "alerts"),
    [
        (130, 300, "10.00", 0),
        (130, 300, "9.99", 0),
        (130, 299, "10.00", 1),
        (130, 300, "10.01", 1),
        (161, 300, "10.00", 1),
    ],
)
def test_the_customer_must_get_as_much_at_as_good_a_price_in_time(
    at: float, qty: int, px: str, alerts: int
) -> None:
    scene = Watching(house())
    order = ahead(scene)
    if at < 160:
        scene.fill(at, order, qty, px).time_passes()
    else:
        scene.time_passes().fill(at, order, qty, px)
    scene.found(*["trading_ahead"] * alerts)


@pytest.mark.parametrize(
    ("parties", "words"),
    [
        ((house(), Party(Account="carl", Institutional=True)), {}),
        ((house(),), {"qty": 10_000}),
        ((house(Wall="prop"), Party(Account="carl", Wall="sales")), {}),
        ((Party(Account="prop", Capacity=Capacity.RisklessPrincipal),), {}),
        ((Party(Account="prop", Capacity=Capacity.Error),), {}),
        ((house(),), {"qty": 99}),
        ((house(),), {"px": "9.99"}),
        ((house(),), {"at": 101}),
    ],
    ids=["institution", "large", "no knowledge", "riskless", "error", "odd lot", "price", "later"],
)
def test_each_exception_of_the_rule_is_none(parties: Any, words: dict[str, Any]) -> None:
    scene = Watching(*parties, BlockQty=Decimal(1_000_000))
    if words.get("at", 0) > 100:
        scene.trade(100, "prop", BUY, 300, "10.00").enter(101, "carl", BUY, 500, "10.02")
    else:
        ahead(scene, **words)
    scene.time_passes().found()


def test_ten_thousand_shares_of_a_penny_stock_are_not_large() -> None:
    scene = Watching(house(), BlockQty=Decimal(1_000_000))
    scene.enter(50, "carl", BUY, 10_000, "0.02")
    scene.trade(100, "prop", BUY, 300, "0.01").time_passes().found("trading_ahead")


# ---- restricted lists


def listed(*accounts: str, since: int = 100, until: int | None = 200) -> tuple[Restriction, ...]:
    end = None if until is None else NOON + until * S
    return (
        Restriction(
            Symbol="AAPL", Accounts=accounts, From=NOON + since * S, Until=end, Reason="a bid"
        ),
    )


EMPLOYEE = Party(Account="pat", Capacity=Capacity.Employee)


def test_an_employee_s_order_while_the_security_is_listed_is_an_alert() -> None:
    scene = Watching(EMPLOYEE, restrictions=listed())
    scene.enter(150, "pat", BUY, 10)
    scene.found("restricted_dealing")
    assert "a bid" in scene.alerts[0].Text


@pytest.mark.parametrize(("at", "alerts"), [(99, 0), (100, 1), (199, 1), (200, 0)])
def test_a_list_holds_from_its_begin_until_before_its_end(at: float, alerts: int) -> None:
    scene = Watching(EMPLOYEE, restrictions=listed())
    scene.enter(at, "pat", BUY, 10)
    scene.found(*["restricted_dealing"] * alerts)


def test_a_list_with_names_is_for_them_alone_and_one_without_for_the_firm() -> None:
    named = Watching(EMPLOYEE, restrictions=listed("carl"))
    named.enter(150, "pat", BUY, 10)
    named.found()
    named.enter(150, "carl", BUY, 10)
    named.found("restricted_dealing")
    firm = Watching(EMPLOYEE, house(), restrictions=listed(until=None))
    firm.enter(150, "carl", BUY, 10)
    firm.enter(150, "pat", BUY, 10, symbol="MSFT")
    firm.found()
    firm.enter(9_000, "prop", BUY, 10)
    firm.found("restricted_dealing")


# ---- insider dealing


def habitual(scene: Watching) -> Watching:
    for n in range(20):
        scene.trade(90 * n, "pat", (BUY, SELL)[n % 2], 100 + n, "10", symbol="MSFT")
    return scene


def test_an_unusual_trade_the_right_way_before_news_is_an_alert_when_the_news_comes() -> None:
    scene = habitual(Watching(EMPLOYEE)).trade(2_000, "pat", BUY, 440).found()
    scene.news(5_000, "0.05").found("insider_dealing")
    assert scene.alerts[0].Severity == "High"
    assert scene.alerts[0].OrderIDs == ("pat-41",)


@pytest.mark.parametrize(
    ("at", "side", "qty", "news", "move"),
    [
        (2_000, SELL, 440, 5_000, "0.05"),
        (2_000, BUY, 350, 5_000, "0.05"),
        (2_000, BUY, 440, 9_300, "0.05"),
        (2_000, BUY, 440, 5_000, "0.019"),
    ],
)
def test_the_wrong_way_or_usual_or_early_or_for_small_news_it_is_none(
    at: float, side: Any, qty: int, news: float, move: str
) -> None:
    habitual(Watching(EMPLOYEE)).trade(at, "pat", side, qty).news(news, move).found()


def test_of_somebody_without_a_habit_the_money_counts() -> None:
    Watching().trade(1_000, "new", SELL, 25_000).news(5_000, "-0.05").found("insider_dealing")
    Watching().trade(1_000, "new", SELL, 24_999).news(5_000, "-0.05").found()
