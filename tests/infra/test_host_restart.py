"""A host that starts again: what it resends, which timers it knows, and when it may rest."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from infra import snapshots
from infra.hosts import actor, restart
from infra.hosts.actor import ActorHost
from infra.shell import JournalCorrupt
from infra.vitals import Vitals
from messages.base import SECOND
from messages.envelope import Envelope
from tests.actors.toy import ACTOR, START, Note, note, words
from tests.infra.link_contract import until
from tests.infra.test_host_parts import Bench, settled

READER = "reader/1"


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    found = Bench()
    yield found
    await found.close()


async def took(bench: Bench, host: ActorHost, *notes: Envelope) -> None:
    host.take(bench.source(host), notes)
    await settled()


def sent(bench: Bench, recipient: str = READER) -> list[int]:
    """What this incarnation has offered to the recipient."""
    outpost = bench.network.outposts.get(recipient)
    return [envelope.seq for envelope in outpost.offered] if outpost else []


# ---- what is owed


async def test_exactly_what_was_not_acknowledged_is_sent_again(bench: Bench) -> None:
    host = await bench.host()
    await took(bench, host, *(note(seq, f"w{seq}", To=(READER,)) for seq in (1, 2, 3)))
    bench.network.outposts[READER].hear(2)
    first = bench.network.outposts[READER].offered
    await host.stop()
    again = await bench.host()
    assert bench.network.outposts[READER].offered == first[2:]
    assert words(again.shell) == ["w1", "w2", "w3"]


async def test_of_an_entry_that_was_heard_in_part_the_rest_is_sent_again(bench: Bench) -> None:
    host = await bench.host()
    await took(bench, host, note(1, "a", To=(READER, "reader/2", READER, READER)))
    bench.network.outposts[READER].hear(2)
    await host.stop()
    await bench.host()
    assert sent(bench) == [3]
    assert sent(bench, "reader/2") == [1]


async def test_what_was_acknowledged_is_written_down_within_a_moment(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actor, "VITALS_EVERY_S", 0.01)
    host = await bench.host()
    await took(bench, host, note(1, "a", To=(READER,)))
    bench.network.outposts[READER].hear(1)
    assert bench.tape.acknowledged == {}
    await asyncio.sleep(0.1)
    assert bench.tape.acknowledged == {READER: 1}


async def test_an_acknowledgement_that_was_lost_in_a_crash_costs_only_a_repeat(
    bench: Bench,
) -> None:
    """I2: the mark may lag, it never leads."""
    host = await bench.host()
    await took(bench, host, note(1, "a", To=(READER,)))
    bench.network.outposts[READER].hear(1)
    again = await bench.host()  # the first never stopped: it was killed
    assert sent(bench) == [1]
    bench.network.outposts[READER].hear(1)
    await took(bench, again, note(2, "b", To=(READER,)))
    assert sent(bench) == [1, 2]


async def test_numbers_go_on_after_a_restart_where_everything_was_acknowledged(
    bench: Bench,
) -> None:
    host = await bench.host()
    await took(bench, host, note(1, "a", To=(READER,)))
    bench.network.outposts[READER].hear(1)
    await host.stop()
    again = await bench.host()
    assert bench.network.outposts == {}
    await took(bench, again, note(2, "b", To=(READER,)))
    assert sent(bench) == [2]


async def test_copies_for_compliance_are_sent_again_byte_for_byte(bench: Bench) -> None:
    """I18."""
    bench.options["compliance"] = "compliance/0"
    host = await bench.host()
    await took(bench, host, note(1, "a", To=(READER,)), note(2, "b", Fail=0), note(3, "c"))
    first = bench.network.outposts["compliance/0"].offered
    bench.network.outposts["compliance/0"].hear(1)
    await host.stop()
    await bench.host()
    assert bench.network.outposts["compliance/0"].offered == first[1:]


async def test_what_goes_to_the_same_process_is_given_once_and_never_again(bench: Bench) -> None:
    """A FIX session: whether it went out is asked of the venue, not guessed."""
    given: list[list[int]] = []

    def local(envelopes: Any) -> None:
        given.append([envelope.seq for envelope in envelopes])

    bench.options["local"] = {"fix": local}
    host = await bench.host()
    await took(bench, host, note(1, "a", To=("fix/XNAS", READER, "fix/XNAS")))
    assert given == [[1, 2]]
    await bench.host()
    assert given == [[1, 2]]
    assert sent(bench) == [1]
    again = bench.hosts[-1]
    await took(bench, again, note(2, "b", To=("fix/XNAS",)))
    assert given == [[1, 2], [3]]


# ---- what is told at the start


async def test_reference_data_is_told_at_each_start(bench: Bench) -> None:
    bench.options["reference"] = (Note(Words=("limits",)),)
    await bench.host()
    host = await bench.host()
    assert words(host.shell) == ["limits", "limits"]
    assert [entry.sender for entry in bench.tape.entries] == ["reference/settings"] * 2


async def test_a_journal_that_does_not_hang_together_is_not_replayed(bench: Bench) -> None:
    """I6."""
    host = await bench.host()
    await took(bench, host, note(1, "a"), note(2, "b"))
    bench.tape.entries[0] = bench.tape.entries[0]._replace(at=START + 1)
    with pytest.raises(JournalCorrupt, match="oms doctor"):
        await bench.host()


async def test_a_state_that_is_not_of_its_journal_is_told_from_one_that_is(bench: Bench) -> None:
    """I5."""
    host = await bench.host()
    await took(bench, host, note(1, "a"))
    assert bench.replays(host)
    host.shell.actor.state.words.append("from nowhere")
    assert not bench.replays(host)


@pytest.mark.parametrize("heard", [0, 1, 7, 24, 25])
@pytest.mark.parametrize("look_back", [1, 3, 100])
async def test_what_was_sent_before_the_snapshot_of_a_busy_actor_is_still_owed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, heard: int, look_back: int
) -> None:
    """However far back it lies, and whatever else was said and heard since."""
    monkeypatch.setattr(restart, "LOOK_BACK", look_back)
    monkeypatch.setattr(snapshots, "BUSY_EVERY", 25)
    bench.options["local"] = {"fix": lambda envelopes: None}
    host = await bench.host()
    for seq in range(1, 28):
        to = (READER, "reader/2", "fix/XNAS") if seq <= 25 else ()
        await took(bench, host, note(seq, f"w{seq}", To=to))
        bench.network.outposts["reader/2"].hear(min(seq, 25))
    bench.network.outposts[READER].hear(heard)
    host._flush_news()
    kept = bench.tape.snapshot
    assert kept is not None
    assert kept[0] == 25
    again = await bench.host()
    assert again.shell.state_digest() == host.shell.state_digest()
    assert sent(bench) == list(range(heard + 1, 26))
    assert sent(bench, "reader/2") == []


async def test_copies_from_before_the_snapshot_of_a_busy_actor_are_sent_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I18."""
    monkeypatch.setattr(snapshots, "BUSY_EVERY", 4)
    bench.options["compliance"] = "compliance/0"
    host = await bench.host()
    for seq in range(1, 6):
        await took(bench, host, note(seq, f"w{seq}"))
    bench.network.outposts["compliance/0"].hear(2)
    host._flush_news()
    assert bench.tape.snapshot is not None
    await bench.host()
    assert sent(bench, "compliance/0") == [3, 4, 5]


async def test_a_restart_from_a_snapshot_is_a_restart_from_the_journal(bench: Bench) -> None:
    """I5."""
    host = await bench.host()
    await took(bench, host, note(1, "a", Wake=START + 60 * SECOND), note(2, "b", To=(READER,)))
    bench.network.outposts[READER].hear(1)
    host._flush_news()  # before a snapshot in a quiet moment
    data = snapshots.dump(host.shell)
    bench.journal.save_snapshot(host.shell.number, snapshots.stamp(), data)
    await took(bench, host, note(3, "c", To=(READER,)))
    live = host.shell
    again = await bench.host()
    assert again.shell.state_digest() == live.state_digest()
    assert (again.shell.heard, again.shell.timers) == (live.heard, live.timers)
    assert sent(bench) == [2]
    bench.tape.snapshot = (2, "another version of the code", b"nonsense")
    old = await bench.host()
    assert old.shell.state_digest() == live.state_digest()


# ---- timers


async def test_a_timer_rings_when_it_is_due(bench: Bench) -> None:
    host = await bench.host()
    await took(bench, host, note(1, "a", Wake=START + SECOND // 50))
    assert words(host.shell) == ["a"]
    bench.now = START + SECOND
    await until(lambda: words(host.shell) == ["a", "alarm rang"])
    assert bench.tape.entries[-1].sender == "timer/alarm"


async def test_a_timer_that_came_due_while_the_process_was_down_rings_at_the_start(
    bench: Bench,
) -> None:
    host = await bench.host()
    await took(bench, host, note(1, "a", Wake=START + SECOND))
    await host.stop()
    bench.now = START + 5 * SECOND
    again = await bench.host()
    await until(lambda: words(again.shell) == ["a", "alarm rang"])
    await asyncio.sleep(0.02)
    assert words(again.shell) == ["a", "alarm rang"]


async def test_an_earlier_timer_is_not_kept_waiting_by_a_later_one(bench: Bench) -> None:
    host = await bench.host()
    await took(bench, host, note(1, "a", Wake=START + 3600 * SECOND, Key="late"))
    await took(bench, host, note(2, "b", Wake=START + SECOND // 50, Key="soon"))
    bench.now = START + SECOND
    await until(lambda: words(host.shell)[-1] == "soon rang")
    assert host.shell.next_due() == START + 3600 * SECOND


# ---- rest, and signs of life


async def test_an_actor_that_owes_something_does_not_rest(bench: Bench) -> None:
    host = await bench.host()
    assert host.idle_s() is not None
    await took(bench, host, note(1, "a", To=(READER,)))
    assert host.idle_s() is None
    bench.network.outposts[READER].hear(1)
    idle = host.idle_s()
    assert idle is not None
    assert 0 <= idle < 5
    host.take(bench.source(host), [note(2, "b")])
    assert host.idle_s() is None
    await settled()
    assert host.idle_s() is not None
    await took(bench, host, note(3, "c", Wake=START + 3600 * SECOND))
    assert host.idle_s() is None


async def test_what_was_acknowledged_is_written_down_when_a_host_stops(bench: Bench) -> None:
    host = await bench.host()
    await took(bench, host, note(1, "a", To=(READER,)))
    bench.network.outposts[READER].hear(1)
    await host.stop()
    assert bench.tape.acknowledged == {READER: 1}
    assert bench.network.outposts[READER].closed


async def test_every_second_compliance_hears_how_a_host_is_doing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.hosts.actor.VITALS_EVERY_S", 0.01)
    bench.options["compliance"] = "compliance/0"
    host = await bench.host()
    await took(bench, host, note(1, "a", To=("desk/blue", READER)), note(2, "b", Fail=0))
    outpost = bench.network.outposts["compliance/0"]
    await until(lambda: bool(outpost.news))
    vitals = Vitals.model_validate_json(outpost.news[0])
    assert (vitals.actor, vitals.parked, vitals.backlog) == (ACTOR, 1, 0)
    assert (vitals.unacked, vitals.reports_unconfirmed) == (4, 1)
    assert len(vitals.commit_ns) == 2
    bench.network.outposts[READER].hear(1)
    await until(lambda: bench.tape.acknowledged == {READER: 1})


async def test_vitals_that_are_heard_go_to_who_asked_for_them(bench: Bench) -> None:
    heard: list[bytes] = []
    host = await bench.host(hear_vitals=heard.append)
    host.vitals(b"well")
    assert heard == [b"well"]
    other = await bench.host()
    other.vitals(b"nobody listens")
    assert heard == [b"well"]
