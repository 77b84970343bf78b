"""What must be true after any run, judged from outside: by what desks and venues saw, and the disk.

Each check yields sentences; none means that it holds. The numbers in their docstrings are those of
the invariants in docs/RELIABILITY.md; ``INVARIANTS`` gathers them.
"""

import re
from collections.abc import Callable, Iterator

from infra.sim.oracle.desks import (
    a_clordid_is_one_order,
    every_account_answers_a_mass_cancel,
    ledger_adds_up,
    nobody_cancelled_for_another,
    nonsense_is_answered_and_does_nothing,
    reports_reach_their_desk_alone,
)
from infra.sim.oracle.kills import (
    a_second_person_releases,
    cancels_flow_under_a_kill,
    no_new_risk_reaches_a_venue_under_a_kill,
    what_was_open_does_not_come_back,
    what_was_open_is_cancelled,
    what_was_open_is_over_or_listed,
)
from infra.sim.oracle.limits import (
    everybody_judges_by_the_version_in_force,
    shared_limits_hold,
)
from infra.sim.oracle.links import dated_orders_end, linked_orders_follow_each_other
from infra.sim.oracle.tapes import (
    compliance_heard_everything,
    journals_hang_together,
    memory_is_the_journal,
    nothing_is_owed,
    nothing_was_parked,
    nothing_was_taken_twice,
    surveillance_saw_everything,
    time_runs_forwards,
)
from infra.sim.oracle.trading import (
    children_make_the_order,
    nothing_is_held_back,
    nothing_is_in_doubt,
    orders_at_venues_were_asked_for,
    positions_are_the_venues_fills,
    stops_wait_for_their_price,
    totals_balance,
    venues_were_told_nothing_wrong,
)
from infra.sim.world import World

Check = Callable[[World], Iterator[str]]


def nothing_was_said_too_early(world: World) -> Iterator[str]:
    """28, 29: at no instant did anything leave, or was acknowledged, that was not durable."""
    yield from world.watch.found


def came_to_rest(world: World) -> Iterator[str]:
    """40: so long after the last fault everything that was owed has happened."""
    for address in world.addresses:
        process = world.processes.get(address)
        if process is None or process.dead:
            yield f"{address} is not in service"
    if not world.broker.quiet:
        yield "messages wait at the broker"
    for address, host in world.hosts.items():
        if host.idle_s() is None and address in world.addresses:
            yield f"{address} still owes something: {sorted(host.shell.timers)}"


def nobody_failed_unexpectedly(world: World) -> Iterator[str]:
    """No exception but those that faults explain, and no delivery that nobody could read."""
    for error in world.loop.failures:
        yield f"{type(error).__name__}: {error}"
    for delivery in world.broker.dead:
        yield f"a dead letter: {delivery.body.decode()[:200]}"


CHECKS: dict[str, Check] = {
    "early": nothing_was_said_too_early,
    "rest": came_to_rest,
    "ledger": ledger_adds_up,
    "one order": a_clordid_is_one_order,
    "mass cancel": every_account_answers_a_mass_cancel,
    "own reports": reports_reach_their_desk_alone,
    "own cancels": nobody_cancelled_for_another,
    "nonsense": nonsense_is_answered_and_does_nothing,
    "journal": journals_hang_together,
    "inbox": nothing_was_taken_twice,
    "outbox": nothing_is_owed,
    "replay": memory_is_the_journal,
    "compliance": compliance_heard_everything,
    "surveillance": surveillance_saw_everything,
    "conservation": totals_balance,
    "parked": nothing_was_parked,
    "time": time_runs_forwards,
    "positions": positions_are_the_venues_fills,
    "children": children_make_the_order,
    "linked": linked_orders_follow_each_other,
    "asked": orders_at_venues_were_asked_for,
    "shared": shared_limits_hold,
    "version": everybody_judges_by_the_version_in_force,
    "stops": stops_wait_for_their_price,
    "dated": dated_orders_end,
    "told": venues_were_told_nothing_wrong,
    "killed": no_new_risk_reaches_a_venue_under_a_kill,
    "certificate": what_was_open_is_over_or_listed,
    "cancelled": what_was_open_is_cancelled,
    "come back": what_was_open_does_not_come_back,
    "cancels": cancels_flow_under_a_kill,
    "two people": a_second_person_releases,
    "reserved": nothing_is_held_back,
    "doubt": nothing_is_in_doubt,
    "failures": nobody_failed_unexpectedly,
}
"""Name -> check, in the order in which they are reported."""


def numbers(check: Check) -> tuple[int, ...]:
    """The invariants that a check stands for, as its docstring begins."""
    head = (check.__doc__ or "").partition(":")[0]
    found: list[int] = []
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", head):
        found += range(int(first), int(last or first) + 1)
    return tuple(found)


INVARIANTS: dict[int, tuple[str, ...]] = {
    number: tuple(name for name, check in CHECKS.items() if number in numbers(check))
    for number in range(1, 41)
}
"""Number of an invariant -> names of the checks; none: see docs/RELIABILITY.md for the reason."""
