"""Kills, by what people said and heard, and by what venues were told and have.

A kill is in force at a venue from the instant at which the certificate, which anybody may read,
says that the venue connection has it; and until the second person has opened their mouth. The
numbers are those of the invariants in docs/RELIABILITY.md.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateways.amqp.desk_record import Heard, Sent
from infra.compose import STOPPABLE, make_actor
from infra.kills import Certificate
from infra.shell import Shell
from infra.sim.exchange import Exchange
from infra.sim.killing import Pulled
from infra.sim.line import TRAVEL_S
from infra.sim.setting import ACCOUNTS, START, SYMBOLS
from infra.sim.world import World
from messages import venue as wire
from messages.fix import ExecType
from messages.kills import KILLSWITCH, KilledState, KillScope, KillStatus
from messages.orders import NewOrderSingle, OrderCancelRequest
from messages.reports import OrderCancelReject
from messages.terms import Terms

_CHILD = re.compile(r"([a-z]+-\d+)\.\d+")
Event = dict[str, Any]
_KILL = re.compile(r"\bkill K[0-9a-f]{10}\b")
CANCELED_WITHIN_S = 1.0
OVER = (KilledState.Canceled, KilledState.Expired, KilledState.Rejected)
"""Of such an order nothing trades any more, whatever is taken back."""


@dataclass
class Told:
    """One message with new risk at a venue, at a virtual second. ``fresh``: it is a new order."""

    at: float
    venue: str
    name: str
    order: str
    account: str
    symbol: str
    fresh: bool


def no_new_risk_reaches_a_venue_under_a_kill(world: World) -> Iterator[str]:
    """21: nothing that adds risk in its scope arrives where a kill is in force."""
    told = [one for exchange in world.exchanges.values() for one in _risk(exchange)]
    for kill in world.operators.killing.pulled:
        end = kill.freed_at if kill.freed_at is not None else world.loop.now
        for venue, begin in _in_force(world, kill).items():
            for one in told:
                late = one.venue == venue and begin + TRAVEL_S < one.at < end
                if late and _covers(world, kill, venue, one.account, one.symbol, one.order):
                    ms = round((one.at - begin) * 1000, 1)
                    yield f"{venue} got {one.name} {ms} ms after it had {_text(kill)}"


def what_was_open_is_over_or_listed(world: World) -> Iterator[str]:
    """21: when it is said to be quiet, what may still trade in scope is in the certificate.

    An order that the venue itself made, or a fill that it took back since, may trade: nobody asked
    for it. What the certificate says is over does not trade. In the end nothing is open, and every
    certificate says so.
    """
    for kill in world.operators.killing.pulled:
        last = _certificate(world, kill, world.loop.now)
        if still := last.orders.get(KilledState.Open):
            yield f"{still[0]} is over, and open by {_text(kill)}"
        quiet = kill.told(kill.by, KillStatus.Quiet)
        if quiet is None or (kill.freed_at is not None and quiet > kill.freed_at):
            continue
        certificate = _certificate(world, kill, quiet)
        if certificate.missing or KilledState.Open in certificate.orders:
            yield f"{_text(kill)} was quiet, and yet {certificate.as_dict()}"
        listed = {name: how for how, names in certificate.orders.items() for name in names}
        for venue, order_id in sorted(kill.open[KillStatus.Quiet]):
            exchange = world.exchanges[venue]
            order = exchange.orders[order_id]
            child = order.names[0] if order.names else ""
            if not _CHILD.fullmatch(child) or order_id in _taken_back(exchange):
                continue
            root = child.rpartition(".")[0]
            if _covers(world, kill, venue, order.account, order.symbol, root):
                how = listed.get(f"venue/{venue} {child}")
                if how is None or how in OVER:
                    yield f"{child} may trade at {venue}, {how or 'not listed'} by {_text(kill)}"


def what_was_open_is_cancelled(world: World) -> Iterator[str]:
    """21: where nothing failed, each order that was open for a second of a kill was cancelled."""
    if world.kills or world.disk.crashes or world.wire.faults:
        return
    for kill in world.operators.killing.pulled:
        stood, freed = kill.told(kill.by, KillStatus.Standing), kill.freed_at
        if stood is None or freed is None or freed - stood < CANCELED_WITHIN_S:
            continue
        before, after = kill.open[KillStatus.Standing], kill.open[KillStatus.Released]
        for venue, order_id in sorted(before & after):
            exchange = world.exchanges[venue]
            order = exchange.orders[order_id]
            asked = {order_id, *order.names} & _asked_to_cancel(exchange)
            root = order.names[0].rpartition(".")[0] if order.names else ""
            covered = _covers(world, kill, venue, order.account, order.symbol, root)
            if root and covered and not asked and order_id not in _taken_back(exchange):
                yield f"{order.names[0]} was open at {venue} all through {_text(kill)}"


def what_was_open_does_not_come_back(world: World) -> Iterator[str]:
    """21: what was accepted, or routed, before account or book had the kill never goes out again.

    Where it was quiet before it was released: else somebody let go on what was still under way. An
    order that was over is open again where its book hears, after the release, of a fill that its
    venue took back.
    """
    for kill in world.operators.killing.pulled:
        quiet = kill.told(kill.by, KillStatus.Quiet)
        if quiet is None or kill.freed_at is None or quiet > kill.freed_at:
            continue
        before = _before(world, kill)
        for exchange in world.exchanges.values():
            for one in _risk(exchange):
                late = one.fresh and one.at > quiet and one.order in before
                if late and one.order in _revived(world, one.symbol, kill):
                    continue
                if late and _covers(world, kill, one.venue, one.account, one.symbol, one.order):
                    yield f"{one.venue} got {one.name} although {_text(kill)} had ended it"


def cancels_flow_under_a_kill(world: World) -> Iterator[str]:
    """21: no cancel of a desk was refused because of a kill."""
    for desk, lines in world.evidence.lines.items():
        asked = {
            line.request.ClOrdID
            for line in lines
            if isinstance(line, Sent) and isinstance(line.request, OrderCancelRequest)
        }
        for line in lines:
            said = line.report if isinstance(line, Heard) else None
            if not isinstance(said, OrderCancelReject) or said.ClOrdID not in asked:
                continue
            if _KILL.search(said.Text or ""):
                yield f"{desk} could not cancel with {said.ClOrdID}: {said.Text}"


def a_second_person_releases(world: World) -> Iterator[str]:
    """22: nobody releases a kill of their own; what a second person ended stands nowhere.

    Whoever tried alone was refused, unless the other one spoke before it was heard.
    """
    released: set[str] = set()
    for kill in world.operators.killing.pulled:
        for at, who, status, releaser in kill.heard:
            if status is KillStatus.Released:
                released.add(kill.kill_id)
                if releaser != kill.other:
                    yield f"{who} heard that {releaser} released {_text(kill)}"
                if kill.freed_at is None or at < kill.freed_at:
                    yield f"{_text(kill)} was released before {kill.other} said so"
        if kill.alone_at is not None and kill.told(kill.by, KillStatus.Refused) is None:
            yield f"{kill.by} was not refused to release {_text(kill)}"
        if kill.kill_id not in released:
            yield f"{_text(kill)} was never released, although {kill.other} said so"
    for address, host in world.hosts.items():
        if address.startswith(STOPPABLE) and (odd := released & {*host.shell.actor.state.kills}):
            yield f"{address} knows {sorted(odd)} to stand, which were released"


def _text(kill: Pulled) -> str:
    return f"{kill.kill_id} of {kill.wish.Scope} {kill.wish.Name or ''} by {kill.by}"


def _in_force(world: World, kill: Pulled) -> dict[str, float]:
    """By venue: since when the certificate has said that its connection has the kill."""
    found: dict[str, float] = {}
    tape = world.disk.tapes.get(KILLSWITCH)
    if tape is None:
        return found
    for entry, at in zip(tape.entries, world.disk.times[KILLSWITCH], strict=True):
        if b'"KillAcknowledged"' not in entry.events:
            continue
        for event in json.loads(entry.events):
            heard = event.get("Heard")
            if heard and heard["KillID"] == kill.kill_id:
                kind, _, name = heard["By"].partition("/")
                if kind == "venue":
                    found.setdefault(name, at)
    return found


def _certificate(world: World, kill: Pulled, until: float) -> Certificate:
    """As it could be read at that instant."""
    shell = Shell(make_actor(KILLSWITCH))
    times = world.disk.times[KILLSWITCH]
    for entry, at in zip(world.disk.tapes[KILLSWITCH].entries, times, strict=True):
        if at <= until:
            shell.replay(entry)
    return Certificate.of(shell.actor.state.kills[kill.kill_id])


def _risk(exchange: Exchange) -> Iterator[Told]:
    """Every new order that arrived, once, and replaces that ask for more than ever before."""
    asked: dict[str, list[Terms]] = {}
    for now, message in exchange.heard:
        if not isinstance(message, wire.VenueNewOrder | wire.VenueReplace):
            continue
        found = _CHILD.match(message.ClOrdID)
        if found is None:
            continue  # on an order that the venue made: its first terms are not ours
        before = asked.setdefault(found[0], [])
        if not before or _more(message.Terms, before):
            at = (now - START) / 1e9
            terms = message.Terms
            yield Told(
                at, exchange.venue, message.ClOrdID, found[1], message.Account, terms.Symbol,
                isinstance(message, wire.VenueNewOrder),
            )  # fmt: skip
        before.append(message.Terms)


def _more(terms: Terms, before: list[Terms]) -> bool:
    """A quantity, or a price, nearer to a trade than any that the venue was told before."""
    quantities = [one.OrderQty for one in before if one.OrderQty is not None]
    if terms.OrderQty is not None and quantities and terms.OrderQty > max(quantities):
        return True
    sign = terms.Side.sign
    prices = [one.Price * sign for one in before if one.Price is not None]
    return terms.Price is not None and bool(prices) and terms.Price * sign > max(prices)


def _covers(world: World, kill: Pulled, venue: str, account: str, symbol: str, order: str) -> bool:
    """Read anew, and not by the code under test."""
    match kill.wish.Scope:
        case KillScope.Firm:
            return True
        case KillScope.Venue:
            return kill.wish.Name == venue
        case KillScope.Account:
            return kill.wish.Name == account
        case KillScope.Instrument:
            return kill.wish.Name == symbol
        case KillScope.Desk:
            return kill.wish.Name == _desk_of(world, order)


def _desk_of(world: World, order: str) -> str | None:
    """Who asked for it; None where nobody has heard of it under a name of a new order."""
    known = world.evidence.orders.get(order)
    for desk, name in known.names if known else ():
        if isinstance(world.evidence.asked.get((desk, name)), NewOrderSingle):
            return desk
    return None


def _asked_to_cancel(exchange: Exchange) -> set[str]:
    """ClOrdIDs and OrderIDs of everything that a cancel has named."""
    cancels = [said for _, said in exchange.heard if isinstance(said, wire.VenueCancel)]
    return {name for said in cancels for name in (said.OrigClOrdID, said.OrderID) if name}


def _taken_back(exchange: Exchange) -> set[str]:
    """OrderIDs of which the venue took a fill back."""
    return {
        said.OrderID
        for said in exchange.said
        if isinstance(said, wire.VenueExecution) and said.ExecType is ExecType.TradeCancel
    }


def _revived(world: World, symbol: str, kill: Pulled) -> set[str]:
    """The orders of which the book heard, after the release, that a fill was taken back."""
    revived: set[str] = set()
    released = False
    for event in _events(world, f"book/{symbol}"):
        if event["Event"] == "KillEnded" and event["KillID"] == kill.kill_id:
            released = True
        elif released and event["Event"] == "ChildExecuted" and event["ExecType"] == "TradeCancel":
            revived.add(event["ChildID"].rpartition(".")[0])
    return revived


def _before(world: World, kill: Pulled) -> set[str]:
    """Orders that were in scope when the kill came, by their account's journal and their book's.

    Of the kill of a venue only those that were meant for it: where another order goes, its book
    decides.
    """
    scope, name = kill.wish.Scope, kill.wish.Name
    return {
        event["OrderID"]
        for address in (*(f"account/{a}" for a in ACCOUNTS), *(f"book/{s}" for s in SYMBOLS))
        for event in _until_heard(world, address, kill)
        if event["Event"] == "OrderRouted"
        or (
            event["Event"] == "OrderAccepted"
            and (scope is not KillScope.Venue or event["Terms"].get("ExDestination") == name)
        )
    }


def _until_heard(world: World, address: str, kill: Pulled) -> list[Event]:
    """What the actor had journaled when it journaled the kill; nothing where it never did."""
    before: list[Event] = []
    for event in _events(world, address):
        if event["Event"] == "KillBegan" and event["Kill"]["KillID"] == kill.kill_id:
            return before
        before.append(event)
    return []


def _events(world: World, address: str) -> Iterator[Event]:
    tape = world.disk.tapes.get(address)
    for entry in tape.entries if tape else ():
        yield from json.loads(entry.events)
