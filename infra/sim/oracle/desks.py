"""What desks sent and heard: their records are the evidence, and nothing else is asked."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateways.amqp.desk_record import Heard, Sent
from infra import ledger
from infra.sim.setting import ACCOUNTS, tradable
from messages.fix import ExecType
from messages.lists import ListStatus
from messages.orders import (
    OrderCancelRequest,
)
from messages.reports import BusinessMessageReject, ExecutionReport

if TYPE_CHECKING:
    from infra.sim.world import World


def ledger_adds_up(world: "World") -> Iterator[str]:
    """1-5, 8-14: no request unanswered, no report missing, no fill lost, doubled or changed.

    A break that two people's wrong word explains would be none of the system's; they say nothing
    wrong here, so there is none.
    """
    fills = [fill for e in world.exchanges.values() for _, fill in e.fills.values()]
    changes = [change for e in world.exchanges.values() for change in e.changes]
    closed = ledger.close(world.evidence.lines, fills, changes)
    yield from closed.problems
    if closed.lost or closed.duplicated:
        yield f"lost {closed.lost}, duplicated {closed.duplicated}"


def a_clordid_is_one_order(world: "World") -> Iterator[str]:
    """10: whatever was said twice, each ClOrdID of a desk names one order."""
    named: dict[tuple[str, str], str] = {}
    for order_id, order in world.evidence.orders.items():
        for name in order.names:
            first = named.setdefault(name, order_id)
            if first != order_id and name in world.evidence.asked:
                yield f"{name[1]} of {name[0]} is {first} and {order_id}"


def every_account_answers_a_mass_cancel(world: "World") -> Iterator[str]:
    """11: one for one account is answered by it, one for all by each that the desk may trade."""
    for (desk, name), (account, answers) in world.evidence.mass.items():
        due = {account} if account in ACCOUNTS else set(tradable(desk)) if not account else set()
        if missing := due - answers:
            yield f"mass cancel {name} of {desk} was not answered by {sorted(map(str, missing))}"


def reports_reach_their_desk_alone(world: "World") -> Iterator[str]:
    """36: of accounts it may trade, under names that it gave."""
    for desk, lines in world.evidence.lines.items():
        for line in lines:
            report = line.report if isinstance(line, Heard) else None
            if report is None or isinstance(report, BusinessMessageReject | ListStatus):
                continue
            name = report.ClOrdID
            if name and name != "NONE" and not name.startswith(f"{desk}-"):
                yield f"{desk} heard of {name}: {type(report).__name__}"
            made_at_venue = name is None and report.Account not in tradable(desk)
            if made_at_venue:
                yield f"{desk} heard of an order of {report.Account}"


def nonsense_is_answered_and_does_nothing(world: "World") -> Iterator[str]:
    """38: what is no request is rejected, with its name where it has one, and is no order."""
    orders = {name for order in world.evidence.orders.values() for name in order.names}
    for desk in world.desks:
        for name, count in desk.nonsense.items():
            if desk.rejects[name] < count:
                what = name or "what had no name"
                yield f"{desk.name}: {what} was sent {count} times, {desk.rejects[name]} answered"
            if name and (desk.name, name) in orders:
                yield f"{desk.name}: {name} made no sense and is an order"


def nobody_cancelled_for_another(world: "World") -> Iterator[str]:
    """35: an order that was canceled on request was canceled by the desk whose order it is."""
    asked = {
        (desk, line.request.ClOrdID)
        for desk, lines in world.evidence.lines.items()
        for line in lines
        if isinstance(line, Sent) and isinstance(line.request, OrderCancelRequest)
    }
    for desk, lines in world.evidence.lines.items():
        for line in lines:
            report = line.report if isinstance(line, Heard) else None
            if not isinstance(report, ExecutionReport) or report.ExecType is not ExecType.Canceled:
                continue
            if report.OrigClOrdID and report.ClOrdID and (desk, report.ClOrdID) not in asked:
                known = (desk, report.ClOrdID) in world.evidence.mass
                known = known or (desk, report.ClOrdID) in world.evidence.asked
                if not known:
                    yield f"{desk} heard that {report.ClOrdID} canceled an order: it never said so"
