"""Requests about many orders at once: mass cancel and mass status."""

from gateways.paper import reports
from gateways.paper.floor import Floor
from gateways.paper.orders import Order
from gateways.paper.requests import MassCancel, MassStatus

ALL, BY_SYMBOL = "7", "1"
"""MassCancelRequestType(530), and MassCancelResponse(531) where it was done."""
REFUSED = "0"
NOT_SUPPORTED = "0"
"""MassCancelRejectReason(532)."""


def mass_cancel(floor: Floor, request: MassCancel, now: int) -> None:
    """OrderMassCancelReport first, then a Canceled report for each order."""
    answered = floor.effects.answers.get(request.cl_ord_id) or floor.past.find_answer(
        request.cl_ord_id
    )
    if answered is not None and request.repeat:
        floor.effects.reports.append(answered)
        return
    refused = ""
    if answered is not None or floor.find(request.cl_ord_id) is not None:
        refused = f"ClOrdID {request.cl_ord_id} was used before"
    elif request.kind not in (ALL, BY_SYMBOL):
        refused = f"MassCancelRequestType(530)={request.kind} is not supported here: use 7 or 1"
    if refused:
        extra = (f"532={NOT_SUPPORTED}", f"58={refused}")
        text = reports.mass_cancel(request, floor.exec_id(), REFUSED, 0, now, *extra)
        floor.effects.reports.append(text)
        return
    wanted = [order for order in _open(floor, request.symbol) if _is_side(order, request.side)]
    text = reports.mass_cancel(request, floor.exec_id(), request.kind, len(wanted), now)
    floor.effects.reports.append(text)
    floor.effects.answers[request.cl_ord_id] = text
    for order in wanted:
        floor.book(order.symbol).cancel(order)
        floor.say(order, reports.CANCELED, now)
    for order in wanted:
        floor.follow(order, now)


def mass_status(floor: Floor, request: MassStatus, now: int) -> None:
    """A report for each open order, numbered; one that says so where there is none."""
    asked = f"584={request.request_id}"
    wanted = _open(floor, request.symbol)
    total = len(wanted)
    for number, order in enumerate(wanted, 1):
        last = f"912={'Y' if number == total else 'N'}"
        floor.say(order, reports.ORDER_STATUS, now, "", asked, f"911={total}", last)
    if not wanted:
        symbol = request.symbol or reports.NO_SYMBOL
        none = (asked, "911=0", "912=Y", "58=no open orders")
        floor.say_none("", symbol, reports.UNDISCLOSED, now, *none)


def _open(floor: Floor, symbol: str) -> list[Order]:
    """Open orders, the oldest first: so it is told the same before and after a restart."""
    found = (o for o in floor.open.values() if o.is_open and symbol in ("", o.symbol))
    return sorted(found, key=lambda order: order.number)


def _is_side(order: Order, side: str) -> bool:
    return side in ("", order.side)
