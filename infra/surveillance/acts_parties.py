"""Who trades with whom and before whom: washes, blocks, customers; and what only looks so."""

from infra.surveillance.stage import Stage, spread
from messages.thresholds import Capacity

Done = tuple[str, float]


def _who(stage: Stage, account: str = "zoe", owner: str | None = "zoe") -> str:
    return stage.party(account, owner=owner)


# ---- wash trades


def _match(stage: Stage, one: str, other: str, apart: float = 0.01, off: float = 0.0) -> float:
    """One buys what the other sells."""
    draw = stage.random
    at, qty = draw.uniform(900, 1_500), 100 * draw.randint(2, 60)
    px, venue = stage.px(at), draw.choice(("XPAR", "XLON"))
    rests = stage.order(one, -1, qty, at - draw.uniform(1, 30), px)
    takes = stage.order(other, 1, qty, at, px)
    stage.fill(takes, qty, at + 0.02, px, venue)
    stage.fill(rests, qty, at + 0.02 + apart, px * (1 + off), venue)
    return at + 0.02 + apart


def matches_its_own_order(stage: Stage) -> Done:
    who = _who(stage)
    return who, _match(stage, "zoe", "zoe")


def matches_its_other_account(stage: Stage) -> Done:
    who = _who(stage)
    _who(stage, "zoe-too")
    return who, _match(stage, "zoe", "zoe-too")


def _pairs(stage: Stage, count: int, *, within: float, edge: float, scale: float = 1.0) -> Done:
    """Buys and sells the same amount with others between; ``edge``: how much better it sells."""
    draw = stage.random
    who, at = _who(stage), draw.uniform(800, 1_000)
    for _ in range(count):
        qty, px = 100 * draw.randint(5, 40), stage.px(at)
        stage.trade("zoe", 1, qty, at, px)
        at += draw.uniform(0.3, 0.9) * within
        stage.trade("zoe", -1, qty * scale, at, px * (1 + edge), "XLON")
        last = at
        at += draw.uniform(60, 150)
    return who, last


def goes_round_in_circles(stage: Stage) -> Done:
    return _pairs(stage, stage.random.randint(2, 4), within=50, edge=0.0)


def goes_round_and_trades_a_little_else(stage: Stage) -> Done:
    """Some honest trades are among them."""
    draw = stage.random
    who, last = _pairs(stage, draw.randint(3, 4), within=40, edge=0.0)
    for when in spread(draw, 600, 780, 2):
        stage.trade("zoe", draw.choice((1, -1)), 100 * draw.randint(1, 8), when)
    return who, last


def two_customers_of_one_desk_meet(stage: Stage) -> Done:
    who = _who(stage)
    stage.party("max", owner="max")
    return who, _match(stage, "zoe", "max")


def once_there_and_back(stage: Stage) -> Done:
    return _pairs(stage, 1, within=50, edge=0.0)


def earns_the_spread(stage: Stage) -> Done:
    """A market maker buys and sells as much, at prices that differ."""
    edge = stage.random.uniform(0.0008, 0.003)
    return _pairs(stage, stage.random.randint(2, 4), within=50, edge=edge)


def buys_and_sells_other_amounts(stage: Stage) -> Done:
    scale = stage.random.choice((0.3, 0.5, 1.6, 2.5))
    return _pairs(stage, stage.random.randint(2, 4), within=50, edge=0.0, scale=scale)


def buys_and_sells_within_the_hour(stage: Stage) -> Done:
    """The position is held for minutes: it could have lost."""
    return _pairs(stage, 2, within=500, edge=0.0)


# ---- front running


def _runs(
    stage: Stage,
    capacity: Capacity = Capacity.House,
    *,
    block: tuple[int, int] = (10_000, 80_000),
    ahead: tuple[float, float] = (15, 480),
    walls: tuple[str, str] = ("sales", "sales"),
    opposite: bool = False,
    trades: int = 1,
) -> Done:
    draw = stage.random
    who = stage.party("desk7", capacity, owner="desk7", wall=walls[0])
    stage.party("fund", wall=walls[1], institutional=draw.random() < 0.5)
    sign, at = draw.choice((1, -1)), draw.uniform(1_700, 2_200)
    began = at - draw.uniform(*ahead)
    end = min(began + 30, at - 2) if began < at else began + 10
    for when in spread(draw, min(began, end - 1), end, trades):
        stage.trade(who, -sign if opposite else sign, 100 * draw.randint(1, 50), when)
    px = draw.choice((None, stage.px(at)))
    stage.order("fund", sign, draw.randint(*block), at, px)
    return who, max(at, end)


def house_runs_ahead(stage: Stage) -> Done:
    return _runs(stage, trades=stage.random.randint(1, 4))


def employee_runs_ahead(stage: Stage) -> Done:
    return _runs(stage, Capacity.Employee)


def house_is_on_the_other_side(stage: Stage) -> Done:
    return _runs(stage, opposite=True)


def house_is_beyond_a_wall(stage: Stage) -> Done:
    return _runs(stage, walls=("prop", "sales"))


def house_was_there_long_before(stage: Stage) -> Done:
    return _runs(stage, ahead=(900, 1_050))


def house_comes_after_the_block(stage: Stage) -> Done:
    return _runs(stage, ahead=(-90, -10))


def the_order_is_no_block(stage: Stage) -> Done:
    return _runs(stage, block=(500, 8_000))


def another_customer_was_before(stage: Stage) -> Done:
    return _runs(stage, Capacity.Customer)


# ---- trading ahead


def _ahead(
    stage: Stage,
    *,
    house: Capacity = Capacity.House,
    walls: tuple[str, str] = ("sales", "sales"),
    institutional: bool = False,
    qty: int | None = None,
    limit: float = 1.0,
    late: bool = False,
    then: str = "nothing",
) -> Done:
    """A customer's order rests at its limit, and the house trades at a price that satisfies it."""
    draw = stage.random
    who = stage.party("desk7", house, owner="desk7", wall=walls[0])
    stage.party("carl", wall=walls[1], institutional=institutional)
    sign, at = draw.choice((1, -1)), draw.uniform(900, 1_400)
    px, qty = stage.px(at), qty or draw.randint(100, 5_000)
    came = at + draw.uniform(1, 20) if late else at - draw.uniform(2, 300)
    order = stage.order("carl", sign, qty, came, px * (1 + sign * limit * stage.security.usual))
    own = qty * draw.uniform(0.6, 2)
    stage.trade(who, sign, own, at, px)
    due = min(qty, own)
    good, bad = px * (1 - sign * 0.0003), px * (1 + sign * 1.2 * stage.security.usual)
    if then == "filled":
        stage.fill(order, due + 1 if due + 1 <= qty else due, at + draw.uniform(0.5, 45), good)
    elif then == "in parts":
        for when in spread(draw, at + 1, at + 50, 3):
            stage.fill(order, due / 3 + 1, when, good)
    elif then == "worse":
        stage.fill(order, due, at + draw.uniform(1, 40), bad)
    elif then == "too late":
        stage.fill(order, due, at + draw.uniform(90, 400), good)
    elif then == "some":
        stage.fill(order, due * 0.3, at + draw.uniform(1, 40), good)
    return who, at + 60.05


def trades_ahead(stage: Stage) -> Done:
    return _ahead(stage)


def trades_ahead_and_fills_later(stage: Stage) -> Done:
    return _ahead(stage, then="too late")


def trades_ahead_and_fills_worse(stage: Stage) -> Done:
    return _ahead(stage, then="worse", limit=2.0)


def trades_ahead_and_fills_some(stage: Stage) -> Done:
    return _ahead(stage, then="some")


def customer_is_filled_too(stage: Stage) -> Done:
    return _ahead(stage, then="filled")


def customer_is_filled_in_parts(stage: Stage) -> Done:
    return _ahead(stage, then="in parts")


def customer_is_an_institution(stage: Stage) -> Done:
    return _ahead(stage, institutional=True)


def customer_s_order_is_large(stage: Stage) -> Done:
    return _ahead(stage, qty=stage.random.randint(10_000, 40_000))


def no_knowledge_of_the_customer(stage: Stage) -> Done:
    return _ahead(stage, walls=("prop", "sales"))


def riskless_principal(stage: Stage) -> Done:
    return _ahead(stage, house=Capacity.RisklessPrincipal)


def corrects_an_error(stage: Stage) -> Done:
    return _ahead(stage, house=Capacity.Error)


def customer_has_an_odd_lot(stage: Stage) -> Done:
    return _ahead(stage, qty=stage.random.randint(1, 99))


def price_would_not_satisfy(stage: Stage) -> Done:
    return _ahead(stage, limit=-2.0)


def customer_came_after(stage: Stage) -> Done:
    return _ahead(stage, late=True)
