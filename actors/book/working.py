"""How an order that the book works goes on: held, triggered, sent, re-priced, sent again.

``advance`` is the only thing that sends children: one, while no other may still trade or has a
request under way, and for no more than the parent has left; so nothing is overfilled.
"""

from decimal import Decimal

from actors.actor import Send, Timer
from actors.book import cash, killed, watching
from actors.book.effects import Effects, cancel_child, end, own_request, told
from actors.book.order_types import AS_IS, Leg, Market
from actors.book.state import ZERO, BookState, Child, Parent, Work
from messages import events as ev
from messages.base import Instant, decimal_text
from messages.fix import ExecInst, ExecRestatementReason, ExecType, OrdType, Side, TimeInForce
from messages.market import Quote
from messages.plans import ExpireOrders, Plan
from messages.routing import NewOrder, ReplaceOrder
from messages.terms import Terms


def begin(state: BookState, order: NewOrder, venue: str, plan: Plan, now: Instant) -> Effects:
    """A new order that the book works."""
    yield ev.OrderPlanned(
        OrderID=order.OrderID,
        Account=order.Account,
        Venue=venue,
        Terms=order.Terms,
        Plan=plan,
        Desk=order.Desk,
    )
    parent = state.parents[order.OrderID]
    yield from expire_later(state, plan)
    yield from advance(state, parent, now)
    if parent.work and parent.order_qty is None:
        yield cash.wait(parent, now)
    yield from watching.follow(state, order.Terms.Symbol, parent)


def advance(state: BookState, parent: Parent, now: Instant) -> Effects:
    """Take the next steps that can be taken now."""
    work = parent.work
    if work is None or work.ending or work.paused:
        return
    if state.kills and (kill := killed.stops(state, work.terms.Symbol, parent)):
        if parent.open:  # under way when it was heard, or since then a fill was taken back
            yield from end(
                parent,
                ExecType.Canceled,
                now,
                restatement=ExecRestatementReason.BrokerOption,
                text=f"canceled by {kill.text()}",
            )
        return
    if parent.order_qty is None:
        yield from cash.measure(state, parent, work, now)
        if parent.work is None or parent.order_qty is None:
            return
    if child := work.busy:
        if parent.left or not child.leaves:
            yield from _reprice(state, parent, work, child, now)
        elif None not in child.asked.values():
            # The venue works more than the order is any more: what it declined was asked for again.
            yield from cancel_child(parent, work, child, own_request(work, child.ChildID))
        return
    if not parent.left:
        return
    held = work.type.quoted or work.plan.AtOpen
    if held:
        yield from hold(parent, work, now)
    if work.plan.AtOpen and not work.opened:
        return
    if work.type.watch and not work.triggered:
        yield from _watch(state, parent, work, now)
        if not work.triggered:
            return
    if (held or work.children) and not watching.trading(state, parent.Venue):
        return
    yield from _send(state, parent, work, now)


def hold(parent: Parent, work: Work, now: Instant) -> Effects:
    """The account hears New, unless it has: the book works the order, whatever the venue says."""
    if not work.acknowledged:
        yield ev.WaitBegan(OrderID=parent.OrderID)
        yield told(parent, work, ExecType.New, "held", now, order_qty=measured(parent, work))


def measured(parent: Parent, work: Work) -> Decimal | None:
    """OrderQty, where the account does not know it."""
    return parent.order_qty if work.terms.OrderQty is None else None


def expire_later(state: BookState, plan: Plan) -> Effects:
    """Wake the book at the earliest date that any of its orders is good till."""
    if plan.ExpiresAt is None:
        return
    dates = [p.work.plan.ExpiresAt for p in state.working() if p.work]
    yield Timer("expiry", min(at for at in (*dates, plan.ExpiresAt) if at), ExpireOrders())


def expire(state: BookState, now: Instant) -> Effects:
    """Orders that are past their date."""
    later: list[Instant] = []
    for parent in state.working():
        at = parent.work.plan.ExpiresAt if parent.work else None
        if at is not None and at > now:
            later.append(at)
        elif at is not None:
            yield from expire_one(parent, now)
    if later:
        yield Timer("expiry", min(later), ExpireOrders())


def expire_one(parent: Parent, now: Instant) -> Effects:
    """The order is past its date; where its venue knows the date, the venue says so itself."""
    work = parent.work
    if work is None or work.ending or not parent.open:
        return
    if work.busy and work.plan.TimeInForce is TimeInForce.GoodTillDate:
        return
    yield from end(parent, ExecType.Expired, now, text="past its ExpireDate or ExpireTime")


def halted(state: BookState, venue: str, now: Instant) -> Effects:
    """Orders that are not to outlive a halt; what works at the venue it cancels if it can."""
    for parent in state.working(venue):
        work = parent.work
        if work is None or not work.plan.CancelOnHalt or work.ending or not parent.open:
            continue
        if work.busy and ExecInst.CancelOnTradingHalt in (work.plan.ExecInst or ()):
            continue
        yield from end(
            parent,
            ExecType.Canceled,
            now,
            restatement=ExecRestatementReason.CancelOnTradingHalt,
            text=f"{venue} has halted trading",
        )


def _watch(state: BookState, parent: Parent, work: Work, now: Instant) -> Effects:
    """Whether the market has reached the stop price."""
    quote = watching.fresh(state, parent.Venue, now)
    px = watching.trigger_px(quote, work.terms.Side) if quote else None
    watch = work.type.watch
    if px is None or watch is None:
        return
    level = watch.level(work.terms, px, work.stop_px, tick(state))
    if level not in (work.stop_px, work.terms.StopPx):
        yield ev.TrailMoved(OrderID=parent.OrderID, StopPx=level)
    if (px >= level) if watch.rising(work.terms.Side) else (px <= level):
        yield ev.OrderTriggered(OrderID=parent.OrderID, Price=px, StopPx=level)
        text = f"{decimal_text(px)} at {parent.Venue} reached {decimal_text(level)}"
        yield told(parent, work, ExecType.Triggered, "triggered", now, text=text)


def tick(state: BookState) -> Decimal:
    """The price step of the instrument."""
    assert state.definition is not None
    return state.definition.TickSize


def price_of(
    state: BookState, parent: Parent, work: Work, leg: Leg, now: Instant
) -> Decimal | None:
    """The price of a child of that leg as the market is now."""
    if leg.price is None:
        return None
    quote = watching.fresh(state, parent.Venue, now)
    return leg.price(work.terms, Market(quote, tick(state), work.last_px))


def _send(state: BookState, parent: Parent, work: Work, now: Instant) -> Effects:
    """The next child, where its price is known."""
    number = len(work.children)
    leg = work.leg(number)
    price = price_of(state, parent, work, leg, now)
    if leg.OrdType is OrdType.Limit and price is None:
        return
    quantity = parent.left
    kind = leg.OrdType or work.terms.OrdType
    if work.plan.Slice is not None and kind is OrdType.Limit:
        quantity = min(quantity, work.plan.Slice)
    terms = child_terms(work.terms, work.plan, leg, quantity, price)
    child_id = f"{parent.OrderID}.{number + 1}"
    yield ev.OrderRouted(
        OrderID=parent.OrderID,
        ChildID=child_id,
        Account=parent.Account,
        Venue=parent.Venue,
        Terms=terms,
        Desk=parent.desk or None,
    )
    down = NewOrder(OrderID=child_id, Account=parent.Account, Terms=terms, Desk=parent.desk or None)
    yield Send(f"venue/{parent.Venue}", down)


def child_terms(
    terms: Terms, plan: Plan, leg: Leg, quantity: Decimal, price: Decimal | None
) -> Terms:
    """What the venue is asked for: the order less what the book does itself."""
    as_is = plan.Kind == AS_IS
    lasting = leg.TimeInForce or plan.TimeInForce
    dated = lasting is TimeInForce.GoodTillDate
    return terms.model_copy(
        update={
            "OrderQty": quantity,
            "OrdType": leg.OrdType or terms.OrdType,
            "Price": price,
            "TimeInForce": lasting,
            "StopPx": terms.StopPx if as_is else None,
            "CashOrderQty": None,
            "DisplayQty": min(plan.DisplayQty, quantity) if plan.DisplayQty else None,
            "ExecInst": plan.ExecInst,
            "PegOffsetValue": terms.PegOffsetValue if as_is else None,
            "PegOffsetType": terms.PegOffsetType if as_is else None,
            "ExpireDate": terms.ExpireDate if dated else None,
            "ExpireTime": terms.ExpireTime if dated else None,
        }
    )


def _reprice(state: BookState, parent: Parent, work: Work, child: Child, now: Instant) -> Effects:
    """Move a child whose price follows the market, one request at a time."""
    leg = work.leg(child.leg)
    if not leg.moves or child.asked or child.done or not child.acknowledged:
        return
    quote = watching.fresh(state, parent.Venue, now)
    if quote is None or (leg.near and _alone(quote, work.terms.Side, child)):
        return
    price = price_of(state, parent, work, leg, now)
    if price is None or child.price is None or abs(price - child.price) < tick(state):
        return
    name = own_request(work, child.ChildID)
    yield from replace_child(parent, work, child, name, child.qty, price)


def _alone(quote: Quote, side: Side, child: Child) -> bool:
    """Whether the best price is the child's own, so that it would follow nothing but itself."""
    px, size = (
        (quote.BidPx, quote.BidSize) if side is Side.Buy else (quote.OfferPx, quote.OfferSize)
    )
    return px == child.price and (size or ZERO) <= child.leaves


def replace_child(
    parent: Parent,
    work: Work,
    child: Child,
    request_id: str,
    quantity: Decimal,
    price: Decimal | None,
    terms: Terms | None = None,
    plan: Plan | None = None,
) -> Effects:
    """Ask the venue for another quantity or price, by new terms where they are given."""
    leg = work.leg(child.leg)
    wanted = child_terms(terms or work.terms, plan or work.plan, leg, quantity, price)
    yield ev.ChildRequested(
        ChildID=child.ChildID, RequestID=request_id, OrderQty=quantity, Price=price
    )
    yield Send(
        f"venue/{parent.Venue}",
        ReplaceOrder(OrderID=child.ChildID, RequestID=request_id, Terms=wanted),
    )
