"""Orders of one owner do not trade with each other (FINRA 5210.02), whatever accounts they are for.

An order that would meet one of its owner's waits here until that one is cancelled or reduced, by
its venue's word: so the two are never in the market together. Only orders that came while the rule
was in force are known, and only those that rest with a price are met.
"""

from decimal import Decimal

from actors.actor import Send
from actors.book.effects import Effects, end
from actors.book.state import BookState, Parent, Waiting
from messages import events as ev
from messages.base import Instant
from messages.fix import ExecRestatementReason, ExecType, Side
from messages.routing import CancelOrder, NewOrder, ReplaceOrder
from messages.rulebook import SelfMatchMode
from messages.terms import STOPS, Terms

WHY = ExecRestatementReason.BrokerOption
ZERO = Decimal(0)


def owner_of(state: BookState, account: str) -> str:
    """Whose money it is."""
    return state.rules.Owners.get(account, account) if state.rules else account


def key(state: BookState, account: str, side: Side) -> str:
    """Under which an order rests: its owner and its side."""
    return f"{owner_of(state, account)} {'Buy' if side is Side.Buy else 'Sell'}"


def crossing(state: BookState, account: str, terms: Terms) -> list[Parent]:
    """The owner's open orders on the other side that this would trade with, the oldest first."""
    if terms.OrdType in STOPS:
        return []  # it waits for its price
    other = Side.Sell if terms.Side is Side.Buy else Side.Buy
    names = state.resting.get(key(state, account, other), ())
    found = (state.parents[name] for name in names)
    return [parent for parent in found if parent.open and _meets(terms, parent)]


def _meets(terms: Terms, parent: Parent) -> bool:
    versions = [parent.terms, *(replace.terms for replace in parent.replaces.values())]
    prices = [t.Price for t in versions if t is not None and t.Price is not None]
    if not prices:
        return False
    if terms.Price is None:
        return True
    return any((terms.Price - price) * terms.Side.sign >= 0 for price in prices)


def cancel_all(state: BookState, order: NewOrder, now: Instant) -> Effects:
    """CancelBoth: the new one is refused, and those that it would have met are cancelled."""
    found = crossing(state, order.Account, order.Terms)
    yield from _ask(order, SelfMatchMode.CancelBoth, found, now)


def hold_back(state: BookState, order: NewOrder, mode: SelfMatchMode, now: Instant) -> Effects:
    """CancelOldest, Decrement: make room, and let the order wait for that; nothing: it need not."""
    found = crossing(state, order.Account, order.Terms)
    if found:
        yield from _ask(order, mode, found, now)


def _ask(order: NewOrder, mode: SelfMatchMode, found: list[Parent], now: Instant) -> Effects:
    left = order.Terms.quantity
    wanted: list[tuple[Parent, Decimal]] = []
    for parent in found:
        leaves = parent.left
        cut = min(leaves, left) if mode is SelfMatchMode.Decrement else leaves
        left -= cut
        if cut > 0:
            wanted.append((parent, leaves if _whole(parent) else cut))
    names = tuple(
        None if parent.work else f"{parent.ChildID} smp {order.OrderID}" for parent, _ in wanted
    )
    yield ev.SelfMatchFound(
        OrderID=order.OrderID,
        Account=order.Account,
        Terms=order.Terms,
        Mode=mode,
        Others=tuple(parent.OrderID for parent, _ in wanted),
        RequestIDs=names,
    )
    for (parent, cut), name in zip(wanted, names, strict=True):
        yield from _reduce(parent, cut, name, order, now)


def _whole(parent: Parent) -> bool:
    """Whether it cannot be reduced: the book works it, or what it will be is under way already."""
    return parent.work is not None or parent.terms is None or bool(parent.replaces)


def _reduce(
    parent: Parent, cut: Decimal, name: str | None, order: NewOrder, now: Instant
) -> Effects:
    text = f"self-match prevention: order {order.OrderID} of the same owner"
    if parent.work:
        if parent.work.ending is None:
            yield from end(parent, ExecType.Canceled, now, restatement=WHY, text=text)
        return
    assert name is not None
    to = f"venue/{parent.Venue}"
    if cut >= parent.left or parent.terms is None or parent.replaces:
        down = CancelOrder(OrderID=parent.ChildID, RequestID=name, Symbol=order.Terms.Symbol)
        yield Send(to, down)
        return
    quantity = (parent.order_qty or ZERO) - cut
    parts = {"MinQty": parent.terms.MinQty, "DisplayQty": parent.terms.DisplayQty}
    less = {part: min(value, quantity) for part, value in parts.items() if value is not None}
    terms = parent.terms.model_copy(update={"OrderQty": quantity, **less})
    yield ev.RequestRouted(OrderID=parent.OrderID, RequestID=name, Terms=terms)
    yield Send(to, ReplaceOrder(OrderID=parent.ChildID, RequestID=name, Terms=terms))


def pending(state: BookState, waiting: Waiting) -> bool:
    """Whether one of those in the way may still trade, and is asked to go."""
    asked = state.own.values()
    for name in waiting.others:
        parent = state.parents[name]
        if not parent.open:
            continue
        if name in asked or (parent.work is not None and parent.work.ending is not None):
            return True
    return False


def left(state: BookState, waiting: Waiting) -> Decimal:
    """What is left of the order once those in the way went, or would not go."""
    quantity = waiting.order.Terms.quantity
    if waiting.mode is not SelfMatchMode.Decrement:
        return quantity
    for name, before in waiting.others.items():
        parent = state.parents[name]
        after = parent.cum_qty if not parent.open else (parent.order_qty or ZERO)
        quantity -= max(ZERO, before - after)
    return quantity
