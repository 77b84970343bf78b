"""Timers are data in the journal: set, moved, kept, fired once, and known after a replay."""

from infra.shell import Shell
from messages.base import SECOND, Instant
from messages.entry import Entry
from tests.actors.toy import START, note, replayed, shell, words


class Clock:
    """A toy, its rows, and what its host would do about its timers."""

    def __init__(self) -> None:
        self.toy = shell()
        self.rows: list[Entry] = []

    def set(self, at: Instant, key: str = "alarm", *, keep: bool = False) -> None:
        entry = self.toy.take(note(self.toy.heard.get("other/1", 0) + 1, Wake=at, Key=key,
                                   Keep=keep), START)  # fmt: skip
        assert entry is not None
        self.rows.append(entry)

    def ring(self, now: Instant) -> int:
        """How many timers fired."""
        taken = [self.toy.take(envelope, now) for envelope in self.toy.due(now)]
        self.rows += [entry for entry in taken if entry]
        return len([entry for entry in taken if entry])

    def replays(self) -> Shell:
        fresh = replayed(self.rows)
        assert fresh.timers == self.toy.timers
        assert fresh.state_digest() == self.toy.state_digest()
        return fresh


def at(seconds: int) -> Instant:
    return START + seconds * SECOND


def test_a_timer_fires_once_when_it_is_due() -> None:
    clock = Clock()
    clock.set(at(5))
    assert clock.toy.next_due() == at(5)
    assert clock.ring(at(5) - 1) == 0
    assert clock.ring(at(5)) == 1
    assert words(clock.toy) == ["alarm rang"]
    assert clock.toy.next_due() is None
    assert clock.ring(at(9)) == 0
    clock.replays()


def test_timers_that_are_due_together_fire_in_the_order_of_their_instants() -> None:
    clock = Clock()
    for key, seconds in (("c", 3), ("b", 2), ("a", 2), ("z", 1)):
        clock.set(at(seconds), key)
    assert clock.ring(at(3)) == 4
    assert words(clock.toy) == ["z rang", "a rang", "b rang", "c rang"]


def test_the_same_key_moves_the_timer() -> None:
    clock = Clock()
    clock.set(at(5))
    clock.set(at(9))
    assert clock.ring(at(8)) == 0
    assert clock.ring(at(9)) == 1
    clock.replays()


def test_the_same_key_with_keep_leaves_the_timer_where_it_is() -> None:
    clock = Clock()
    clock.set(at(5), keep=True)
    clock.set(at(9), keep=True)
    assert clock.toy.next_due() == at(5)
    clock.replays()
    assert clock.ring(at(5)) == 1
    clock.set(at(9), keep=True)
    assert clock.toy.next_due() == at(9)
    clock.replays()


def test_a_replay_knows_which_timers_are_still_to_fire() -> None:
    """I5."""
    clock = Clock()
    clock.set(at(5), "a")
    clock.set(at(6), "b")
    clock.ring(at(5))
    fresh = clock.replays()
    assert [e.sender for e in fresh.due(at(6))] == ["timer/b"]


def test_a_timer_that_was_queued_twice_fires_once() -> None:
    """A host may look again before it has handled what it found."""
    clock = Clock()
    clock.set(at(5))
    queued = clock.toy.due(at(5)) + clock.toy.due(at(6))
    assert len(queued) == 2
    assert clock.toy.take(queued[0], at(6)) is not None
    clock.set(at(20))
    assert clock.toy.take(queued[1], at(6)) is None
    assert clock.toy.next_due() == at(20)


def test_a_timer_that_was_moved_while_it_was_queued_does_not_fire_early() -> None:
    clock = Clock()
    clock.set(at(5))
    (queued,) = clock.toy.due(at(5))
    clock.set(at(20))
    assert clock.toy.take(queued, at(5)) is None
    assert clock.ring(at(20)) == 1


def test_a_timer_whose_handling_failed_is_kept_as_a_message_and_does_not_fire_again() -> None:
    """I7."""
    clock = Clock()
    clock.set(at(5))
    (queued,) = clock.toy.due(at(5))
    clock.rows.append(clock.toy.park(queued, "it failed", at(5)))
    assert clock.toy.next_due() is None
    assert clock.replays().due(at(9)) == []


def test_a_message_that_sets_nothing_has_no_timers_in_its_row() -> None:
    entry = shell().take(note(1, "a"), START)
    assert entry is not None
    assert entry.timers == b"[]"
