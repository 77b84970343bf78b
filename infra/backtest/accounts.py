"""Accounts to which happens what happened, but under other rules."""

from collections.abc import Iterable
from decimal import Decimal

from actors import rules
from actors.account.account import Account
from actors.account.changes import unapproved
from actors.account.state import AccountState, Lease
from actors.pools import RATE, SHARED
from infra.backtest.verdicts import Case, Word
from messages import events as ev
from messages.base import Instant
from messages.envelope import Address
from messages.people import Role
from messages.refusals import Refusal
from messages.rulebook import RuleBook

Judged = ev.OrderAccepted | ev.OrderRefused | ev.ReplaceRequested | ev.CancelRefused
_OLD_RULES = ev.RulesAdopted | ev.LeaseAsked | ev.LeaseTaken
ZERO = Decimal(0)


class AccountShadow:
    """One account."""

    def __init__(self, address: Address, book: RuleBook) -> None:
        self.actor = Account(address)
        part = book.of_account(self.actor.name)
        self.actor.apply(ev.RulesAdopted(Version=1, Rules=part))

    @property
    def state(self) -> AccountState:
        """What it knows."""
        return self.actor.state

    def judges(self, event: Judged) -> bool:
        """Whether rules decided about it: not what names no order, or comes after the end."""
        if isinstance(event, ev.OrderRefused):
            return event.Refusal.Rule in rules.BY_NAME
        if isinstance(event, ev.CancelRefused):
            known = event.OrderID in self.state.orders
            return event.Terms is not None and known and event.Refusal.Rule in rules.BY_NAME
        return True

    def case(self, event: Judged, at: Instant) -> Case:
        """What was asked for."""
        assert event.Terms is not None
        return Case(at, self.actor.name, event.OrderID, event.ClOrdID, event.Desk, event.Terms)

    def word(self, event: Judged, at: Instant) -> Word | None:
        """What the rules say to the order or replace of this event, before it happens."""
        state, terms = self.state, event.Terms
        assert terms is not None
        order = None
        if isinstance(event, ev.ReplaceRequested | ev.CancelRefused):
            order = state.orders[event.OrderID]
        proposal = rules.proposed(
            self.actor.name, state, event.Desk, event.ClOrdID, terms, at, event.Trader, order
        )
        if objection := rules.first_objection(proposal, state):
            return Word(objection[1])
        if order is not None:
            asked = unapproved(proposal, state, order)
        else:
            asked = rules.asks_approval(proposal, state)
        alone = isinstance(event, ev.OrderAccepted | ev.OrderRefused) and event.ListID is None
        return Word(asked, waits=alone) if asked else None

    def happens(self, event: ev.AccountEvent, at: Instant) -> None:
        """The event, with the time where these rules count by it."""
        if isinstance(event, _OLD_RULES):
            return
        through = ev.OrderAccepted | ev.ReplaceRequested
        if isinstance(event, through) and self.state.limits_of(event.Desk, event.Trader).timed:
            event = event.model_copy(update={"At": at})
        self.actor.apply(event)


def word_then(event: Judged, happened: Iterable[ev.AccountEvent]) -> Word | None:
    """What the rules of then said; ``happened``: all that the order led to at once."""
    if isinstance(event, ev.OrderRefused | ev.CancelRefused):
        return Word(event.Refusal)
    if isinstance(event, ev.ReplaceRequested):
        return None
    for staged in happened:
        if isinstance(staged, ev.OrderStaged) and staged.OrderID == event.OrderID:
            return Word(staged.Asked or _staged(staged), waits=True)
    return None


def by_its_desk(event: Judged, happened: Iterable[ev.AccountEvent]) -> bool:
    """Whether the desk staged it: it waits whatever the rules ask."""
    staged = (one for one in happened if isinstance(one, ev.OrderStaged))
    return any(one.OrderID == event.OrderID and Role.Trader in one.Steps for one in staged)


def _staged(event: ev.OrderStaged) -> Refusal:
    """For whom the journal names no rule."""
    return Refusal(
        Rule="approval", Field="OrderID", Given=event.OrderID, Allowed=event.Text,
        Remedy="have it approved",
    )  # fmt: skip


class Sharing:
    """What accounts share, as if each were lent all that the others do not use."""

    def __init__(self, shadows: dict[Address, AccountShadow]) -> None:
        self._shadows = shadows
        self._full: dict[str, Instant] = {}

    def lend(self, shadow: AccountShadow, at: Instant) -> None:
        """Before something happens to this account."""
        state = shadow.state
        for pool in state.pools:
            if pool.kind == RATE:  # one bucket for all of them
                state.leases[pool.name] = Lease(held=pool.limit)
                state.buckets[pool.name] = self._full.get(pool.name, 0)
                continue
            used = SHARED[pool.kind].used
            others = sum(
                (
                    used(other.state, pool.name, at)
                    for other in self._shadows.values()
                    if other is not shadow
                    and any(shared.name == pool.name for shared in other.state.pools)
                ),
                ZERO,
            )
            state.leases[pool.name] = Lease(held=max(ZERO, pool.limit - others))

    def settle(self, shadow: AccountShadow) -> None:
        """After it happened."""
        for pool in shadow.state.pools:
            if pool.kind == RATE:
                self._full[pool.name] = shadow.state.buckets.get(pool.name, 0)
