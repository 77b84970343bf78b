"""A rule book that is not in force yet, run over the orders that accounts and books have journaled.

Each order is judged as its account and its book stood when it came, by what really happened until
then: an order that the new rules would have blocked is there for those after it. All go on together
in the order of time, so limits that accounts share are judged by what all of them used.
"""

from collections.abc import Iterable, Iterator
from heapq import merge
from pathlib import Path
from typing import Any

from actors.account.account import Account
from actors.actor import Actor
from actors.book.book import Book
from infra.backtest import accounts, books
from infra.backtest.accounts import AccountShadow, Judged, Sharing
from infra.backtest.books import Arrived, BookShadow
from infra.backtest.verdicts import Case, Verdicts, Word
from infra.replayed import CannotRead, account_journals, entries, journals
from messages import events as ev
from messages.base import Event, Instant
from messages.entry import Entry
from messages.envelope import Address
from messages.routing import NewOrder
from messages.rulebook import RuleBook

Happened = tuple[Instant, Address, tuple[Any, ...]]
Judgement = tuple[Judged, Case, Word | None, Word | None]
"""What was asked for, and what the rules said to it then, and say now."""


def judge(data: Path, book: RuleBook, since: Instant = 0) -> Verdicts:
    """Every order and replace from ``since`` on.

    Raises:
        CannotRead: no account has a journal, or one is damaged.
    """
    found = account_journals(data) | journals(data, "book")
    return judge_tapes({name: _events_of(name, path) for name, path in found.items()}, book, since)


def judge_tapes(
    tapes: dict[Address, Iterable[Happened]], book: RuleBook, since: Instant
) -> Verdicts:
    """The same of what happened to each account and book, in the order of time."""
    trial = _Trial(tapes, book, since)
    for at, address, happened in merge(*tapes.values(), key=lambda row: (row[0], row[1])):
        if address.startswith("account/"):
            trial.of_account(address, happened, at)
        else:
            trial.of_book(address, happened, at)
    return trial.end()


class _Trial:
    """Everybody's shadow, and what was found so far."""

    def __init__(self, addresses: Iterable[Address], book: RuleBook, since: Instant) -> None:
        self._since = since
        self._found = Verdicts()
        self._accounts = {
            name: AccountShadow(name, book) for name in addresses if name.startswith("account/")
        }
        self._books = {
            name: BookShadow(name, book) for name in addresses if name.startswith("book/")
        }
        self._sharing = Sharing(self._accounts)
        self._of: dict[str, AccountShadow] = {}
        self._blocked: set[str] = set()
        self._asked: dict[tuple[str, str], Case] = {}
        """Replaces that went on to a book, which has not said yet what it does with them."""

    def of_account(
        self, address: Address, happened: tuple[ev.AccountEvent, ...], at: Instant
    ) -> None:
        shadow = self._accounts[address]
        judged: list[Judgement] = []
        for event in happened:
            if isinstance(event, Judged):
                judged += self._asked_for(shadow, event, happened, at)
                continue
            if isinstance(event, ev.CancelRejected):
                self._answered(event, at)
            shadow.happens(event, at)
        for one in _lists_as_a_whole(judged):
            self._conclude(*one)

    def _asked_for(
        self,
        shadow: AccountShadow,
        event: Judged,
        happened: tuple[ev.AccountEvent, ...],
        at: Instant,
    ) -> Iterator[Judgement]:
        """Somebody asks for something: it is judged, and happens all the same."""
        if isinstance(event, ev.OrderAccepted):
            self._of[event.OrderID] = shadow
        self._sharing.lend(shadow, at)
        if at >= self._since and shadow.judges(event):
            then, now = accounts.word_then(event, happened), shadow.word(event, at)
            if accounts.by_its_desk(event, happened) and (now is None or now.waits):
                now = then
            yield event, shadow.case(event, at), then, now
        shadow.happens(event, at)
        self._sharing.settle(shadow)

    def _conclude(self, event: Judged, case: Case, then: Word | None, now: Word | None) -> None:
        self._found.judged += 1
        self._found.note(case, then, now)
        refused = now is not None and not now.waits
        if refused and isinstance(event, ev.OrderAccepted):
            self._blocked.add(event.OrderID)
        if isinstance(event, ev.ReplaceRequested) and not refused:
            self._asked[event.OrderID, event.ClOrdID] = case

    def _answered(self, event: ev.CancelRejected, at: Instant) -> None:
        """A replace came back that its book did not take up: perhaps by a rule."""
        case = self._asked.pop((event.OrderID, event.ClOrdID), None)
        book = self._books.get(f"book/{case.terms.Symbol}") if case else None
        if case and book and event.Refusal and event.Refusal.Rule in books.NAMES:
            now = book.word_to_replace(event.OrderID, case.terms, at)
            self._found.note(case, Word(event.Refusal), now)

    def of_book(self, address: Address, happened: tuple[ev.BookEvent, ...], at: Instant) -> None:
        shadow = self._books[address]
        for event in happened:
            if isinstance(event, Arrived) and shadow.arrives(event):
                self._arrived(shadow, event.OrderID, happened, at)
            if isinstance(event, ev.RequestRouted | ev.PlanReplaced):
                case = self._asked.pop((event.OrderID, event.RequestID), None)
                if case is not None:
                    word = shadow.word_to_replace(event.OrderID, case.terms, at)
                    self._found.note(case, None, word)
            shadow.happens(event)

    def _arrived(
        self, shadow: BookShadow, order_id: str, happened: tuple[ev.BookEvent, ...], at: Instant
    ) -> None:
        owner = self._of.get(order_id)
        if owner is None or order_id in self._blocked or at < self._since:
            return
        order, account = owner.state.orders[order_id], owner.actor.name
        new = NewOrder(OrderID=order_id, Account=account, Terms=order.terms, Desk=order.Desk)
        case = Case(at, account, order_id, order.ClOrdID, order.Desk, order.terms)
        self._found.note(case, books.word_then(order_id, happened), shadow.word(new, at))

    def end(self) -> Verdicts:
        """What was found, in the order of time."""
        for shadow in self._books.values():
            self._found.unjudged.update(shadow.unjudged)
        self._found.verdicts.sort(key=lambda one: one.case.at)
        return self._found


def _lists_as_a_whole(judged: list[Judgement]) -> Iterator[Judgement]:
    """An objection to one order of a list is one to all of them."""
    objections: dict[str, Word] = {}
    for event, _, _, now in judged:
        if isinstance(event, InList) and event.ListID and now and not now.waits:
            objections.setdefault(event.ListID, now)
    for event, case, then, now in judged:
        named = event.ListID if isinstance(event, InList) else None
        yield event, case, then, objections.get(named, now) if named else now


InList = ev.OrderAccepted | ev.OrderRefused


def events(address: Address, entry: Entry) -> Happened:
    """What happened to an account or a book by one entry.

    Raises:
        ValueError: it cannot be read.
    """
    kind: type[Actor[Any, Any, Any]] = Account if address.startswith("account/") else Book
    read: tuple[Event, ...] = kind.EVENTS.validate_json(entry.events)
    return entry.at, address, tuple(e for e in read if not isinstance(e, ev.MessageParked))


def _events_of(address: Address, path: Path) -> Iterator[Happened]:
    for entry in entries(path):
        if entry.events == b"[]":
            continue
        try:
            yield events(address, entry)
        except ValueError as error:
            what = f"{path}: entry {entry.number} cannot be read"
            raise CannotRead(what, "see what else is damaged with: oms doctor") from error
