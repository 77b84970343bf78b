"""Books to which happens what happened, but under other rules.

What a book knew of the market then is what it has journaled: quotes only while it followed a venue.
"""

from collections.abc import Iterable

from actors.book import checks, self_match
from actors.book.book import Book
from actors.book.evolve_rules import WAITS
from actors.book.state import BookState
from infra.backtest.verdicts import Word
from messages import events as ev
from messages.base import Instant
from messages.envelope import Address
from messages.refusals import Refusal
from messages.routing import NewOrder
from messages.rulebook import RuleBook
from messages.terms import Terms

Arrived = ev.OrderRouted | ev.OrderPlanned | ev.OrderUnroutable | ev.SelfMatchFound
"""By one of these a book first says what it does with an order."""

_OLD_RULES = ev.RulesAdopted | ev.SelfMatchFound | ev.SelfMatchSettled
NAMES = frozenset(check.name for check in checks.CHECKS)


class BookShadow:
    """One book. ``unjudged``: rules that could not say, since what they need is not journaled."""

    def __init__(self, address: Address, book: RuleBook) -> None:
        self.actor = Book(address)
        self.actor.apply(ev.RulesAdopted(Version=1, Rules=book.of_symbol(self.actor.name)))
        self.seen: set[str] = set()
        self.unjudged: list[str] = []

    @property
    def state(self) -> BookState:
        """What it knows."""
        return self.actor.state

    def arrives(self, event: Arrived) -> bool:
        """Whether the order is new to the book, and not one that no venue takes anyway."""
        if event.OrderID in self.seen:
            return False
        self.seen.add(event.OrderID)
        return not isinstance(event, ev.OrderUnroutable) or event.Refusal is not None

    def word(self, order: NewOrder, at: Instant) -> Word | None:
        """What the rules say to a new order."""
        state = self.state
        for check in checks.CHECKS:
            found = check.check(state, order, at)
            if found and not self._unknown(check.name, checks.refused(check.name, found, state)):
                return Word(checks.refused(check.name, found, state))
        mode = state.rules.SelfMatch if state.rules else None
        met = self_match.crossing(state, order.Account, order.Terms) if mode in WAITS else []
        if not met:
            return None
        found = checks.crossed(order.Terms, met[0].OrderID)
        return Word(checks.refused("self_match", found, state), waits=True)

    def word_to_replace(self, order_id: str, terms: Terms, at: Instant) -> Word | None:
        """What they say to new terms of an order that is here."""
        parent = self.state.parents.get(order_id)
        if parent is None or parent.ended:
            return None
        found = checks.of_replace(self.state, parent.Account, terms, at)
        return Word(found) if found and not self._unknown(found.Rule, found) else None

    def _unknown(self, rule: str, said: Refusal) -> bool:
        """Whether the rule objects only because nobody had asked for quotes then."""
        if rule != "short_sale_price" or said.Inputs:
            return False
        self.unjudged.append(rule)
        return True

    def happens(self, event: ev.BookEvent) -> None:
        """The event, unless the rules of then made it."""
        if not isinstance(event, _OLD_RULES):
            self.actor.apply(event)


def word_then(order_id: str, happened: Iterable[ev.BookEvent]) -> Word | None:
    """What the book's rules of then said, by what it did at once."""
    word = None
    for event in happened:
        if isinstance(event, ev.OrderUnroutable) and event.OrderID == order_id:
            return Word(event.Refusal) if event.Refusal else None
        if isinstance(event, ev.SelfMatchFound) and event.OrderID == order_id:
            word = Word(_held_back(event), waits=True)
    return word


def _held_back(event: ev.SelfMatchFound) -> Refusal:
    others = ", ".join(event.Others)
    field, given, allowed, remedy, inputs = checks.crossed(event.Terms, others)
    return Refusal(
        Rule="self_match", Field=field, Given=given, Allowed=allowed, Remedy=remedy, Inputs=inputs
    )
