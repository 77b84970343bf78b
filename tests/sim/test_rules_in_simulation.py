"""Self-match prevention under faults: nothing is lost, and no order waits for ever."""

from unittest.mock import patch

import pytest

from infra.reference import Reference
from infra.sim import setting, world
from infra.sim.run import run
from messages.rulebook import SelfMatchMode

OWNERS = {"acme": "one", "bravo": "one"}
FAULTS = ("crash", "network", "disk", "broker", "passivation", "desk", "rules")


def _reference(mode: SelfMatchMode) -> Reference:
    found = setting.reference()
    assert found.rules is not None
    rules = found.rules.model_copy(update={"SelfMatch": mode, "Owners": OWNERS})
    return found.model_copy(update={"rules": rules})


@pytest.mark.parametrize(("mode", "seed"), [(mode, 2) for mode in SelfMatchMode])
def test_orders_of_one_owner_make_room_for_each_other_whatever_dies(
    mode: SelfMatchMode, seed: int
) -> None:
    """I33, I21."""
    with patch.object(world, "reference", lambda: _reference(mode)):
        found = run(seed, FAULTS, 150)
    assert found.violations == {}
    assert found.fills
