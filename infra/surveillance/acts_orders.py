"""What traders do with orders they do not mean: layers, spoofs, floods; and what only looks so.

Each act plays on a stage and returns whose it was and when the last of it happened.
"""

from infra.surveillance.stage import Stage, spread

Done = tuple[str, float]

LARGE_LAYER = {"large": 1_000_000, "mid": 500_000, "small": 250_000}
"""Money that the trade calls a large layer in such a security; a large single order is half."""


def _who(stage: Stage) -> str:
    return stage.party("zoe", owner="zoe")


def _layer(stage: Stage, levels: int, worth: float, at: float, sign: int) -> list[str]:
    """Orders one above the other, away from the market."""
    px, usual = stage.px(at), stage.security.usual
    orders = []
    for level in range(levels):
        price = px * (1 - sign * usual * (level + 1))
        qty = worth / levels / price * stage.random.uniform(0.9, 1.1)
        orders.append(stage.order("zoe", sign, qty, at + level * 0.4, price))
    return orders


def _layered(
    stage: Stage,
    *,
    levels: int | None = None,
    size: float | None = None,
    opposite: str = "zoe",
    wait: tuple[float, float] = (1, 40),
    filled: bool = False,
) -> Done:
    draw = stage.random
    who, sign = _who(stage), draw.choice((1, -1))
    began = draw.uniform(900, 1_500)
    worth = LARGE_LAYER[stage.security.band] * (size or draw.uniform(1.2, 6))
    orders = _layer(stage, levels or draw.randint(3, 7), worth, began, sign)
    traded = began + 4 + draw.uniform(1, 20)
    if opposite:
        stage.trade(opposite, -sign, 100 * draw.randint(2, 20), traded)
    at = traded + draw.uniform(*wait)
    for order in orders:
        at += draw.uniform(0.05, 1.0)
        if filled:
            stage.fill(order, stage.orders[order][1], at, stage.px(at))
        else:
            stage.cancel(order, at)
    return who, at


def layers_and_trades(stage: Stage) -> Done:
    return _layered(stage)


def layers_through_two_accounts(stage: Stage) -> Done:
    """The trade is in another account of the same owner."""
    stage.party("zoe-too", owner="zoe")
    return _layered(stage, opposite="zoe-too")


def layers_with_one_level_hit(stage: Stage) -> Done:
    """One of the orders trades a little by accident; the rest is cancelled."""
    draw = stage.random
    who, sign = _who(stage), draw.choice((1, -1))
    began = draw.uniform(900, 1_500)
    worth = LARGE_LAYER[stage.security.band] * draw.uniform(1.6, 6)
    orders = _layer(stage, draw.randint(4, 7), worth, began, sign)
    stage.fill(orders[0], stage.orders[orders[0]][1] * 0.2, began + 4, stage.px(began + 4))
    traded = began + 5 + draw.uniform(1, 20)
    stage.trade("zoe", -sign, 100 * draw.randint(2, 20), traded)
    at = traded + draw.uniform(1, 40)
    for order in orders:
        at += draw.uniform(0.05, 0.8)
        stage.cancel(order, at)
    return who, at


def layers_and_cancels_slowly(stage: Stage) -> Done:
    """One level after the other, over half a minute or more."""
    draw = stage.random
    who, sign = _who(stage), draw.choice((1, -1))
    began = draw.uniform(900, 1_500)
    worth = LARGE_LAYER[stage.security.band] * draw.uniform(1.3, 6)
    orders = _layer(stage, draw.randint(4, 6), worth, began, sign)
    at = began + draw.uniform(5, 20)
    stage.trade("zoe", -sign, 100 * draw.randint(2, 20), at)
    for order in orders:
        at += draw.uniform(5, 14)
        stage.cancel(order, at)
    return who, at


def layers_without_a_trade(stage: Stage) -> Done:
    return _layered(stage, opposite="")


def layers_and_somebody_else_trades(stage: Stage) -> Done:
    stage.party("max")
    return _layered(stage, opposite="max")


def two_levels_only(stage: Stage) -> Done:
    return _layered(stage, levels=2)


def a_small_layer(stage: Stage) -> Done:
    return _layered(stage, size=stage.random.uniform(0.05, 0.6))


def layers_that_are_filled(stage: Stage) -> Done:
    return _layered(stage, filled=True)


def layers_cancelled_much_later(stage: Stage) -> Done:
    return _layered(stage, wait=(300, 700))


def _spoof(
    stage: Stage,
    *,
    times: tuple[float, float] = (8, 40),
    life: tuple[float, float] = (2, 45),
    filled: float = 0.0,
    same_side: bool = False,
    trades: bool = True,
) -> Done:
    draw = stage.random
    who, sign = _who(stage), draw.choice((1, -1))
    began = draw.uniform(900, 1_500)
    px = stage.px(began)
    qty = LARGE_LAYER[stage.security.band] / 2 * draw.uniform(1.3, 5) / px
    stands = draw.uniform(*life)
    far = draw.uniform(0, 2) * stage.security.usual
    order = stage.order("zoe", sign, qty, began, px * (1 - sign * far))
    traded = began + stands * draw.uniform(0.2, 0.8)
    if trades:
        side = sign if same_side else -sign
        stage.trade("zoe", side, max(1, qty / draw.uniform(*times)), traded)
    if filled:
        stage.fill(order, qty * filled, began + stands * 0.9, stage.px(began))
    stage.cancel(order, began + stands)
    return who, began + stands


def spoofs(stage: Stage) -> Done:
    return _spoof(stage)


def spoofs_and_is_touched(stage: Stage) -> Done:
    """A sliver of the large order is filled before it is gone."""
    return _spoof(stage, filled=stage.random.uniform(0.005, 0.06))


def spoofs_in_two_trades(stage: Stage) -> Done:
    """The small trade comes in two parts."""
    draw = stage.random
    who, sign = _who(stage), draw.choice((1, -1))
    began = draw.uniform(900, 1_500)
    px = stage.px(began)
    qty = LARGE_LAYER[stage.security.band] / 2 * draw.uniform(1.3, 5) / px
    order = stage.order("zoe", sign, qty, began, px * (1 - sign * stage.security.usual))
    for at in spread(draw, began + 1, began + 25, 2):
        stage.trade("zoe", -sign, max(1, qty / draw.uniform(20, 60)), at)
    stage.cancel(order, began + 27)
    return who, began + 27


def spoofs_and_shrinks_the_order(stage: Stage) -> Done:
    """Instead of a cancel a replace that leaves next to nothing."""
    draw = stage.random
    who, sign = _who(stage), draw.choice((1, -1))
    began = draw.uniform(900, 1_500)
    px = stage.px(began)
    qty = LARGE_LAYER[stage.security.band] / 2 * draw.uniform(1.3, 5) / px
    order = stage.order("zoe", sign, qty, began, px * (1 - sign * stage.security.usual))
    stage.trade("zoe", -sign, max(1, qty / draw.uniform(10, 40)), began + draw.uniform(1, 15))
    over = began + draw.uniform(16, 40)
    stage.revise(order, max(1, qty * draw.uniform(0.001, 0.05)), over, px)
    return who, over


def a_large_order_that_trades(stage: Stage) -> Done:
    return _spoof(stage, filled=stage.random.uniform(0.3, 0.95))


def a_large_order_that_stays(stage: Stage) -> Done:
    return _spoof(stage, life=(240, 600))


def a_large_order_and_a_trade_the_same_way(stage: Stage) -> Done:
    return _spoof(stage, same_side=True)


def a_large_order_not_much_larger(stage: Stage) -> Done:
    return _spoof(stage, times=(1.0, 3.0))


def a_large_order_alone(stage: Stage) -> Done:
    return _spoof(stage, trades=False)


def _flood(
    stage: Stage,
    count: int,
    seconds: float,
    *,
    canceled: float = 1.0,
    filled: float = 0.0,
) -> Done:
    """So many orders in so many seconds; what is neither cancelled nor filled stays."""
    draw = stage.random
    who = _who(stage)
    began = draw.uniform(700, 1_000)
    last = began
    for at in spread(draw, began, began + seconds, count):
        sign = draw.choice((1, -1))
        px = stage.px(at) * (1 - sign * 2 * stage.security.usual)
        order = stage.order("zoe", sign, 100, at, px)
        fate = draw.random()
        last = at + min(0.6 * seconds / count, 5.0)
        if fate < filled:
            stage.fill(order, 100, last, px)
        elif fate < filled + canceled:
            stage.cancel(order, last)
    return who, last


def floods(stage: Stage) -> Done:
    return _flood(stage, stage.random.randint(100, 260), stage.random.uniform(2, 5))


def floods_with_a_fill(stage: Stage) -> Done:
    """Hardly anything trades, but something does."""
    return _flood(
        stage, stage.random.randint(150, 260), stage.random.uniform(2, 5), canceled=0.97,
        filled=0.015,
    )  # fmt: skip


def floods_with_replaces(stage: Stage) -> Done:
    """A few orders, replaced again and again."""
    draw = stage.random
    who, began = _who(stage), draw.uniform(700, 1_000)
    px = stage.px(began) * (1 - 2 * stage.security.usual)
    orders = [stage.order("zoe", 1, 100, began + 0.01 * n, px) for n in range(3)]
    at = began
    for at in spread(draw, began + 0.1, began + draw.uniform(2, 5), draw.randint(100, 240)):
        stage.revise(draw.choice(orders), 100, at, px * (1 + draw.gauss(0, 0.0004)))
    for order in orders:
        stage.cancel(order, at + 1)
    return who, at


def a_burst_that_trades(stage: Stage) -> Done:
    return _flood(stage, stage.random.randint(100, 200), 4, canceled=0.3, filled=0.7)


def a_basket_that_rests(stage: Stage) -> Done:
    return _flood(stage, stage.random.randint(100, 200), 4, canceled=0.05)


def as_many_over_minutes(stage: Stage) -> Done:
    return _flood(stage, stage.random.randint(100, 200), stage.random.uniform(400, 900))


def a_few_at_once(stage: Stage) -> Done:
    return _flood(stage, stage.random.randint(4, 12), 2)


def cancels_nearly_everything(stage: Stage) -> Done:
    draw = stage.random
    return _flood(stage, draw.randint(45, 110), draw.uniform(100, 235), canceled=0.96)


def cancels_most_and_trades_once(stage: Stage) -> Done:
    draw = stage.random
    return _flood(stage, draw.randint(60, 110), draw.uniform(100, 235), canceled=0.93, filled=0.012)


def cancels_half_and_trades_half(stage: Stage) -> Done:
    return _flood(stage, stage.random.randint(45, 110), 200, canceled=0.55, filled=0.45)


def cancels_a_few(stage: Stage) -> Done:
    return _flood(stage, stage.random.randint(5, 18), 200)


def cancels_as_many_over_an_hour(stage: Stage) -> Done:
    return _flood(stage, stage.random.randint(45, 70), stage.random.uniform(1_200, 1_500))


def leaves_them_in_the_book(stage: Stage) -> Done:
    return _flood(stage, stage.random.randint(45, 110), 200, canceled=0.2)
