"""A trail tells in words what became of an order, from the entries alone."""

import io
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from infra.telling import words
from infra.tracing import BAR, trail, waterfall
from messages import events as ev
from messages.entry import EntryCopy
from messages.fix import (
    ExecInst,
    ExecRestatementReason,
    ExecType,
    OrdStatus,
    OrdType,
    Side,
    TimeInForce,
)
from messages.terms import Terms
from tests.infra.test_metrics_entries import (
    DESK_SPAN,
    MS,
    START,
    TERMS,
    TRACE_ID,
    accepted,
    adopted,
    corrected,
    entry,
    executed,
    filled,
    journey,
    moved,
    parked,
    refused,
    taken_back,
    venue_adopted,
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
        (
            filled(40).model_copy(update={"Ends": OrdStatus.Canceled}),
            "Order filled: OrderID acme-1, LastQty 40, LastPx 231.20, Venue XNAS, "
            "and the order is Canceled",
        ),
        (
            filled(40).model_copy(
                update={"Ends": OrdStatus.Canceled, "OrdStatus": OrdStatus.Canceled}
            ),
            "Order filled: OrderID acme-1, LastQty 40, LastPx 231.20, Venue XNAS, now Canceled",
        ),
        (taken_back(), "Trade canceled: OrderID acme-1, of ExecID x-1, Venue XNAS"),
        (
            corrected(60),
            "Trade corrected: OrderID acme-1, of ExecID x-1, LastQty 60, LastPx 231.10, Venue XNAS",
        ),
        (moved(ExecType.DoneForDay), "Order moved: OrderID acme-1, DoneForDay"),
        (
            moved(ExecType.DoneForDay).model_copy(update={"OrdStatus": OrdStatus.DoneForDay}),
            "Order moved: OrderID acme-1, DoneForDay",
        ),
        (moved(ExecType.Stopped), "Order moved: OrderID acme-1, Stopped"),
        (moved(ExecType.Suspended), "Order moved: OrderID acme-1, Suspended"),
        (moved(ExecType.Calculated), "Order moved: OrderID acme-1, Calculated"),
        (moved(ExecType.Triggered), "Order moved: OrderID acme-1, Triggered"),
        (
            ev.OrderRestated(
                OrderID="acme-1",
                ExecID="e",
                OrderQty=Decimal(200),
                Price=Decimal("115.5"),
                CumQty=Decimal(80),
                ExecRestatementReason=ExecRestatementReason.GTCorporateAction,
                TradeDate="20261124",
            ),
            "Order restated: OrderID acme-1, OrderQty 200, Price 115.5, CumQty 80, "
            "TradeDate 20261124, GTCorporateAction",
        ),
        (
            ev.OrderCanceled(
                OrderID="acme-1",
                ExecID="e",
                ExecRestatementReason=ExecRestatementReason.CancelOnTradingHalt,
                Text="halted",
            ),
            "Order canceled: OrderID acme-1, CancelOnTradingHalt, halted",
        ),
        (
            ev.OrderReplaced(OrderID="acme-1", ExecID="e", OrderQty=Decimal(80)),
            "Order replaced: OrderID acme-1, OrderQty 80",
        ),
        (
            ev.RequestPending(OrderID="acme-1", ExecID="e", ClOrdID="a-2"),
            "Request pending: ClOrdID a-2, OrderID acme-1",
        ),
        (
            adopted(),
            "Order adopted: OrderID XNAS.V-7, Buy 100 AAPL Limit 231.25 Day, Venue XNAS",
        ),
        (
            venue_adopted(),
            "Venue order adopted: ChildID XNAS.V-7, Buy 100 AAPL Limit 231.25 Day, "
            "the venue's OrderID V-7",
        ),
        (
            ev.ChildAdopted(OrderID="XNAS.V-7", Account="acme", Venue="XNAS", Terms=TERMS),
            "Child adopted: OrderID XNAS.V-7, Buy 100 AAPL Limit 231.25 Day, Venue XNAS",
        ),
        (
            executed(ExecType.TradeCancel, ref="x-1"),
            "Venue executed: ClOrdID xnas-1, ChildID aapl-1, TradeCancel, of ExecID x-1",
        ),
        (
            executed(ExecType.Trade, 40, Ends=OrdStatus.Expired),
            "Venue executed: ClOrdID xnas-1, ChildID aapl-1, Trade, LastQty 40, LastPx 231.20, "
            "and the order is Expired",
        ),
    ],
)
def test_an_event_in_words(event: ev.AnyEvent, told: str) -> None:
    assert words(event) == told


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"OrderQty": Decimal(100), "Price": Decimal(190)}, "Buy 100 AAPL Limit 190 Day"),
        (
            {"OrdType": OrdType.Stop, "OrderQty": Decimal(5), "StopPx": Decimal(189)},
            "Buy 5 AAPL Stop Day, StopPx 189",
        ),
        (
            {"OrdType": OrdType.Market, "CashOrderQty": Decimal(5000), "Currency": "USD"},
            "Buy for 5000 USD of AAPL Market Day",
        ),
        (
            {
                "OrderQty": Decimal(100),
                "Price": Decimal(190),
                "MinQty": Decimal(10),
                "DisplayQty": Decimal(20),
                "ExecInst": (ExecInst.AllOrNone, ExecInst.CancelOnTradingHalt),
                "TimeInForce": TimeInForce.GoodTillDate,
                "ExpireDate": "20261231",
                "ExDestination": "XPAR",
            },
            "Buy 100 AAPL Limit 190 GoodTillDate on XPAR, MinQty 10, DisplayQty 20, "
            "ExecInst AllOrNone CancelOnTradingHalt, ExpireDate 20261231",
        ),
        (
            {
                "OrdType": OrdType.Pegged,
                "OrderQty": Decimal(1),
                "ExecInst": (ExecInst.PrimaryPeg,),
                "PegOffsetValue": Decimal("-0.05"),
                "TimeInForce": TimeInForce.GoodTillDate,
                "ExpireTime": START,
            },
            "Buy 1 AAPL Pegged GoodTillDate, ExecInst PrimaryPeg, PegOffsetValue -0.05, "
            "ExpireTime 2026-11-23T02:16:24.915000000Z",
        ),
    ],
)
def test_the_terms_of_an_order_in_words(terms: dict[str, Any], told: str) -> None:
    event = accepted(Terms=Terms(**{"Symbol": "AAPL", "Side": Side.Buy, "OrdType": OrdType.Limit,
                                    **terms}))  # fmt: skip
    assert words(event) == f"Order accepted: ClOrdID a-1, OrderID acme-1, {told}"


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


def test_a_trail_without_a_trace_names_none() -> None:
    assert printed([entry("book/AAPL", 1, Trace="")], 140).endswith("1 actors in 0.00 ms\n")


def test_no_entries_say_so_and_one_instant_has_a_bar() -> None:
    assert printed([], 80) == "No entry tells of it.\n"
    assert printed([entry("book/AAPL", 1)], 140).count("█") >= 1


def test_a_long_trail_speaks_of_seconds() -> None:
    late = entry("account/acme", 2, filled(), at=START + 61_500 * MS, Cause=DESK_SPAN)
    assert "+61.500 s" in printed([journey()[0], late], 140)
