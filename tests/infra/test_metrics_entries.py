"""What compliance hears of one order, from the desk to its fill: other tests feed on it."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from messages import events as ev
from messages.base import Instant
from messages.entry import EntryCopy
from messages.fix import ExecType, OrdRejReason, OrdType, Side
from messages.refusals import Refusal
from messages.terms import Terms

MS = 1_000_000
START: Instant = 1_795_400_184_915_000_000
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
DESK_SPAN = "00f067aa0ba902b7"
TERMS = Terms(
    Symbol="AAPL",
    Side=Side.Buy,
    OrderQty=Decimal(100),
    OrdType=OrdType.Limit,
    Price=Decimal("231.25"),
)
REFUSAL = Refusal(
    Rule="max_order_qty",
    Field="OrderQty",
    Given="100",
    Allowed="at most 10",
    Remedy="Send less, or ask for a higher MaxOrderQty",
)


def entry(actor: str, number: int, *events: Any, at: Instant = START, **fields: Any) -> EntryCopy:
    """One entry with the fields that a test is not about filled in."""
    given: dict[str, Any] = {
        "Epoch": 1,
        "At": at,
        "Sender": "ingress/0",
        "Seq": number,
        "Kind": "Execution",
        "CausedAt": at,
        "Trace": f"00-{TRACE_ID}-{number:016x}-01",
        "Cause": "",
        "Chain": "",
        "Sends": (),
    }
    return EntryCopy(Actor=actor, Number=number, Events=events, **(given | fields))


def received(number: int, *events: Any, at: Instant = START, **fields: Any) -> EntryCopy:
    """An account's answer to a new order."""
    return entry("account/acme", number, *events, at=at, Kind="NewOrderSingle", **fields)


def accepted(
    order: str = "acme-1", received_at: Instant = START, **fields: Any
) -> ev.OrderAccepted:
    given: dict[str, Any] = {
        "ClOrdID": "a-1",
        "Desk": "blue",
        "Terms": TERMS,
        "ReservePx": TERMS.Price,
    }
    return ev.OrderAccepted(OrderID=order, ReceivedAt=received_at, **(given | fields))


def refused(reason: OrdRejReason = OrdRejReason.OrderExceedsLimit) -> ev.OrderRefused:
    return ev.OrderRefused(
        OrderID="acme-2",
        ClOrdID="a-2",
        Desk="blue",
        Terms=TERMS,
        OrdRejReason=reason,
        Refusal=REFUSAL,
        ReceivedAt=START,
        ExecID="acme-e2",
    )


def duplicate(kind: str = "NewOrderSingle", *, same: bool = True) -> ev.DuplicateReceived:
    return ev.DuplicateReceived(ClOrdID="a-1", Desk="blue", Kind=kind, Same=same)


def acknowledged(order: str = "acme-1") -> ev.OrderAcknowledged:
    return ev.OrderAcknowledged(OrderID=order, ExecID="acme-e1", Venue="XNAS", ReceivedAt=START)


def filled(quantity: int = 100, order: str = "acme-1") -> ev.OrderFilled:
    return ev.OrderFilled(
        OrderID=order,
        ExecID="acme-e2",
        Venue="XNAS",
        VenueExecID="x-1",
        LastQty=Decimal(quantity),
        LastPx=Decimal("231.20"),
        ReceivedAt=START,
    )


def taken_back(of: str = "x-1", order: str = "acme-1") -> ev.TradeCanceled:
    return ev.TradeCanceled(
        OrderID=order, ExecID="acme-e3", Venue="XNAS", VenueExecID=f"{of}-b", VenueExecRefID=of
    )


def corrected(quantity: int = 60, of: str = "x-1", order: str = "acme-1") -> ev.TradeCorrected:
    return ev.TradeCorrected(
        OrderID=order,
        ExecID="acme-e3",
        Venue="XNAS",
        VenueExecID=f"{of}-c",
        VenueExecRefID=of,
        LastQty=Decimal(quantity),
        LastPx=Decimal("231.10"),
    )


def moved(kind: ExecType, order: str = "acme-1") -> ev.OrderMoved:
    return ev.OrderMoved(OrderID=order, ExecID="acme-e3", ExecType=kind)


def adopted(order: str = "XNAS.V-7") -> ev.OrderAdopted:
    return ev.OrderAdopted(
        OrderID=order,
        Desk="blue",
        Venue="XNAS",
        Terms=TERMS,
        ReservePx=Decimal("231.25"),
        ReceivedAt=START,
    )


def venue_adopted(child: str = "XNAS.V-7") -> ev.VenueOrderAdopted:
    return ev.VenueOrderAdopted(ChildID=child, VenueOrderID="V-7", Account="acme", Terms=TERMS)


def child_taken(child: str = "aapl-1", clordid: str = "xnas-1") -> ev.ChildTaken:
    return ev.ChildTaken(ChildID=child, ClOrdID=clordid, Account="acme", Terms=TERMS)


def executed(
    kind: ExecType,
    quantity: int | None = None,
    clordid: str = "xnas-1",
    request: str | None = None,
    *,
    ref: str | None = None,
    **fields: Any,
) -> ev.VenueExecuted:
    given: dict[str, Any] = {"ChildID": "aapl-1", "ExecID": f"{ref}-b" if ref else "x-1"} | fields
    return ev.VenueExecuted(
        **given,
        ClOrdID=clordid,
        VenueOrderID="77",
        ExecRefID=ref,
        ExecType=kind,
        RequestID=request,
        LastQty=None if quantity is None else Decimal(quantity),
        LastPx=None if quantity is None else Decimal("231.20"),
        TransactTime=START,
    )


def parked(kind: str) -> ev.MessageParked:
    return ev.MessageParked(Kind=kind, Reason="KeyError: 'AAPL'", Body="{}")


REPORT = (("desk/blue", 1, "ExecutionReport"),)


def journey() -> list[EntryCopy]:
    """One order: accepted, routed, sent to the venue, new, and filled. 8 entries, 7.5 ms."""
    routed = ev.OrderRouted(
        OrderID="acme-1", ChildID="aapl-1", Account="acme", Venue="XNAS", Terms=TERMS
    )
    sent = ev.VenueMessageSent(ClOrdID="xnas-1", At=START + 3 * MS)
    new = executed(ExecType.New)
    trade = executed(ExecType.Trade, 100)
    child: dict[str, Any] = {"ChildID": "aapl-1", "VenueExecID": "x-1"}
    child_new = ev.ChildExecuted(ExecType=ExecType.New, **child)
    child_trade = ev.ChildExecuted(
        ExecType=ExecType.Trade, LastQty=Decimal(100), LastPx=Decimal("231.20"), **child
    )
    desk, report = "ingress/0", {"Sends": REPORT}
    rows: list[tuple[str, float, str, str, tuple[Any, ...], dict[str, Any]]] = [
        ("account/acme", 1.0, desk, "NewOrderSingle", (accepted(ExecID="acme-e0"),), report),
        ("book/AAPL", 2.0, "account/acme", "NewOrder", (routed,), {}),
        ("venue/XNAS", 3.0, "book/AAPL", "NewOrder", (child_taken(), sent), {}),
        ("venue/XNAS", 5.0, "fix/XNAS", "VenueExecution", (new, trade), {}),
        ("book/AAPL", 5.5, "venue/XNAS", "Execution", (child_new,), {}),
        ("book/AAPL", 6.0, "venue/XNAS", "Execution", (child_trade,), {}),
        ("account/acme", 6.5, "book/AAPL", "Execution", (acknowledged(),), report),
        ("account/acme", 7.5, "book/AAPL", "Execution", (filled(),), report),
    ]
    causes = [DESK_SPAN, 1, 2, 3, 4, 4, 5, 6]
    numbers: dict[str, int] = {}
    entries: list[EntryCopy] = []
    for span, (row, cause) in enumerate(zip(rows, causes, strict=True), 1):
        actor, at, sender, kind, events, fields = row
        numbers[actor] = numbers.get(actor, 0) + 1
        before = START if isinstance(cause, str) else entries[cause - 1].At
        entries.append(
            entry(
                actor,
                numbers[actor],
                *events,
                at=START + round(at * MS),
                Sender=sender,
                Kind=kind,
                CausedAt=before,
                Trace=f"00-{TRACE_ID}-{span:016x}-01",
                Cause=cause if isinstance(cause, str) else f"{cause:016x}",
                **fields,
            )
        )
    return entries


def journeys(count: int) -> Iterator[EntryCopy]:
    """The same journey for many orders, each with ids and a trace of its own."""
    texts = [e.model_dump_json() for e in journey()]
    numbers: dict[str, int] = {}
    for order in range(1, count + 1):
        trace = f"{order:032x}"
        for text in texts:
            for name in ("acme-1", "aapl-1", "xnas-1", "x-1", "a-1"):
                text = text.replace(f'"{name}"', f'"{name}.{order}"')
            found = json.loads(text.replace(TRACE_ID, trace))
            numbers[found["Actor"]] = found["Number"] = numbers.get(found["Actor"], 0) + 1
            yield EntryCopy.model_validate_json(json.dumps(found))


def test_a_journey_is_what_compliance_could_hear() -> None:
    entries = journey()
    assert [EntryCopy.model_validate_json(e.model_dump_json()) for e in entries] == entries
    spans = [e.Trace[36:52] for e in entries]
    assert len(set(spans)) == len(spans)
    assert [e.Actor for e in entries if e.Cause not in spans] == ["account/acme"]


def test_many_journeys_have_dense_numbers_and_ids_of_their_own() -> None:
    entries = list(journeys(3))
    accounts = [e.Number for e in entries if e.Actor == "account/acme"]
    assert accounts == list(range(1, 10))
    assert len({e.Trace for e in entries}) == len(entries)
