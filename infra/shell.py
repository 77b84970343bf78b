"""The shell: numbers, de-duplicates and orders what goes in and out of one actor. Pure, no I/O.

Each message taken becomes one entry. Nothing the shell returns may leave the process before the
journal has it. A message heard before gives nothing; one that comes too early is a gap, and the
sender is told where to go on.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from actors.actor import Actor, Step, Timer, run, step
from messages.base import Event, Instant, Message
from messages.entry import Entry
from messages.envelope import Address, Envelope, encode_all
from messages.events import MessageParked

UNNUMBERED = frozenset(("ingress", "timer", "reference"))
"""Senders without a journal: the actor recognises their repeats by what they say."""

SPARSE = frozenset(("fix",))
"""Senders whose numbers rise with holes: a FIX session also numbers its heartbeats."""


class Gap(Exception):
    """A message came whose predecessors are missing; ``heard`` is where to go on from."""

    def __init__(self, sender: Address, heard: int) -> None:
        super().__init__(f"{sender}: heard {heard}")
        self.sender = sender
        self.heard = heard


class ActorFailed(Exception):
    """``receive`` raised: the actor in memory is dirty and must be rebuilt from the journal."""


class JournalCorrupt(Exception):
    """The journal does not hang together: a row was lost, changed or put out of order."""


def broken(actor: Address, number: int, before: int) -> JournalCorrupt:
    """What is said of an entry that does not follow on the one before."""
    return JournalCorrupt(
        f"journal of {actor}: entry {number} after {before} breaks the hash chain; "
        f"restore the file from a backup, or run: oms doctor"
    )


class Shell:
    """One actor with its numbers. Rebuild it with :meth:`replay` of every entry, in order."""

    def __init__(self, actor: Actor[Any, Any, Any], epoch: int = 0) -> None:
        self.actor = actor
        self.address: Address = actor.address
        self.epoch = epoch
        self.number = 0
        self.chain = b""
        self.heard: dict[Address, int] = {}
        self.sent: dict[Address, int] = {}
        self.timers: dict[str, tuple[Instant, str, bytes]] = {}
        self.message: Any = None
        self._outbox: list[Envelope] = []

    def replay(self, entry: Entry) -> None:
        """Make a journaled entry true again. Never calls ``receive``."""
        if entry.number != self.number + 1 or entry.digest(self.chain) != entry.chain:
            raise broken(self.address, entry.number, self.number)
        for event in self.actor.EVENTS.validate_json(entry.events):
            if not isinstance(event, MessageParked):
                self.actor.apply(event)
        for recipient, seq, _ in entry.sent():
            self.sent[recipient] = seq
        self._fired(entry.sender)
        for key, due, kind, body in json.loads(entry.timers) if entry.timers != b"[]" else ():
            self.timers[key] = (due, kind, body.encode())
        self._heard(entry)

    def take(self, envelope: Envelope, now: Instant) -> Entry | None:
        """Handle one message: an entry to be journaled, or None where it was heard before."""
        if self.actor.RUNS:
            return self.take_run((envelope,), now)
        return None if self._known(envelope) else self._handle(envelope, now)

    def take_run(self, run: Sequence[Envelope], now: Instant) -> Entry | None:
        """Handle what came together of one sender as one message: a JSON array of what is new.

        It is heard up to the last of them, and belongs to no trace.
        """
        sender = run[0].sender
        heard = self.heard.get(sender, 0)
        fresh = [envelope for envelope in run if envelope.seq > heard]
        if not fresh:
            return None
        if [envelope.seq for envelope in fresh] != list(range(heard + 1, heard + 1 + len(fresh))):
            raise Gap(sender, heard)
        body = b"[" + b",".join([envelope.body for envelope in fresh]) + b"]"
        return self._handle(fresh[-1]._replace(trace="", body=body), now)

    def _handle(self, envelope: Envelope, now: Instant) -> Entry:
        try:
            self.message = self.actor.INBOX.validate_json(envelope.body)
            if not envelope.trace:
                envelope = envelope._replace(trace=self.actor.trace_of(self.message))
            self.actor.trace = envelope.trace
            return self._entry(envelope, step(self.actor, self.message, now), now)
        except Exception as error:  # whatever it is, the host rebuilds the actor and parks this
            raise ActorFailed(f"{type(error).__name__}: {error}") from error

    def park(self, envelope: Envelope, reason: str, now: Instant, *, answer: bool = True) -> Entry:
        """Keep a message on which the actor failed, and what the actor tells whoever asked.

        Without ``answer`` it changes nothing but the cursor.

        Raises:
            ActorFailed: the actor failed on the answer too; rebuilt, it can park without one.
        """
        parked = MessageParked(
            Kind=envelope.kind, Reason=reason, Body=envelope.body.decode(errors="replace")
        )
        if not answer:
            return self._entry(envelope, Step((parked,), (), ()), now)
        try:
            self.actor.trace = envelope.trace
            told = run(self.actor, self.actor.parked(envelope.sender, envelope.body, now))
            done = told._replace(events=(parked, *told.events))
            return self._entry(envelope, done, now)
        except Exception as error:  # as in _handle; the message is parked all the same
            raise ActorFailed(f"{type(error).__name__}: {error}") from error

    def due(self, now: Instant) -> list[Envelope]:
        """Timers whose time has come, as messages from ``timer/<key>``, earliest first."""
        ready = sorted((due, key) for key, (due, _, _) in self.timers.items() if due <= now)
        return [
            Envelope(f"timer/{key}", self.address, 0, self.timers[key][1], due, "", body)
            for due, key in ready
            for body in (self.timers[key][2],)
        ]

    def next_due(self) -> Instant | None:
        """When the earliest timer is due."""
        return min((due for due, _, _ in self.timers.values()), default=None)

    def state_digest(self) -> str:
        """SHA-256 of the actor's whole state: equal after replay, or something is wrong."""
        return hashlib.sha256(self.actor.STATE.dump_json(self.actor.state)).hexdigest()

    def _known(self, envelope: Envelope) -> bool:
        kind, _, key = envelope.sender.partition("/")
        if kind == "timer":  # set anew or fired meanwhile: this one is no longer due
            return key not in self.timers or self.timers[key][0] != envelope.at
        if kind in UNNUMBERED or envelope.seq == 0:
            return False
        heard = self.heard.get(envelope.sender, 0)
        if envelope.seq <= heard:
            return True
        if envelope.seq != heard + 1 and kind not in SPARSE:
            raise Gap(envelope.sender, heard)
        return False

    def _entry(self, cause: Envelope, result: Step, now: Instant) -> Entry:
        number = self.number + 1
        trace, span = self._trace(cause.trace, number)
        sends: list[Envelope] = []
        for recipient, message in result.sends:
            seq = self.sent.get(recipient, 0) + 1
            self.sent[recipient] = seq
            kind = type(message).__name__
            body = _json_of(message)
            sends.append(Envelope(self.address, recipient, seq, kind, now, trace, body))
        entry = Entry(
            number=number,
            epoch=self.epoch,
            at=now,
            sender=cause.sender,
            seq=cause.seq,
            kind=cause.kind,
            caused_at=cause.at,
            trace=trace,
            cause=span,
            events=_json(result.events),
            sends=encode_all(sends),
            timers=self._set_timers(cause, result.timers),
        ).sealed(self.chain)
        self._outbox.extend(sends)
        self._heard(entry)
        return entry

    def take_outbox(self) -> list[Envelope]:
        """What the entries since the last call send; it may go out once they are durable."""
        outbox, self._outbox = self._outbox, []
        return outbox

    def _set_timers(self, cause: Envelope, timers: tuple[Timer, ...]) -> bytes:
        self._fired(cause.sender)
        rows = []
        for key, at, message, keep in timers:
            if keep and key in self.timers:
                continue
            body = message.model_dump_json()
            self.timers[key] = (at, type(message).__name__, body.encode())
            rows.append([key, at, type(message).__name__, body])
        return json.dumps(rows).encode() if rows else b"[]"

    def _fired(self, sender: Address) -> None:
        kind, _, key = sender.partition("/")
        if kind == "timer":
            self.timers.pop(key, None)

    def _heard(self, entry: Entry) -> None:
        self.number = entry.number
        self.chain = entry.chain
        if entry.seq and entry.sender.partition("/")[0] not in UNNUMBERED:
            self.heard[entry.sender] = entry.seq

    def _trace(self, traceparent: str, number: int) -> tuple[str, str]:
        """This entry's own traceparent and the span that caused it (W3C Trace Context)."""
        if traceparent.count("-") != 3:
            return "", ""
        _, trace_id, parent, flags = traceparent.split("-")
        name = f"{self.address} {number}".encode()
        span = hashlib.blake2b(name, digest_size=8).hexdigest()
        return f"00-{trace_id}-{span}-{flags}", parent


def _json_of(model: Message | Event) -> bytes:
    # The model's own serializer: a union would have to find out first which model it is.
    return model.__pydantic_serializer__.to_json(model, exclude_none=True)


def _json(events: tuple[Event, ...]) -> bytes:
    return b"[" + b",".join([_json_of(event) for event in events]) + b"]"
