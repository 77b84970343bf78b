"""Rules whose limits stand in the rule book: what each allows, to the last unit, and says."""

from decimal import Decimal
from typing import Any

import pytest

from actors.rules import RULES
from messages.base import SECOND
from messages.fix import OrdRejReason as Why
from messages.fix import SecurityType, Side
from messages.rulebook import RuleBook, RulesIssued
from tests.actors.scenes import (
    START,
    AccountScene,
    dec,
    definition,
    instrument,
    order,
    replace,
)

Fields = dict[str, Any]

MSFT = instrument("MSFT", ReferencePx=dec("20.00"))
NOTE = instrument("BUND", SecurityType=SecurityType.CorporateBond, Currency="EUR")


def issued(version: int = 3, **book: Any) -> RulesIssued:
    """A version; fields of the rule book as JSON has them."""
    return RulesIssued(Version=version, Rules=RuleBook.model_validate(book, strict=False))


def ruled(_limits: Fields | None = None, *, cash: int = 100_000, **book: Any) -> AccountScene:
    """An account under a rule book whose firm level has these limits."""
    own = definition(Cash={"USD": dec(cash)})
    given = book | ({"Firm": _limits} if _limits else {})
    return AccountScene(own, instrument(), MSFT, NOTE).when(issued(**given))


def both(scene: AccountScene, rule: str, fits: Fields, breaks: Fields, **refusal: Any) -> None:
    """The first order is let through and the second refused by this rule, each by itself."""
    kept = scene.replayed()
    scene.desk(order("fits", **fits)).happened("OrderAccepted").replays()
    assert scene.events[0].Rules == 3  # type: ignore[attr-defined]
    scene.actor = kept
    scene.history = []
    scene.desk(order("breaks", **breaks)).happened("OrderRefused")
    found = scene.report.Refusal
    assert (found.Rule, found.Version) == (rule, 3)
    for name, value in refusal.items():
        assert getattr(found, name) == value


def short(qty: int) -> Fields:
    return {"Side": Side.SellShort, "OrderQty": qty}


CASES: tuple[tuple[str, Fields, Fields, Fields, Fields, Fields], ...] = (
    ("order_size", {"MaxOrderQty": "500"}, {}, {"OrderQty": 500}, {"OrderQty": 501},
     {"Limit": "500", "Level": "firm"}),
    ("notional", {"MaxNotional": "4000"}, {}, {"OrderQty": 400}, {"OrderQty": 401},
     {"Limit": "4000", "Inputs": {"Price": "10", "Value": "4010"}}),
    ("price_collar", {"PriceCollar": "0.1"}, {}, {"Price": "11.00"}, {"Price": "11.01"},
     {"Limit": "0.1", "Inputs": {"ReferencePx": "10"}}),
    ("position_limit", {"MaxPosition": "300"}, {}, {"OrderQty": 300}, {"OrderQty": 301},
     {"Inputs": {"Position": "0", "Buying": "301", "Selling": "0"}}),
    ("gross_exposure", {"MaxGross": "3000"}, {}, {"OrderQty": 300}, {"OrderQty": 301},
     {"Limit": "3000", "Inputs": {"Gross": "3010", "GrossNow": "0"}}),
    ("net_exposure", {"MaxNet": "3000"}, {}, short(300), short(301), {}),
    ("concentration", {"MaxConcentration": "0.05"}, {}, {"OrderQty": 500}, {"OrderQty": 501},
     {"Inputs": {"Gross": "5010", "Equity": "100000"}}),
    ("volume_share", {"MaxVolumeShare": "0.1"},
     {"Securities": {"AAPL": {"AverageDailyVolume": "3000"}}},
     {"OrderQty": 300}, {"OrderQty": 301}, {"Inputs": {"AverageDailyVolume": "3000"}}),
    ("short_sale", {"RequireLocate": True},
     {"Locates": [{"Account": "acme", "Symbol": "AAPL", "Qty": "200"}]},
     short(200), short(201), {"Limit": "200", "Field": "OrderQty"}),
    ("short_sale", {"RequireLocate": True}, {}, {"OrderQty": 1},
     {"Side": Side.Sell, "OrderQty": 1}, {"Field": "Side", "Remedy": "mark it SellShort"}),
    ("restricted", {"Restricted": ["MSFT"]}, {}, {}, {"Symbol": "MSFT"}, {"Level": "firm"}),
    ("allowed", {"Allowed": ["AAPL"]}, {}, {}, {"Symbol": "MSFT"}, {"Level": "firm"}),
    ("product", {"Products": ["CommonStock"]}, {}, {}, {"Symbol": "BUND"},
     {"Inputs": {"SecurityType": "CorporateBond"}}),
    ("halted", {}, {"Securities": {"MSFT": {"Halted": True}}}, {}, {"Symbol": "MSFT"}, {}),
    ("sanctioned", {}, {"Sanctioned": ["Evil"], "Securities": {"MSFT": {"Issuer": "Evil"}}},
     {}, {"Symbol": "MSFT"}, {"Inputs": {"Party": "Evil"}}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "firm", "book", "fits", "breaks", "refusal"),
    CASES,
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_a_limit_of_the_rule_book_may_be_reached_and_not_passed(
    rule: str, firm: Fields, book: Fields, fits: Fields, breaks: Fields, refusal: Fields
) -> None:
    both(ruled(firm, **book), rule, fits, breaks, **refusal)


ASKING = (
    ("approve_notional", {"ApproveNotional": "4000"}, {"OrderQty": 400}, {"OrderQty": 401}),
    ("approve_watched", {"ApproveWatched": True, "Watch": ["MSFT"]}, {}, {"Symbol": "MSFT"}),
)


@pytest.mark.parametrize(
    ("firm", "fits", "asks"), [case[1:] for case in ASKING], ids=[case[0] for case in ASKING]
)
def test_what_a_rule_wants_approved_waits_for_people(
    firm: Fields, fits: Fields, asks: Fields
) -> None:
    ruled(firm).desk(order(**fits)).happened("OrderAccepted").replays()
    waits = ruled(firm).desk(order(**asks)).happened("OrderAccepted", "OrderStaged").replays()
    assert "needs approval" in waits.report.Text


ELSEWHERE = {
    *("trader_entitled", "daily_loss", "duplicate_order", "order_rate"),
    *("shared_exposure", "shared_net", "shared_rate"),
    *("known_account", "desk_may_trade", "duplicate_clordid", "known_instrument"),
    *("destination", "lot_size", "price_increment", "buying_power", "kill_switch"),
}
"""Below, in ``test_leases`` and in ``test_account_rules``."""


def test_every_rule_has_a_limit_in_these_tests() -> None:
    assert {case[0] for case in CASES + ASKING} | ELSEWHERE == {rule.name for rule in RULES}


def test_no_account_of_a_sanctioned_owner_trades() -> None:
    found = ruled(Owners={"acme": "Evil"}, Sanctioned=["Evil"]).desk(order())
    assert found.report.Refusal.Rule == "sanctioned"
    ruled(Owners={"acme": "Good"}, Sanctioned=["Evil"]).desk(order()).happened("OrderAccepted")


# ---- levels

LEVELS = {
    "Firm": {"MaxOrderQty": "400"},
    "Desks": {"blue": {"MaxOrderQty": "300"}},
    "Traders": {"ann": {"Desk": "blue", "MaxOrderQty": "200"}, "bob": {"Desk": "blue"}},
    "Accounts": {"acme": {"MaxOrderQty": "350"}},
}


@pytest.mark.parametrize(
    ("without", "trader", "limit", "level"),
    [
        ((), "ann", 200, "trader ann"),
        ((), "bob", 300, "desk blue"),
        ((), None, 300, "desk blue"),
        (("Desks",), None, 350, "account acme"),
        (("Desks", "Accounts"), None, 400, "firm"),
    ],
)
def test_of_all_levels_the_tightest_holds_and_is_named(
    without: tuple[str, ...], trader: str | None, limit: int, level: str
) -> None:
    book = {name: value for name, value in LEVELS.items() if name not in without}
    found = ruled(**book)
    over = order("b", OrderQty=limit + 1).model_copy(update={"SenderSubID": trader})
    found.desk(over).happened("OrderRefused")
    assert (found.report.Refusal.Limit, found.report.Refusal.Level) == (str(limit), level)
    fits = order("a", OrderQty=limit).model_copy(update={"SenderSubID": trader})
    found.desk(fits).happened("OrderAccepted").replays()


def test_the_rule_book_may_loosen_what_reference_data_say_of_an_account() -> None:
    given = (definition(MaxOrderQty=dec(100)), instrument())
    found = AccountScene(*given).desk(order("a", OrderQty=101)).happened("OrderRefused")
    assert found.report.Refusal.Version is None
    found.when(issued(Accounts={"acme": {"MaxOrderQty": "200"}}))
    found.desk(order("b", OrderQty=200)).happened("OrderAccepted")
    found.desk(order("c", OrderQty=201)).happened("OrderRefused").replays()


def test_lists_of_all_levels_add_up() -> None:
    found = ruled({"Restricted": ["MSFT"]}, Desks={"blue": {"Restricted": ["BUND"]}})
    for symbol, level in (("MSFT", "firm"), ("BUND", "desk blue")):
        found.desk(order(symbol, Symbol=symbol))
        assert found.report.Refusal.Level == level
    narrow = ruled({"Allowed": ["AAPL", "MSFT"]}, Accounts={"acme": {"Allowed": ["MSFT", "BUND"]}})
    narrow.desk(order("a", Symbol="MSFT")).happened("OrderAccepted")
    for symbol in ("AAPL", "BUND"):
        narrow.desk(order(symbol, Symbol=symbol)).happened("OrderRefused")


def test_an_earlier_version_does_not_come_back() -> None:
    found = ruled({"MaxOrderQty": "100"})
    found.when(issued(2, Firm={"MaxOrderQty": "900"})).happened().then()
    found.when(issued(3)).happened()
    found.when(issued(4, Firm={"MaxOrderQty": "200"})).happened("RulesAdopted").replays()
    found.desk(order("a", OrderQty=200)).happened("OrderAccepted")


# ---- who sends it


def sent_by(trader: str | None, name: str = "a") -> Any:
    return order(name).model_copy(update={"SenderSubID": trader})


TRADERS = {
    "ann": {"Desk": "blue"},
    "bob": {"Desk": "blue", "Accounts": ["other"]},
    "eve": {"Desk": "red"},
}


@pytest.mark.parametrize(
    ("trader", "required", "said"),
    [
        ("ann", True, None),
        ("bob", True, "may trade other"),
        ("eve", True, "is a trader of desk red"),
        ("zoe", True, "is no trader of the rule book"),
        (None, True, "must say who sends it"),
        ("zoe", False, None),
        (None, False, None),
        ("bob", False, "may trade other"),
    ],
)
def test_a_trader_trades_for_the_desk_and_accounts_they_may(
    trader: str | None, required: bool, said: str | None
) -> None:
    """I19."""
    found = ruled({"RequireTrader": required}, Traders=TRADERS).desk(sent_by(trader))
    if said is None:
        found.happened("OrderAccepted").replays()
        assert found.events[0].Trader == trader  # type: ignore[attr-defined]
    else:
        refusal = found.happened("OrderRefused").replays().report.Refusal
        assert (refusal.Rule, refusal.Field) == ("trader_entitled", "SenderSubID")
        assert refusal.Allowed == said


def test_a_watched_symbol_is_noted_where_nobody_must_approve() -> None:
    found = ruled({"Watch": ["AAPL"]}).desk(order("a"))
    assert found.events[0].Watched  # type: ignore[attr-defined]
    found.desk(order("b", Symbol="MSFT"))
    assert found.events[0].Watched is None  # type: ignore[attr-defined]


# ---- money


def test_credit_is_buying_power_beyond_cash() -> None:
    for qty, kind in ((200, "OrderAccepted"), (201, "OrderRefused")):
        found = ruled(cash=1_500, Accounts={"acme": {"Credit": {"USD": "500"}}})
        found.desk(order("a", OrderQty=qty)).happened(kind)
    assert found.report.Refusal.Inputs == {"Needed": "2010", "Credit": "500"}


def test_exposures_of_other_currencies_count_at_their_rate() -> None:
    found = ruled(
        {"MaxGross": "1100"}, Rates={"EUR": "1.1"}, Accounts={"acme": {"Credit": {"EUR": "9999"}}}
    )
    found.desk(order("a", Symbol="BUND", OrderQty=101)).happened("OrderRefused")
    found.desk(order("b", Symbol="BUND", OrderQty=100)).happened("OrderAccepted").replays()


def test_gross_adds_up_what_net_sets_off() -> None:
    gross = ruled({"MaxGross": "2000"}).working(OrderQty=100).fill(100)
    gross.desk(order("s", Symbol="MSFT", **short(51), Price="20.00")).happened("OrderRefused")
    gross.desk(order("t", Symbol="MSFT", **short(50), Price="20.00")).happened("OrderAccepted")
    net = ruled({"MaxNet": "1000"}).working(OrderQty=100).fill(100)
    net.desk(order("u", OrderQty=1)).happened("OrderRefused")
    net.desk(order("s", Symbol="MSFT", **short(100), Price="20.00")).happened("OrderAccepted")
    assert net.replays().state.worths.total.down == -1000
    net.desk(order("v", Symbol="MSFT", **short(1), Price="20.00")).happened("OrderRefused")


def test_what_takes_risk_off_is_let_through_whatever_the_limits_are() -> None:
    found = ruled().working(OrderQty=400).fill(400)
    tight = {"MaxGross": "100", "MaxNet": "100", "MaxConcentration": "0.001", "MaxDailyLoss": "1"}
    found.when(issued(4, Firm=tight))
    found.desk(order("b", Side=Side.Sell, OrderQty=50)).happened("OrderAccepted").replays()
    found.desk(order("c", OrderQty=1)).happened("OrderRefused")


def test_running_sums_are_what_they_would_be_from_scratch() -> None:
    """I5: rates and prices change, orders fill, are replaced and busted."""
    found = ruled({"MaxGross": "999999"}).working(OrderQty=100).fill(40, VenueExecID="x")
    found.desk(replace("b", "a", OrderQty=150))
    found.desk(order("s", Symbol="MSFT", **short(30), Price="20.00")).replays()
    found.when(instrument(ReferencePx=dec("12.00"))).replays()
    worths = found.state.worths
    assert worths.symbols["AAPL"].up == 150 * 12
    assert worths.total.gross == 150 * 12 + 30 * 20
    assert worths.total.held == 40 * 12


def test_an_account_that_lost_too_much_today_may_only_take_risk_off() -> None:
    found = ruled({"MaxDailyLoss": "100"}).working(OrderQty=100).fill(100)
    found.when(instrument(ReferencePx=dec("9.01")))
    found.desk(order("b", OrderQty=1, Price="9.00")).happened("OrderAccepted").replays()
    found.when(instrument(ReferencePx=dec("9.00")))
    found.desk(order("c", OrderQty=1, Price="9.00")).happened("OrderRefused")
    assert found.report.Refusal.Inputs == {"Loss": "100"}
    found.desk(order("d", Side=Side.Sell, OrderQty=50, Price="9.00")).happened("OrderAccepted")
    found.later(24 * 60 * 60)
    found.desk(order("e", OrderQty=1, Price="9.00")).happened("OrderAccepted").replays()
    assert found.state.day_equity == 100_000 - 100


def test_a_locate_that_is_over_counts_no_more() -> None:
    until = {"Expires": START + 10 * SECOND}
    one = {"Account": "acme", "Symbol": "AAPL", "Qty": "100"}
    found = ruled({"RequireLocate": True}, Locates=[one, one | until])
    found.desk(order("a", **short(200))).happened("OrderAccepted")
    other = ruled({"RequireLocate": True}, Locates=[one, one | until]).later(10)
    other.desk(order("a", **short(101))).happened("OrderRefused")
    other.desk(order("b", **short(100))).happened("OrderAccepted")
    other.desk(order("c", **short(1))).happened("OrderRefused").replays()
    assert other.report.OrdRejReason is Why.ShortSellNotPermitted


# ---- order and cost


def test_rules_that_ask_for_approval_come_after_all_that_refuse() -> None:
    kinds = [rule.approval for rule in RULES]
    assert kinds == sorted(kinds)
    found = ruled({"ApproveNotional": "1", "MaxOrderQty": "10"}).desk(order())
    assert found.report.Refusal.Rule == "order_size"


def test_a_rule_without_a_limit_is_not_asked() -> None:
    found = AccountScene()
    (applied,) = found.state.applied.values()
    assert applied.active == tuple(rule.name for rule in RULES if not rule.parameters)


def test_old_journals_are_judged_by_reference_data_alone() -> None:
    found = AccountScene().desk(order())
    accepted = found.happened("OrderAccepted").events[0]
    assert "Rules" not in accepted.model_dump_json(exclude_none=True)
    assert found.state.worths is None
    assert Decimal(0) not in found.state.buckets.values()
