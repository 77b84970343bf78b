"""The host of an actor: durable first, then acknowledged and sent; and what happens on failure."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from actors.actor import Send, Timer
from infra.hosts.actor import TURN
from infra.journals import Fenced, JournalFailed
from infra.links import LinkBroken
from messages.base import Instant
from messages.events import MessageParked
from tests.actors.toy import Noted, Runner, Toy, note, words
from tests.infra.test_host_parts import Bench, LoggedSource, settled

READER = "reader/1"


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    found = Bench()
    yield found
    await found.close()


def said(first: int, last: int, **fields: Any) -> list[Any]:
    """Notes to be passed on, with these numbers."""
    return [note(seq, f"w{seq}", To=(READER,), **fields) for seq in range(first, last + 1)]


# ---- the order of things


async def test_a_message_is_durable_before_anything_is_sent_or_acknowledged(bench: Bench) -> None:
    """I1."""
    host = await bench.host()
    source = bench.source(host)
    host.take(source, said(1, 1))
    assert bench.log == []
    await settled()
    assert bench.log == [("append", [1]), ("send", READER, [1]), ("acknowledge", 1)]


async def test_when_the_journal_fails_nothing_is_sent_acknowledged_or_rewound(bench: Bench) -> None:
    """I1: a rewind says what was heard, which is an acknowledgement too."""
    host = await bench.host()
    source = bench.source(host)
    error = bench.journal.full = JournalFailed("disk full")
    host.take(source, [*said(1, 2), *said(4, 4)])
    await settled()
    assert bench.log == []
    assert bench.errors == [error]


async def test_a_host_that_failed_takes_nothing_more_even_if_the_journal_recovers(
    bench: Bench,
) -> None:
    """What is in memory is ahead of what is durable."""
    host = await bench.host()
    source = bench.source(host)
    bench.journal.full = JournalFailed("disk full")
    host.take(source, said(1, 1))
    await settled()
    bench.journal.full = None
    host.take(source, said(2, 2))
    await settled()
    assert bench.log == []
    assert len(bench.errors) == 1
    assert bench.tape.entries == []


async def test_what_came_together_is_committed_together(bench: Bench) -> None:
    host = await bench.host()
    source = bench.source(host)
    for seq in range(1, 101):
        host.take(source, said(seq, seq))
    await settled()
    numbers = list(range(1, 101))
    assert bench.log == [("append", numbers), ("send", READER, numbers), ("acknowledge", 100)]


async def test_a_commit_has_a_bound_and_what_is_more_is_the_next(bench: Bench) -> None:
    host = await bench.host()
    host.take(bench.source(host), said(1, TURN + 10))
    await settled()
    appends = [len(entry[1]) for entry in bench.log if entry[0] == "append"]
    assert appends == [TURN, 10]
    assert words(host.shell)[-1] == f"w{TURN + 10}"


async def test_who_is_urgent_is_handled_before_what_waits(bench: Bench) -> None:
    """I23: a kill overtakes the orders that wait at a venue connection."""
    host = await bench.host(urgent=("people",))
    host.take(bench.source(host), [note(seq, f"late{seq}") for seq in range(1, TURN + 2)])
    first = [note(n, word, sender="people/1") for n, word in ((1, "first"), (2, "second"))]
    host.take(bench.source(host, sender="people/1"), first)
    await settled()
    assert words(host.shell)[:3] == ["first", "second", "late1"]
    assert ("acknowledge", 2) in bench.log


async def test_what_comes_soon_after_a_turn_waits_for_company(bench: Bench) -> None:
    host = await bench.host(pace_s=0.05)
    source = bench.source(host)
    host.take(source, said(1, 1))
    await settled()
    for seq in (2, 3):
        host.take(source, said(seq, seq))
        await settled()
    assert words(host.shell) == ["w1"]
    await asyncio.sleep(0.1)
    assert [entry for entry in bench.log if entry[0] == "append"] == [
        ("append", [1]), ("append", [2, 3]),
    ]  # fmt: skip


async def test_a_repeat_is_acknowledged_and_changes_nothing(bench: Bench) -> None:
    """I2."""
    host = await bench.host()
    source = bench.source(host)
    host.take(source, said(1, 3))
    await settled()
    bench.forget()
    host.take(source, said(2, 3))
    await settled()
    assert bench.log == [("acknowledge", 3)]


async def test_after_a_gap_the_sender_goes_back_and_the_rest_of_its_batch_is_dropped(
    bench: Bench,
) -> None:
    """I3."""
    host = await bench.host()
    source = bench.source(host)
    host.take(source, [*said(1, 2), *said(5, 6)])
    await settled()
    assert bench.log == [
        ("append", [1, 2]), ("send", READER, [1, 2]), ("rewind", 2), ("acknowledge", 2)
    ]  # fmt: skip
    assert words(host.shell) == ["w1", "w2"]


async def test_a_gap_on_an_old_connection_does_not_drop_what_the_new_one_brings(
    bench: Bench,
) -> None:
    """I3: else the new one waits for ever for what it believes to be in flight."""
    host = await bench.host()
    old, new = bench.source(host), bench.source(host)
    host.take(old, said(3, 4))
    host.take(new, said(1, 4))
    await settled()
    assert words(host.shell) == ["w1", "w2", "w3", "w4"]
    assert ("acknowledge", 4) in bench.log


async def test_a_sender_without_a_journal_hears_the_number_it_gave(bench: Bench) -> None:
    host = await bench.host()
    source = bench.source(host, "ingress/0")
    host.take(source, [note(seq, "a", sender="ingress/0") for seq in (41, 42)])
    await settled()
    assert bench.log[-1] == ("acknowledge", 42)


async def test_an_error_that_nobody_thought_of_ends_the_host(bench: Bench) -> None:
    """After a commit whose sends were not all made, memory and journal no longer agree."""

    def broken(envelopes: object) -> None:
        raise AssertionError("the session is not there")

    host = await bench.host(local={"reader": broken})
    source = bench.source(host)
    host.take(source, said(1, 1))
    await settled()
    host.take(source, said(2, 2))
    await settled()
    assert [type(error) for error in bench.errors] == [AssertionError]
    assert bench.log == [("append", [1])]


async def test_a_host_that_was_stopped_takes_nothing_and_does_not_fail(bench: Bench) -> None:
    host = await bench.host()
    source = bench.source(host)
    host.take(source, said(1, 1))  # its turn would come after the journal was closed
    await host.stop()
    host.take(source, said(2, 2))
    await settled()
    assert (bench.log, bench.errors) == ([], [])


# ---- an actor that fails


@pytest.mark.parametrize("at", [0, 1])
async def test_a_message_on_which_the_actor_fails_is_kept_and_its_neighbours_are_not_harmed(
    bench: Bench, at: int
) -> None:
    """I7."""
    host = await bench.host()
    source = bench.source(host)
    bad = note(2, "x", "y", Fail=at, To=(READER,))
    host.take(source, [*said(1, 1), bad, *said(3, 3)])
    await settled()
    assert words(host.shell) == ["w1", "w3"]
    assert bench.log == [
        ("append", [1]), ("send", READER, [1]), ("append", [2, 3]), ("send", READER, [2]),
        ("acknowledge", 3),
    ]  # fmt: skip
    (event,) = Toy.EVENTS.validate_json(bench.tape.entries[1].events)
    assert isinstance(event, MessageParked)
    assert event.Body == bad.body.decode()
    assert bench.replays(host)
    again = await bench.host()
    assert words(again.shell) == ["w1", "w3"]


async def test_the_journal_failing_while_a_message_is_set_aside_ends_the_host(bench: Bench) -> None:
    """I1."""
    host = await bench.host()
    source = bench.source(host)
    bench.journal.full = JournalFailed("disk full")
    host.take(source, [*said(1, 1), note(2, "x", Fail=0)])
    await settled()
    assert (bench.log, len(bench.errors)) == ([], 1)


async def test_an_actor_that_changed_its_state_before_it_failed_is_as_if_it_had_not(
    bench: Bench,
) -> None:
    """I7: even what an actor must never do, changing state in ``receive``, does not stay."""

    class Rash(Toy):
        def receive(self, message: Any, now: Instant) -> Iterator[Noted | Send | Timer]:
            self.state.words.append("rash")
            yield from super().receive(message, now)

    host = await bench.host(Rash)
    host.take(bench.source(host), [note(1, "x", Fail=0)])
    await settled()
    assert words(host.shell) == []


# ---- what came together


async def test_what_came_together_of_one_sender_is_one_entry_where_the_actor_takes_runs(
    bench: Bench,
) -> None:
    host = await bench.host(Runner)
    ours, theirs = bench.source(host), bench.source(host, "other/2")
    host.take(ours, said(1, 2))
    host.take(ours, said(3, 3))
    host.take(theirs, [note(1, "x", sender="other/2")])
    await settled()
    assert words(host.shell) == ["w1 w2 w3", "x"]
    assert bench.log == [("append", [1, 2]), ("acknowledge", 3), ("acknowledge", 1)]


async def test_of_a_run_on_which_the_actor_fails_only_the_bad_one_is_kept_aside(
    bench: Bench,
) -> None:
    """I7."""
    host = await bench.host(Runner)
    host.take(bench.source(host), [*said(1, 2), note(3, "bad", Fail=0), *said(4, 4)])
    await settled()
    assert words(host.shell) == ["w1", "w2", "w4"]
    assert bench.log[-1] == ("acknowledge", 4)
    assert [b"MessageParked" in entry.events for entry in bench.tape.entries] == [
        False, False, True, False,
    ]  # fmt: skip
    assert bench.replays(host)


# ---- greeting


async def test_a_sender_is_told_what_was_heard_of_it(bench: Bench) -> None:
    host = await bench.host()
    assert host.greet(LoggedSource(bench.log)) == 0
    host.take(bench.source(host), said(1, 3))
    await settled()
    assert host.greet(LoggedSource(bench.log, first=2)) == 3
    assert host.greet(LoggedSource(bench.log, sender="other/2")) == 0


async def test_a_sender_without_a_journal_goes_on_from_where_it_says(bench: Bench) -> None:
    host = await bench.host()
    assert host.greet(LoggedSource(bench.log, sender="ingress/0", first=8)) == 7


async def test_a_sender_that_no_longer_has_what_we_miss_is_refused(bench: Bench) -> None:
    host = await bench.host()
    with pytest.raises(LinkBroken, match="lost entries"):
        host.greet(LoggedSource(bench.log, first=2))


async def test_an_incarnation_that_was_succeeded_is_refused(bench: Bench) -> None:
    """I4."""
    host = await bench.host()
    host.greet(LoggedSource(bench.log, epoch=3))
    host.greet(LoggedSource(bench.log, epoch=3))
    with pytest.raises(LinkBroken, match="succeeded"):
        host.greet(LoggedSource(bench.log, epoch=2))


async def test_a_host_that_was_succeeded_ends_and_says_nothing(bench: Bench) -> None:
    """I4."""
    zombie = await bench.host()
    source = bench.source(zombie)
    zombie.take(source, said(1, 1))
    await settled()
    successor = await bench.host()
    bench.forget()
    zombie.take(source, said(2, 2))
    await settled()
    assert [type(error) for error in bench.errors] == [Fenced]
    assert bench.log == []
    successor.take(bench.source(successor), said(2, 2))
    await settled()
    assert bench.log == [("append", [2]), ("send", READER, [2]), ("acknowledge", 2)]
