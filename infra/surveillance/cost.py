"""What surveillance costs for one order, without disk and network: bytes in, bytes out.

Each part does exactly what it adds in its process: compliance makes sightings of its copies and
writes them, the surveillance actor reads, remembers, looks and seals an entry, and compliance hears
of that entry too. An order here is entered, acknowledged, and filled or cancelled.
"""

import time
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from random import Random

from actors.compliance import Compliance
from actors.surveillance.sight import Sighting, sightings
from actors.surveillance.surveillance import Surveillance
from infra.hosts.restart import copy_for
from infra.reference import load
from infra.shell import Shell
from infra.surveillance import definition
from messages import events as ev
from messages.base import SECOND, Event, Instant
from messages.entry import EntryCopy
from messages.envelope import Envelope
from messages.fix import OrdType, Side
from messages.surveillance import Sightings
from messages.terms import Terms

RUN = 60
"""Orders of one account in 250 ms, at 1,000 orders/s over four accounts."""

START = 1_795_444_200 * SECOND
PARTS = (
    "compliance makes sightings",
    "compliance writes the message",
    "surveillance reads, remembers, looks, seals",
    "compliance hears of surveillance's entry",
)


def measured(orders: int) -> list[tuple[str, float]]:
    """CPU in microseconds of each part for one order, and of all of them."""
    surveillance, compliance = _told(), Shell(Compliance("compliance/0"), 1)
    spent = [0] * len(PARTS)
    for number, copies in enumerate(_runs(orders, Random(1)), 1):
        now = copies[-1].At
        marks = [time.process_time_ns()]
        rows = tuple(row for copy in copies for row in sightings(copy))
        marks.append(time.process_time_ns())
        words = _message(rows, number, now)
        marks.append(time.process_time_ns())
        entry = surveillance.take(words, now)
        assert entry is not None
        copy = copy_for("compliance/0", "surveillance/0", entry)
        marks.append(time.process_time_ns())
        compliance.take(copy._replace(seq=number), now)
        marks.append(time.process_time_ns())
        for part, (begin, end) in enumerate(pairwise(marks)):
            spent[part] += end - begin
    found = [(part, nanos / 1_000 / orders) for part, nanos in zip(PARTS, spent, strict=True)]
    return [*found, ("all", sum(micros for _, micros in found))]


def _told() -> Shell:
    """A surveillance actor that knows the sample installation."""
    reference = load()
    shell = Shell(Surveillance("surveillance/0"), 1)
    told = definition(reference.surveillance, reference.instruments)
    body = told.model_dump_json(exclude_none=True).encode()
    sender, kind = "reference/settings", told.MsgType
    shell.take(Envelope(sender, "surveillance/0", 0, kind, START, "", body), START)
    return shell


def _message(rows: tuple[Sighting, ...], number: int, now: Instant) -> Envelope:
    told = Sightings.model_construct(None, MsgType="Sightings", Rows=rows)
    body = told.__pydantic_serializer__.to_json(told, exclude_none=True)
    envelope = Envelope("compliance/0", "surveillance/0", number, "Sightings", now, "", body)
    envelope.encode()
    return envelope


def _runs(orders: int, random: Random) -> Iterator[list[EntryCopy]]:
    """The copies of one account after the other, as they come to compliance."""
    numbers = dict.fromkeys(("growth", "income", "global", "macro"), 0)
    done = 0
    while done < orders:
        for account in numbers:
            copies = []
            for _ in range(min(RUN, orders - done)):
                done += 1
                for event in _life(account, numbers[account], done, random):
                    numbers[account] += 1
                    copies.append(_copy(account, numbers[account], done, event))
            if copies:
                yield copies


def _life(account: str, number: int, done: int, random: Random) -> Iterator[Event]:
    order, px = f"{account}-{number}", Decimal(random.randint(18_900, 19_100)) / 100
    terms = Terms(
        Symbol=random.choice(("AAPL", "MSFT", "SAP")), Side=random.choice((Side.Buy, Side.Sell)),
        OrderQty=Decimal(100), OrdType=OrdType.Limit, Price=px,
    )  # fmt: skip
    yield ev.OrderAccepted(
        OrderID=order, ClOrdID=f"c-{done}", Desk="alpha", Terms=terms, ReservePx=px,
        ReceivedAt=START,
    )  # fmt: skip
    yield ev.OrderAcknowledged(OrderID=order, ExecID=f"e-{done}", Venue="XPAR", ReceivedAt=START)
    if random.random() < 0.7:
        yield ev.OrderFilled(
            OrderID=order, ExecID=f"f-{done}", Venue="XPAR", VenueExecID=f"v-{done}",
            LastQty=Decimal(100), LastPx=px, ReceivedAt=START,
        )  # fmt: skip
    else:
        yield ev.OrderCanceled(OrderID=order, ExecID=f"f-{done}", ClOrdID=f"x-{done}")


def _copy(account: str, number: int, done: int, event: Event) -> EntryCopy:
    at = START + done * SECOND // 1_000
    return EntryCopy.model_construct(
        None, MsgType="EntryCopy", Actor=f"account/{account}", Number=number, Epoch=1, At=at,
        Sender="book/AAPL", Seq=number, Kind="Execution", CausedAt=at, Trace="", Cause="",
        Chain="", Sends=(), Events=(event,),  # type: ignore[arg-type]  # one of them
    )  # fmt: skip
