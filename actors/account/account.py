"""The account: it accepts or refuses orders, reserves money, books fills and reports to desks.

It alone decides what a desk hears. Nothing is promised to the venue that the rules have not let
through, and nothing is booked but what a venue has said, once per (venue, ExecID).
"""

from collections.abc import Iterator
from typing import assert_never

from pydantic import TypeAdapter

from actors.account import (
    approvals,
    booking,
    changes,
    contingency,
    evolve,
    intake,
    killed,
    leases,
    mass_cancel,
    parked,
)
from actors.account.state import AccountState
from actors.actor import Actor, Send, Timer, inbox, journaled
from messages.approvals import ExpireApprovals
from messages.base import Instant
from messages.envelope import Address
from messages.events import AccountDefined, AccountEvent, InstrumentDefined, RulesAdopted
from messages.kills import EndedKill, StandingKill
from messages.lists import DeskDisconnected
from messages.operators import FromOperator
from messages.orders import FromDesk
from messages.reference import AccountDefinition, InstrumentDefinition
from messages.routing import Execution, RequestRejected, VenueOrder
from messages.rulebook import LeaseGranted, LeaseRecalled, RulesIssued

AccountMessage = (
    AccountDefinition
    | InstrumentDefinition
    | FromDesk
    | Execution
    | RequestRejected
    | VenueOrder
    | DeskDisconnected
    | RulesIssued
    | LeaseGranted
    | LeaseRecalled
    | StandingKill
    | EndedKill
    | FromOperator
    | ExpireApprovals
)


class Account(Actor[AccountMessage, AccountEvent, AccountState]):
    """One account, addressed ``account/<Account>``."""

    INBOX = inbox(AccountMessage)
    EVENTS = journaled(AccountEvent)
    STATE = TypeAdapter(AccountState)

    def __init__(self, address: Address) -> None:
        super().__init__(address, AccountState())

    def receive(
        self, message: AccountMessage, now: Instant
    ) -> Iterator[AccountEvent | Send | Timer]:
        yield from self._receive(message, now)
        if self.state.settled:
            yield from killed.tell(self.name, self.state, now)

    def _receive(
        self, message: AccountMessage, now: Instant
    ) -> Iterator[AccountEvent | Send | Timer]:
        match message:
            case FromDesk():
                effects = intake.take(self.name, self.state, message, now)
                if self.state.pools:
                    effects = leases.follow(self.name, self.state, effects, now)
                yield from effects
            case Execution():
                yield from booking.execution(self.name, self.state, message, now)
                yield from contingency.follow(self.name, self.state, message.OrderID, now)
            case RequestRejected():
                yield from changes.request_rejected(self.name, self.state, message, now)
                yield from contingency.follow(self.name, self.state, message.OrderID, now)
            case DeskDisconnected():
                yield from mass_cancel.disconnected(self.name, self.state, message, now)
            case FromOperator():
                yield from approvals.decide(self.name, self.state, message, now)
            case ExpireApprovals():
                yield from approvals.expire(self.name, self.state, now)
            case StandingKill() | EndedKill():
                yield from killed.heard(self.name, self.state, message, now)
            case VenueOrder():
                yield from booking.adopt(self.state, message, now)
            case AccountDefinition():
                if message != self.state.definition:
                    yield AccountDefined(Definition=message)
            case InstrumentDefinition():
                if message != self.state.instruments.get(message.Symbol):
                    yield InstrumentDefined(Definition=message)
            case RulesIssued() | LeaseGranted() | LeaseRecalled():
                yield from self._rules(message, now)
            case _:
                assert_never(message)

    def _rules(
        self, message: RulesIssued | LeaseGranted | LeaseRecalled, now: Instant
    ) -> Iterator[AccountEvent | Send | Timer]:
        match message:
            case RulesIssued():
                if message.Version > (self.state.version or 0):
                    yield RulesAdopted(Version=message.Version, Rules=message.Rules)
                    yield from leases.adopt(self.name, self.state, now)
            case LeaseGranted():
                yield from leases.granted(self.state, message, now)
            case LeaseRecalled():
                yield from leases.recalled(self.name, self.state, message, now)

    def parked(
        self, sender: Address, body: bytes, now: Instant
    ) -> Iterator[AccountEvent | Send | Timer]:
        if sender.startswith("ingress/") and (label := parked.label_of(body)):
            yield from parked.answer(self.name, self.state, label, now)

    def apply(self, event: AccountEvent) -> None:
        evolve.apply(self.state, event)
