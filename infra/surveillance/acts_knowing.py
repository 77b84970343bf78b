"""Who deals knowing what, and who is served badly: lists, news, fills; and what only looks so."""

from infra.surveillance.acts_orders import LARGE_LAYER
from infra.surveillance.stage import Stage, spread
from messages.thresholds import Capacity

Done = tuple[str, float]


# ---- restricted lists


def _deals(
    stage: Stage,
    capacity: Capacity,
    *,
    named: bool = False,
    since: float = 700,
    until: float | None = None,
    symbol: str = "",
) -> Done:
    draw = stage.random
    who = stage.party("pat", capacity, owner="pat")
    stage.restrict(since, until, *(("pat",) if named else ()), symbol=symbol)
    at = draw.uniform(1_000, 1_600)
    if draw.random() < 0.5:
        stage.trade(who, draw.choice((1, -1)), 100 * draw.randint(1, 20), at)
    else:
        stage.order(who, draw.choice((1, -1)), 100 * draw.randint(1, 20), at, stage.px(at))
    return who, at


def employee_deals_while_listed(stage: Stage) -> Done:
    return _deals(stage, Capacity.Employee)


def house_deals_while_listed(stage: Stage) -> Done:
    return _deals(stage, Capacity.House, until=2_000)


def listed_customer_deals(stage: Stage) -> Done:
    return _deals(stage, Capacity.Customer, named=True)


def employee_deals_before_the_list(stage: Stage) -> Done:
    return _deals(stage, Capacity.Employee, since=1_700)


def employee_deals_after_the_list(stage: Stage) -> Done:
    return _deals(stage, Capacity.Employee, until=950)


def employee_deals_in_another_security(stage: Stage) -> Done:
    return _deals(stage, Capacity.Employee, symbol="ELSE")


def customer_deals_while_the_house_may_not(stage: Stage) -> Done:
    return _deals(stage, Capacity.Customer)


# ---- insider dealing


def _knows(
    stage: Stage,
    capacity: Capacity = Capacity.Employee,
    *,
    times: tuple[float, float] = (5, 15),
    before: tuple[float, float] = (300, 6_600),
    move: tuple[float, float] = (0.035, 0.12),
    right: bool = True,
    habit: bool = True,
    parts: int = 1,
) -> Done:
    """Somebody with a habit trades before the news that they may have known."""
    draw = stage.random
    who = stage.party("pat", capacity, owner="pat")
    news = draw.uniform(12_500, 13_000)
    at = news - draw.uniform(*before)
    usual = 100 * draw.randint(1, 4)
    stage.start, stage.end = 3_600, 6_600
    for when in spread(draw, 0, 1_800, draw.randint(15, 25) if habit else 0):
        stage.trade(who, draw.choice((1, -1)), usual * draw.uniform(0.7, 1.3), when)
    sign = draw.choice((1, -1))
    amount = usual * draw.uniform(*times)
    if not habit:
        amount = LARGE_LAYER[stage.security.band] / 2 * draw.uniform(1.2, 4) / stage.security.px
    for when in spread(draw, at, at + 60, parts):
        stage.trade(who, sign, amount / parts, when)
    goes = draw.uniform(*move) * (sign if right else -sign)
    stage.move(news, goes)
    stage.news(news + 5, goes)
    return who, news + 5


def employee_knows(stage: Stage) -> Done:
    return _knows(stage)


def customer_knows(stage: Stage) -> Done:
    return _knows(stage, Capacity.Customer)


def newcomer_knows(stage: Stage) -> Done:
    return _knows(stage, Capacity.Customer, habit=False)


def employee_knows_and_splits(stage: Stage) -> Done:
    return _knows(stage, parts=2, times=(9, 18))


def wrong_way_before_the_news(stage: Stage) -> Done:
    return _knows(stage, right=False)


def as_much_as_always_before_the_news(stage: Stage) -> Done:
    return _knows(stage, times=(0.5, 1.6))


def long_before_the_news(stage: Stage) -> Done:
    return _knows(stage, before=(7_800, 8_800))


def news_that_moves_nothing(stage: Stage) -> Done:
    return _knows(stage, move=(0.0005, 0.008))


# ---- best execution


def _served(
    stage: Stage,
    off: tuple[float, float],
    *,
    quoted: bool | None = None,
    better: bool = False,
    market: bool = True,
    moved: bool = False,
    capacity: Capacity = Capacity.Customer,
) -> Done:
    """A customer is filled so many ordinary minutes away from the market."""
    draw = stage.random
    who = stage.party("carl", capacity, owner="carl")
    sign, at = draw.choice((1, -1)), draw.uniform(1_000, 1_800)
    worse = sign * stage.security.usual * draw.uniform(*off) * (-1 if better else 1)
    if not market:
        stage.end = at - 200
    else:
        if moved:
            stage.move(at - 40, worse)
        stage.crowd(at - 50, at, 3.0)
        if quoted if quoted is not None else draw.random() < 0.5:
            stage.quote(at - draw.uniform(0.1, 5))
    base = stage.px(at)
    px = base if moved else base * (1 + worse)
    stage.trade(who, sign, 100 * draw.randint(1, 30), at, px)
    return who, at + 0.05


def is_served_badly(stage: Stage) -> Done:
    return _served(stage, (14, 40))


def is_served_badly_against_the_quote(stage: Stage) -> Done:
    return _served(stage, (14, 40), quoted=True)


def is_served_a_little_worse(stage: Stage) -> Done:
    return _served(stage, (0.2, 4))


def is_served_better(stage: Stage) -> Done:
    return _served(stage, (14, 40), better=True)


def nobody_knows_the_market(stage: Stage) -> Done:
    return _served(stage, (14, 40), market=False)


def the_market_had_moved(stage: Stage) -> Done:
    return _served(stage, (14, 40), moved=True)


def the_house_is_served_badly(stage: Stage) -> Done:
    return _served(stage, (14, 40), capacity=Capacity.House)
