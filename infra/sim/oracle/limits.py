"""Limits that accounts share, from the journals alone: what was lent, held and used; and versions.

The numbers are those of the invariants in docs/RELIABILITY.md.
"""

from collections.abc import Iterator
from decimal import Decimal

from actors.account.account import Account
from actors.account.state import AccountState, Lease
from actors.account.worth import NOTHING
from actors.rulebook.keeper import RuleBookKeeper
from infra.shell import Shell
from infra.sim.setting import ACCOUNTS
from infra.sim.world import World
from messages.base import SECOND, Instant
from messages.envelope import Address
from messages.events import LeaseAsked, LeaseChanged, LeaseTaken, OrderAccepted, ReplaceRequested
from messages.rulebook import RULEBOOK

ZERO = Decimal(0)
Grants = dict[tuple[str, str, int], Decimal]
"""The most that was lent by pool, account, and number of the account's word."""


def shared_limits_hold(world: World) -> Iterator[str]:
    """20: at no entry more is lent than there is, more held than lent, or an order beyond that."""
    limits = _limits(world)
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
            if state.lent(pool) > limits.get(pool, ZERO):
                yield f"entry {entry.number}: {state.lent(pool)} of {pool} is lent"
    for name in ACCOUNTS:
        yield from _account(world, f"account/{name}", grants, limits)


def _limits(world: World) -> dict[str, Decimal]:
    """Each shared limit by its pool, as the installation was told; no version changes them."""
    rules = world.reference.rules
    assert rules is not None
    found: dict[str, Decimal] = {}
    for level, said in (("firm", rules.Firm), *((f"desk {n}", d) for n, d in rules.Desks.items())):
        if said.SharedGross is not None:
            found[level] = said.SharedGross
        if said.SharedNet is not None:
            found[f"{level} long"] = found[f"{level} short"] = said.SharedNet
        if said.SharedRate is not None:
            found[f"{level} rate"] = Decimal(said.SharedRate)
    return found


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


def _account(
    world: World, address: Address, grants: Grants, limits: dict[str, Decimal]
) -> Iterator[str]:
    shell, paces = Shell(Account(address)), _Paces()
    name = address.partition("/")[2]
    for entry in world.disk.tapes[address].entries:
        before = _uses(shell.actor.state, name)
        shell.replay(entry)
        state: AccountState = shell.actor.state
        through = False
        for event in shell.actor.EVENTS.validate_json(entry.events):
            if isinstance(event, LeaseTaken):
                word = state.leases[event.Pool].number
                if event.Held > grants.get((event.Pool, name, word), ZERO):
                    yield f"{name} entry {entry.number} holds {event.Held} of {event.Pool}, unlent"
            if isinstance(event, LeaseTaken | LeaseAsked) and event.Pool.endswith(" rate"):
                paces.lent(event.Pool, event.Held, event.At or entry.at)
            if isinstance(event, OrderAccepted | ReplaceRequested):
                for pool in ("firm rate", f"desk {event.Desk} rate"):
                    if pool in limits and not paces.spend(pool, event.At or entry.at):
                        yield f"{name} entry {entry.number} is faster than its share of {pool}"
            through = through or isinstance(event, OrderAccepted)
        for pool, used in _uses(state, name).items() if through else ():
            held = (state.leases.get(pool) or Lease()).held
            if pool in limits and used > max(before[pool], held):
                yield f"{name} entry {entry.number} uses {used} of {pool}, holds {held}"


def _uses(state: AccountState, account: str) -> dict[str, Decimal]:
    """What its positions and open orders come to, in all pools of exposures there may be."""
    total = state.worths.total if state.worths else NOTHING
    kinds = {"": total.gross, " long": max(ZERO, total.up), " short": max(ZERO, -total.down)}
    levels = ("firm", f"desk {ACCOUNTS[account][0]}")
    return {f"{level}{kind}": used for level in levels for kind, used in kinds.items()}


class _Paces:
    """Buckets reckoned anew, in orders: each holds a second's worth of its share, and no more.

    Rounding to whole nanoseconds may let an order through so much too early.
    """

    def __init__(self) -> None:
        self._share: dict[str, Decimal] = {}
        self._inside: dict[str, Decimal] = {}
        self._at: dict[str, Instant] = {}

    def lent(self, pool: str, share: Decimal, at: Instant) -> None:
        self._fill(pool, at)
        self._share[pool] = share
        self._inside[pool] = min(self._inside[pool], share)

    def spend(self, pool: str, at: Instant) -> bool:
        """Whether an order was in the bucket; it is taken out."""
        self._fill(pool, at)
        self._inside[pool] -= 1
        return self._inside[pool] >= -_ROUNDING

    def _fill(self, pool: str, at: Instant) -> None:
        """A clock that goes back gives nothing."""
        share, before = self._share.get(pool, ZERO), self._at.get(pool, at)
        gained = share * max(0, at - before) / SECOND
        self._inside[pool] = min(share, self._inside.get(pool, ZERO) + gained)
        self._at[pool] = max(at, before)


_ROUNDING = Decimal("0.001")
