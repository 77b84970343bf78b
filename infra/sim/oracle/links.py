"""Orders of a list, as their desk asked for them to hang together, when everything had settled.

Judged at the first rest, before the desks cancel whatever is left of the day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from gateways.amqp.desk_record import Heard, Line, Sent
from infra.sim.setting import START
from messages.fix import ContingencyType, ExecType, OrdRejReason, OrdStatus
from messages.lists import NewOrderList
from messages.reports import ExecutionReport

if TYPE_CHECKING:
    from infra.sim.world import World

DUPLICATE = OrdRejReason.DuplicateOrder
ONE = ContingencyType.OneCancelsTheOther
TRIGGERS = ContingencyType.OneTriggersTheOther


@dataclass(slots=True)
class Leg:
    """An order as its desk last heard of it."""

    order_id: str
    status: OrdStatus = OrdStatus.PendingNew
    leaves: Decimal = Decimal(0)
    seq: int = 0
    traded: bool = False
    expires: int | None = None
    waits: bool = False
    """For a price, at the book."""


def linked_orders_follow_each_other(world: "World") -> Iterator[str]:
    """One cancels the other, one triggers the others: neither too late nor too soon."""
    placed = {name for exchange in world.exchanges.values() for name in exchange.placed}
    for desk, lines in world.evidence.lines.items():
        legs = _legs(lines[: world.at_rest.get(desk, 0)])
        for said in _lists(lines):
            names = [order.ClOrdID for order in said.Orders]
            if not all(name in legs for name in names):
                continue  # refused
            for kind, members in _links(said):
                found = [legs[name] for name in members]
                if kind is ONE:
                    yield from _one_cancels(said.ListID, found)
                elif kind is TRIGGERS:
                    yield from _one_triggers(said.ListID, found, placed)


def dated_orders_end(world: "World") -> Iterator[str]:
    """What is past its ExpireTime when everything has settled is not open any more."""
    now = START + int(world.rested_at * 1e9)
    for desk, lines in world.evidence.lines.items():
        for leg in _legs(lines[: world.at_rest.get(desk, 0)]).values():
            if leg.leaves and leg.expires and leg.expires < now:
                yield f"{leg.order_id} of {desk} is open after its ExpireTime"


def _lists(lines: list[Line]) -> Iterator[NewOrderList]:
    known: set[str] = set()
    for line in lines:
        said = line.request if isinstance(line, Sent) else None
        if isinstance(said, NewOrderList) and said.ListID not in known:
            known.add(said.ListID)
            yield said


def _links(said: NewOrderList) -> Iterator[tuple[ContingencyType, list[str]]]:
    if said.ContingencyType:
        yield said.ContingencyType, [order.ClOrdID for order in said.Orders]
    for link in said.Links:
        yield link.ContingencyType, [order.ClOrdID for order in said.members(link)]


def _legs(lines: list[Line]) -> dict[str, Leg]:
    """By the ClOrdID under which each began."""
    by_id: dict[str, Leg] = {}
    named: dict[str, Leg] = {}
    for line in lines:
        said = line.report if isinstance(line, Heard) else None
        if not isinstance(said, ExecutionReport) or said.PossResend:
            continue
        if said.ExecType is ExecType.OrderStatus or said.OrdRejReason is DUPLICATE:
            continue
        leg = by_id.setdefault(said.OrderID, Leg(said.OrderID))
        if said.ReportSeq is not None and said.ReportSeq <= leg.seq:
            continue  # it came again
        leg.status, leg.leaves, leg.seq = said.OrdStatus, said.LeavesQty, said.ReportSeq or leg.seq
        leg.expires, leg.waits = said.ExpireTime, said.StopPx is not None
        leg.traded = leg.traded or said.ExecType is ExecType.Trade
        if said.ClOrdID:
            named.setdefault(said.ClOrdID, leg)
    return named


def _one_cancels(name: str, legs: list[Leg]) -> Iterator[str]:
    filled = [leg for leg in legs if leg.status is OrdStatus.Filled]
    for leg in legs:
        if filled and leg.leaves and leg not in filled:
            yield f"list {name}: {filled[0].order_id} is filled, and {leg.order_id} is still open"


def _one_triggers(name: str, legs: list[Leg], placed: set[str]) -> Iterator[str]:
    first, *others = legs
    for leg in others:
        sent = f"{leg.order_id}.1" in placed
        if sent and not first.traded:
            yield f"list {name}: {leg.order_id} went out before {first.order_id} traded"
        if leg.leaves and not sent and not leg.waits and first.status is OrdStatus.Filled:
            yield f"list {name}: {first.order_id} is filled, and {leg.order_id} still waits"
