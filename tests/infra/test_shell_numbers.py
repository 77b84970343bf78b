"""The shell: each message once and in order, each entry numbered, chained and traced."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.shell import ActorFailed, Gap, Shell
from messages.entry import EntryCopy
from messages.envelope import Envelope, decode_all
from messages.events import MessageParked
from tests.actors.toy import (
    ACTOR,
    SENDER,
    START,
    TRACE,
    TRACE_ID,
    Note,
    Noted,
    Runner,
    Toy,
    entries,
    note,
    replayed,
    shell,
    words,
)


def test_what_was_heard_before_gives_nothing() -> None:
    """I2."""
    toy = shell()
    first = toy.take(note(1, "a"), START)
    assert first is not None
    assert toy.take(note(1, "a"), START) is None
    assert toy.take(note(1, "something else"), START) is None
    assert words(toy) == ["a"]
    assert toy.number == 1


def test_what_comes_too_early_is_a_gap_that_says_where_to_go_on() -> None:
    """I3."""
    toy = shell()
    toy.take(note(1, "a"), START)
    with pytest.raises(Gap) as gap:
        toy.take(note(3, "c"), START)
    assert (gap.value.sender, gap.value.heard) == (SENDER, 1)
    assert toy.take(note(2, "b"), START) is not None
    assert toy.take(note(3, "c"), START) is not None
    assert words(toy) == ["a", "b", "c"]


def test_each_sender_has_numbers_of_its_own() -> None:
    toy = shell()
    for sender in ("other/1", "other/2"):
        assert toy.take(note(1, sender, sender=sender), START) is not None
    assert toy.heard == {"other/1": 1, "other/2": 1}


@given(st.lists(st.integers(1, 8), max_size=40))
def test_whatever_the_order_of_arrival_each_message_is_taken_once_and_in_order(
    arrivals: list[int],
) -> None:
    """I2, I3."""
    toy, taken = shell(), 0
    for number in arrivals:
        try:
            entry = toy.take(note(number, str(number)), START)
        except Gap as gap:
            assert number > taken + 1
            assert gap.heard == taken  # noqa: PT017
            continue
        assert (entry is not None) == (number == taken + 1)
        taken += entry is not None
    assert words(toy) == [str(number) for number in range(1, taken + 1)]


@pytest.mark.parametrize("sender", ["ingress/0", "reference/settings"])
def test_a_sender_without_a_journal_is_always_heard(sender: str) -> None:
    toy = shell()
    for _ in range(2):
        assert toy.take(note(7, "a", sender=sender), START) is not None
    assert toy.heard == {}
    assert words(toy) == ["a", "a"]


def test_a_fix_session_may_leave_numbers_out_and_not_repeat_them() -> None:
    toy = shell()
    assert toy.take(note(3, "a", sender="fix/XNAS"), START) is not None
    assert toy.take(note(9, "b", sender="fix/XNAS"), START) is not None
    assert toy.take(note(5, "c", sender="fix/XNAS"), START) is None
    assert toy.take(note(0, "up", sender="fix/XNAS"), START) is not None
    assert toy.heard == {"fix/XNAS": 9}


def test_sends_are_numbered_densely_per_recipient_and_come_out_once() -> None:
    toy = shell()
    entry = toy.take(note(1, "a", To=("x/1", "y/1", "x/1")), START)
    toy.take(note(2, "b", To=("x/1",)), START)
    out = toy.take_outbox()
    assert [(e.recipient, e.seq) for e in out] == [("x/1", 1), ("y/1", 1), ("x/1", 2), ("x/1", 3)]
    assert toy.take_outbox() == []
    assert entry is not None
    assert entry.envelopes() == out[:3]
    assert [(e.sender, e.kind, e.at) for e in out] == [(ACTOR, "Note", START)] * 4
    assert Toy.INBOX.validate_json(out[0].body) == Note(Words=("a",))


def test_numbers_go_on_after_a_replay() -> None:
    """I5."""
    toy = shell()
    rows = entries(3, after=toy)
    fresh = replayed(rows)
    assert (fresh.number, fresh.heard, fresh.sent) == (3, {SENDER: 3}, {"reader/1": 3})
    assert fresh.state_digest() == toy.state_digest()
    assert fresh.take_outbox() == []
    assert fresh.take(note(3, "again"), START) is None
    fresh.take(note(4, "d", To=("reader/1",)), START)
    assert [e.seq for e in fresh.take_outbox()] == [4]


def test_replay_never_asks_the_actor_to_decide_again() -> None:
    class Changed(Toy):
        def receive(self, message: object, now: int) -> None:  # type: ignore[override]
            raise AssertionError("replay must not decide")

    fresh = Shell(Changed())
    for row in entries(3):
        fresh.replay(row)
    assert words(fresh) == ["w1", "w2", "w3"]


# ---- what came together


def run(*numbers: int) -> list[Envelope]:
    return [note(number, str(number), trace=TRACE) for number in numbers]


def test_a_run_is_one_entry_that_is_heard_up_to_its_last_and_has_no_trace() -> None:
    runner = Shell(Runner())
    entry = runner.take_run(run(1, 2, 3), START)
    assert entry is not None
    assert (entry.number, entry.seq, entry.trace) == (1, 3, "")
    assert words(runner) == ["1 2 3"]
    assert runner.heard == {SENDER: 3}


def test_of_a_run_only_what_is_new_is_handled() -> None:
    """I2."""
    runner = Shell(Runner())
    runner.take_run(run(1, 2), START)
    assert runner.take_run(run(1, 2), START) is None
    assert runner.take_run(run(2, 3, 4), START) is not None
    assert words(runner) == ["1 2", "3 4"]


@pytest.mark.parametrize("numbers", [(3, 4), (2, 4), (2, 2), (3, 2)])
def test_a_run_with_a_hole_is_not_taken_at_all(numbers: tuple[int, ...]) -> None:
    """I3."""
    runner = Shell(Runner())
    runner.take(run(1)[0], START)
    with pytest.raises(Gap) as gap:
        runner.take_run(run(*numbers), START)
    assert gap.value.heard == 1
    assert words(runner) == ["1"]


# ---- an actor that fails


@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_exception_at_any_yield_makes_no_entry_and_the_message_can_be_kept(at: int) -> None:
    """I7: the actor in memory is dirty; rebuilt, it is as if the message had not come."""
    toy = shell()
    rows = entries(2, after=toy)
    toy.take_outbox()
    bad = note(3, "a", "b", "c", Fail=at, To=("reader/1",))
    with pytest.raises(ActorFailed, match="RuntimeError: cannot say"):
        toy.take(bad, START)
    assert (toy.number, toy.heard, toy.sent, toy.take_outbox()) == (
        2, {SENDER: 2}, {"reader/1": 2}, [],
    )  # fmt: skip
    fresh = replayed(rows)
    parked = fresh.park(bad, "RuntimeError: cannot say it", START)
    assert words(fresh) == ["w1", "w2"]
    assert fresh.take(bad, START) is None
    assert (parked.number, parked.seq, parked.sends) == (3, 3, b"")
    (event,) = Toy.EVENTS.validate_json(parked.events)
    assert event == MessageParked(
        Kind="Note", Reason="RuntimeError: cannot say it", Body=bad.body.decode()
    )
    again = replayed([*rows, parked])
    assert again.state_digest() == fresh.state_digest()


@pytest.mark.parametrize("body", [b"", b"{", b'{"MsgType":"Unknown"}', b"\xff\xfe"])
def test_a_body_that_cannot_be_read_fails_and_can_be_kept(body: bytes) -> None:
    """I7."""
    toy = shell()
    bad = Envelope(SENDER, ACTOR, 1, "Note", START, "", body)
    with pytest.raises(ActorFailed):
        toy.take(bad, START)
    assert toy.park(bad, "unreadable", START).number == 1
    assert toy.heard == {SENDER: 1}


def test_a_send_that_cannot_be_written_is_a_failure_of_the_actor() -> None:
    """I7: a lone surrogate has no bytes."""

    class Odd(Toy):
        def receive(self, message, now):  # type: ignore[no-untyped-def]
            yield from super().receive(message.model_copy(update={"Words": ("\ud800",)}), now)

    toy = Shell(Odd())
    with pytest.raises(ActorFailed):
        toy.take(note(1, "a", To=("reader/1",)), START)
    assert toy.number == 0


# ---- what an entry says of itself


def test_an_entry_bears_its_cause_and_a_span_of_its_own_in_the_same_trace() -> None:
    toy = shell()
    first = toy.take(note(1, "a", trace=TRACE, To=("reader/1",)), START)
    second = toy.take(note(2, "b", trace=TRACE), START)
    assert first is not None
    assert second is not None
    assert first.cause == second.cause == "00f067aa0ba902b7"
    assert re.fullmatch(rf"00-{TRACE_ID}-[0-9a-f]{{16}}-01", first.trace)
    assert first.trace != second.trace
    assert [e.trace for e in first.envelopes()] == [first.trace]


@pytest.mark.parametrize("trace", ["", "nonsense", "00-abc", "00-a-b-c-d"])
def test_without_a_trace_that_can_be_read_an_entry_has_none(trace: str) -> None:
    entry = shell().take(note(1, "a", trace=trace), START)
    assert entry is not None
    assert (entry.trace, entry.cause) == ("", "")


def test_an_entry_keeps_who_said_what_and_when() -> None:
    toy = Shell(Toy(), epoch=7)
    entry = toy.take(note(1, "a")._replace(at=START - 5), START)
    assert entry is not None
    assert (entry.number, entry.epoch, entry.at, entry.caused_at) == (1, 7, START, START - 5)
    assert (entry.sender, entry.seq, entry.kind) == (SENDER, 1, "Note")
    assert Toy.EVENTS.validate_json(entry.events) == (Noted(Word="a"),)


def test_a_copy_for_compliance_has_everything_but_the_bodies_of_the_sends() -> None:
    toy = shell()
    row = toy.park(note(1, 'a "quoted" word', trace=TRACE), 'why "not"', START)
    copy = EntryCopy.model_validate_json(row.copy_body(ACTOR))
    assert (copy.Actor, copy.Number, copy.Epoch, copy.At) == (ACTOR, 1, 1, START)
    assert (copy.Sender, copy.Seq, copy.Kind, copy.CausedAt) == (SENDER, 1, "Note", START)
    assert (copy.Trace, copy.Cause, copy.Chain) == (row.trace, row.cause, row.chain.hex())
    assert [event.Event for event in copy.Events] == ["MessageParked"]


def test_the_chain_hangs_on_everything_that_came_before() -> None:
    one, other = shell(), shell()
    one.take(note(1, "a"), START)
    other.take(note(1, "b"), START)
    last = [s.take(note(2, "c"), START) for s in (one, other)]
    assert last[0] is not None
    assert last[1] is not None
    assert last[0].chain != last[1].chain
    assert last[0]._replace(chain=b"") == last[1]._replace(chain=b"")


def test_a_torn_batch_of_envelopes_is_an_error() -> None:
    with pytest.raises(ValueError, match="odd number of lines"):
        decode_all(b"a b 1 Note 1 ")
