"""A request that its account could not handle is answered all the same."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.account.account import Account
from actors.account.parked import label_of
from actors.actor import Send
from infra.shell import ActorFailed, Shell
from messages.entry import Entry
from messages.envelope import Envelope
from messages.fix import ExecType, MassStatusReqType, OrdStatus
from messages.lists import ListCancelRequest, ListStatusRequest
from messages.orders import (
    FromDesk,
    OrderMassStatusRequest,
    OrderStatusRequest,
)
from messages.reports import DESK_REPORT, DeskReport
from tests.actors.lists import listed, one
from tests.actors.scenes import (
    DESK,
    START,
    AccountScene,
    cancel,
    definition,
    from_desk,
    instrument,
    line,
    mass_cancel,
    order,
    replace,
)

ACCOUNT = "account/acme"


class Town:
    """An account in its shell, with what it has journaled; it fails on requests named bad."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.seq = 0
        self.shell = Shell(Failing(ACCOUNT), 1)
        for message in (definition(), instrument()):
            self.take(message, "reference/settings")

    def take(self, message: Any, sender: str = "ingress/0") -> list[DeskReport]:
        """As a host does: what fails is parked by an actor that was rebuilt."""
        self.seq += 1
        seq = self.seq if sender.startswith("ingress/") else 0
        body = message.model_dump_json(exclude_none=True).encode()
        kind = message.Request.MsgType if isinstance(message, FromDesk) else message.MsgType
        envelope = Envelope(sender, ACCOUNT, seq, kind, START, "", body)
        try:
            entry = self.shell.take(envelope, START)
        except ActorFailed as failure:
            self.shell = self.replayed()
            entry = self.shell.park(envelope, str(failure), START)
        assert entry
        self.entries.append(entry)
        sent = entry.envelopes()
        return [DESK_REPORT.validate_json(e.body) for e in sent if e.recipient == f"desk/{DESK}"]

    def desk(self, request: Any) -> DeskReport:
        """A desk asks; its one answer."""
        (report,) = self.take(from_desk(request))
        return report

    def replayed(self) -> Shell:
        fresh = Shell(Failing(ACCOUNT), 1)
        for entry in self.entries:
            fresh.replay(entry)
        return fresh


class Failing(Account):
    def receive(self, message: Any, now: int) -> Iterator[Any]:
        if isinstance(message, FromDesk) and "bad" in message.Request.model_dump_json():
            raise ZeroDivisionError("a bug")
        yield from super().receive(message, now)


def shown(report: DeskReport) -> str:
    return line(Send(f"desk/{DESK}", report))


BAD_LIST = listed(None, one("bad-1"), one("bad-2"), list_id="bad-list")


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (order("bad"), "bad Rejected Rejected 0/0/0 Other"),
        (cancel("bad", "a"), "bad<a CancelReject New Other"),
        (replace("bad", "a", Price="11.00"), "bad<a CancelReject New Other"),
        (cancel("bad", "nobody"), "bad<nobody CancelReject Rejected Other"),
    ],
)
def test_an_order_cancel_or_replace_that_is_parked_is_rejected(request_: Any, answer: str) -> None:
    """I9, I20."""
    town = Town()
    town.take(from_desk(order("a")))
    working = AccountScene().execution(ExecType.New)
    town.take(working, "book/AAPL")
    report: Any = town.desk(request_)
    assert shown(report) == answer
    assert (report.Refusal.Rule, report.Refusal.Given) == ("parked", "bad")
    assert report.Text == (
        f"ClOrdID bad: account/acme failed on this {request_.MsgType} and set it aside; nothing "
        "was done. send it in other words with a fresh ClOrdID, or ask the operator of the OMS, "
        "who has the message and the reason under MessageParked: oms trail bad"
    )
    (parked, told) = json.loads(town.entries[-1].events)
    assert (parked["Event"], parked["Reason"]) == ("MessageParked", "ZeroDivisionError: a bug")
    assert told["ClOrdIDs"] == ["bad"]
    assert town.shell.actor.state.orders["acme-1"].status is OrdStatus.New
    assert town.replayed().state_digest() == town.shell.state_digest()


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (mass_cancel("bad"), "bad"),
        (OrderStatusRequest(ClOrdID="bad", Account="acme"), "bad"),
        (OrderStatusRequest(ClOrdID="bad", OrdStatusReqID="q-bad", Account="acme"), "q-bad"),
        (
            OrderMassStatusRequest(
                MassStatusReqID="bad", Account="acme",
                MassStatusReqType=MassStatusReqType.StatusForAllOrders,
            ),
            "bad",
        ),
        (BAD_LIST, "bad-list"),
        (ListCancelRequest(ListID="bad", Account="acme"), "bad"),
        (ListStatusRequest(ListID="bad", Account="acme"), "bad"),
    ],
)  # fmt: skip
def test_any_other_request_that_is_parked_gets_a_business_reject_with_a_number(
    request_: Any, name: str
) -> None:
    """I9, I15."""
    town = Town()
    report: Any = town.desk(request_)
    assert (report.MsgType, report.RefMsgType) == ("BusinessMessageReject", request_.MsgType)
    assert (report.BusinessRejectRefID, report.Account) == (name, "acme")
    assert report.Refusal.Given == name
    assert getattr(request_, report.Refusal.Field) == name
    assert [seq for _, seq, _ in town.entries[-1].sent()] == [1]


def test_the_clordid_of_what_was_rejected_makes_no_order_when_it_comes_again() -> None:
    """I8: it may go well then, and the desk was told that it is dead."""
    town = Town()
    town.desk(order("bad"))
    town.shell.actor.__class__ = Account  # a release without the bug
    report: Any = town.desk(order("bad"))
    assert shown(report) == "bad Rejected Rejected 100/0/0 DuplicateOrder"
    assert town.shell.actor.state.orders == {}
    again: Any = town.desk(order("bad"))
    assert shown(again) == "bad Rejected Rejected 100/0/0 DuplicateOrder"


def test_the_orders_of_a_parked_list_make_no_orders_when_it_comes_again() -> None:
    """I8."""
    town = Town()
    town.desk(BAD_LIST)
    town.shell.actor.__class__ = Account
    whole, *rejected = town.take(from_desk(BAD_LIST))
    assert whole.Refusal  # type: ignore[union-attr]
    assert [r.OrdStatus for r in rejected] == [OrdStatus.Rejected] * 2  # type: ignore[union-attr]
    assert town.shell.actor.state.orders == {}


def test_an_order_that_works_is_not_rejected_where_a_repeat_of_it_is_parked() -> None:
    """The desk would take its order for dead; the reject is of the message alone."""
    town = Town()
    town.shell.actor.__class__ = Account
    town.take(from_desk(order("bad")))
    town.shell.actor.__class__ = Failing
    report: Any = town.desk(order("bad"))
    assert (report.MsgType, report.BusinessRejectRefID) == ("BusinessMessageReject", "bad")
    assert [order.ClOrdID for order in town.shell.actor.state.orders.values()] == ["bad"]
    assert town.shell.actor.state.spoken[f"{DESK} bad"].OrderID == "acme-1"


def test_two_that_are_parked_have_an_exec_id_each() -> None:
    town = Town()
    ids = [town.desk(order(name)).ExecID for name in ("bad-1", "bad-2")]  # type: ignore[union-attr]
    assert len(set(ids)) == 2


def test_what_no_desk_said_is_answered_to_nobody() -> None:
    town = Town()
    body = from_desk(order("bad")).model_dump_json().encode()
    for sender in ("book/AAPL", "timer/approvals", "reference/settings"):
        envelope = Envelope(sender, ACCOUNT, 9, "Execution", START, "", body)
        entry = town.shell.park(envelope, "a bug", START)
        assert entry.sends == b""
        assert b"RequestParked" not in entry.events


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
LABELS = st.dictionaries(
    st.sampled_from(["MsgType", "ClOrdID", "Orders", "ListID", "OrigClOrdID", "OrderID"]),
    st.sampled_from(["NewOrderSingle", "NewOrderList", "OrderCancelRequest", "x", ""]) | JSON,
)


@given(st.fixed_dictionaries({"Desk": st.just("blue") | JSON, "Request": LABELS | JSON}) | JSON)
def test_no_label_takes_the_account_down(said: Any) -> None:
    """What fails again is parked without an answer; what can be said at all is said."""
    body = json.dumps(said).encode()
    label = label_of(body)
    shell = Shell(Account(ACCOUNT), 1)
    envelope = Envelope("ingress/0", ACCOUNT, 1, "?", START, "", body)
    entry = shell.park(envelope, "a bug", START)
    assert bool(entry.sends) is (label is not None)


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"null", b"1e999"])
def test_bytes_that_are_no_json_have_no_label(body: bytes) -> None:
    assert label_of(body) is None
