"""Two accounts, a book, a venue connection and compliance in one process, under any interleaving.

Links deliver late and repeat themselves, actors die and are replayed from their entries, the FIX
session is cut with messages on the wire. No sockets, no clock: what a seed does, it does again.
"""

import json
from collections import deque
from random import Random
from typing import Any

import pytest
from pydantic import TypeAdapter

from actors.account.account import Account
from actors.actor import Actor
from actors.book import Book
from actors.compliance import Compliance
from actors.venue.venue import DOUBT_AFTER, Venue
from infra import snapshots
from infra.shell import Gap, Shell
from messages import venue as wire
from messages.base import Instant, Message
from messages.entry import Entry
from messages.envelope import Address, Envelope
from messages.fix import Side
from messages.orders import DeskRequest
from tests.actors.exchange import Exchange, ToVenue
from tests.actors.scenes import (
    DESK,
    START,
    cancel,
    dec,
    definition,
    from_desk,
    instrument,
    mass_cancel,
    order,
    replace,
)

ACCOUNTS = ("acme", "bravo")
FIX, VENUE, COMPLIANCE = "fix/XNAS", "venue/XNAS", "compliance/0"
MAKE: dict[Address, type[Actor[Any, Any, Any]]] = {
    **{f"account/{name}": Account for name in ACCOUNTS},
    "book/AAPL": Book,
    VENUE: Venue,
    COMPLIANCE: Compliance,
}
TO_VENUE: TypeAdapter[ToVenue] = TypeAdapter(ToVenue)


class Town:
    """Everything there is, and what one seed makes of it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.exchange = Exchange(self.random)
        self.now: Instant = START
        self.make = dict(MAKE)
        self.shells = {address: Shell(make(address), 1) for address, make in MAKE.items()}
        self.entries: dict[Address, list[Entry]] = {address: [] for address in MAKE}
        self.outboxes: dict[tuple[Address, Address], list[Envelope]] = {}
        self.session_up = False
        self.on_the_wire: deque[ToVenue] = deque()
        self.told: deque[Message] = deque()
        self.heard = 0
        self.asked: dict[str, list[DeskRequest]] = {name: [] for name in ACCOUNTS}
        for name in ACCOUNTS:
            self.tell(f"account/{name}", definition(name, MaxPosition=dec(2_000)))
            self.tell(f"account/{name}", instrument())
        self.tell("book/AAPL", instrument(Venues=("XNAS",)))

    # ---- taking messages

    def tell(self, address: Address, message: Message, sender: str = "reference/x") -> None:
        body = message.model_dump_json(exclude_none=True).encode()
        self.take(address, Envelope(sender, address, 0, type(message).__name__, self.now, "", body))

    def take(self, address: Address, envelope: Envelope) -> bool:
        """Whether it was new: handled, made durable, and what it leads to put in the outboxes."""
        shell = self.shells[address]
        entry = shell.take(envelope, self.now)
        if entry is None:
            return False
        self.entries[address].append(entry)
        for send in shell.take_outbox():
            if send.kind == "SequenceAsked":  # the session knows it itself
                asked = wire.SequenceAsked.model_validate_json(send.body)
                self.told.append(wire.SequenceTold(KillID=asked.KillID, MsgSeqNum=send.seq))
            elif send.recipient == FIX:
                self._to_fix(TO_VENUE.validate_json(send.body))
            else:
                self.outboxes.setdefault((address, send.recipient), []).append(send)
        if address != COMPLIANCE:
            copy = entry.copy_body(address)
            self.outboxes.setdefault((address, COMPLIANCE), []).append(
                Envelope(address, COMPLIANCE, entry.number, "EntryCopy", self.now, "", copy)
            )
        return True

    def _to_fix(self, message: ToVenue) -> None:
        if self.session_up:
            self.on_the_wire.append(message)
        else:
            self.told.append(wire.NotSent(ClOrdID=message.ClOrdID))

    # ---- what may happen next

    def waiting(self) -> list[tuple[Address, Address]]:
        """Links between actors with something that was not heard."""
        return [
            link
            for link, sent in self.outboxes.items()
            if link[1] in self.make and self.shells[link[1]].heard.get(link[0], 0) < len(sent)
        ]

    def deliver(self, link: tuple[Address, Address]) -> None:
        """The next envelope; sometimes an old one again, or one too early."""
        sender, recipient = link
        sent = self.outboxes[link]
        heard = self.shells[recipient].heard.get(sender, 0)
        luck = self.random.random()
        if luck < 0.05 and heard:
            assert not self.take(recipient, sent[self.random.randrange(heard)])
        elif luck < 0.1 and heard + 2 <= len(sent):
            with pytest.raises(Gap) as gap:
                self.take(recipient, sent[heard + 1])
            assert gap.value.heard == heard
        else:
            assert self.take(recipient, sent[heard])

    def fix(self) -> bool:
        """One step of the FIX session and its host; False where there is nothing to do."""
        steps = []
        if self.told:
            steps.append(lambda: self.tell(VENUE, self.told.popleft(), FIX))
        elif self.session_up and self.heard < len(self.exchange.said):
            steps.append(self._hear)
        if self.session_up and self.on_the_wire:
            steps.append(lambda: self.exchange.hear(self.on_the_wire.popleft()))
        if steps:
            self.random.choice(steps)()
        return bool(steps)

    def _hear(self) -> None:
        message = self.exchange.said[self.heard]
        self.heard += 1
        body = message.model_dump_json(exclude_none=True).encode()
        envelope = Envelope(FIX, VENUE, self.heard, type(message).__name__, self.now, "", body)
        self.take(VENUE, envelope)

    def session(self, up: bool) -> None:
        """Log on, or lose the connection with what is on the wire."""
        if up == self.session_up:
            return
        self.session_up = up
        if up:
            self.told.append(wire.SessionUp())
        else:
            self._lose_wire()
            self.told.append(wire.SessionDown(Text="cut"))

    def _lose_wire(self) -> None:
        arrive = self.random.randint(0, len(self.on_the_wire))
        for message in list(self.on_the_wire)[:arrive]:
            self.exchange.hear(message)
        self.on_the_wire.clear()

    def die(self, address: Address) -> None:
        """Kill an actor; the next one is replayed from the entries, or from a snapshot."""
        before = self.shells[address]
        shell = Shell(self.make[address](address), before.epoch + 1)
        for entry in self.entries[address]:
            shell.replay(entry)
        assert shell.state_digest() == before.state_digest()
        assert (shell.heard, shell.sent, shell.timers) == (
            before.heard, before.sent, before.timers
        )  # fmt: skip
        kept = Shell(self.make[address](address), shell.epoch)
        snapshots.restore(kept, snapshots.dump(before))
        assert kept.state_digest() == before.state_digest()
        assert (kept.number, kept.chain, kept.heard, kept.sent, kept.timers) == (
            shell.number, shell.chain, shell.heard, shell.sent, shell.timers
        )  # fmt: skip
        self.shells[address] = self.random.choice((shell, kept))
        if address == VENUE:
            self.session_up = False
            self._lose_wire()
            self.told = deque([wire.SessionDown(Text="starting")])
            self.heard = shell.heard.get(FIX, 0)

    def timers(self) -> None:
        for address, shell in self.shells.items():
            for envelope in shell.due(self.now):
                self.take(address, envelope)

    # ---- the desk

    def ask(self) -> None:
        """A new request of a desk, or an old one again."""
        name = self.random.choice(ACCOUNTS)
        asked = self.asked[name]
        if asked and self.random.random() < 0.1:
            request = self.random.choice(asked)
        else:
            request = self._request(name, f"c{len(asked) + 1}")
            asked.append(request)
        said = from_desk(request, DESK, self.now)
        body = json.dumps(said.model_dump(mode="json", exclude_none=True)).encode()
        address = f"account/{name}"
        self.take(address, Envelope("ingress/0", address, 1, request.MsgType, self.now, "", body))

    def _request(self, name: str, clordid: str) -> DeskRequest:
        names = [r.ClOrdID for r in self.asked[name]]  # type: ignore[union-attr]
        luck = self.random.random()
        terms: dict[str, Any] = {
            "OrderQty": self.random.randint(1, 200),
            "Price": str(dec(self.random.randint(900, 1100)) / 100),
        }
        if not names or luck < 0.5:
            side = self.random.choice(list(Side))
            return order(clordid, name, Side=side, **terms)
        orig = self.random.choice(names[-6:])
        if luck < 0.7:
            return cancel(clordid, orig, name)
        if luck < 0.97:
            account = self.shells[f"account/{name}"].actor.state
            known = account.named(DESK, orig)
            side = known.terms.Side if known else Side.Buy
            return replace(clordid, orig, name, Side=side, **terms)
        return mass_cancel(clordid).model_copy(update={"Account": name})

    # ---- a run

    def run(self, steps: int) -> None:
        """That many steps of anything."""
        for _ in range(steps):
            self.now += self.random.randint(0, DOUBT_AFTER // 4)
            luck = self.random.random()
            links = self.waiting()
            if luck < 0.45 and links:
                self.deliver(self.random.choice(links))
            elif luck < 0.65:
                self.fix()
            elif luck < 0.78:
                self.ask()
            elif luck < 0.90:
                self.exchange.act()
            elif luck < 0.94:
                self.timers()
            elif luck < 0.98:
                self.session(not self.session_up)
            else:
                self.die(self.random.choice(list(self.make)))

    def heal(self) -> None:
        """Everything works again, the exchange closes, and all that is owed is delivered."""
        self.session(True)
        self._settle()
        self.exchange.close()
        self._settle()

    def _settle(self) -> None:
        for _ in range(8):
            while self.fix() or self.waiting():
                for link in self.waiting():
                    self.deliver(link)
            self.now += DOUBT_AFTER
            self.timers()
