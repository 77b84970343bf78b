"""New orders, cancels and replaces: each is answered, and what follows is reported behind it."""

from decimal import ROUND_FLOOR, Decimal

from gateways.paper import reports
from gateways.paper.conditions import Conditions
from gateways.paper.floor import Floor
from gateways.paper.orders import EXACT, Order, OrdStatus, OrdType
from gateways.paper.requests import Cancel, NewOrder, Replace
from gateways.paper.terms import (
    BROKER_OPTION,
    INCORRECT_QUANTITY,
    OTHER_REJECT,
    Refusal,
    refusal,
    unchangeable,
    untimely,
)

DUPLICATE_ORDER = "6"
"""OrdRejReason(103)."""
TOO_LATE, UNKNOWN, DUPLICATE_NAME = "0", "1", "6"
"""CxlRejReason(102)."""
UNIT = Decimal(1)


def enter(floor: Floor, request: NewOrder, now: int, force: Refusal = None) -> None:
    """NewOrderSingle; ``force`` is a refusal that was decided elsewhere."""
    if known := floor.find(request.cl_ord_id):
        _known(floor, known, request.cl_ord_id, request.repeat, now)
        return
    refused = force
    if request.conditions is not None and request.conditions.cash_order_qty is not None:
        request, no_price = _from_cash(floor, request, request.conditions.cash_order_qty)
        refused = refused or no_price
    order = _admit(floor, request)
    floor.name(order, request.cl_ord_id)
    _begin(floor, order, request, refused, now)


def telephone(floor: Floor, request: NewOrder, now: int) -> Order:
    """An order that came another way and has no ClOrdID; it may have been rejected."""
    order = _admit(floor, request._replace(cl_ord_id=""))
    _begin(floor, order, request, None, now)
    return order


def _begin(floor: Floor, order: Order, request: NewOrder, refused: Refusal, now: int) -> None:
    refused = refused or refusal(request)
    if refused is None:
        refused = untimely(request, floor.book(request.symbol).phase, now)
    if refused:
        reason, text = refused
        order.end(OrdStatus.REJECTED)
        floor.say(order, reports.REJECTED, now, "", f"103={reason}", f"58={text}")
        return
    floor.adopt(order)
    floor.say(order, reports.NEW, now)
    floor.work(order, now)


def _admit(floor: Floor, request: NewOrder) -> Order:
    """An order of its own number and place in time."""
    floor.counters.order += 1
    return Order(
        floor.counters.order,
        request.cl_ord_id,
        request.account,
        request.symbol,
        request.side,
        request.ord_type,
        request.time_in_force,
        request.order_qty,
        request.price,
        request.order_qty,
        priority=floor.next_priority(),
        conditions=request.conditions,
    )


def cancel(floor: Floor, request: Cancel, now: int) -> None:
    """OrderCancelRequest."""
    order = _target(floor, request, request.orig_cl_ord_id, "1", now)
    if order is None:
        return
    orig, order.cl_ord_id = order.cl_ord_id, request.cl_ord_id
    floor.book(order.symbol).cancel(order)
    floor.say(order, reports.CANCELED, now, "", f"41={orig or request.orig_cl_ord_id}")
    floor.follow(order, now)


def replace(floor: Floor, request: Replace, now: int) -> None:
    """OrderCancelReplaceRequest."""
    terms = request.order
    order = _target(floor, terms, request.orig_cl_ord_id, "2", now)
    if order is None:
        return
    if trouble := unchangeable(order, terms):
        _refuse(floor, order, terms.cl_ord_id, order.cl_ord_id, "2", *trouble, now)
        return
    conditions, price = terms.conditions, terms.price
    if conditions is None and order.conditions is not None:
        conditions = Conditions()
    if order.ord_type == OrdType.MARKET_WITH_LEFT_OVER_AS_LIMIT:
        price = order.price
    lost_place = floor.book(order.symbol).amend(order, terms.order_qty, price, conditions)
    orig, order.cl_ord_id = order.cl_ord_id, terms.cl_ord_id
    order.time_in_force = terms.time_in_force
    floor.say(order, reports.REPLACED, now, "", f"41={orig or request.orig_cl_ord_id}")
    if lost_place:
        floor.adopt(order)
        order.priority = floor.next_priority()
        floor.work(order, now)
    else:
        floor.follow(order, now)


def refuse(floor: Floor, request: Cancel | Replace, reason: str, text: str, now: int) -> None:
    """OrderCancelReject of a request that is not looked at any closer."""
    what, orig = (
        (request.order, request.orig_cl_ord_id)
        if isinstance(request, Replace)
        else (request, request.orig_cl_ord_id)
    )
    order = floor.find(orig)
    kind = "2" if isinstance(request, Replace) else "1"
    _refuse(floor, order, what.cl_ord_id, orig, kind, reason, text, now)


def _from_cash(floor: Floor, request: NewOrder, cash: Decimal) -> tuple[NewOrder, Refusal]:
    """CashOrderQty(152) in units at the best opposite price, else the last."""
    book = floor.book(request.symbol)
    best = (book.offers if request.side == "1" else book.bids).best()
    price = best.price if best is not None else book.last
    if price is None or price <= 0:
        text = f"CashOrderQty(152)={cash:f} has no price: nobody offers or traded {request.symbol}"
        return request, (OTHER_REJECT, text)
    units = EXACT.divide_int(cash, price).quantize(UNIT, ROUND_FLOOR, EXACT)
    if units < 1:
        text = f"CashOrderQty(152)={cash:f} is less than one unit at {price:f}"
        return request, (INCORRECT_QUANTITY, text)
    return request._replace(order_qty=units), None


def _target(
    floor: Floor, request: Cancel | NewOrder, orig: str, response_to: str, now: int
) -> Order | None:
    """The open order that a cancel or replace is about; None: it has been answered."""
    name = request.cl_ord_id
    if known := floor.find(name):
        if request.repeat:
            floor.say(known, reports.ORDER_STATUS, now, name)
        else:
            text = f"ClOrdID {name} was used before"
            _refuse(floor, known, name, orig, response_to, DUPLICATE_NAME, text, now)
        return None
    order = floor.find(orig)
    if order is None and request.order_id:
        order = floor.find_id(request.order_id)
    if order is None:
        text = f"no order has the ClOrdID {orig}"
        _refuse(floor, None, name, orig, response_to, UNKNOWN, text, now)
        return None
    floor.name(order, name)
    if not order.is_open:
        text = f"the order has ended: {order.status.name}"
        _refuse(floor, order, name, order.cl_ord_id, response_to, TOO_LATE, text, now)
        return None
    if (request.symbol, request.side) != (order.symbol, order.side):
        text = f"the order is about Symbol(55)={order.symbol}, Side(54)={order.side}"
        _refuse(floor, order, name, order.cl_ord_id, response_to, BROKER_OPTION, text, now)
        return None
    return order


def _known(floor: Floor, order: Order, name: str, repeat: bool, now: int) -> None:
    if repeat:
        floor.say(order, reports.ORDER_STATUS, now, name)
        return
    text = f"58=ClOrdID {name} was used before"
    floor.say(order, reports.REJECTED, now, name, f"103={DUPLICATE_ORDER}", text)


def _refuse(
    floor: Floor,
    order: Order | None,
    name: str,
    orig: str,
    response_to: str,
    reason: str,
    text: str,
    now: int,
) -> None:
    floor.effects.reports.append(
        reports.cancel_reject(order, name, orig, response_to, reason, text, now)
    )
