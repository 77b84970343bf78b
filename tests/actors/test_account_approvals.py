"""Orders that wait: compliance approves, a trader releases, nobody approves their own."""

from decimal import Decimal
from typing import Any

import pytest

from messages.approvals import (
    ApprovalPolicy,
    DecideOrder,
    Decision,
    DecisionReport,
    DecisionStatus,
    ExpireApprovals,
)
from messages.base import SECOND
from messages.fix import ExecType, HandlInst, OrdStatus
from messages.kills import KillScope, StandingKill
from messages.operators import FromOperator
from messages.orders import OrderStatusRequest
from messages.people import Role
from messages.rulebook import LeaseGranted, RuleBook, RulesIssued
from tests.actors.lists import listed, one
from tests.actors.scenes import (
    START,
    AccountScene,
    cancel,
    definition,
    instrument,
    mass_cancel,
    order,
    replace,
)

ASKS = {
    "ApproveNotional": "5000",
    "Watch": ["MSFT"],
    "ApproveWatched": True,
    "ApproveWithin": 600,
}
ROLES = {
    "cora": (Role.Compliance,),
    "carl": (Role.Compliance,),
    "tom": (Role.Trader,),
    "tim": (Role.Trader,),
    "both": (Role.Compliance, Role.Trader),
    "pam": (Role.PortfolioManager,),
}


def asking(version: int = 1, **book: Any) -> RulesIssued:
    rules = RuleBook.model_validate({"Firm": ASKS} | book, strict=False)
    return RulesIssued(Version=version, Rules=rules)


def scene(rules: RulesIssued | None = None) -> AccountScene:
    return AccountScene(definition(), instrument(), instrument("MSFT"), rules or asking())


def staged(**fields: Any) -> AccountScene:
    """``acme-1``, which its desk has staged."""
    return scene().desk(order(HandlInst=HandlInst.ManualOrder, **fields))


def says(
    who: str,
    decision: Decision,
    comment: str | None = None,
    to: str | None = None,
    desk: str | None = None,
    order_id: str = "acme-1",
) -> FromOperator:
    wish = DecideOrder(Account="acme", OrderID=order_id, Decision=decision, To=to, Comment=comment)
    return FromOperator(Operator=who, ReceivedAt=START, Request=wish, Roles=ROLES[who], Desk=desk)


def approves(who: str, **more: Any) -> FromOperator:
    return says(who, Decision.Approve, **more)


def answer(found: AccountScene) -> DecisionReport:
    """What the person is told, the last of all."""
    report = found.sends[-1].message
    assert isinstance(report, DecisionReport)
    return report


def refused(found: AccountScene) -> str:
    found.happened("DecisionRefused")
    assert answer(found).DecisionStatus is DecisionStatus.Refused
    assert len(found.sends) == 1
    return answer(found).Text or ""


def to_book(found: AccountScene) -> list[str]:
    return [send.recipient for send in found.sends if send.recipient.startswith("book/")]


# ---- waiting


def test_a_staged_order_waits_reserved_and_its_desk_is_told_why() -> None:
    """I26."""
    found = (
        staged().happened("OrderAccepted", "OrderStaged").then("a PendingNew PendingNew 100/0/100")
    )
    report = found.report
    assert (report.WorkingIndicator, report.Text) == (
        False, "waits for Compliance: the desk has staged it",
    )  # fmt: skip
    assert found.state.reserved["USD"] == 1_000
    assert to_book(found) == []
    assert [timer.key for timer in found.timers] == ["approval"]
    found.replays()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"OrderQty": 501}, "OrderQty 501 is worth 5010 USD; more than 5000 needs approval"),
        (
            {"Symbol": "MSFT", "OrderQty": 1},
            "Symbol MSFT is on the watch list and needs approval",
        ),
        ({"OrderQty": 500}, None),
    ],
)
@pytest.mark.parametrize("where", ["rule book", "reference data"])
def test_the_rule_book_asks_for_approval_also_as_reference_data_say_it(
    fields: dict[str, Any], why: str | None, where: str
) -> None:
    policy = ApprovalPolicy(Over=Decimal(5_000), WatchSymbols=("MSFT",), ExpireAfter=600)
    old = AccountScene(definition(Approval=policy), instrument(), instrument("MSFT"))
    found = (scene() if where == "rule book" else old).desk(order(**fields)).replays()
    if why is None:
        assert to_book(found) == ["book/AAPL"]
        return
    assert found.report.Text == f"waits for Compliance: {why}"
    assert to_book(found) == []
    (staging,) = found.state.staged.values()
    assert staging.expires_at == START + 600 * SECOND


def test_the_event_names_rule_version_level_limit_and_what_was_compared() -> None:
    """I31."""
    asked: Any = scene().desk(order(OrderQty=501)).events[1]
    assert (asked.Asked.Rule, asked.Asked.Version, asked.Asked.Level, asked.Asked.Limit) == (
        "approve_notional", 1, "firm", "5000",
    )  # fmt: skip
    assert asked.Asked.Inputs == {"Price": "10", "Value": "5010"}


def test_the_account_level_stands_over_reference_data_and_adds_to_their_watch_list() -> None:
    policy = ApprovalPolicy(Over=Decimal(5_000), WatchSymbols=("MSFT",))
    own = {"Accounts": {"acme": {"ApproveNotional": "6000", "Watch": ["NOTE"]}}, "Firm": {}}
    found = AccountScene(definition(Approval=policy), instrument(), instrument("MSFT"))
    found.when(asking(**own))
    (applied,) = found.state.applied.values()
    assert applied.numbers["ApproveNotional"] == 6_000
    assert applied.watched == {"MSFT": "account acme", "NOTE": "account acme"}


def test_of_several_levels_the_shortest_wait_holds() -> None:
    book = {"Desks": {"blue": {"ApproveWithin": 60}}}
    found = scene(asking(**book)).desk(order(OrderQty=501))
    assert found.state.staged["acme-1"].expires_at == START + 60 * SECOND


def test_what_the_rules_refuse_does_not_wait() -> None:
    scene().desk(order(Symbol="NOPE", HandlInst=HandlInst.ManualOrder)).happened("OrderRefused")


def test_where_no_rule_asks_everything_goes_out_at_once() -> None:
    assert to_book(AccountScene().desk(order(OrderQty=50_000))) == ["book/AAPL"]


def test_a_status_request_shows_that_it_waits() -> None:
    found = staged().desk(OrderStatusRequest(ClOrdID="a", Account="acme"))
    assert (found.report.OrdStatus, found.report.WorkingIndicator) == (OrdStatus.PendingNew, False)


# ---- deciding


def test_compliance_approves_and_a_trader_releases() -> None:
    """I26."""
    found = staged().when(approves("cora", comment="fine"))
    assert to_book(found) == []
    assert found.report.Text == "approved by cora: fine; waits for Trader"
    assert answer(found).Awaits is Role.Trader
    found.when(approves("tom"))
    assert found.report.Text == "approved by tom; goes out"
    assert found.report.WorkingIndicator is None
    assert to_book(found) == ["book/AAPL"]
    decided = found.events[0]
    assert (decided.By, decided.Roles, decided.Step) == ("tom", (Role.Trader,), Role.Trader)  # type: ignore[attr-defined]
    found.venue(ExecType.New).then("a New New 100/0/100").replays()


def test_an_order_that_only_a_rule_holds_goes_out_by_compliance() -> None:
    found = scene().desk(order(OrderQty=501)).when(approves("cora"))
    assert to_book(found) == ["book/AAPL"]
    assert found.state.staged == {}


def test_nobody_approves_twice_or_for_their_own_desk() -> None:
    """I26."""
    found = staged()
    assert "whose order it is" in refused(found.when(approves("cora", desk="blue")))
    found.when(approves("both"))
    assert "takes another person" in refused(found.when(approves("both")))
    found.replays()


@pytest.mark.parametrize(
    ("who", "decision"),
    [("tom", Decision.Approve), ("pam", Decision.Approve), ("tom", Decision.Refuse)],
)
def test_a_step_is_for_its_role(who: str, decision: Decision) -> None:
    assert "it waits for Compliance" in refused(staged().when(says(who, decision, "why")))


def test_a_refusal_ends_the_order_with_the_reason() -> None:
    found = staged().when(says("cora", Decision.Refuse, "not suitable"))
    found.happened("OrderDecided", "OrderRejected")
    assert found.report.OrdStatus is OrdStatus.Rejected
    assert found.report.Text == "refused by cora: not suitable"
    assert (found.state.reserved["USD"], found.state.staged) == (0, {})
    assert "waits for nobody" in refused(found.when(approves("carl")))
    found.replays()


def test_compliance_may_refuse_until_the_order_is_out() -> None:
    found = staged().when(approves("cora"), says("carl", Decision.Refuse, "the news"))
    assert found.report.OrdStatus is OrdStatus.Rejected


def test_a_returned_order_is_replaced_by_its_desk_and_decided_on_anew() -> None:
    found = staged().when(approves("cora"), says("tom", Decision.Return, "too large"))
    assert found.report.Text == "returned by tom: too large; replace it or cancel it"
    assert "was returned" in refused(found.when(approves("tom")))
    found.desk(replace("b", "a", OrderQty=50)).then(
        "b<a PendingReplace PendingReplace 100/0/100", "b<a Replaced PendingNew 50/0/50"
    )
    assert found.sends[-1].message.WorkingIndicator is False  # type: ignore[attr-defined]
    assert found.state.reserved["USD"] == 500
    assert "waits for Compliance" in refused(found.when(approves("tom")))
    found.when(approves("cora"), approves("tom"))
    assert to_book(found) == ["book/AAPL"]
    assert found.sends[-2].message.Terms.OrderQty == 50  # type: ignore[attr-defined]
    found.replays()


def test_a_trader_hands_over_to_another_who_releases() -> None:
    found = staged().when(approves("cora"), says("tom", Decision.HandOver, to="tim"))
    assert answer(found).DecisionStatus is DecisionStatus.Taken
    assert "it is tim's to release" in refused(found.when(approves("tom")))
    assert "tim's to hand over" in refused(found.when(says("tom", Decision.HandOver, to="tom")))
    found.when(approves("tim"))
    assert to_book(found) == ["book/AAPL"]
    found.replays()


def test_an_order_is_not_handed_to_who_has_approved_it() -> None:
    found = staged().when(approves("both"))
    assert "takes another person" in refused(found.when(says("tom", Decision.HandOver, to="both")))


def test_a_note_goes_on_any_order_and_is_kept() -> None:
    found = scene().working().when(says("pam", Decision.Note, "the client rang"))
    found.happened("OrderDecided")
    noted = found.events[0]
    assert (noted.By, noted.Comment, noted.ExecID) == ("pam", "the client rang", None)  # type: ignore[attr-defined]
    assert [send.recipient for send in found.sends] == ["desk/pam"]
    found.replays()


def test_an_unknown_order_is_refused_in_words() -> None:
    assert "is no order of acme" in refused(staged().when(approves("cora", order_id="acme-9")))


def test_the_rules_are_asked_once_more_before_it_goes_out() -> None:
    """The limits may have changed while it waited."""
    found = scene().desk(order(OrderQty=501))
    found.when(asking(2, Firm=ASKS | {"MaxOrderQty": "100"}))
    found.when(approves("cora")).happened("DecisionRefused")
    assert "rule order_size" in (answer(found).Text or "")
    assert to_book(found) == []


def test_an_order_that_waits_is_judged_by_the_limits_of_who_sent_it() -> None:
    """Its trader is asked for once more, and is known: also after a replace by another."""
    traders = {"ann": {"Desk": "blue"}, "ben": {"Desk": "blue", "ApproveNotional": "10"}}
    found = scene(asking(Firm={"RequireTrader": True}, Traders=traders))
    found.desk(order(HandlInst=HandlInst.ManualOrder, SenderSubID="ann"))
    found.desk(replace("b", "a", OrderQty=50, SenderSubID="ben")).replays()
    assert "more than 10 needs approval" in found.state.staged["acme-1"].why
    found.when(approves("cora"), approves("tom"))
    assert to_book(found) == ["book/AAPL"]


@pytest.mark.parametrize("rate", ["OrderRate", "SharedRate"])
def test_an_order_that_waited_was_counted_when_it_came(rate: str) -> None:
    """It goes out however many came meanwhile."""
    found = scene(asking(Firm=ASKS | {rate: 1}))
    if rate == "SharedRate":
        found.when(LeaseGranted(Pool="firm rate", Word=1, Total=Decimal(1))).later(1)
    found.desk(order(OrderQty=501))
    assert found.events[1].Event == "OrderStaged"  # type: ignore[attr-defined]
    found.desk(order("b", OrderQty=1))
    assert found.events[0].Event == "OrderRefused"  # type: ignore[attr-defined]
    found.when(approves("cora"))
    assert to_book(found) == ["book/AAPL"]


# ---- ends


def test_what_waits_too_long_expires() -> None:
    found = staged().later(300).when(ExpireApprovals()).happened()
    found.later(300).when(ExpireApprovals()).then("a Expired Expired 100/0/0")
    assert "nobody with the role Compliance" in found.report.Text
    assert (found.state.reserved["USD"], found.state.staged) == (0, {})
    found.replays()


def test_the_desk_may_cancel_what_waits() -> None:
    found = staged().desk(cancel("b", "a"))
    found.then("b<a PendingCancel PendingCancel 100/0/100", "b<a Canceled Canceled 100/0/0")
    assert found.state.staged == {}
    found = staged().desk(mass_cancel("m"))
    assert found.state.staged == {}
    found.replays()


def test_a_kill_ends_what_waits() -> None:
    """I23."""
    kill = StandingKill(KillID="K1", Scope=KillScope.Firm, Reason="loop", By="ann", At=START)
    found = staged().when(kill)
    assert found.report.OrdStatus is OrdStatus.Canceled
    assert found.state.staged == {}


def test_a_larger_replace_does_not_go_round_those_who_approve() -> None:
    """I26."""
    found = scene().working().desk(replace("b", "a", OrderQty=600))
    found.then("b<a CancelReject New BrokerOption")
    refusal = found.report.Refusal
    assert (refusal.Rule, refusal.Approval, refusal.Limit) == ("approve_notional", True, "5000")
    assert refusal.Remedy == "cancel the order and send a new one, which waits for approval"
    found.desk(replace("c", "a", OrderQty=50))
    assert to_book(found) == ["book/AAPL"]


def test_a_list_has_no_order_that_needs_approval() -> None:
    found = scene().desk(listed(None, one("a"), one("b", OrderQty=600)))
    assert found.events[-1].Event == "ListRefused"  # type: ignore[attr-defined]
    refusal = found.state.lists["blue L"].refusal
    assert refusal.Rule == "approve_notional"
    assert "order b of list" in refusal.Allowed


def test_the_same_words_get_the_same_answer_while_it_waits() -> None:
    """I8."""
    found = staged().desk(order(HandlInst=HandlInst.ManualOrder)).happened("DuplicateReceived")
    assert found.report.PossResend
    assert found.report.ExecType is ExecType.PendingNew
