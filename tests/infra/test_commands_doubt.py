"""``oms doubt``: what it shows of a journal, and what becomes of an operator's words on the way."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from actors.actor import Actor
from actors.venue.venue import Venue
from gateways.amqp.ingress import Answered, Routed
from gateways.amqp.ingress_operators import Operators
from infra.cli import main
from infra.commands.doubt import line
from infra.journals import JOURNALS, journal_path
from infra.reference import Reference, ReferenceRefused, load
from infra.settings import Settings
from infra.shell import Shell
from messages import venue as wire
from messages.base import SECOND, Message
from messages.envelope import Envelope
from messages.fix import OrdType, Side
from messages.operators import (
    ConfirmResolution,
    DoubtOutcome,
    FromOperator,
    ResolutionReport,
    ResolutionStatus,
    ResolveInDoubt,
)
from messages.people import Role
from messages.routing import CancelOrder, NewOrder
from messages.terms import Terms
from tests.actors.scenes import dec

NOW = 1_795_400_184_000_000_000
ORDER = NewOrder(
    OrderID="growth-1.1",
    Account="growth",
    Terms=Terms(
        Symbol="ESZ6", Side=Side.Buy, OrderQty=dec(10), OrdType=OrdType.Limit, Price=dec(5000)
    ),
)
WISH = ResolveInDoubt(
    Venue="XPAR", ClOrdID="growth-1.1", Outcome=DoubtOutcome.Rejected, Reason="told by telephone"
)
PROPOSED = FromOperator(Operator="ann", ReceivedAt=NOW, Request=WISH)


def installation(data: Path, *heard: Message, venue: str = "XPAR") -> None:
    """A data folder in which that venue connection has heard these, a second apart."""
    Settings(data=data).save()
    make: Actor[Any, Any, Any] = Venue(f"venue/{venue}")
    path = journal_path(data / "journals", make.address)
    path.parent.mkdir(parents=True, exist_ok=True)
    journal = JOURNALS["sqlite"](path)
    shell = Shell(make, journal.open())
    for number, message in enumerate(heard):
        body = message.model_dump_json().encode()
        at = NOW + number * SECOND
        entry = shell.take(
            Envelope("reference/test", make.address, 0, type(message).__name__, at, "", body), at
        )
        assert entry is not None
        journal.append([entry])
    journal.close()


def oms(*words: str) -> Result:
    return CliRunner().invoke(main, ["doubt", *words])


DOUBTFUL = (wire.SessionUp(), ORDER, wire.SessionDown(), wire.SessionUp(), wire.SessionDown())


# ---- list


def test_nothing_in_doubt_is_said_in_words(tmp_path: Path) -> None:
    installation(tmp_path, wire.SessionUp(), ORDER)
    assert oms("list", "--data", str(tmp_path)).output == "nothing is in doubt\n"
    assert json.loads(oms("list", "--json", "--data", str(tmp_path)).output) == []


def test_what_is_in_doubt_is_listed_with_its_age_and_what_it_keeps(tmp_path: Path) -> None:
    installation(tmp_path, *DOUBTFUL, PROPOSED)
    table = oms("list", "--data", str(tmp_path)).output
    assert "growth-1.1" in table
    assert "2,500,000 USD" in table  # 10 lots at 5,000 by 50
    assert "down" in table
    assert f"Rejected by ann ({WISH.resolution_id}): told by telephone" in table
    (said,) = json.loads(oms("list", "--json", "--data", str(tmp_path)).output)
    assert said["Since"].startswith("2026-11-23T")
    assert (said["Venue"], said["Request"], said["LeavesQty"]) == ("XPAR", "New", "10")
    assert (said["Notional"], said["Currency"]) == ("2500000", "USD")
    assert said["Proposal"]["ProposedBy"] == "ann"


def test_a_cancel_in_doubt_is_listed_beside_its_order(tmp_path: Path) -> None:
    ask = CancelOrder(OrderID="growth-1.1", RequestID="c", Symbol="ESZ6")
    installation(tmp_path, wire.SessionUp(), ORDER, ask, wire.SessionDown(), wire.SessionUp())
    said = json.loads(oms("list", "--json", "--data", str(tmp_path)).output)
    assert [(one["ClOrdID"], one["Request"]) for one in said] == [
        ("growth-1.1", "New"), ("growth-1.1.1", "Cancel"),
    ]  # fmt: skip


def test_only_the_venue_that_is_named_is_listed(tmp_path: Path) -> None:
    installation(tmp_path, *DOUBTFUL)
    words = ["list", "--json", "--data", str(tmp_path), "--venue"]
    assert json.loads(oms(*words, "XLON").output) == []
    assert len(json.loads(oms(*words, "XPAR").output)) == 1


# ---- propose and confirm


def test_who_is_no_operator_is_told_how_to_become_one(tmp_path: Path) -> None:
    installation(tmp_path)
    said = oms(
        "propose", "XPAR", "k", "Rejected", "--reason", "r", "--as", "ann", "--data", str(tmp_path)
    )
    assert said.exit_code == 1
    assert "ann is no operator here" in said.output
    assert 'operators = ["ann", "bob"]' in said.output


def test_a_reason_is_one_line(tmp_path: Path) -> None:
    words = ["propose", "XPAR", "k", "Rejected", "--as", "ann", "--data", str(tmp_path)]
    said = oms(*words, "--reason", "two\nlines")
    assert said.exit_code == 1
    assert "Reason" in said.output


def test_an_answer_names_both_people() -> None:
    report = ResolutionReport(
        Venue="XPAR",
        ClOrdID="k",
        ResolutionID="ab12",
        ResolutionStatus=ResolutionStatus.Resolved,
        Outcome=DoubtOutcome.Rejected,
        Reason="told by telephone",
        ProposedBy="ann",
        ConfirmedBy="bob",
        TransactTime=NOW,
    )
    assert "Rejected  by ann and bob: told by telephone" in line(report)


# ---- who may say it

OPERATORS = Operators(frozenset({"ann", "bob"}), ("XPAR",))


def translated(
    body: bytes | Message = WISH, user: str | None = "ann", key: str = "XPAR", **more: str
) -> Routed | Answered:
    exchange = more.get("exchange", "orders.ann")
    raw = body if isinstance(body, bytes) else body.model_dump_json().encode()
    assert OPERATORS.sender(user, exchange) == "ann"
    (found,) = OPERATORS.translate("ann", raw, user, key, exchange, NOW)
    return found


def refused(*words: Any, **more: Any) -> str:
    found = translated(*words, **more)
    assert isinstance(found, Answered)
    assert found.desk == "ann"
    return found.reject.Text or ""


@pytest.mark.parametrize(
    "request_", [WISH, ConfirmResolution(Venue="XPAR", ClOrdID="k", ResolutionID="ab12")]
)
def test_an_operators_word_goes_to_the_venue_under_the_name_the_broker_knows(
    request_: Message,
) -> None:
    """I19."""
    found = translated(request_)
    assert isinstance(found, Routed)
    assert found.recipient == "venue/XPAR"
    assert FromOperator.model_validate_json(found.body) == FromOperator(
        Operator="ann",
        ReceivedAt=NOW,
        Request=request_,  # type: ignore[arg-type]
        Roles=(Role.Operator,),
    )
    assert translated(request_) == found  # delivered again, it is the same


def test_a_desk_is_no_operator() -> None:
    assert OPERATORS.sender("alpha", "orders.ann") is None
    assert OPERATORS.sender("alpha", "orders.alpha") is None
    assert OPERATORS.sender(None, "orders.shard") is None


def test_nobody_speaks_for_an_operator() -> None:
    assert "the broker has not checked" in refused(user=None)
    assert "writes to orders.ann alone" in refused(exchange="orders.bob")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "is not JSON"),
        (b"[]", "go in one message"),
        (b"[" + WISH.model_dump_json().encode() + b"]", "is not one decision"),
        (b'{"MsgType":"NewOrderSingle"}', "send one JSON object, ResolveInDoubt or"),
        (b'{"MsgType":"ConfirmResolution","Venue":"XPAR","ClOrdID":"k"}', "ResolutionID missing"),
        (b"\xff", "is not UTF-8"),
        (b'{"MsgType":"ResolveInDoubt","Outcome":"Maybe"}', "send one JSON object"),
    ],
)
def test_bad_words_of_an_operator_are_answered(body: bytes, said: str) -> None:
    """I20."""
    assert said in refused(body)


def test_the_way_to_a_venue_is_its_name() -> None:
    assert "differs from the routing key" in refused(key="XLON")
    assert "is no venue" in refused(WISH.model_copy(update={"Venue": "XXX"}), key="XXX")


# ---- reference data


def changed(tmp_path: Path, operators: str) -> Reference:
    file = tmp_path / "reference.toml"
    file.write_text(f"operators = {operators}\n" + Settings().config.read_text())
    return load(file)


def test_operators_are_users_beside_the_desks(tmp_path: Path) -> None:
    reference = changed(tmp_path, '["ann", "bob"]')
    assert reference.operators == ("ann", "bob")
    assert reference.users == (*reference.desks, "ann", "bob")


@pytest.mark.parametrize("operators", ['["alpha"]', '["ann", "ann"]'])
def test_a_person_has_a_name_of_their_own(tmp_path: Path, operators: str) -> None:
    with pytest.raises(ReferenceRefused, match="is taken; give each person a name"):
        changed(tmp_path, operators)
