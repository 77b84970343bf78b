"""What the exchange does to orders and executions without being asked by the client.

Invariant: an execution is changed by another report that names the last one about it
(ExecRefID(19)); the first stays as it was written. Both sides of a trade are changed together.
"""

from decimal import Decimal
from enum import StrEnum

from gateways.paper import reports
from gateways.paper.conditions import Conditions
from gateways.paper.effects import Correction, Standing
from gateways.paper.floor import Floor
from gateways.paper.orders import EXACT, ZERO, Order, OrdStatus

MARKET_OPTION, PARTIAL_DECLINE = "8", "5"
"""ExecRestatementReason(378)."""


class Reopen(StrEnum):
    """Which orders that were filled work again: the one whose ExecID was named, both, none."""

    NAMED = "named"
    BOTH = "both"
    NONE = "none"


class NotPossible(Exception):
    """``what`` cannot be done to it; ``remedy`` is what can."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


def bust(floor: Floor, exec_id: str, now: int, reopen: Reopen = Reopen.NAMED) -> list[str]:
    """TradeCancel both sides of a trade; the ExecIDs that say so."""
    sides = _sides(floor, exec_id)
    return _change(floor, sides, [(ZERO, ZERO)] * len(sides), reports.BUSTED, now, reopen)


def correct(
    floor: Floor,
    exec_id: str,
    quantity: Decimal,
    price: Decimal,
    now: int,
    reopen: Reopen = Reopen.NAMED,
) -> list[str]:
    """TradeCorrect both sides of a trade; the ExecIDs that say so. Cannot fill beyond OrderQty."""
    sides = _sides(floor, exec_id)
    for standing, order in sides:
        room = order.order_qty - order.cum_qty + standing.fill.quantity
        if quantity > max(room, standing.fill.quantity):
            raise NotPossible(
                f"LastQty(32)={quantity:f} would fill {reports.order_id(order)} beyond its"
                f" OrderQty(38)={order.order_qty:f}",
                f"give a LastQty of {room:f} at most, or replace the order first",
            )
    return _change(floor, sides, [(quantity, price)] * len(sides), reports.CORRECTED, now, reopen)


def cancel(floor: Floor, order: Order, now: int, reason: str, text: str) -> None:
    """Cancel an open order; ``reason`` is ExecRestatementReason(378)."""
    floor.book(order.symbol).cancel(order)
    floor.say(order, reports.CANCELED, now, "", f"378={reason}", f"58={text}")
    floor.follow(order, now)


def restate(floor: Floor, order: Order, order_qty: Decimal, now: int) -> None:
    """Decline a part of an open order: less OrderQty, in its place."""
    if not order.cum_qty < order_qty < order.order_qty:
        raise NotPossible(
            f"OrderQty(38)={order_qty:f} is no part of {reports.order_id(order)}",
            f"give one between CumQty {order.cum_qty:f} and OrderQty {order.order_qty:f}",
        )
    order.resize(order_qty)
    floor.say(order, reports.RESTATED, now, "", f"378={PARTIAL_DECLINE}")
    floor.follow(order, now)


def replace(
    floor: Floor, order: Order, order_qty: Decimal, price: Decimal | None, now: int
) -> None:
    """Give an open order another quantity and price, as if it had been asked for."""
    conditions = order.conditions and Conditions.of(order.conditions.text())
    lost_place = floor.book(order.symbol).amend(order, order_qty, price, conditions)
    floor.say(order, reports.REPLACED, now, "", f"378={MARKET_OPTION}")
    if lost_place:
        order.priority = floor.next_priority()
        floor.work(order, now)
    else:
        floor.follow(order, now)


def stop(floor: Floor, order: Order, quantity: Decimal, price: Decimal, now: int) -> None:
    """Guarantee an execution: LastQty and LastPx are a promise, no fill."""
    _check_leaves(order, quantity)
    if order.conditions is None:
        order.conditions = Conditions()
    order.conditions.guaranteed = True
    order.settle()
    floor.say(order, reports.STOPPED, now, "", *reports.last(quantity, price, floor.venue))


def fill(floor: Floor, order: Order, quantity: Decimal, price: Decimal, now: int) -> str:
    """Execute an open order against the exchange itself; the ExecID."""
    _check_leaves(order, quantity)
    if quantity == order.leaves_qty:
        floor.book(order.symbol).take_out(order)
    floor.counters.trade += 1
    order.fill(quantity, price)
    if order.leaves_qty and not order.shown:
        order.show()
    last = reports.last(quantity, price, floor.venue)
    exec_id = floor.fill(order, quantity, price, now, last)
    floor.follow(order, now)
    return exec_id


def extra_fill(floor: Floor, order: Order, quantity: Decimal, price: Decimal, now: int) -> str:
    """Execute an order that has ended, or beyond its OrderQty: what must not be, but happens."""
    floor.counters.trade += 1
    order.book(quantity, EXACT.multiply(quantity, price))
    return floor.fill(order, quantity, price, now, reports.last(quantity, price, floor.venue))


def _check_leaves(order: Order, quantity: Decimal) -> None:
    if not ZERO < quantity <= order.leaves_qty:
        raise NotPossible(
            f"LastQty(32)={quantity:f} is not within LeavesQty(151)={order.leaves_qty:f}",
            "give less, or more than 0",
        )


def _sides(floor: Floor, exec_id: str) -> list[tuple[Standing, Order]]:
    """The named side of a trade first; orders as they stand."""
    named = floor.find_fill(exec_id)
    if named is None:
        raise NotPossible(f"there is no execution {exec_id}", 'ask for them with {"do":"trades"}')
    if not named.fill.quantity:
        raise NotPossible(
            f"the execution {named.fill.exec_id} was busted before",
            'trade again, or report another one with {"do":"fill"}',
        )
    trade, _, side = named.fill.exec_id.rpartition("-")
    other = floor.find_fill(f"{trade}-{'S' if side == 'B' else 'B'}")
    found = []
    for standing in (named, other):
        if standing is not None:
            order = floor.find_number(standing.fill.number)
            assert order is not None, "an order with an execution is kept for ever"
            found.append((standing, order))
    return found


def _change(
    floor: Floor,
    sides: list[tuple[Standing, Order]],
    to: list[tuple[Decimal, Decimal]],
    exec_type: str,
    now: int,
    reopen: Reopen,
) -> list[str]:
    reopened, said = [], []
    for place, ((standing, order), (quantity, price)) in enumerate(zip(sides, to, strict=True)):
        ended = not order.is_open
        _book(floor, order, standing, quantity, price)
        last = reports.last(quantity, price, floor.venue)
        refers = f"19={standing.last_id}"
        said.append(floor.say(order, exec_type, now, "", refers, *last))
        floor.effects.corrections.append(
            Correction(standing.fill.exec_id, said[-1], quantity, price, now)
        )
        if ended and order.is_open:
            wanted = reopen is Reopen.BOTH or (reopen is Reopen.NAMED and place == 0)
            reopened.append((order, wanted))
    for order, wanted in reopened:
        _reopen(floor, order, now, wanted=wanted)
    for _, order in sides:
        floor.follow(order, now)
    return said


def _book(
    floor: Floor, order: Order, standing: Standing, quantity: Decimal, price: Decimal
) -> None:
    """Change what the order holds, and what is left of it where it works or was filled."""
    fill = standing.fill
    before = EXACT.multiply(fill.quantity, fill.price)
    order.book(quantity - fill.quantity, EXACT.multiply(quantity, price) - before)
    conditions = order.conditions
    if conditions is not None and fill.time < conditions.day_begun:
        conditions.earlier += quantity - fill.quantity
    left = max(order.order_qty - order.cum_qty, ZERO)
    if order.is_open:
        if not left:
            floor.book(order.symbol).take_out(order)
        order.leaves_qty = left
        if order.status is not OrdStatus.DONE_FOR_DAY or not left:
            order.settle()
    elif order.status is OrdStatus.FILLED:
        order.leaves_qty = left
        order.settle()


def _reopen(floor: Floor, order: Order, now: int, *, wanted: bool) -> None:
    """An order that was filled and is not any more: it works again, or is canceled."""
    if not wanted:
        order.end(OrdStatus.CANCELED)
        text = "58=its execution was busted or corrected, and what is open does not go on"
        floor.say(order, reports.CANCELED, now, "", f"378={MARKET_OPTION}", text)
        return
    floor.adopt(order)
    order.priority = floor.next_priority()
    floor.work(order, now)
