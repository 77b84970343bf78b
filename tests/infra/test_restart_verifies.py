"""I6: what a snapshot spares the replay is held against the hash chain before it goes out."""

from collections.abc import AsyncIterator

import pytest

from infra.shell import JournalCorrupt
from infra.snapshots import dump, stamp
from tests.actors.toy import note
from tests.infra.test_host_parts import Bench, settled

READER = "reader/1"


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    found = Bench()
    yield found
    await found.close()


async def with_a_snapshot(bench: Bench, heard: int) -> None:
    """Four entries, each of which sends; so many were acknowledged, and a snapshot covers all."""
    host = await bench.host()
    notes = [note(seq, f"w{seq}", To=(READER,)) for seq in (1, 2, 3, 4)]
    host.take(bench.source(host), notes)
    await settled()
    bench.tape.acknowledged[READER] = heard
    bench.tape.snapshot = (4, stamp(), dump(host.shell))
    await host.stop()


@pytest.mark.parametrize(("heard", "flipped"), [(0, 1), (0, 4), (1, 2), (2, 3), (3, 4)])
async def test_an_owed_entry_in_which_a_bit_has_flipped_is_not_sent(
    bench: Bench, heard: int, flipped: int
) -> None:
    await with_a_snapshot(bench, heard)
    entry = bench.tape.entries[flipped - 1]
    body = bytearray(entry.sends)
    body[-3] ^= 1
    bench.tape.entries[flipped - 1] = entry._replace(sends=bytes(body))
    with pytest.raises(JournalCorrupt, match=f"entry {flipped} after {flipped - 1} breaks"):
        await bench.host()
    assert READER not in bench.network.outposts or not bench.network.outposts[READER].offered


@pytest.mark.parametrize("heard", [0, 1, 3, 4])
async def test_what_is_as_it_was_written_is_sent_again(bench: Bench, heard: int) -> None:
    await with_a_snapshot(bench, heard)
    bench.network.outposts.clear()
    await bench.host()
    outpost = bench.network.outposts.get(READER)
    offered = [envelope.seq for envelope in outpost.offered] if outpost else []
    assert offered == list(range(heard + 1, 5))
