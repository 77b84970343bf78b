"""A rule book that is not in force yet, run over the orders that accounts have journaled.

Each order is judged as its account stood when it came, by what really happened until then: an order
that the new rules would have blocked is there for those after it. Accounts go on together in the
order of time, so limits that they share are judged by what all of them used.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import merge
from pathlib import Path
from typing import NamedTuple

from actors import rules
from actors.account.account import Account
from actors.account.leases import pools_of
from actors.account.state import AccountState, Lease
from infra.replayed import CannotRead, account_journals, entries
from messages import events as ev
from messages.base import Event, Instant, decimal_text, format_time
from messages.entry import Entry
from messages.envelope import Address
from messages.refusals import Refusal
from messages.rulebook import RuleBook
from messages.terms import Terms

BLOCKED, LET_THROUGH, OTHERWISE = "blocked now", "let through now", "refused otherwise"

Judged = ev.OrderAccepted | ev.OrderRefused | ev.ReplaceRequested | ev.CancelRefused
_OLD_RULES = ev.RulesAdopted | ev.LeaseAsked | ev.LeaseTaken
ZERO = Decimal(0)


class Verdict(NamedTuple):
    """One order that the new rules judge in another way. ``rule`` objects now, or objected then."""

    at: Instant
    account: str
    order_id: str
    clordid: str
    desk: str
    terms: Terms
    outcome: str
    rule: str
    why: str

    def as_dict(self) -> dict[str, object]:
        """Under FIX names, for people and programs."""
        return {
            "Time": format_time(self.at),
            "Account": self.account,
            "OrderID": self.order_id,
            "ClOrdID": self.clordid,
            "Desk": self.desk,
            "Terms": _words(self.terms),
            "Outcome": self.outcome,
            "Rule": self.rule,
            "Why": self.why,
        }


@dataclass
class Verdicts:
    """``judged``: how many orders and replaces; ``same``: of them those judged as before."""

    verdicts: list[Verdict] = field(default_factory=list)
    judged: int = 0
    same: int = 0

    def by_rule(self) -> list[tuple[tuple[str, str], int]]:
        """How many for each outcome and rule, the most frequent first."""
        return Counter((one.outcome, one.rule) for one in self.verdicts).most_common()


class _Shadow:
    """An account to which happens what happened, but under other rules."""

    def __init__(self, address: Address, book: RuleBook) -> None:
        self.actor = Account(address)
        part = book.of_account(self.actor.name)
        self.actor.apply(ev.RulesAdopted(Version=1, Rules=part))

    @property
    def state(self) -> AccountState:
        return self.actor.state

    @property
    def gross(self) -> Decimal:
        return self.state.worths.total.gross if self.state.worths else ZERO

    def objection(self, event: Judged, at: Instant) -> Refusal | None:
        """What the rules say to the order of this event, before it happens."""
        state, terms = self.state, event.Terms
        assert terms is not None
        replaces = None
        if isinstance(event, ev.ReplaceRequested | ev.CancelRefused):
            replaces = state.orders[event.OrderID]
        proposal = rules.proposed(
            self.actor.name, state, event.Desk, event.ClOrdID, terms, at, event.Trader, replaces
        )
        found = rules.first_objection(proposal, state)
        return found[1] if found else None

    def happens(self, event: ev.AccountEvent, at: Instant) -> None:
        """The event, with the time where these rules count by it."""
        through = ev.OrderAccepted | ev.ReplaceRequested
        if isinstance(event, through) and self.state.limits_of(event.Desk, event.Trader).timed:
            event = event.model_copy(update={"At": at})
        self.actor.apply(event)


def judge(data: Path, book: RuleBook, since: Instant = 0) -> Verdicts:
    """Every order and replace from ``since`` on.

    Raises:
        CannotRead: no account has a journal, or one is damaged.
    """
    journals = account_journals(data)
    shadows = {address: _Shadow(address, book) for address in journals}
    found = Verdicts()
    timelines = (_timeline(address, path) for address, path in journals.items())
    for at, address, happened in merge(*timelines, key=lambda row: (row[0], row[1])):
        shadow = shadows[address]
        for event in happened:
            if isinstance(event, _OLD_RULES):
                continue
            if at >= since and isinstance(event, Judged) and _judgeable(event, shadow):
                _lend(shadow, shadows)
                _note(found, shadow, event, at)
            shadow.happens(event, at)
    return found


def _timeline(
    address: Address, path: Path
) -> Iterator[tuple[Instant, Address, tuple[ev.AccountEvent, ...]]]:
    for entry in entries(path):
        if entry.events != b"[]":
            yield entry.at, address, _events(path, entry)


def _events(path: Path, entry: Entry) -> tuple[ev.AccountEvent, ...]:
    try:
        read: tuple[Event, ...] = Account.EVENTS.validate_json(entry.events)
    except ValueError as error:
        what = f"{path}: entry {entry.number} cannot be read"
        raise CannotRead(what, "see what else is damaged with: oms doctor") from error
    return tuple(event for event in read if not isinstance(event, ev.MessageParked))  # type: ignore[misc]


def _judgeable(event: Judged, shadow: _Shadow) -> bool:
    """Whether rules decided about it: not what names no order, or comes after the end."""
    if isinstance(event, ev.OrderRefused):
        return event.Refusal.Rule in rules.BY_NAME
    if isinstance(event, ev.CancelRefused):
        known = event.OrderID in shadow.state.orders
        return event.Terms is not None and known and event.Refusal.Rule in rules.BY_NAME
    return True


def _lend(shadow: _Shadow, shadows: dict[Address, _Shadow]) -> None:
    """Of a shared limit there is what the others have not used."""
    for pool in pools_of(shadow.state):
        used = sum(
            (
                other.gross
                for other in shadows.values()
                if other is not shadow
                and any(shared.name == pool.name for shared in pools_of(other.state))
            ),
            ZERO,
        )
        shadow.state.leases[pool.name] = Lease(held=max(ZERO, pool.limit - used))


def _note(found: Verdicts, shadow: _Shadow, event: Judged, at: Instant) -> None:
    found.judged += 1
    then = event.Refusal if isinstance(event, ev.OrderRefused | ev.CancelRefused) else None
    now = shadow.objection(event, at)
    before, after = then.Rule if then else None, now.Rule if now else None
    if before == after:
        found.same += 1
        return
    outcome = OTHERWISE if then and now else BLOCKED if now else LET_THROUGH
    told = now or then
    assert told is not None
    assert event.Terms is not None
    verdict = Verdict(
        at, shadow.actor.name, event.OrderID, event.ClOrdID, event.Desk, event.Terms,
        outcome, told.Rule, told.text(),
    )  # fmt: skip
    found.verdicts.append(verdict)


def _words(terms: Terms) -> str:
    quantity = terms.OrderQty or terms.CashOrderQty or ZERO
    price = "" if terms.Price is None else f" at {decimal_text(terms.Price)}"
    return f"{terms.Side} {decimal_text(quantity)} {terms.Symbol}{price}"
