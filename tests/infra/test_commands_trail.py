"""`oms trail` tells all that became of one order, and nothing of any other."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from infra.commands.trail import trail
from infra.followed import collect, find
from messages import fix, orders, routing
from messages import venue as wire
from messages.entry import EntryCopy
from messages.terms import Terms
from tests.infra.journaled_day import Day, cancel, file_of, new, trace_of, traded_day

D = Decimal


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """The day, and then a cut of the session with two orders under way and a mass cancel."""
    with traded_day(tmp_path_factory.mktemp("day")) as day:
        day.says(wire.SessionDown(Text="cut"))
        day.desk("alpha", new("c-1", 7, "151"))
        day.says(wire.SessionUp())
        day.executes("growth-6.1", fix.ExecType.New)
        question = orders.OrderStatusRequest(ClOrdID="c-1", Account="growth")
        day.desk("alpha", question)
        every = orders.OrderMassCancelRequest(
            ClOrdID="m-1",
            Account="growth",
            MassCancelRequestType=fix.MassCancelRequestType.CancelAllOrders,
        )
        day.desk("alpha", every)
        day.executes("growth-6.1.1", fix.ExecType.Canceled)
        yield day


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(trail, ["--data", str(data), *words])


def entries(data: Path, clordid: str, desk: str | None = None) -> list[EntryCopy]:
    (order,) = find(data, clordid, desk)
    return collect(data, order)


def told(found: list[EntryCopy]) -> list[str]:
    """Kind of actor and events of each entry."""
    return [
        " ".join([entry.Actor.partition("/")[0], *(event.Event for event in entry.Events)])
        for entry in found
    ]


FILLED_IN_TWO = [
    "account OrderAccepted",
    "book OrderRouted",
    "venue ChildTaken VenueMessageSent",
    *("venue VenueExecuted", "book ChildExecuted", "account OrderAcknowledged"),
    *("venue VenueExecuted", "book ChildExecuted", "account OrderFilled"),
    *("venue VenueExecuted", "book ChildExecuted", "account OrderFilled"),
]


def test_a_trail_leads_through_every_journal_and_back(day: Day) -> None:
    found = entries(day.data, "a-1", "alpha")
    assert told(found) == FILLED_IN_TWO
    assert [e.At for e in found] == sorted(e.At for e in found)
    assert {e.Trace[3:35] for e in found if e.Trace} == {trace_of(1)[3:35]}


def test_what_the_venue_says_belongs_to_the_trace_of_its_order(day: Day) -> None:
    found = entries(day.data, "a-1", "alpha")
    assert len(found) == 12
    assert len({entry.Trace[3:35] for entry in found}) == 1


@pytest.mark.parametrize("name", ["a-2", "a-3"])
def test_every_clordid_of_a_chain_leads_to_the_same_order(day: Day, name: str) -> None:
    (order,) = find(day.data, name)
    found = collect(day.data, order)
    assert order.order_id == "growth-2"
    assert order.clordids[:2] == ["a-2", "a-3"]
    assert order.at_venue == {"growth-2.1", "growth-2.1.1", "growth-2.1.2"}
    assert told(found)[:12] == [
        "account OrderAccepted",
        "book OrderRouted",
        "venue ChildTaken VenueMessageSent",
        *("venue VenueExecuted", "book ChildExecuted", "account OrderAcknowledged"),
        *("account ReplaceRequested", "book RequestRouted", "venue RequestTaken VenueMessageSent"),
        *("venue VenueExecuted", "book ChildExecuted", "account OrderReplaced"),
    ]


def test_what_an_entry_says_of_other_orders_is_left_out(day: Day) -> None:
    for name, child in (("a-7", "growth-5.1"), ("c-1", "growth-6.1")):
        found = entries(day.data, name)
        (opened,) = (e for e in found if any(v.Event == "SessionOpened" for v in e.Events))
        named = [v.ClOrdID for v in opened.Events if hasattr(v, "ClOrdID")]
        assert set(named) == {child} or (named == [] and name == "a-7")
        assert {send[2] for send in opened.Sends} == (
            {"VenueStatusRequest"} if name == "a-7" else {"VenueNewOrder"}
        )
        (swept,) = (e for e in found if any(v.Event == "MassCancelRequested" for v in e.Events))
        assert [send[2] for send in swept.Sends] == ["ExecutionReport", "CancelOrder"]


def test_an_order_that_went_in_doubt_says_so(day: Day) -> None:
    assert "venue WentInDoubt" in told(entries(day.data, "a-7"))
    assert "Went in doubt: ClOrdID growth-5.1" in run(day.data, "a-7").stdout


def test_a_question_that_changed_nothing_is_in_the_trail(day: Day) -> None:
    (asked,) = (e for e in entries(day.data, "c-1") if e.Kind == "OrderStatusRequest")
    assert (asked.Events, [send[2] for send in asked.Sends]) == ((), ["ExecutionReport"])


def test_a_refused_order_has_a_trail_of_one_entry(day: Day) -> None:
    assert told(entries(day.data, "a-4")) == ["account OrderRefused"]
    assert "OrderQty 9000: at most 5000" in run(day.data, "a-4").stdout


def test_a_mass_cancel_leads_to_every_order_it_named(day: Day) -> None:
    found = find(day.data, "m-1")
    assert [order.order_id for order in found] == ["growth-2", "growth-5", "growth-6"]
    assert run(day.data, "m-1").stdout.count("of desk alpha in account growth") == 3


def test_two_desks_may_use_the_same_clordid(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        day.says(wire.SessionUp())
        day.desk("alpha", new("x", 1, "190", Account="macro"))
        day.desk("beta", new("x", 2, "190", Account="macro"))
        day.desk("beta", new("x", 2, "190", Account="macro"))
    both = find(tmp_path, "x")
    assert [(order.desk, order.order_id) for order in both] == [
        ("alpha", "macro-1"), ("beta", "macro-2")
    ]  # fmt: skip
    alpha, beta = (collect(tmp_path, order) for order in both)
    repeat = "account DuplicateReceived"
    assert (repeat in told(alpha), repeat in told(beta)) == (False, True)
    assert len(beta) == len(alpha) + 1
    assert "macro-1" not in run(tmp_path, "x", "--desk", "beta").stdout
    assert run(tmp_path, "x").stdout.count("order macro-") == 2


def test_a_second_order_under_the_same_clordid_is_in_the_trail_of_the_first(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        day.desk("alpha", new("x", 1))
        day.desk("alpha", new("x", 2))
        day.desk("alpha", new("y", 2))
    assert "account OrderRefused" in told(entries(tmp_path, "x")[:9])
    assert "DuplicateOrder" in run(tmp_path, "x").stdout


def test_a_message_that_was_parked_is_in_the_trail_of_its_order(tmp_path: Path) -> None:
    with traded_day(tmp_path) as day:
        terms = Terms.model_validate(dict(new("a-1")), extra="ignore")
        for order_id in ("growth-1", "growth-2"):
            said = routing.NewOrder(OrderID=order_id, Account="growth", Terms=terms)
            day.parks("book/AAPL", said, "KeyError: 'AAPL'")
    for name in ("a-1", "a-2"):
        found = entries(tmp_path, name, "alpha")
        assert told(found).count("book MessageParked") == 1
    assert "Message parked: KeyError: 'AAPL'" in run(tmp_path, "a-2").stdout


def test_an_order_that_was_parked_at_its_account_is_found_by_its_clordid(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        said = orders.FromDesk(Desk="alpha", ReceivedAt=day.now, Request=new("p-1"))
        day.parks("account/growth", said, "ZeroDivisionError: division by zero")
    shown = run(tmp_path, "p-1")
    assert shown.exit_code == 0
    assert "a request without an order, of desk alpha in account growth: p-1" in shown.stdout
    assert "Message parked: ZeroDivisionError" in shown.stdout


def test_the_audit_adds_what_compliance_heard_of_the_traces(day: Day) -> None:
    found = json.loads(run(day.data, "a-4", "--audit", "--json").stdout)
    actors = [entry["Actor"] for entry in found[0]["Entries"]]
    assert actors == ["account/growth", "compliance/0"]
    assert found[0]["Entries"][1]["Events"][0]["Actor"] == "account/growth"


def test_json_holds_entries_as_compliance_hears_them(day: Day) -> None:
    (found,) = json.loads(run(day.data, "a-1", "--desk", "alpha", "--json").stdout)
    assert (found["OrderID"], found["ClOrdIDs"]) == ("growth-1", ["a-1"])
    read = [EntryCopy.model_validate_json(json.dumps(entry)) for entry in found["Entries"]]
    assert read == entries(day.data, "a-1", "alpha")


def test_a_trail_is_printed_a_line_an_entry_with_a_head_and_a_foot(day: Day) -> None:
    head, columns, *lines = run(day.data, "a-1", "--desk", "alpha").stdout.splitlines()
    assert head == "order growth-1 of desk alpha in account growth: a-1"
    assert columns.split()[:3] == ["at", "took", "actor"]
    assert sum(line.lstrip().startswith("+") for line in lines) == 12
    assert lines[-1].startswith("12 entries of 3 actors in 22.00 ms")


def test_a_clordid_that_nobody_used_is_an_error_with_those_that_look_like_it(day: Day) -> None:
    result = run(day.data, "a-11")
    assert result.exit_code == 1
    assert "no order has the ClOrdID a-11; did you mean a-1 or" in result.stderr
    result = run(day.data, "zzzzzzzz")
    assert result.exit_code == 1
    assert "oms orders --data" in result.stderr


def test_a_clordid_in_brackets_that_nobody_used_is_an_error_too(day: Day) -> None:
    result = run(day.data, "[/x]")
    assert result.exit_code == 1
    assert "no order has the ClOrdID [/x]" in result.stderr


def test_a_clordid_of_another_desk_is_told_from_one_that_nobody_used(day: Day) -> None:
    result = run(day.data, "b-1", "--desk", "alpha")
    assert result.exit_code == 1
    assert "desk alpha has used no ClOrdID b-1, but beta has" in result.stderr


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a'b", "%_*?", "[bold]x[/bold]", "{}", "a,b"])
def test_a_clordid_may_hold_any_printable_character(tmp_path: Path, name: str) -> None:
    with Day(tmp_path) as day:
        day.desk("alpha", new(name))
        day.desk("alpha", new("another"))
        day.desk("alpha", cancel("c" + name, name))
    found = entries(tmp_path, name)
    assert told(found)[0] == "account OrderAccepted"
    assert {e.Events[0].OrderID for e in found if e.Actor == "account/growth"} == {"growth-1"}
    assert f"in account growth: {name}, c{name}" in run(tmp_path, name).stdout


def test_a_journal_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    with traded_day(tmp_path):
        pass
    file_of(tmp_path, "book/AAPL").write_bytes(b"junk, and enough of it to be one page" * 200)
    result = run(tmp_path, "a-2")
    assert result.exit_code == 1
    assert "AAPL.sqlite" in result.stderr


def test_without_an_installation_there_is_no_trail(tmp_path: Path) -> None:
    result = run(tmp_path, "a-1")
    assert result.exit_code == 1
    assert "no account has a journal" in result.stderr


def test_the_words_of_a_trail_are_those_of_the_venue_too(day: Day) -> None:
    shown: Any = run(day.data, "a-6").stdout
    assert "Canceled" in shown
    assert "VenueCancel to fix/XPAR" in shown


@pytest.fixture(scope="module")
def eventful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Orders whose fills are taken back and corrected, and one that the venue made."""
    data = tmp_path_factory.mktemp("eventful")
    with Day(data) as day:
        day.says(wire.SessionUp())
        day.desk("alpha", new("a-1", TimeInForce=fix.TimeInForce.GoodTillCancel))
        day.executes("growth-1.1", fix.ExecType.New)
        first = day.fills("growth-1.1", 40, "189.5")
        second = day.fills("growth-1.1", 10, "190")
        last = {"LastQty": D(12), "LastPx": D(189)}
        day.executes("growth-1.1", fix.ExecType.TradeCancel, ExecRefID=first)
        day.executes("growth-1.1", fix.ExecType.TradeCorrect, ExecRefID=second, **last)
        day.executes("growth-1.1", fix.ExecType.DoneForDay)
        why = fix.ExecRestatementReason.GTRenewal
        day.executes("growth-1.1", fix.ExecType.Restated, ExecRestatementReason=why)
        day.made_at_the_venue("V-9", fix.ExecType.New)
        day.made_at_the_venue("V-9", fix.ExecType.Trade, LastQty=D(5), LastPx=D(189))
        by_id = orders.OrderCancelRequest(ClOrdID="a-2", OrderID="XPAR.V-9", Account="growth")
        day.desk("alpha", by_id)
        day.executes("XPAR.V-9.1", fix.ExecType.Canceled, OrderID="V-9")
    return data


def flat(data: Path, *words: str) -> str:
    """The trail without its bars and line breaks."""
    shown = run(data, *words)
    assert shown.exit_code == 0, shown.output
    return " ".join(word for word in shown.stdout.split() if not set(word) <= set("·█"))


def test_what_a_venue_took_back_corrected_and_restated_is_told(eventful: Path) -> None:
    shown = flat(eventful, "a-1")
    for told in (
        "Trade canceled: OrderID growth-1, of ExecID X-3, Venue XPAR, now PartiallyFilled",
        "Trade corrected: OrderID growth-1, of ExecID X-4, LastQty 12, LastPx 189, Venue XPAR",
        "Order moved: OrderID growth-1, DoneForDay; ExecutionReport to desk/alpha",
        "Order restated: OrderID growth-1, now PartiallyFilled, GTRenewal",
    ):
        assert told in shown


@pytest.mark.parametrize("name", ["XPAR.V-9", "a-2"])
def test_an_order_that_the_venue_made_is_followed_by_its_order_id_or_by_its_cancel(
    eventful: Path, name: str
) -> None:
    (order,) = find(eventful, name)
    assert (order.order_id, order.desk) == ("XPAR.V-9", "alpha")
    found = collect(eventful, order)
    assert order.venues == {"XPAR"}
    assert order.venue_order_ids == {"V-9"}
    assert told(found) == [
        *("venue VenueOrderAdopted VenueExecuted", "book ChildAdopted", "book ChildExecuted"),
        *("account OrderAdopted", "account OrderAcknowledged"),
        *("venue VenueExecuted", "book ChildExecuted", "account OrderFilled"),
        *("account CancelRequested", "book RequestRouted", "venue RequestTaken VenueMessageSent"),
        *("venue VenueExecuted", "book ChildExecuted", "account OrderCanceled"),
    ]
    assert "VenueCancel to fix/XPAR" in flat(eventful, name)


def test_an_order_by_its_order_id_is_that_of_its_clordid(eventful: Path) -> None:
    assert flat(eventful, "growth-1") == flat(eventful, "a-1")
    assert run(eventful, "growth-1", "--desk", "beta").exit_code == 1
    assert "order XPAR.V-9 of desk alpha in account growth: a-2" in flat(eventful, "XPAR.V-9")


def test_an_order_that_the_venue_made_and_nobody_named_says_so(tmp_path: Path) -> None:
    with Day(tmp_path) as day:
        day.says(wire.SessionUp())
        day.made_at_the_venue("V-9", fix.ExecType.New)
    assert "in account growth: made at the venue" in flat(tmp_path, "XPAR.V-9")
