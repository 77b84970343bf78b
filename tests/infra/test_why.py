"""`oms why` says why an order is in each state there is, and what it waits for."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from actors.transitions import HAPPENED
from infra.cli import main
from infra.metrics import TRANSITIONS
from infra.replayed import entries
from infra.why.decisive import WORDS
from messages import fix, operators
from messages import venue as wire
from messages.approvals import DecideOrder, Decision
from messages.events import OrderAdopted, OrderMoved, OrderRefused
from messages.orders import FromDesk
from messages.people import Role
from messages.rulebook import RuleBook, RulesIssued
from tests.infra.journaled_day import Day, cancel, file_of, new
from tests.infra.why_cases import CASES, doubted, down, up, working


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["why", "--data", str(data), *words])


@pytest.mark.parametrize("name", CASES)
def test_each_state_is_explained(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    with Day(tmp_path) as day:
        case.story(day)
        account = day.shell("account/growth").actor.state
    result = run(tmp_path, case.order, "--json")
    assert result.exit_code == 0, result.output
    (told,) = json.loads(result.stdout)
    assert told["OrdStatus"] == case.status, told
    assert case.because in told["Why"], told
    assert any(case.waits in wait for wait in told["WaitsFor"]) == bool(case.waits), told
    assert told["Actor"] == "account/growth"
    (entry,) = entries(file_of(tmp_path, told["Actor"]), "number = ?", [told["Entry"]])
    assert any(f'"{name}"'.encode() in entry.events for name in (case.order, told["OrderID"]))
    order = account.orders.get(told["OrderID"])
    assert (order.shown_status if order else "Rejected") == case.status
    assert case.because in run(tmp_path, case.order).stdout


def test_every_state_of_an_order_is_in_the_table() -> None:
    shown = {case.status for case in CASES.values()}
    assert shown == {str(status) for status in fix.OrdStatus}


def test_every_event_that_moves_an_order_has_words() -> None:
    assert {*HAPPENED, *TRANSITIONS, OrderMoved, OrderRefused, OrderAdopted} <= WORDS.keys()


def test_what_moved_the_order_nowhere_is_told_as_what_happened_since(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        working(day)
        day.desk("alpha", cancel("a-2", "a-1"))
        day.says(
            wire.VenueCancelReject(
                ClOrdID="growth-1.1.1", OrigClOrdID="growth-1.1", OrderID="V-growth-1.1",
                OrdStatus=fix.OrdStatus.New, CxlRejReason=fix.CxlRejReason.BrokerOption,
            )
        )  # fmt: skip
    (told,) = json.loads(run(tmp_path, "a-1", "--json").stdout)
    assert told["Event"] == "OrderAcknowledged"
    assert [since.split(":")[0] for since in told["Since"]] == [
        "Cancel requested",
        "Cancel rejected",
    ]
    assert "since then  Cancel rejected" in run(tmp_path, "a-1").stdout


def test_the_rule_is_told_with_inputs_limit_and_remedy(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        day.desk("alpha", new("a-1", 9_000))
    (told,) = json.loads(run(tmp_path, "a-1", "--json").stdout)
    refusal = told["Refusal"]
    assert (refusal["Rule"], refusal["Field"], refusal["Given"]) == (
        "order_size",
        "OrderQty",
        "9000",
    )
    assert refusal["Allowed"].startswith("at most 5000")
    assert told["CausedBy"] == ["NewOrderSingle from ingress/0"]
    assert "Rule order_size, Field OrderQty, Given 9000" in run(tmp_path, "a-1").stdout


def test_the_messages_that_caused_it_are_told_back_to_the_first(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        working(day)
        day.fills("growth-1.1", 100, "190")
    (told,) = json.loads(run(tmp_path, "a-1", "--json").stdout)
    assert told["Event"] == "OrderFilled"
    first, second, third = told["CausedBy"][:3]
    assert first.startswith("Execution from book/AAPL, by entry")
    assert second.startswith("Execution from venue/XPAR, by entry")
    assert third == "VenueExecution from fix/XPAR"


def test_a_message_that_was_parked_is_the_reason(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        said_ = FromDesk(Desk="alpha", ReceivedAt=day.now, Request=new("p-1"))
        day.parks("account/growth", said_, "ZeroDivisionError: division by zero")
    (told,) = json.loads(run(tmp_path, "p-1", "--json").stdout)
    assert told["OrdStatus"] is None
    assert "could not be handled and was put aside" in told["Why"]


def test_two_operators_who_settled_it_are_in_the_trail(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        doubted(up(day))
        down(day)
        wish = operators.ResolveInDoubt(
            Venue="XPAR", ClOrdID="growth-1.1", Outcome=operators.DoubtOutcome.NotSent,
            Reason="they said so on the telephone",
        )  # fmt: skip
        wishes(day, "ann", wish)
        (proposal,) = day.shell("venue/XPAR").actor.state.proposals.values()
        confirm = operators.ConfirmResolution(
            Venue="XPAR", ClOrdID="growth-1.1", ResolutionID=proposal.ResolutionID
        )
        wishes(day, "bob", confirm)
    (told,) = json.loads(run(tmp_path, "a-1", "--json").stdout)
    assert told["OrdStatus"] == "Rejected", told
    shown = CliRunner().invoke(main, ["trail", "--data", str(tmp_path), "a-1", "--json"])
    (trail,) = json.loads(shown.stdout)
    settled = [e for e in trail["Events"] if e["event"] == "DoubtResolved"]
    assert settled[0]["persons"] == ["ann", "bob"]


def decides(day: Day, who: str, role: Role, decision: Decision, comment: str = "fine") -> None:
    wish = DecideOrder(Account="growth", OrderID="growth-1", Decision=decision, Comment=comment)
    said_ = operators.FromOperator(Operator=who, ReceivedAt=day.now, Request=wish, Roles=(role,))
    day._hear("ingress/0", "account/growth", said_)


def test_an_order_that_waits_for_people_says_for_whom_and_why(tmp_path: Path) -> None:
    """I26."""
    asks = RuleBook.model_validate({"Firm": {"ApproveNotional": "1"}}, strict=False)

    def told() -> dict[str, Any]:
        (found,) = json.loads(run(tmp_path, "a-1", "--json").stdout)
        assert found["OrdStatus"] == "PendingNew"
        return found

    with Day(tmp_path) as day:
        day._hear("rulebook/0", "account/growth", RulesIssued(Version=3, Rules=asks), seq=1)
        day.desk("alpha", new("a-1", HandlInst=fix.HandlInst.ManualOrder))
        assert "the desk has staged it" in told()["Why"]
        assert told()["Refusal"]["Rule"] == "approve_notional"
        assert "a person with the role Compliance to approve it" in told()["WaitsFor"][0]
        decides(day, "cora", Role.Compliance, Decision.Approve)
        decides(day, "pam", Role.PortfolioManager, Decision.Note)
        assert "cora approved it as Compliance: fine" in told()["Why"]
        assert "a person with the role Trader to approve it" in told()["WaitsFor"][0]
        decides(day, "tom", Role.Trader, Decision.Return)
        assert "tom returned it to its desk as Trader: fine" in told()["Why"]
        assert "desk alpha to replace or cancel it" in told()["WaitsFor"][0]


def wishes(day: Day, operator: str, request: Any) -> None:
    said_ = operators.FromOperator(Operator=operator, ReceivedAt=day.now, Request=request)
    day._hear("ingress/0", "venue/XPAR", said_)


def test_an_order_that_nobody_sent_is_an_error_with_what_was_meant(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        day.desk("alpha", new("a-1"))
    result = run(tmp_path, "a-11")
    assert result.exit_code == 1
    assert "did you mean a-1" in result.stderr
