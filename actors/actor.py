"""The actor: a pure state machine that takes a message and an instant and yields what follows.

``receive`` decides and never changes anything; ``apply`` is the only change. What ``receive``
yields is an event (it happened: applied before the next line of ``receive`` runs), a send (another
must hear it) or a timer (wake me then). A refusal is an event; an exception is a bug.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Generic, NamedTuple, TypeVar

from pydantic import Field, TypeAdapter

from messages.base import Event, Instant, Message
from messages.envelope import Address
from messages.events import MessageParked

In = TypeVar("In")
Ev = TypeVar("Ev", bound=Event)
St = TypeVar("St")


class Send(NamedTuple):
    """Say ``message`` to ``recipient``, once this step is durable."""

    recipient: Address
    message: Message


class Timer(NamedTuple):
    """Hear ``message`` at ``at``. The same key again moves the timer, unless ``keep``."""

    key: str
    at: Instant
    message: Message
    keep: bool = False


class Actor(ABC, Generic[In, Ev, St]):
    """One state machine. ``state`` is plain data: it can be written down and compared.

    ``trace`` is part of the input: the W3C traceparent of the message being handled.
    ``RUNS``: what came together of one sender is handled as one message, a JSON array of them.
    """

    RUNS: ClassVar[bool] = False
    INBOX: ClassVar[TypeAdapter[Any]]
    EVENTS: ClassVar[TypeAdapter[Any]]
    STATE: ClassVar[TypeAdapter[Any]]

    def __init__(self, address: Address, state: St) -> None:
        self.address = address
        self.state = state
        self.trace = ""

    @property
    def name(self) -> str:
        """The address without its kind: ``acme`` of ``account/acme``."""
        return self.address.partition("/")[2]

    @abstractmethod
    def receive(self, message: In, now: Instant) -> Iterator[Ev | Send | Timer]:
        """Decide. May read ``state``, must not change it."""

    def trace_of(self, message: In) -> str:
        """The traceparent of what a message is about, where the message brought none itself."""
        del message
        return ""

    def parked(self, sender: Address, body: bytes, now: Instant) -> Iterator[Ev | Send | Timer]:
        """What follows where ``receive`` raised on a message, or its process ended in it.

        The message is in the journal and changes nothing; who waits for an answer can be told here.
        ``body`` must not be read as ``receive`` would have: it may end whoever does.
        """
        del sender, body, now
        yield from ()

    @abstractmethod
    def apply(self, event: Ev) -> None:
        """Make ``event`` true. Total: no clock, no choice, no refusal."""


def inbox(union: Any) -> TypeAdapter[Any]:
    """How an actor reads its messages: a closed union told apart by MsgType."""
    return TypeAdapter(Annotated[union, Field(discriminator="MsgType")])


def journaled(union: Any) -> TypeAdapter[Any]:
    """How an actor's events are written and read: a tuple of a closed union told apart by Event."""
    return TypeAdapter(tuple[Annotated[union | MessageParked, Field(discriminator="Event")], ...])


class Step(NamedTuple):
    """All that one message led to, in order."""

    events: tuple[Event, ...]
    sends: tuple[Send, ...]
    timers: tuple[Timer, ...]


def step(actor: Actor[In, Ev, St], message: In, now: Instant) -> Step:
    """Run ``receive``, applying each event as it is yielded."""
    return run(actor, actor.receive(message, now))


def run(actor: Actor[In, Ev, St], effects: Iterator[Ev | Send | Timer]) -> Step:
    """Apply each event of ``effects`` as it is yielded."""
    events: list[Event] = []
    sends: list[Send] = []
    timers: list[Timer] = []
    for effect in effects:
        if isinstance(effect, Send):
            sends.append(effect)
        elif isinstance(effect, Timer):
            timers.append(effect)
        else:
            actor.apply(effect)
            events.append(effect)
    return Step(tuple(events), tuple(sends), tuple(timers))
