"""A host whose actor fails on a message parks it, and whoever asked is told."""

from collections.abc import AsyncIterator, Iterator

import pytest

from actors.actor import Send, Timer
from messages.base import Instant
from tests.actors.toy import SENDER, Note, Noted, Toy, note, words
from tests.infra.test_host_actor import READER, said
from tests.infra.test_host_parts import Bench, settled


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    found = Bench()
    yield found
    await found.close()


class Telling(Toy):
    """Tells a reader of what was parked; ``fails`` at that after its first word."""

    fails = False

    def parked(self, sender: str, body: bytes, now: Instant) -> Iterator[Noted | Send | Timer]:
        yield Noted(Word=f"parked of {sender}")
        if self.fails:
            raise KeyError("no words")
        yield Send(READER, Note(Words=("sorry",)))


async def test_who_waits_for_an_answer_hears_that_the_message_was_parked(bench: Bench) -> None:
    """I1, I9: by the same entry and the same link as any answer."""
    host = await bench.host(Telling)
    host.take(bench.source(host), [*said(1, 1), note(2, "x", Fail=0), *said(3, 3)])
    await settled()
    assert words(host.shell) == ["w1", f"parked of {SENDER}", "w3"]
    assert bench.log == [
        ("append", [1]), ("send", READER, [1]), ("append", [2, 3]), ("send", READER, [2, 3]),
        ("acknowledge", 3),
    ]  # fmt: skip
    assert b'"sorry"' in bench.tape.entries[1].sends
    assert bench.replays(host)


async def test_a_message_is_parked_without_an_answer_where_that_fails_too(bench: Bench) -> None:
    """I7: and what the answer had changed by then is gone."""

    class Speechless(Telling):
        fails = True

    host = await bench.host(Speechless)
    host.take(bench.source(host), [note(1, "x", Fail=0), *said(2, 2)])
    await settled()
    assert bench.errors == []
    assert words(host.shell) == ["w2"]
    (event,) = Toy.EVENTS.validate_json(bench.tape.entries[0].events)
    assert event.Reason == ("RuntimeError: cannot say x; answer: KeyError: 'no words'")
    assert bench.replays(host)
