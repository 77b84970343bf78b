"""What becomes of kills and decisions at the border: who may say them, and who is told."""

from typing import Any, get_args

import pytest

from gateways.amqp.ingress import Answered, Routed
from gateways.amqp.ingress_operators import MAY, Operators
from messages.approvals import DecideOrder, Decision
from messages.base import Message
from messages.cases import CaseRequest, CaseStep
from messages.kills import KILL_KEY, KILLSWITCH, Kill, KillScope, ReleaseKill, StandingKill
from messages.operators import FromOperator, OperatorRequest
from messages.people import Role

NOW = 1_795_400_184_000_000_000
PEOPLE = Operators(
    names=frozenset(("ann", "cora", "tom", "pam")),
    venues=("XPAR", "XLON"),
    roles={
        "ann": (Role.Operator,),
        "cora": (Role.Compliance,),
        "tom": (Role.Trader,),
        "pam": (Role.PortfolioManager,),
    },
    desks={"pam": "alpha"},
    scopes={KillScope.Account: ("growth",), KillScope.Desk: ("alpha",)},
)
FIRM = Kill(Scope=KillScope.Firm, Reason="loop", TransactTime=NOW)
APPROVE = DecideOrder(Account="growth", OrderID="growth-1", Decision=Decision.Approve)


def said(request: Message, who: str, key: str) -> list[Routed | Answered]:
    body = request.model_dump_json(exclude_none=True).encode()
    return PEOPLE.translate(who, body, who, key, f"orders.{who}", NOW)


def refused(request: Message, who: str, key: str) -> str:
    (found,) = said(request, who, key)
    assert isinstance(found, Answered)
    return found.reject.Text or ""


def kill(scope: KillScope, name: str) -> Kill:
    return Kill(Scope=scope, Name=name, Reason="loop", TransactTime=NOW)


def test_a_kill_goes_straight_to_every_venue_and_to_who_keeps_it() -> None:
    """I23."""
    found: list[Any] = said(FIRM, "ann", KILL_KEY)
    assert [one.recipient for one in found] == ["venue/XPAR", "venue/XLON", KILLSWITCH]
    standing = StandingKill.model_validate_json(found[0].body)
    assert standing == FIRM.standing("ann", NOW)
    words = FromOperator.model_validate_json(found[-1].body)
    assert (words.Operator, words.Roles, words.Request) == ("ann", (Role.Operator,), FIRM)
    assert said(FIRM, "ann", KILL_KEY) == found  # delivered again, it is the same


def test_a_kill_of_a_venue_goes_to_that_venue() -> None:
    found: list[Any] = said(kill(KillScope.Venue, "XLON"), "cora", KILL_KEY)
    assert [one.recipient for one in found] == ["venue/XLON", KILLSWITCH]


def test_a_release_goes_to_who_keeps_the_kill() -> None:
    found: list[Any] = said(ReleaseKill(KillID="K1", Reason="over"), "cora", KILL_KEY)
    assert [one.recipient for one in found] == [KILLSWITCH]


@pytest.mark.parametrize(
    "wish", [kill(KillScope.Venue, "XXX"), kill(KillScope.Desk, "x"), kill(KillScope.Account, "x")]
)
def test_what_is_not_there_cannot_be_stopped(wish: Kill) -> None:
    assert "send one that is configured" in refused(wish, "ann", KILL_KEY)


def test_a_decision_goes_to_the_account_with_roles_and_desk() -> None:
    note = DecideOrder(
        Account="growth", OrderID="growth-1", Decision=Decision.Note, Comment="the client rang"
    )
    (found,) = said(note, "pam", "growth")
    assert isinstance(found, Routed)
    assert found.recipient == "account/growth"
    words = FromOperator.model_validate_json(found.body)
    assert (words.Operator, words.Roles, words.Desk) == ("pam", (Role.PortfolioManager,), "alpha")


@pytest.mark.parametrize(
    ("request_", "who", "key"),
    [
        (FIRM, "tom", KILL_KEY),
        (FIRM, "pam", KILL_KEY),
        (APPROVE, "ann", "growth"),
        (CaseRequest(AlertID="0-1", Step=CaseStep.Close, Text="a misclick"), "tom", "0-1"),
    ],
)
def test_who_lacks_the_role_is_told_which_it_takes(request_: Message, who: str, key: str) -> None:
    text = refused(request_, who, key)
    assert "is for " in text
    assert "ask somebody with that role" in text


def test_an_order_is_handed_to_a_trader_only() -> None:
    to = DecideOrder(Account="growth", OrderID="growth-1", Decision=Decision.HandOver, To="cora")
    assert "is no trader" in refused(to, "tom", "growth")


def test_the_way_of_each_request_is_its_routing_key() -> None:
    assert "routing key" in refused(FIRM, "ann", "growth")
    assert "routing key" in refused(APPROVE, "cora", KILL_KEY)
    other = APPROVE.model_copy(update={"Account": "other"})
    assert "is no account" in refused(other, "cora", "other")


def test_every_request_of_an_operator_has_its_roles() -> None:
    assert set(MAY) == set(get_args(get_args(OperatorRequest)[0]))
    assert all(MAY.values())
    assert {Role.Operator, Role.Compliance, Role.Trader, Role.PortfolioManager} == {
        role for roles in MAY.values() for role in roles
    }
