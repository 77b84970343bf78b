"""The smallest actor with everything: events, sends, timers, and a way to fail. For shells, links,
journals and hosts, to which it is the same as an account.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from actors.actor import Actor, Send, Timer, inbox, journaled
from infra.shell import Shell
from messages.base import Event, Instant, Message
from messages.entry import Entry
from messages.envelope import Address, Envelope

START: Instant = 1_795_400_184_915_000_000
ACTOR: Address = "toy/1"
SENDER: Address = "other/1"
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACE = f"00-{TRACE_ID}-00f067aa0ba902b7-01"


class Note(Message):
    """Remember these words one by one, raise at the one numbered ``Fail``, and pass them on."""

    MsgType: Literal["Note"] = "Note"
    Words: tuple[str, ...] = ()
    Fail: int | None = None
    To: tuple[str, ...] = ()
    Wake: Instant | None = None
    Key: str = "alarm"
    Keep: bool = False


class Rang(Message):
    """A timer's message."""

    MsgType: Literal["Rang"] = "Rang"
    Key: str


class Noted(Event):
    """A word was remembered."""

    Event: Literal["Noted"] = "Noted"
    Word: str


@dataclass(slots=True)
class Remembered:
    """Every word, in order."""

    words: list[str] = field(default_factory=list)


class Toy(Actor[Note | Rang, Noted, Remembered]):
    """Remembers and passes on."""

    INBOX = inbox(Note | Rang)
    EVENTS = journaled(Annotated[Noted, Field()])
    STATE = TypeAdapter(Remembered)

    def __init__(self, address: Address = ACTOR) -> None:
        super().__init__(address, Remembered())

    def receive(self, message: Note | Rang, now: Instant) -> Iterator[Noted | Send | Timer]:
        if isinstance(message, Rang):
            yield Noted(Word=f"{message.Key} rang")
            return
        for number, word in enumerate(message.Words):
            if number == message.Fail:
                raise RuntimeError(f"cannot say {word}")
            yield Noted(Word=word)
        for recipient in message.To:
            yield Send(recipient, Note(Words=message.Words))
        if message.Wake is not None:
            yield Timer(message.Key, message.Wake, Rang(Key=message.Key), message.Keep)

    def apply(self, event: Noted) -> None:
        self.state.words.append(event.Word)


class Runner(Actor[tuple[Note, ...], Noted, Remembered]):
    """Remembers what came together as one word."""

    RUNS = True
    INBOX = TypeAdapter(tuple[Note, ...])
    EVENTS = Toy.EVENTS
    STATE = Toy.STATE

    def __init__(self, address: Address = ACTOR) -> None:
        super().__init__(address, Remembered())

    def receive(self, message: tuple[Note, ...], now: Instant) -> Iterator[Noted | Send | Timer]:
        if any(note.Fail is not None for note in message):
            raise RuntimeError("cannot say it")
        yield Noted(Word=" ".join(word for note in message for word in note.Words))

    def apply(self, event: Noted) -> None:
        self.state.words.append(event.Word)


def shell(epoch: int = 1) -> Shell:
    return Shell(Toy(), epoch)


def words(of: Shell) -> list[str]:
    found: list[str] = of.actor.state.words
    return found


def note(
    seq: int, *said: str, sender: Address = SENDER, trace: str = "", **fields: Any
) -> Envelope:
    """A Note as it comes by a link."""
    body = Note(Words=said, **fields).model_dump_json().encode()
    return Envelope(sender, ACTOR, seq, "Note", START, trace, body)


def entries(count: int, epoch: int = 1, after: Shell | None = None) -> list[Entry]:
    """That many entries of a toy; each passes its word on to ``reader/1``."""
    toy = after or shell(epoch)
    first = toy.number + 1
    taken = [
        toy.take(note(number, f"w{number}", To=("reader/1",)), START)
        for number in range(first, first + count)
    ]
    return [entry for entry in taken if entry]


def replayed(journal: Sequence[Entry]) -> Shell:
    """A fresh toy after these entries."""
    fresh = shell()
    for entry in journal:
        fresh.replay(entry)
    return fresh
