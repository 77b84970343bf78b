"""What must be true after any run, judged from outside: by what desks and venues saw, and the disk.

Each check yields sentences; none means that it holds. The names are those of the report.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from actors.conservation import imbalances
from infra import ledger
from infra.compose import COMPLIANCE, make_actor
from infra.shell import Shell
from infra.sim.world import World


def ledger_adds_up(world: World) -> Iterator[str]:
    """No request unanswered, no report missing, no fill lost, doubled or changed on its way."""
    records = {desk.name: desk.record.lines() for desk in world.desks}
    fills = [fill for e in world.exchanges.values() for _, fill in e.fills.values()]
    changes = [c for e in world.exchanges.values() for c in e.changes]
    closed = ledger.close(records, fills, changes)
    yield from closed.problems
    if closed.lost or closed.duplicated:
        yield f"lost {closed.lost}, duplicated {closed.duplicated}"


def nothing_was_said_too_early(world: World) -> Iterator[str]:
    """At no instant did anything leave, or was acknowledged, that was not durable."""
    yield from world.watch.found


def came_to_rest(world: World) -> Iterator[str]:
    """So long after the last fault everything that was owed has happened."""
    for address in world.addresses:
        process = world.processes.get(address)
        if process is None or process.dead:
            yield f"{address} is not in service"
    if not world.broker.quiet:
        yield "messages wait at the broker"
    for address, host in world.hosts.items():
        if host.idle_s() is None and address in world.addresses:
            yield f"{address} still owes something: {sorted(host.shell.timers)}"


def journals_hang_together(world: World) -> Iterator[str]:
    """Dense numbers, an unbroken hash chain, epochs that never fall."""
    for address, tape in world.disk.tapes.items():
        shell, epoch = Shell(make_actor(address)), 0
        for entry in tape.entries:
            if entry.epoch < epoch:
                yield f"{address} entry {entry.number}: epoch {entry.epoch} after {epoch}"
            epoch = entry.epoch
            try:
                shell.replay(entry)
            except Exception as error:  # whatever it is, it is the finding
                yield f"{address} entry {entry.number} does not replay: {error}"
                break


def memory_is_the_journal(world: World) -> Iterator[str]:
    """A replay from the first entry gives the state that the live actor has."""
    for address, host in world.hosts.items():
        fresh = Shell(make_actor(address))
        for entry in world.disk.tapes[address].entries:
            fresh.replay(entry)
        live = host.shell
        if fresh.state_digest() != live.state_digest():
            yield f"{address}: the journal replays to another state than is in memory"
        if (fresh.number, fresh.heard, fresh.sent) != (live.number, live.heard, live.sent):
            yield f"{address}: the journal replays to other numbers than are in memory"


def compliance_heard_everything(world: World) -> Iterator[str]:
    """Every entry of every actor, and no violation."""
    state = world.hosts[COMPLIANCE].shell.actor.state
    for address, tape in world.disk.tapes.items():
        if address != COMPLIANCE and state.audited.get(address, 0) != len(tape.entries):
            yield f"{address} has {len(tape.entries)} entries, {state.audited.get(address)} audited"
    yield from state.violations


def totals_balance(world: World) -> Iterator[str]:
    """What compliance counted obeys every law of conservation."""
    yield from imbalances(world.hosts[COMPLIANCE].shell.actor.state.totals)


def nothing_was_parked(world: World) -> Iterator[str]:
    """No actor raised on any message."""
    for address, tape in world.disk.tapes.items():
        for entry in tape.entries:
            if b'"MessageParked"' in entry.events:
                yield f"{address} entry {entry.number}: {entry.events.decode()[:300]}"


def positions_are_the_venues_fills(world: World) -> Iterator[str]:
    """Positions and cash computed from the venues' books alone."""
    quantities: dict[tuple[str, str], Decimal] = {}
    cash: dict[str, Decimal] = {}
    multiplier = {i.Symbol: i.ContractMultiplier for i in world.reference.instruments}
    for exchange in world.exchanges.values():
        for order, fill in exchange.fills.values():
            signed = fill.last_qty * fill.side.sign
            key = (order.account, fill.symbol)
            quantities[key] = quantities.get(key, Decimal(0)) + signed
            paid = signed * fill.last_px * multiplier[fill.symbol]
            cash[order.account] = cash.get(order.account, Decimal(0)) - paid
    for definition in world.reference.accounts:
        name = definition.Account
        state = world.hosts[f"account/{name}"].shell.actor.state
        for symbol in multiplier:
            expected = quantities.get((name, symbol), Decimal(0))
            if state.position(symbol) != expected:
                yield f"{name} holds {state.position(symbol)} {symbol}, its fills make {expected}"
        due = definition.Cash["USD"] + cash.get(name, Decimal(0))
        if state.cash["USD"] != due:
            yield f"{name} has {state.cash['USD']} USD, its fills leave {due}"


def nothing_is_held_back(world: World) -> Iterator[str]:
    """With no order open, no money is reserved and nothing is exposed."""
    for name in (a.Account for a in world.reference.accounts):
        state = world.hosts[f"account/{name}"].shell.actor.state
        if state.open:
            yield f"{name} has open orders {sorted(state.open)[:3]}"
        elif any(state.reserved.values()):
            yield f"{name} reserves {state.reserved}"
        elif any(e.buying or e.selling for e in state.exposures.values()):
            yield f"{name} is exposed: {state.exposures}"


def nothing_is_in_doubt(world: World) -> Iterator[str]:
    """Every request to a venue has been settled by its word."""
    for name in world.exchanges:
        state = world.hosts[f"venue/{name}"].shell.actor.state
        if state.unanswered:
            yield f"{name} owes an answer to {sorted(state.unanswered)[:3]}"


def nobody_failed_unexpectedly(world: World) -> Iterator[str]:
    """No exception but those that faults explain."""
    for error in world.loop.failures:
        yield f"{type(error).__name__}: {error}"


CHECKS: dict[str, Callable[[World], Iterator[str]]] = {
    "early": nothing_was_said_too_early,
    "rest": came_to_rest,
    "ledger": ledger_adds_up,
    "journal": journals_hang_together,
    "replay": memory_is_the_journal,
    "compliance": compliance_heard_everything,
    "conservation": totals_balance,
    "parked": nothing_was_parked,
    "positions": positions_are_the_venues_fills,
    "reserved": nothing_is_held_back,
    "doubt": nothing_is_in_doubt,
    "failures": nobody_failed_unexpectedly,
}
"""Name -> check, in the order in which they are reported."""
