"""A trail tells in words what became of an order, from the entries alone."""

import io

import pytest
from rich.console import Console

from infra.tracing import BAR, trail, waterfall, words
from messages import events as ev
from messages.entry import EntryCopy
from messages.fix import ExecType
from tests.infra.test_metrics_entries import (
    DESK_SPAN,
    MS,
    START,
    TRACE_ID,
    accepted,
    entry,
    executed,
    filled,
    journey,
    parked,
    refused,
)


def printed(entries: list[EntryCopy], width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(waterfall(entries, width))
    return out.getvalue()


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (
            accepted(),
            "Order accepted: ClOrdID a-1, OrderID acme-1, Buy 100 AAPL Limit 231.25 Day",
        ),
        (filled(40), "Order filled: OrderID acme-1, LastQty 40, LastPx 231.20, Venue XNAS"),
        (
            refused(),
            "Order refused: ClOrdID a-2, OrderID acme-2, Buy 100 AAPL Limit 231.25 Day, "
            "OrderExceedsLimit, OrderQty 100: at most 10. "
            "Send less, or ask for a higher MaxOrderQty",
        ),
        (executed(ExecType.New), "Venue executed: ClOrdID xnas-1, ChildID aapl-1, New"),
        (ev.SessionOpened(), "Session opened"),
        (ev.SessionClosed(), "Session closed"),
        (ev.WentInDoubt(ClOrdID="xnas-1"), "Went in doubt: ClOrdID xnas-1"),
        (parked("NewOrder"), "Message parked: KeyError: 'AAPL'"),
    ],
)
def test_an_event_in_words(event: ev.AnyEvent, told: str) -> None:
    assert words(event) == told


def test_a_trail_is_in_order_of_time_and_each_entry_under_its_cause() -> None:
    lines = trail(journey()[::-1])
    assert [line.ended // 100_000 for line in lines] == [10, 20, 30, 50, 55, 60, 65, 75]
    assert [line.depth for line in lines] == [0, 1, 2, 3, 4, 4, 5, 5]
    assert lines[0].begun == 0
    assert lines[0].what.endswith("; ExecutionReport to desk/blue")


def test_an_entry_without_events_says_what_it_heard_and_told() -> None:
    sends = (("desk/blue", 1, "ExecutionReport"), ("compliance/0", 1, "EntryCopy"))
    (line,) = trail([entry("account/acme", 1, Kind="OrderStatusRequest", Sends=sends)])
    assert line.what == "OrderStatusRequest heard; ExecutionReport to desk/blue"


def test_causes_in_a_circle_end() -> None:
    one, two = (f"00-{TRACE_ID}-{n:016x}-01" for n in (1, 2))
    lines = trail(
        [
            entry("book/AAPL", 1, Trace=one, Cause=two[36:52]),
            entry("book/AAPL", 2, Trace=two, Cause=one[36:52]),
        ]
    )
    assert [line.depth for line in lines] == [1, 1]


def test_a_roomy_terminal_shows_a_bar_that_stands_where_the_time_went() -> None:
    out = printed(journey(), 140)
    bars = [line.split()[-1] for line in out.splitlines() if "█" in line]
    assert len(bars) == 8
    assert {len(bar) for bar in bars} == {BAR}
    assert (bars[0][0], bars[0][-1]) == ("█", "·")
    assert (bars[-1][0], bars[-1][-1]) == ("·", "█")
    assert "8 entries of 3 actors in 7.50 ms, trace " + TRACE_ID in out


def test_a_narrow_terminal_shows_the_words_and_no_bar() -> None:
    out = printed(journey(), 80)
    assert "█" not in out
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "Order filled: OrderID acme-1, LastQty 100," in out


def test_text_from_outside_is_not_read_as_markup() -> None:
    nasty = ev.OrderCanceled(OrderID="acme-1", ExecID="e", Text="[/red] [bold]no[/bold]")
    assert "[/red] [bold]no[/bold]" in printed([entry("account/acme", 1, nasty)], 140)


def test_no_entries_say_so_and_one_instant_has_a_bar() -> None:
    assert printed([], 80) == "No entry tells of it.\n"
    assert printed([entry("book/AAPL", 1)], 140).count("█") >= 1


def test_a_long_trail_speaks_of_seconds() -> None:
    late = entry("account/acme", 2, filled(), at=START + 61_500 * MS, Cause=DESK_SPAN)
    assert "+61.500 s" in printed([journey()[0], late], 140)
