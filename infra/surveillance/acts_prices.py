"""What traders do to prices: at the close, step by step, in a burst; and what only looks so."""

from infra.surveillance.stage import CLOSE_S, Stage, spread

Done = tuple[str, float]

MOB = tuple(f"mob{number}" for number in range(1, 25))
"""Many who follow a price, none of whom makes it."""


def _who(stage: Stage) -> str:
    return stage.party("zoe", owner="zoe")


def _far(stage: Stage, low: float, high: float) -> float:
    """A move of so many ordinary minutes."""
    return stage.security.usual * stage.random.uniform(low, high)


def _close(
    stage: Stage,
    *,
    part: tuple[float, float] = (0.015, 0.05),
    move: tuple[float, float] = (8, 20),
    early: float = 0.0,
    both: bool = False,
    against: bool = False,
) -> Done:
    """Buys (or sells) part of a day's volume before the close, and the price goes somewhere."""
    draw = stage.random
    who, sign = _who(stage), draw.choice((1, -1))
    end = CLOSE_S - early
    stage.start, stage.end = end - 1_800, end - 1
    began = end - draw.uniform(400, 840)
    count = draw.randint(4, 12)
    whole = stage.security.adv * draw.uniform(*part)
    goes = (-sign if against else sign) * _far(stage, *move)
    at = began
    for index, at in enumerate(spread(draw, began, end - 20, count)):
        stage.move(at, goes / count)
        side = -sign if both and index % 2 else sign
        stage.trade(who, side, whole / count, at)
    return who, at


def marks_the_close(stage: Stage) -> Done:
    return _close(stage)


def marks_the_close_through_two_accounts(stage: Stage) -> Done:
    draw = stage.random
    who, sign = _who(stage), draw.choice((1, -1))
    stage.party("zoe-too", owner="zoe")
    stage.start, stage.end = CLOSE_S - 1_800, CLOSE_S - 1
    count, whole = draw.randint(6, 12), stage.security.adv * draw.uniform(0.02, 0.05)
    goes, at = sign * _far(stage, 9, 20), 0.0
    for index, at in enumerate(spread(draw, CLOSE_S - draw.uniform(300, 800), CLOSE_S - 15, count)):
        stage.move(at, goes / count)
        stage.trade(("zoe", "zoe-too")[index % 2], sign, whole / count, at)
    return who, at


def the_same_in_the_afternoon(stage: Stage) -> Done:
    return _close(stage, early=3_600)


def both_ways_at_the_close(stage: Stage) -> Done:
    return _close(stage, both=True)


def much_at_the_close_and_no_move(stage: Stage) -> Done:
    return _close(stage, move=(0, 0.5))


def much_at_the_close_against_the_market(stage: Stage) -> Done:
    return _close(stage, against=True)


def a_little_at_the_close(stage: Stage) -> Done:
    return _close(stage, part=(0.0005, 0.005))


def _ramp(
    stage: Stage,
    *,
    count: tuple[int, int] = (8, 14),
    move: tuple[float, float] = (14, 30),
    others: int = 0,
    jagged: bool = False,
    passive: bool = False,
    seconds: tuple[float, float] = (150, 500),
) -> Done:
    draw = stage.random
    who, sign = _who(stage), draw.choice((1, -1))
    began = draw.uniform(800, 1_200)
    number = draw.randint(*count)
    goes, at = sign * _far(stage, *move), began
    for index, at in enumerate(spread(draw, began, began + draw.uniform(*seconds), number)):
        stage.move(at, goes / number * (2.5 * (-1) ** index + 0.5 if jagged else 1))
        for _ in range(others):
            stage.trade(draw.choice(MOB), sign, 1_500, at + draw.uniform(0.1, 2))
        qty = 100 * draw.randint(5, 12)
        if passive:
            order = stage.order(who, sign, qty, at - draw.uniform(5, 60), stage.px(at))
            stage.fill(order, qty, at, stage.px(at))
        else:
            stage.trade(who, sign, qty, at)
    return who, at


def ramps(stage: Stage) -> Done:
    return _ramp(stage)


def ramps_with_a_pause(stage: Stage) -> Done:
    """One step back on the way."""
    draw = stage.random
    who, sign = _who(stage), draw.choice((1, -1))
    began, number = draw.uniform(800, 1_200), draw.randint(11, 15)
    goes, at = sign * _far(stage, 20, 32), began
    back = draw.randint(3, 8)
    for index, at in enumerate(spread(draw, began, began + draw.uniform(200, 500), number)):
        stage.move(at, -goes / number if index == back else goes / number)
        stage.trade(who, sign, 100 * draw.randint(5, 12), at)
    return who, at


def a_few_steps_only(stage: Stage) -> Done:
    return _ramp(stage, count=(2, 4))


def many_trades_and_no_move(stage: Stage) -> Done:
    return _ramp(stage, move=(0, 3))


def goes_with_the_crowd(stage: Stage) -> Done:
    """The market rises by itself: most of the volume is that of others."""
    return _ramp(stage, others=4)


def up_and_down(stage: Stage) -> Done:
    return _ramp(stage, jagged=True)


def is_hit_as_the_market_moves(stage: Stage) -> Done:
    """Resting orders are filled as the price comes to them: others took the price there."""
    return _ramp(stage, passive=True)


def slowly_over_an_hour(stage: Stage) -> Done:
    return _ramp(stage, count=(8, 10), seconds=(3_000, 3_600))


def _ignite(
    stage: Stage,
    *,
    move: tuple[float, float] = (8, 20),
    back: tuple[float, float] = (0.6, 1.2),
    wait: tuple[float, float] = (5, 90),
    others: int = 0,
    same_side: bool = False,
    parts: int = 1,
) -> Done:
    draw = stage.random
    who, sign = _who(stage), draw.choice((1, -1))
    began = draw.uniform(900, 1_300)
    count, goes = draw.randint(4, 8), sign * _far(stage, *move)
    amount, at = 0.0, began
    for at in spread(draw, began, began + draw.uniform(6, 24), count):
        for _ in range(others):
            stage.trade(draw.choice(MOB), sign, 3_000, at + 0.1)
        qty = 100 * draw.randint(5, 15)
        stage.trade(who, sign, qty, at)
        stage.move(at + 0.2, goes / count)
        amount += qty
    for when in spread(draw, at + 1, at + 6, 3):  # others follow
        stage.trade(draw.choice(MOB), sign, 200, when)
    over = at + draw.uniform(*wait) + 6
    reverse = amount * draw.uniform(*back)
    for part in range(parts if reverse else 0):
        over += 2.0 * part
        stage.trade(who, sign if same_side else -sign, reverse / parts, over)
    return who, over


def ignites_and_reverses(stage: Stage) -> Done:
    return _ignite(stage)


def ignites_and_reverses_in_parts(stage: Stage) -> Done:
    return _ignite(stage, parts=3, wait=(5, 60))


def a_burst_and_nothing_after(stage: Stage) -> Done:
    return _ignite(stage, back=(0, 0))


def a_burst_and_a_sale_much_later(stage: Stage) -> Done:
    return _ignite(stage, wait=(400, 900))


def a_burst_that_moves_nothing(stage: Stage) -> Done:
    return _ignite(stage, move=(0, 1.0))


def a_burst_within_a_larger_one(stage: Stage) -> Done:
    """Others do most of it."""
    return _ignite(stage, others=3)


def a_burst_and_more_of_the_same(stage: Stage) -> Done:
    return _ignite(stage, same_side=True)


def a_burst_and_a_little_back(stage: Stage) -> Done:
    return _ignite(stage, back=(0.05, 0.25))
