"""Limits that accounts share, from the journals alone: what was lent, held and used; and versions.

The numbers are those of the invariants in docs/RELIABILITY.md.
"""

from collections.abc import Iterator
from decimal import Decimal

from actors.account.account import Account
from actors.account.state import AccountState, Lease
from actors.rulebook.keeper import RuleBookKeeper
from infra.shell import Shell
from infra.sim.setting import ACCOUNTS, DESKS, DESKS_GROSS, SHARED_GROSS
from infra.sim.world import World
from messages.envelope import Address
from messages.events import LeaseChanged, LeaseTaken
from messages.rulebook import RULEBOOK

ZERO = Decimal(0)
LIMITS = {"firm": SHARED_GROSS, f"desk {DESKS[0]}": DESKS_GROSS}
Grants = dict[tuple[str, str, int], Decimal]
"""The most that was lent by pool, account, and number of the account's word."""


def shared_limits_hold(world: World) -> Iterator[str]:
    """20: at no entry more is lent than there is, more held than lent, or an order beyond that."""
    tape = world.disk.tapes.get(RULEBOOK)
    if tape is None:
        return
    grants: Grants = {}
    keeper = Shell(RuleBookKeeper(RULEBOOK))
    for entry in tape.entries:
        keeper.replay(entry)
        state = keeper.actor.state
        for event in keeper.actor.EVENTS.validate_json(entry.events):
            if isinstance(event, LeaseChanged):
                key = (event.Pool, event.Account, event.Word)
                grants[key] = max(event.Lent, grants.get(key, ZERO))
        for pool in state.loans:
            if state.lent(pool) > LIMITS.get(pool, ZERO):
                yield f"entry {entry.number}: {state.lent(pool)} of {pool} is lent"
    for name in ACCOUNTS:
        yield from _account(world, f"account/{name}", grants)


def everybody_judges_by_the_version_in_force(world: World) -> Iterator[str]:
    """20, 35: two people made each version, and at rest every account and book has adopted it."""
    keeper = world.hosts.get(RULEBOOK)
    if keeper is None:
        return
    state = keeper.shell.actor.state
    for number, version in state.versions.items():
        if number > 1 and (not version.author or version.author == version.approver):
            yield f"version {number} is by {version.author} and {version.approver}"
        if number > state.in_force:
            yield f"version {number} never took effect"
    for address, host in world.hosts.items():
        if address.startswith(("account/", "book/")):
            adopted = host.shell.actor.state.version
            if adopted != state.in_force:
                yield f"{address} judges by version {adopted}, {state.in_force} is in force"


def _account(world: World, address: Address, grants: Grants) -> Iterator[str]:
    shell = Shell(Account(address))
    name = address.partition("/")[2]
    for entry in world.disk.tapes[address].entries:
        before = _gross(shell.actor.state)
        shell.replay(entry)
        state: AccountState = shell.actor.state
        for event in shell.actor.EVENTS.validate_json(entry.events):
            if isinstance(event, LeaseTaken):
                word = state.leases[event.Pool].number
                if event.Held > grants.get((event.Pool, name, word), ZERO):
                    yield f"{name} entry {entry.number} holds {event.Held} of {event.Pool}, unlent"
        used = _gross(state)
        if b'"OrderAccepted"' in entry.events and used > before:
            for pool in next((a.pools for a in state.applied.values()), ()):
                held = (state.leases.get(pool.name) or Lease()).held
                if used > held:
                    yield f"{name} entry {entry.number} uses {used} of {pool.name}, holds {held}"


def _gross(state: AccountState) -> Decimal:
    return state.worths.total.gross if state.worths else ZERO
