"""The kill switch: every kill, who was told, who has heard, and what became of what was open.

A trigger needs one person and a release another one. The borders tell the venue connections of a
kill straight away; this actor tells everybody in scope once more, through its outbox, so that
nobody is left out, whoever was dead: venue connections at once, accounts and books when those have
heard, so that nothing that must start for it takes the machine from where it counts. A certificate
is made of what the actors say and of nothing else: a kill is quiet when everybody told has
journaled it and every order is over or in doubt.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

from pydantic import TypeAdapter

from actors.actor import Actor, Send, Timer, inbox, journaled
from messages import events as ev
from messages.base import SECOND, Instant
from messages.envelope import Address
from messages.kills import (
    EndedKill,
    Kill,
    KillDirectory,
    KilledOrder,
    KilledState,
    KillHeard,
    KillOrders,
    KillReport,
    KillScope,
    KillSequence,
    KillStatus,
    ReleaseKill,
    SpreadKills,
    StandingKill,
)
from messages.operators import FromOperator

KillSwitchMessage = (
    KillDirectory | FromOperator | KillHeard | KillOrders | KillSequence | SpreadKills
)
Effects = Iterator[ev.KillSwitchEvent | Send | Timer]

PATIENCE: Instant = SECOND
"""So long accounts and books wait for the venue connections to hear of a kill first."""


@dataclass(slots=True)
class Record:
    """One kill. ``awaited``: who has not said yet that it is journaled; ``unlisted``: the venues
    that have not said what was open; ``heard`` and ``sequences`` by address; ``orders`` by address
    and OrderID. ``at_venues``: OrderIDs of which a venue connection has named a child.
    """

    kill: StandingKill
    recipients: tuple[str, ...]
    awaited: dict[str, None]
    unlisted: dict[str, None]
    heard: dict[str, KillHeard] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    orders: dict[str, KilledOrder] = field(default_factory=dict)
    open: dict[str, None] = field(default_factory=dict)
    at_venues: dict[str, None] = field(default_factory=dict)
    spread: bool = False
    quiet_at: Instant = 0
    released_by: str = ""
    released_at: Instant = 0
    release_reason: str = ""

    @property
    def quiet(self) -> bool:
        """Whether nothing is left to wait for."""
        return not self.awaited and not self.unlisted and not self.open


@dataclass(slots=True)
class KillSwitchState:
    """Every kill there ever was, by KillID."""

    directory: KillDirectory | None = None
    kills: dict[str, Record] = field(default_factory=dict)

    @property
    def standing(self) -> tuple[StandingKill, ...]:
        """Those that nobody has released, the oldest first."""
        return tuple(r.kill for r in self.kills.values() if not r.released_at)

    def concerned(self, kill: StandingKill) -> tuple[str, ...]:
        """Everybody who may have something to do with the scope, the venues first.

        Also who was told and is no more in the directory: they hear the release as well.
        """
        record = self.kills.get(kill.KillID)
        told = record.recipients if record else ()
        return tuple(dict.fromkeys((*_in_scope(self.directory, kill), *told)))

    def standing_for(self, address: Address) -> tuple[StandingKill, ...]:
        """Those that concern the actor; of others it would hear no release."""
        return tuple(kill for kill in self.standing if address in self.concerned(kill))


class KillSwitch(Actor[KillSwitchMessage, ev.KillSwitchEvent, KillSwitchState]):
    """Addressed ``killswitch/0``."""

    INBOX = inbox(KillSwitchMessage)
    EVENTS = journaled(ev.KillSwitchEvent)
    STATE = TypeAdapter(KillSwitchState)

    def __init__(self, address: Address) -> None:
        super().__init__(address, KillSwitchState())

    def receive(self, message: KillSwitchMessage, now: Instant) -> Effects:
        match message:
            case FromOperator():
                yield from self._said(message, now)
            case KillHeard():
                record = self.state.kills.get(message.KillID)
                if record and message.By not in record.heard:
                    yield ev.KillAcknowledged(Heard=message)
                    if not any(who.startswith("venue/") for who in record.awaited):
                        yield from _spread(record)
                    yield from self._quieted(record, now)
            case KillOrders():
                if record := self.state.kills.get(message.KillID):
                    yield ev.KillOrdersHeard(Said=message)
                    yield from self._quieted(record, now)
            case KillSequence():
                if message.KillID in self.state.kills:
                    yield ev.KillSequenceHeard(Said=message)
            case SpreadKills():
                for record in self.state.kills.values():
                    yield from _spread(record)
            case KillDirectory():
                if message != self.state.directory:
                    yield ev.DirectoryDefined(Directory=message)
            case _:
                assert_never(message)

    def _said(self, said: FromOperator, now: Instant) -> Effects:
        match said.Request:
            case Kill() as wish:
                yield from self._kill(said, wish, now)
            case ReleaseKill() as wish:
                yield from self._release(said.Operator, wish, now)

    def _kill(self, said: FromOperator, wish: Kill, now: Instant) -> Effects:
        kill = wish.standing(said.Operator, said.ReceivedAt)
        if kill.KillID not in self.state.kills:
            recipients = self.state.concerned(kill)
            yield ev.KillOrdered(Kill=kill, Recipients=recipients)
            for recipient in recipients:
                if recipient.startswith("venue/"):
                    yield Send(recipient, kill)
            yield Timer("spread", now + PATIENCE, SpreadKills(), keep=True)
        record = self.state.kills[kill.KillID]
        yield _report(record, said.Operator, status_of(record), now)

    def _release(self, operator: str, wish: ReleaseKill, now: Instant) -> Effects:
        record = self.state.kills.get(wish.KillID)
        if record is None or (fault := _not_releasable(record, operator)):
            text = fault if record else f"{wish.KillID} is no kill; see: oms kill status"
            yield ev.KillRefused(KillID=wish.KillID, Operator=operator, Text=text)
            yield _refused(wish.KillID, operator, text, now)
            return
        if not record.released_at:
            yield ev.KillReleased(KillID=wish.KillID, By=operator, Reason=wish.Reason, At=now)
            ended = EndedKill(KillID=wish.KillID, By=operator, Reason=wish.Reason, At=now)
            for recipient in self.state.concerned(record.kill):
                yield Send(recipient, ended)
            yield _report(record, record.kill.By, KillStatus.Released, now)
        yield _report(record, operator, KillStatus.Released, now)

    def _quieted(self, record: Record, now: Instant) -> Effects:
        if record.quiet and not record.quiet_at:
            yield ev.KillQuieted(KillID=record.kill.KillID, At=now)
            yield _report(record, record.kill.By, KillStatus.Quiet, now)

    def apply(self, event: ev.KillSwitchEvent) -> None:
        state = self.state
        match event:
            case ev.DirectoryDefined():
                state.directory = event.Directory
            case ev.KillOrdered():
                told = event.Recipients
                state.kills[event.Kill.KillID] = Record(
                    event.Kill,
                    told,
                    dict.fromkeys(told),
                    dict.fromkeys(who for who in told if who.startswith("venue/")),
                )
            case ev.KillSpread():
                state.kills[event.KillID].spread = True
            case ev.KillReleased():
                record = state.kills[event.KillID]
                record.released_by, record.released_at = event.By, event.At
                record.release_reason = event.Reason
            case ev.KillAcknowledged(Heard=heard):
                record = state.kills[heard.KillID]
                record.heard[heard.By] = heard
                record.awaited.pop(heard.By, None)
                _orders(record, heard.By, heard.Orders)
            case ev.KillOrdersHeard(Said=said):
                record = state.kills[said.KillID]
                if said.Listed:
                    record.unlisted.pop(said.By, None)
                _orders(record, said.By, said.Orders)
            case ev.KillSequenceHeard(Said=told_by):
                state.kills[told_by.KillID].sequences[told_by.By] = told_by.MsgSeqNum
            case ev.KillQuieted():
                state.kills[event.KillID].quiet_at = event.At
            case ev.KillRefused():
                pass  # recorded for people; it changes nothing


def _in_scope(known: KillDirectory | None, kill: StandingKill) -> tuple[str, ...]:
    if known is None:
        return ()
    venues, symbols, accounts = known.Venues, known.Symbols, tuple(known.Accounts)
    match kill.Scope:
        case KillScope.Venue:
            venues = (kill.Name or "",)
        case KillScope.Instrument:
            symbols = (kill.Name or "",)
        case KillScope.Account:
            accounts = (kill.Name or "",)
        case KillScope.Desk:
            accounts = tuple(a for a, desks in known.Accounts.items() if kill.Name in desks)
        case KillScope.Firm:
            pass
    return (
        *(f"venue/{name}" for name in venues),
        *(f"account/{name}" for name in accounts),
        *(f"book/{name}" for name in symbols),
    )


def _orders(record: Record, by: str, orders: tuple[KilledOrder, ...]) -> None:
    """What a venue says of a child stands for what others say of its order, whoever is first."""
    for order in orders:
        root = order.OrderID
        if by.startswith("venue/"):
            root = order.OrderID.rpartition(".")[0]
            record.at_venues[root] = None
            for other in (f"account/{order.Account} {root}", f"book/{order.Symbol} {root}"):
                record.orders.pop(other, None)
                record.open.pop(other, None)
        elif root in record.at_venues:
            continue
        key = f"{by} {order.OrderID}"
        record.orders[key] = order
        if order.State is KilledState.Open:
            record.open[key] = None
        else:
            record.open.pop(key, None)


def _spread(record: Record) -> Effects:
    """Tell everybody but the venue connections, once; of a released kill nobody need hear."""
    if record.spread or record.released_at:
        return
    yield ev.KillSpread(KillID=record.kill.KillID)
    for recipient in record.recipients:
        if not recipient.startswith("venue/"):
            yield Send(recipient, record.kill)


def _not_releasable(record: Record, operator: str) -> str:
    """Why this person may not release it; "" where they may."""
    if record.released_at and record.released_by != operator:
        return f"{record.kill.KillID} was released by {record.released_by} already"
    if record.kill.By == operator:
        return f"{operator} triggered it: it takes another person to release"
    return ""


def status_of(record: Record) -> KillStatus:
    """How far the kill has come."""
    if record.released_at:
        return KillStatus.Released
    return KillStatus.Quiet if record.quiet_at else KillStatus.Standing


def _report(record: Record, to: str, status: KillStatus, now: Instant) -> Send:
    kill = record.kill
    report = KillReport(
        KillID=kill.KillID,
        KillStatus=status,
        Scope=kill.Scope,
        Name=kill.Name,
        Reason=kill.Reason,
        By=kill.By,
        ReleasedBy=record.released_by or None,
        TransactTime=now,
    )
    return Send(f"desk/{to}", report)


def _refused(kill_id: str, to: str, text: str, now: Instant) -> Send:
    refused = KillReport(KillID=kill_id, KillStatus=KillStatus.Refused, Text=text, TransactTime=now)
    return Send(f"desk/{to}", refused)
