"""Cancels and replaces by the account of orders that the book works itself.

Where nothing works at the venue, the book answers at once. Where a child does, the venue is asked,
and its answer is the answer.
"""

from collections.abc import Iterable
from decimal import Decimal

from actors.book import cash, routing, watching
from actors.book.effects import Effects, end, refusal, told
from actors.book.order_types import AS_IS
from actors.book.state import BookState, Child, Parent, Replace, Work
from actors.book.working import advance, expire_later, hold, price_of, replace_child
from messages import events as ev
from messages.base import Instant
from messages.fix import CxlRejReason, ExecType, OrdType
from messages.plans import Plan
from messages.routing import CancelOrder, ReplaceOrder
from messages.terms import UNLIMITED, Terms


def cancel(parent: Parent, request: CancelOrder, now: Instant) -> Effects:
    """Nothing more of it is to trade."""
    if not parent.open and not _unsettled(parent):
        text = "the order was filled"
        reason = CxlRejReason.TooLateToCancel
        yield refusal(parent, request.Symbol, request.RequestID, reason, text)
        return
    yield from end(parent, ExecType.Canceled, now, request_id=request.RequestID)


def _unsettled(parent: Parent) -> bool:
    return parent.work is not None and parent.work.busy is not None


def replace(state: BookState, parent: Parent, request: ReplaceOrder, now: Instant) -> Effects:
    """New terms: a new total, a new price, or another way to work what is left."""
    work = parent.work
    assert work is not None
    terms = request.Terms
    plan = routing.plan_at(state, parent.Venue, terms, now)
    quantity = terms.OrderQty if isinstance(plan, Plan) else None
    if isinstance(plan, Plan) and quantity is None:
        quantity = _units(state, parent, work, terms, now)
    why = _objection(parent, work, plan, quantity)
    if why is not None or not isinstance(plan, Plan) or quantity is None:
        late = work.ending is not None or not parent.open
        reason = CxlRejReason.TooLateToCancel if late else CxlRejReason.BrokerOption
        yield refusal(parent, terms.Symbol, request.RequestID, reason, why)
        return
    new = Replace(terms, plan, quantity)
    child = work.busy
    if child is None:
        yield from take(state, parent, [(request.RequestID, new)], now)
        return
    wanted, price = _wanted(state, parent, work, child, terms, plan, quantity, now)
    if wanted > 0 and not _changes(work, child, terms, plan, wanted, price):
        yield from take(state, parent, [(request.RequestID, new)], now)
        return
    yield ev.RequestRouted(
        OrderID=parent.OrderID,
        RequestID=request.RequestID,
        Terms=terms,
        Plan=plan,
        OrderQty=quantity,
    )
    if wanted > 0:
        name = request.RequestID
        yield from replace_child(parent, work, child, name, wanted, price, terms, plan)
    else:  # a total at or below CumQty: stop (FIX C.3)
        yield from end(parent, ExecType.Replaced, now, request_id=request.RequestID)


PASSED = (
    "OrdType",
    "StopPx",
    "MinQty",
    "ExpireDate",
    "ExpireTime",
    "PegOffsetValue",
    "PegOffsetType",
)
"""Terms that a venue which knows the type is told as they are."""


def take(
    state: BookState, parent: Parent, news: Iterable[tuple[str, Replace]], now: Instant
) -> Effects:
    """The book takes replaces by itself, and goes on with the last one's terms."""
    work = parent.work
    assert work is not None
    for request_id, new in news:
        yield from hold(parent, work, now)
        plan = new.plan or work.plan
        yield ev.PlanReplaced(
            OrderID=parent.OrderID,
            RequestID=request_id,
            Terms=new.terms,
            Plan=plan,
            OrderQty=new.order_qty,
        )
        by_cash = None if new.terms.OrderQty is not None else new.order_qty
        word = f"replaced.{request_id}"
        yield told(
            parent, work, ExecType.Replaced, word, now, request_id=request_id, order_qty=by_cash
        )
        yield from expire_later(state, plan)
    yield from advance(state, parent, now)
    yield from watching.follow(state, work.terms.Symbol, parent)


def _objection(
    parent: Parent, work: Work, plan: Plan | routing.Lack, quantity: Decimal | None
) -> str | None:
    if isinstance(plan, routing.Lack):
        return plan.text()
    if work.ending is not None:
        return "the order is being cancelled"
    if quantity is None:
        return "CashOrderQty: no fresh price says how many units that is; send OrderQty"
    if not parent.open and not _unsettled(parent) and quantity <= parent.cum_qty:
        return "the order was filled"
    if work.children and plan.Kind != work.plan.Kind:
        return (
            f"OrdType: a {_type(work.plan, work.terms)} order that works at {parent.Venue} cannot "
            f"become another; cancel it and send a new one"
        )
    return None


def _type(plan: Plan, terms: Terms) -> str:
    return terms.OrdType.value if plan.Kind == AS_IS else plan.Kind


def _units(
    state: BookState, parent: Parent, work: Work, terms: Terms, now: Instant
) -> Decimal | None:
    """How many units the money of the new terms is; as before where the money is."""
    if terms.CashOrderQty == work.terms.CashOrderQty and parent.order_qty is not None:
        return parent.order_qty
    px = cash.price(state, parent.Venue, terms.Side, now)
    return (cash.units(state, terms, px) or None) if px is not None else None


def _wanted(
    state: BookState,
    parent: Parent,
    work: Work,
    child: Child,
    terms: Terms,
    plan: Plan,
    quantity: Decimal,
    now: Instant,
) -> tuple[Decimal, Decimal | None]:
    """Total and price that the child is to have: what is left of the new total, or its slice."""
    left = quantity - parent.cum_qty - (work.leaves - child.leaves)
    leg = work.leg(child.leg)
    kind = leg.OrdType or terms.OrdType
    if plan.Slice is not None and kind is OrdType.Limit and child.leaves:
        left = min(left, child.leaves)
    price = child.price
    if leg.price is not None:
        new = Work(terms, plan, last_px=work.last_px)
        price = price_of(state, parent, new, leg, now)
        if price is None and kind not in UNLIMITED:
            price = child.price
        if leg.moves and terms.Price is not None and price is not None:
            capped = min if terms.Side.sign > 0 else max
            price = capped(price, terms.Price)
    return child.cum_qty + left, price


def _changes(
    work: Work,
    child: Child,
    terms: Terms,
    plan: Plan,
    wanted: Decimal,
    price: Decimal | None,
) -> bool:
    """Whether the venue has to know of it."""
    if child.asked or (wanted, price) != (child.qty, child.price):
        return True
    at_venue = ("TimeInForce", "ExecInst", "DisplayQty")
    if any(getattr(plan, name) != getattr(work.plan, name) for name in at_venue):
        return True
    return plan.Kind == AS_IS and any(getattr(terms, n) != getattr(work.terms, n) for n in PASSED)
