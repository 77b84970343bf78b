"""What the rule book does to a book's state: the version, and which orders rest for whom."""

from decimal import Decimal

from actors.book import self_match
from actors.book.state import BookState, Parent, Waiting
from messages import events as ev
from messages.routing import NewOrder
from messages.rulebook import SelfMatchMode
from messages.terms import Terms

WAITS = frozenset((SelfMatchMode.CancelOldest, SelfMatchMode.Decrement))


def apply(
    state: BookState, event: ev.RulesAdopted | ev.SelfMatchFound | ev.SelfMatchSettled
) -> None:
    """Make ``event`` true of ``state``."""
    match event:
        case ev.RulesAdopted():
            state.rules, state.version = event.Rules, event.Version
            _owners(state)
        case ev.SelfMatchFound():
            for name, request_id in zip(event.Others, event.RequestIDs, strict=True):
                if request_id is not None:
                    state.own[request_id] = name
            if event.Mode in WAITS:
                order = NewOrder(OrderID=event.OrderID, Account=event.Account, Terms=event.Terms)
                others = {
                    name: state.parents[name].order_qty or Decimal(0) for name in event.Others
                }
                state.waiting[event.OrderID] = Waiting(order, event.Mode, others)
        case ev.SelfMatchSettled():
            state.waiting.pop(event.OrderID, None)
            if event.OrderQty is not None:
                state.declined[event.OrderID] = None


def _owners(state: BookState) -> None:
    """Who owns what may have changed."""
    state.resting.clear()
    for name in state.open:
        parent = state.parents[name]
        if parent.terms is not None:
            rest(state, parent, parent.terms)


def rest(state: BookState, parent: Parent, terms: Terms) -> None:
    """The order is open: others of its owner may not meet it."""
    parent.terms = terms
    name = self_match.key(state, parent.Account, terms.Side)
    state.resting.setdefault(name, {})[parent.OrderID] = None


def rest_no_more(state: BookState, parent: Parent) -> None:
    """Nothing of it can trade any more."""
    assert parent.terms is not None
    name = self_match.key(state, parent.Account, parent.terms.Side)
    state.resting.get(name, {}).pop(parent.OrderID, None)
