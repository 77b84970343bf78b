"""Rules under faults: self-match prevention loses nothing, and what is shared is never exceeded."""

from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from actors import rules
from infra import backtest
from infra.reference import Reference
from infra.sim import setting, world
from infra.sim.run import run
from messages.rulebook import RuleBook, RuleLimits, SelfMatchMode

OWNERS = {"acme": "one", "bravo": "one"}
FAULTS = ("crash", "network", "disk", "broker", "passivation", "desk", "rules")


def _reference(mode: SelfMatchMode) -> Reference:
    found = setting.reference()
    assert found.rules is not None
    book = found.rules.model_copy(update={"SelfMatch": mode, "Owners": OWNERS})
    return found.model_copy(update={"rules": book})


@pytest.mark.parametrize(("mode", "seed"), [(mode, 2) for mode in SelfMatchMode])
def test_orders_of_one_owner_make_room_for_each_other_whatever_dies(
    mode: SelfMatchMode, seed: int
) -> None:
    """I33, I21."""
    with patch.object(world, "reference", lambda: _reference(mode)):
        found = run(seed, FAULTS, 150)
    assert found.violations == {}
    assert found.fills


TIGHT: dict[str, dict[str, Any]] = {
    "shared_net": {"SharedNet": Decimal(6_000)},
    "shared_rate": {"SharedRate": 6},
}
"""Limits that accounts run into, by their rules."""


def _tight(rule: str) -> Reference:
    found = setting.reference()
    more = TIGHT[rule]
    book = RuleBook(Firm=RuleLimits(**more), Desks={setting.DESKS[0]: RuleLimits(**more)})
    return found.model_copy(update={"rules": book})


@pytest.mark.parametrize("rule", TIGHT)
def test_what_accounts_share_is_never_exceeded_whatever_dies(rule: str) -> None:
    """I32."""
    with patch.object(world, "reference", lambda: _tight(rule)):
        found = run(3, FAULTS, 120)
    assert found.violations == {}
    assert found.fills


@pytest.mark.parametrize("rule", TIGHT)
def test_the_oracle_sees_a_limit_that_nobody_asks_about(rule: str) -> None:
    """I32."""
    rows = tuple(row for row in rules.RULES if row.name != rule)
    with patch.object(world, "reference", lambda: _tight(rule)), patch.object(rules, "RULES", rows):
        found = run(3, ("none",), 60)
    assert "shared" in found.violations


@pytest.mark.parametrize("mode", SelfMatchMode)
def test_the_rule_book_in_force_judges_the_orders_of_then_as_it_did(mode: SelfMatchMode) -> None:
    """I33: what a back-test says of a changed rule book is what the change does."""
    found = _reference(mode)
    assert found.rules is not None
    book = found.rules.model_copy(update={"Firm": RuleLimits(), "Desks": {}})
    worlds: list[world.World] = []
    begin = world.World.run

    def kept(one: world.World, *how: Any) -> None:
        worlds.append(one)
        begin(one, *how)

    told = found.model_copy(update={"rules": book})
    with (
        patch.object(world, "reference", lambda: told),
        patch.object(world.World, "run", kept),
    ):
        assert run(2, ("none",), 150).violations == {}
    tapes = {
        name: [backtest.events(name, entry) for entry in tape.entries]
        for name, tape in worlds[0].disk.tapes.items()
        if name.startswith(("account/", "book/"))
    }
    same = backtest.judge_tapes(tapes, book, 0)
    assert same.verdicts == []
    assert same.judged > 100
    free = backtest.judge_tapes(tapes, book.model_copy(update={"SelfMatch": None}), 0)
    assert {(one.outcome, one.rule) for one in free.verdicts} == {("let through now", "self_match")}
