"""Rules with the limits of reference data: one row a rule, in order of precedence."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from actors.rules import RULES
from messages.base import Message
from messages.fix import OrdRejReason as Why
from messages.fix import OrdType, Side
from messages.kills import KillScope, StandingKill
from messages.orders import NewOrderSingle
from messages.reference import Limits
from tests.actors.scenes import AccountScene, dec, definition, instrument, order, replace

LIMITED = definition(
    RestrictedSymbols=("EVIL",),
    MaxOrderQty=dec(500),
    PriceCollar=dec("0.10"),
    MaxNotional=dec(4_000),
    MaxPosition=dec(300),
    Cash={"USD": dec(2_500)},
)


KILL = StandingKill(
    KillID="K1",
    Scope=KillScope.Instrument,
    Name="LOOP",
    Reason="it loops",
    By="ann",
    At=1_795_400_184_000_000_000,
)


def scene() -> AccountScene:
    """An account with a limit of every kind, and an order named ``used``."""
    given: tuple[Message, ...] = (LIMITED, instrument(), instrument("EVIL"), KILL)
    found = AccountScene(*given).desk(order("used", OrderQty=1))
    return found


Wrong = dict[str, object]

BREACHES: dict[str, Wrong] = {
    "duplicate_clordid": {"clordid": "used"},
    "kill_switch": {"Symbol": "LOOP"},
    "known_instrument": {"Symbol": "NOPE"},
    "restricted": {"Symbol": "EVIL"},
    "destination": {"ExDestination": "XLON"},
    "lot_size": {"OrderQty": "10.5"},
    "order_size": {"OrderQty": 501},
    "price_increment": {"Price": "10.005"},
    "price_collar": {"Price": "11.01"},
    "notional": {"OrderQty": 401},
    "position_limit": {"OrderQty": 300},
    "buying_power": {"OrderQty": 250},
}
"""What is wrong with the order; rules above it are content, those below may object too."""

SPEAKS_OF = {
    "known_account": ("Account", "acme"),
    "desk_may_trade": ("Account", "acme"),
    "duplicate_clordid": ("ClOrdID", "used"),
    "kill_switch": ("Instrument", "LOOP"),
    "known_instrument": ("Symbol", "NOPE"),
    "restricted": ("Symbol", "EVIL"),
    "destination": ("ExDestination", "XLON"),
    "lot_size": ("OrderQty", "10.5"),
    "order_size": ("OrderQty", "501"),
    "price_increment": ("Price", "10.005"),
    "price_collar": ("Price", "11.01"),
    "notional": ("OrderQty", "401"),
    "position_limit": ("OrderQty", "300"),
    "buying_power": ("OrderQty", "250"),
}
"""The field that each refusal names, and what was given."""


def ask(rule: str) -> AccountScene:
    """An order that breaks this rule and none above it."""
    if rule == "known_account":
        return AccountScene(instrument()).desk(order())
    if rule == "desk_may_trade":
        return scene().desk(order("fresh"), desk="red")
    return scene().desk(order(**({"clordid": "fresh"} | BREACHES[rule])))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.name in SPEAKS_OF], ids=lambda rule: rule.name
)
def test_each_rule_refuses_with_its_reason_its_field_and_what_to_do(rule: object) -> None:
    name, reason = rule.name, rule.reason  # type: ignore[attr-defined]
    found = ask(name).happened("OrderRefused").replays()
    report = found.report
    assert (report.OrdRejReason, report.Refusal.Rule) == (reason, name)
    assert (report.Refusal.Field, report.Refusal.Given) == SPEAKS_OF[name]
    assert report.Refusal.Remedy
    assert report.Refusal.Allowed in report.Text
    first = 1 if name == "duplicate_clordid" else 0  # which has the quantities of the first order
    assert (report.CumQty, report.LeavesQty) == (0, first)


def test_every_rule_has_a_row_in_these_tables() -> None:
    always = {rule.name for rule in RULES if not rule.parameters}
    limits = {name for name in Limits.model_fields if getattr(LIMITED.Limits, name) is not None}
    ours = {rule.name for rule in RULES if limits & set(rule.parameters)}
    assert set(SPEAKS_OF) == always | ours | {"restricted"}
    assert set(BREACHES) == set(SPEAKS_OF) - {"known_account", "desk_may_trade"}


def both(above: str, below: str) -> NewOrderSingle | None:
    """One order that breaks both rules, or None where both speak of the same field."""
    one, other = BREACHES[above], BREACHES[below]
    if one.keys() & other.keys():
        return None
    return order(**({"clordid": "fresh"} | one | other))  # type: ignore[arg-type]


PAIRS = [
    (above, below)
    for i, above in enumerate(BREACHES)
    for below in list(BREACHES)[i + 1 :]
    if both(above, below)
]


@pytest.mark.parametrize(("above", "below"), PAIRS)
def test_of_two_objections_the_one_of_the_higher_rule_is_the_answer(above: str, below: str) -> None:
    wrong = both(above, below)
    assert wrong is not None
    assert scene().desk(wrong).report.Refusal.Rule == above


def test_rules_that_speak_of_the_quantity_have_their_order_too() -> None:
    def rule(qty: int | str) -> str:
        refusal = scene().desk(order("fresh", OrderQty=qty)).report.Refusal
        return str(refusal.Rule)

    found = [rule(qty) for qty in ("600.5", "600", "450", "350", "250")]
    assert found == ["lot_size", "order_size", "notional", "position_limit", "buying_power"]


def test_a_desk_that_may_not_trade_learns_nothing_else() -> None:
    wrong = order("used", Symbol="NOPE", OrderQty="0.5")
    assert scene().desk(wrong, desk="red").report.OrdRejReason is Why.BrokerOption


# ---- what a limit allows, to the last unit


@pytest.mark.parametrize(
    ("limit", "fits", "breaks"),
    [
        ({"MaxOrderQty": dec(500)}, {"OrderQty": 500}, {"OrderQty": 501}),
        ({"MaxNotional": dec(4_000)}, {"OrderQty": 400}, {"OrderQty": 401}),
        ({"PriceCollar": dec("0.10")}, {"Price": "11.00"}, {"Price": "11.01"}),
        ({"PriceCollar": dec("0.10")}, {"Price": "9.00"}, {"Price": "8.99"}),
        ({"MaxPosition": dec(300)}, {"OrderQty": 300}, {"OrderQty": 301}),
        ({"Cash": {"USD": dec(3_000)}}, {"OrderQty": 300}, {"OrderQty": 301}),
        ({"MaxPosition": dec(300)}, {"Side": Side.SellShort, "OrderQty": 300},
         {"Side": Side.SellShort, "OrderQty": 301}),
    ],
)  # fmt: skip
def test_a_limit_may_be_reached_and_not_passed(
    limit: dict[str, object], fits: dict[str, object], breaks: dict[str, object]
) -> None:
    given = (definition(**limit), instrument())
    AccountScene(*given).desk(order(**fits)).happened("OrderAccepted")  # type: ignore[arg-type]
    AccountScene(*given).desk(order(**breaks)).happened("OrderRefused")  # type: ignore[arg-type]


@pytest.mark.parametrize(("collar", "most"), [(None, 4_500), (dec("0.20"), 4_000)])
def test_an_order_by_cash_may_not_buy_more_units_than_an_order_may_have(
    collar: Decimal | None, most: int
) -> None:
    limits = {"MaxOrderQty": dec(500), "PriceCollar": collar}
    asked: dict[str, object] = {"OrderQty": None, "Price": None, "OrdType": OrdType.Market}
    given = (definition(**limits), instrument())  # whose reference price is 10
    fits, over = order(**asked, CashOrderQty=str(most)), order(**asked, CashOrderQty=str(most + 1))  # type: ignore[arg-type]
    AccountScene(*given).desk(fits).happened("OrderAccepted")
    refusal = AccountScene(*given).desk(over).happened("OrderRefused").report.Refusal
    assert (refusal.Rule, refusal.Field, refusal.Limit) == ("order_size", "CashOrderQty", "500")


def test_a_market_order_is_worth_the_far_end_of_the_collar() -> None:
    given = (definition(MaxNotional=dec(1_100), PriceCollar=dec("0.10")), instrument())
    asked: Callable[[int], NewOrderSingle] = lambda qty: order(  # noqa: E731
        OrdType=OrdType.Market, OrderQty=qty
    )
    AccountScene(*given).desk(asked(100)).happened("OrderAccepted")
    AccountScene(*given).desk(asked(101)).happened("OrderRefused")


def test_open_orders_count_towards_position_and_buying_power() -> None:
    limited = AccountScene(definition(MaxPosition=dec(150)), instrument()).desk(order("a"))
    limited.desk(order("b", OrderQty=51)).happened("OrderRefused")
    limited.desk(order("c", OrderQty=50)).happened("OrderAccepted")
    poor = AccountScene(definition(Cash={"USD": dec(1_500)}), instrument()).desk(order("a"))
    poor.desk(order("b", OrderQty=51)).happened("OrderRefused")
    poor.desk(order("c", OrderQty=50)).happened("OrderAccepted")


def test_what_brings_a_position_back_towards_its_limit_is_let_through() -> None:
    found = AccountScene(definition(), instrument()).working(OrderQty=400).fill(400)
    found.when(definition(MaxPosition=dec(100)))
    found.desk(order("b", Side=Side.Sell, OrderQty=50)).happened("OrderAccepted")
    found.desk(order("c", OrderQty=1)).happened("OrderRefused")


def test_a_negative_reference_price_has_a_band_around_it() -> None:
    oil = instrument("CLK0", ReferencePx=dec("-37.00"), Venues=("XNAS",))
    limited = AccountScene(definition(PriceCollar=dec("0.10")), oil)
    limited.desk(order("a", Symbol="CLK0", Price="-40.00")).happened("OrderAccepted")
    limited.desk(order("b", Symbol="CLK0", Price="-41.00")).happened("OrderRefused")


def test_a_refused_order_reserves_nothing_and_takes_no_place() -> None:
    found = ask("buying_power")
    assert found.state.reserved["USD"] == 10
    assert list(found.state.orders) == ["acme-1"]


# ---- replaces are judged by the same rules


def test_a_replace_is_refused_by_the_rule_that_would_refuse_such_an_order() -> None:
    found = AccountScene(definition(MaxOrderQty=dec(150)), instrument()).working()
    found.desk(replace("b", "a", OrderQty=151)).then("b<a CancelReject New BrokerOption")
    assert found.report.Refusal.Rule == "order_size"
    found.desk(replace("c", "a", OrderQty=150)).happened("ReplaceRequested").replays()


@pytest.mark.parametrize("side", [Side.Buy, Side.SellShort])
def test_a_replace_counts_towards_the_position_only_with_what_it_adds(side: Side) -> None:
    found = AccountScene(definition(MaxPosition=dec(150)), instrument()).working(Side=side)
    found.fill(20).desk(replace("b", "a", Side=side, OrderQty=151)).happened("CancelRefused")
    found.desk(replace("c", "a", Side=side, OrderQty=150)).happened("ReplaceRequested")
    found.desk(order("d", Side=side, OrderQty=1)).happened("OrderRefused").replays()


def test_a_replace_needs_money_only_for_what_it_adds() -> None:
    found = AccountScene(definition(Cash={"USD": dec(1_500)}), instrument()).working()
    found.desk(replace("b", "a", OrderQty=151)).happened("CancelRefused")
    found.desk(replace("c", "a", OrderQty=150)).happened("ReplaceRequested")
