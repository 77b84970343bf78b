"""Limits that accounts share, as one account meets them: what it asks for, spends, gives back."""

from decimal import Decimal
from typing import Any

import pytest

from messages.base import SECOND, Message
from messages.fix import ExecType, Side
from messages.rulebook import (
    LeaseGranted,
    LeaseRecalled,
    LeaseWanted,
    RuleBook,
    RulesIssued,
)
from tests.actors.scenes import (
    AccountScene,
    cancel,
    dec,
    definition,
    instrument,
    order,
)

LIMIT = 10_000


def issued(version: int = 1, **book: Any) -> RulesIssued:
    return RulesIssued(Version=version, Rules=RuleBook.model_validate(book, strict=False))


def shared(limit: int | str = LIMIT, desk: int | None = None, version: int = 1) -> RulesIssued:
    book: dict[str, Any] = {"Firm": {"SharedGross": str(limit)}}
    if desk is not None:
        book["Desks"] = {"blue": {"SharedGross": str(desk)}}
    return issued(version, **book)


def account(*more: Message) -> AccountScene:
    return AccountScene(definition(), instrument(), shared(), *more)


def granted(word: int, total: int | str, pool: str = "firm") -> LeaseGranted:
    return LeaseGranted(Pool=pool, Word=word, Total=dec(total))


def wanted(scene: Any) -> list[tuple[str, int, Decimal]]:
    found = (send.message for send in scene.sends if isinstance(send.message, LeaseWanted))
    return [(said.Pool, said.Word, said.Total) for said in found]


# ---- the account


def test_an_account_asks_for_a_share_when_it_hears_of_the_limit() -> None:
    found = account().happened("RulesAdopted", "LeaseAsked").replays()
    assert wanted(found) == [("firm", 1, dec(500))]
    found.desk(order("a", OrderQty=1)).happened("OrderRefused")
    refusal = found.report.Refusal
    assert (refusal.Rule, refusal.Level, refusal.Limit) == ("shared_exposure", "firm", "10000")
    assert refusal.Inputs == {"Gross": "10", "Lent": "0"}


@pytest.mark.parametrize(("qty", "kind"), [(50, "OrderAccepted"), (51, "OrderRefused")])
def test_what_was_lent_may_be_spent_to_the_last_unit(qty: int, kind: str) -> None:
    found = account().when(granted(1, 500)).desk(order("a", OrderQty=qty)).replays()
    assert found.events[0].Event == kind  # type: ignore[attr-defined]


def test_orders_cost_no_message_until_little_is_left() -> None:
    found = account().when(granted(1, 500))
    found.desk(order("a", OrderQty=25)).happened("OrderAccepted")
    assert wanted(found) == []
    found.desk(order("b", OrderQty=1)).happened("OrderAccepted", "LeaseAsked").replays()
    assert wanted(found) == [("firm", 2, dec(760))]
    found.desk(order("c", OrderQty=1)).happened("OrderAccepted")


def test_an_order_that_needs_more_is_refused_and_more_is_asked_for() -> None:
    found = account().when(granted(1, 500)).desk(order("a", OrderQty=100))
    found.happened("OrderRefused", "LeaseAsked").replays()
    assert wanted(found) == [("firm", 2, dec(1_500))]
    found.when(granted(2, 1_500)).desk(order("b", OrderQty=100)).happened("OrderAccepted")


def test_who_was_denied_does_not_ask_with_every_order() -> None:
    found = account().when(granted(1, 0)).desk(order("a")).happened("OrderRefused")
    found.later(1).desk(order("b")).happened("OrderRefused", "LeaseAsked").replays()


def test_an_answer_to_an_earlier_word_is_out_of_date() -> None:
    found = account().when(granted(1, 500)).when(LeaseRecalled(Pool="firm"))
    assert wanted(found) == [("firm", 2, dec(0))]
    found.when(granted(1, 900)).happened()
    found.desk(order("a", OrderQty=1))
    assert found.report.Refusal.Inputs["Lent"] == "0"


def test_what_is_in_use_is_not_given_back() -> None:
    found = account().when(granted(1, 500)).desk(order("a", OrderQty=20))
    found.when(LeaseRecalled(Pool="firm")).happened("LeaseAsked").replays()
    assert wanted(found) == [("firm", 2, dec(200))]
    found.when(LeaseRecalled(Pool="firm")).happened()


def test_a_limit_that_is_shared_no_more_is_given_back() -> None:
    found = account().when(granted(1, 500))
    found.when(RulesIssued(Version=2, Rules=RuleBook())).happened("RulesAdopted", "LeaseAsked")
    assert wanted(found) == [("firm", 2, dec(0))]
    found.replays().desk(order("a", OrderQty=900)).happened("OrderAccepted")


def test_firm_and_desk_must_both_have_lent() -> None:
    found = AccountScene(definition(), instrument(), shared(desk=400))
    assert wanted(found) == [("firm", 1, dec(500)), ("desk blue", 1, dec(20))]
    found.when(granted(1, 500)).desk(order("a", OrderQty=2)).happened("OrderRefused")
    assert found.report.Refusal.Level == "desk blue"
    found.when(granted(1, 20, "desk blue")).desk(order("b", OrderQty=2))
    assert found.events[0].Event == "OrderAccepted"  # type: ignore[attr-defined]


def net(limit: int = LIMIT) -> AccountScene:
    """With 500 of either side."""
    found = AccountScene(definition(), instrument(), issued(Firm={"SharedNet": str(limit)}))
    assert wanted(found) == [("firm long", 1, dec(500)), ("firm short", 1, dec(500))]
    return found.when(granted(1, 500, "firm long"), granted(1, 500, "firm short"))


@pytest.mark.parametrize("side", [Side.Buy, Side.Sell])
def test_net_is_lent_for_either_side_by_itself(side: Side) -> None:
    """I32."""
    found = net().desk(order("a", OrderQty=51, Side=side)).happened("OrderRefused", "LeaseAsked")
    refusal, name = found.report.Refusal, "long" if side is Side.Buy else "short"
    assert (refusal.Rule, refusal.Level, refusal.Limit) == ("shared_net", "firm", "10000")
    assert refusal.Inputs == {name.capitalize(): "510", "Lent": "500"}
    assert wanted(found) == [(f"firm {name}", 2, dec(1_010))]
    found.desk(order("b", OrderQty=50, Side=side)).happened("OrderAccepted").replays()
    other = Side.Sell if side is Side.Buy else Side.Buy
    found.desk(order("c", OrderQty=50, Side=other))
    assert found.events[0].Event == "OrderAccepted"  # type: ignore[attr-defined]


def test_what_brings_net_towards_zero_needs_no_share() -> None:
    found = net().desk(order("a", OrderQty=50)).venue(ExecType.New).fill(50)
    found.when(LeaseRecalled(Pool="firm short"))
    assert wanted(found) == [("firm short", 2, dec(0))]
    found.desk(order("b", OrderQty=50, Side=Side.Sell))
    assert found.events[0].Event == "OrderAccepted"  # type: ignore[attr-defined]
    found.desk(order("c", OrderQty=1, Side=Side.Sell))
    assert found.events[0].Event == "OrderRefused"  # type: ignore[attr-defined]


def paced(rate: int = 100, lent: int = 5) -> AccountScene:
    """With so many orders a second of the desk's."""
    book = issued(Desks={"blue": {"SharedRate": rate}})
    found = AccountScene(definition(Desks=("blue", "red")), instrument(), book)
    assert wanted(found) == [("desk blue rate", 1, dec(rate // 20))]
    return found.when(granted(1, lent, "desk blue rate")).later(1)


def accepts(found: AccountScene, names: str, desk: str = "blue") -> str:
    """Those of the orders that were let through."""
    through = ""
    for name in names:
        found.desk(order(name, OrderQty=1), desk=desk)
        if found.events[0].Event == "OrderAccepted":  # type: ignore[attr-defined]
            through += name
    return through


def test_a_share_of_a_rate_is_one_second_s_worth_and_fills_continuously() -> None:
    """I32."""
    found = paced()
    assert accepts(found, "abcdefg") == "abcde"
    refusal = found.report.Refusal
    assert (refusal.Rule, refusal.Level, refusal.Limit) == ("shared_rate", "desk blue", "100")
    assert refusal.Inputs == {"Rate": "6", "Lent": "5"}
    found.now += SECOND // 5
    assert accepts(found, "hij") == "h"
    assert accepts(found, "klmnopq", desk="red") == "klmnopq"
    found.replays()


def test_a_larger_share_of_a_rate_brings_nothing_at_once_and_a_smaller_one_takes_what_is_over() -> (
    None
):
    found = paced()
    assert accepts(found, "abcde") == "abcde"
    number = found.state.leases["desk blue rate"].number
    found.when(granted(number, 50, "desk blue rate")).replays()
    assert accepts(found, "f") == ""
    found.now += SECOND // 50
    assert accepts(found, "gh") == "g"
    found.later(1).when(LeaseRecalled(Pool="desk blue rate"))
    assert wanted(found)[0][2] == 0
    assert accepts(found.replays(), "i") == ""


def test_a_cancel_gives_room_without_a_message() -> None:
    found = account().when(granted(1, 500)).desk(order("a", OrderQty=50)).venue(ExecType.New)
    found.desk(cancel("c", "a")).venue(ExecType.Canceled, RequestID="c")
    found.desk(order("b", OrderQty=50)).replays()
    assert found.events[0].Event == "OrderAccepted"  # type: ignore[attr-defined]
