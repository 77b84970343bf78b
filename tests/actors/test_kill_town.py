"""Kills among crashes, cuts, late and repeated messages: nothing with new risk leaves under one."""

from functools import cache

import pytest

from actors.lifecycle import TERMINAL
from messages.kills import KILLSWITCH, KilledState
from tests.actors.kill_town import KillTown
from tests.actors.town import ACCOUNTS, COMPLIANCE, VENUE

SEEDS = 30
STEPS = 300


@cache
def day(seed: int) -> KillTown:
    town = KillTown(seed)
    town.run(STEPS)
    town.heal()
    return town


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nothing_with_new_risk_leaves_under_a_kill(seed: int) -> None:
    """I23, I25."""
    town = day(seed)
    assert town.pulled
    assert town.risk_after() == []
    known = town.shells[KILLSWITCH].actor.state.standing
    assert {kill.KillID for kill in known} == town.pulled.keys() - town.released
    for address in town.make:
        town.die(address)  # which compares the replay with the state in memory
        if address not in (KILLSWITCH, COMPLIANCE):
            concerned = town.shells[KILLSWITCH].actor.state.standing_for(address)
            stopped = town.shells[address].actor.state.kills
            assert stopped.keys() == {kill.KillID for kill in concerned}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_was_open_is_over_and_its_desk_has_heard(seed: int) -> None:
    """I5, I16, I18, I24."""
    town = day(seed)
    assert town.shells[VENUE].actor.state.unanswered == {}
    for name in ACCOUNTS:
        account = town.shells[f"account/{name}"].actor.state
        assert {order.status for order in account.orders.values()} <= TERMINAL
        assert [order for order in account.orders.values() if order.pending] == []
        assert account.reserved.get("USD", 0) == 0
    switch = town.shells[KILLSWITCH].actor.state
    for record in switch.kills.values():
        if not record.released_at:
            assert record.quiet
            states = {order.State for order in record.orders.values()}
            assert states <= set(KilledState) - {KilledState.Open}
    assert town.shells[COMPLIANCE].actor.state.violations == []


def test_kills_and_releases_happened_in_these_days() -> None:
    assert sum(len(day(seed).pulled) for seed in range(SEEDS)) > SEEDS
    assert sum(len(day(seed).released) for seed in range(SEEDS)) > SEEDS // 2
    stopped = [
        child
        for seed in range(SEEDS)
        for child in day(seed).shells[VENUE].actor.state.exec_ids
        if child.endswith(".killed")
    ]
    assert stopped
