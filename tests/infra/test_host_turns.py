"""How much a host takes at once, where somebody urgent may come."""

from collections.abc import AsyncIterator

import pytest

from infra.hosts import actor as module
from infra.hosts.turns import LEAST, TURN, Turns
from tests.actors.toy import note
from tests.infra.test_host_parts import Bench, settled


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    found = Bench()
    yield found
    await found.close()


async def test_a_turn_is_of_what_can_be_done_in_its_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I23: a kill waits for the turn that is under way, so that must not be long."""
    clock = [0.0]

    class Slow:
        @staticmethod
        def monotonic() -> float:
            clock[0] += 0.5  # between the beginning and the end of each turn
            return clock[0]

        perf_counter_ns = time_ns = staticmethod(lambda: 0)

    host = await bench.host(turn_s=0.05)
    monkeypatch.setattr(module, "time", Slow)
    host.take(bench.source(host), [note(n, f"w{n}") for n in range(1, TURN + 61)])
    await settled()
    appends = [len(entry[1]) for entry in bench.log if entry[0] == "append"]
    assert appends == [TURN, 51, 9]


def test_how_much_a_turn_takes_follows_from_how_long_the_last_one_took() -> None:
    turns = Turns(0.02)
    for count, seconds, most in (
        (512, 0.2, 51), (51, 0.01, 102), (4, 9.0, 102), (102, 9.0, LEAST), (32, 0.0, LEAST),
        (32, 0.0001, TURN),
    ):  # fmt: skip
        turns.took(count, seconds)
        assert turns.most == most
