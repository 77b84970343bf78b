"""Fills that the venue takes back (TradeCancel) or corrects, at any time and in any state (J.1)."""

from decimal import Decimal

from actors import lifecycle
from actors.account import reports
from actors.account.answers import Effects
from actors.account.state import ZERO, AccountState, Fill, Order
from messages import events as ev
from messages.base import Instant
from messages.fix import ExecType, OrdStatus
from messages.routing import Execution


def take(
    account: str, state: AccountState, order: Order, said: Execution, exec_id: str, now: Instant
) -> Effects:
    """One TradeCancel or TradeCorrect; what refers to no fill of this order is a break."""
    if f"{said.Venue} {said.VenueExecID}" in state.booked:
        what = f"ExecID {said.VenueExecID} of {said.Venue} came twice and counted once"
        yield ev.BreakFound(OrderID=order.OrderID, What=what)
        return
    fill = state.fill(said.Venue, said.VenueExecRefID or "")
    if fill is None or fill.OrderID != order.OrderID or said.VenueExecRefID is None:
        what = (
            f"{said.ExecType} {said.VenueExecID} of {said.Venue} refers to"
            f" {said.VenueExecRefID or 'nothing'}, which is no fill of this order that counts"
        )
        yield ev.BreakFound(OrderID=order.OrderID, What=what)
        return
    if not lifecycle.TABLE[order.status].get(said.ExecType):
        what = f"{said.ExecType} from {said.Venue} while {order.status}"
        yield ev.BreakFound(OrderID=order.OrderID, What=what)
    reference, before = fill.ExecID, abs(fill.quantity)
    if said.ExecType is ExecType.TradeCancel:
        yield _bust(order, said, exec_id, before)
        last_qty = last_px = ZERO
    else:
        assert said.LastQty is not None
        assert said.LastPx is not None
        last_qty, last_px = said.LastQty, said.LastPx
        yield from _correction(order, said, exec_id, fill, before)
    yield reports.of_order(
        account,
        order,
        said.ExecType,
        exec_id,
        now,
        last_qty=last_qty,
        last_px=last_px,
        last_mkt=said.Venue,
        exec_ref_id=reference,
        text=said.Text,
    )


def _next(order: Order, said: Execution, cum_qty: Decimal) -> OrdStatus:
    before = order.status_on(said.TradeDate)
    return lifecycle.after(before, said.ExecType, order.terms.quantity, cum_qty) or before


def _bust(order: Order, said: Execution, exec_id: str, before: Decimal) -> ev.TradeCanceled:
    return ev.TradeCanceled(
        OrderID=order.OrderID,
        ExecID=exec_id,
        OrdStatus=_next(order, said, order.cum_qty - before),
        Venue=said.Venue,
        VenueExecID=said.VenueExecID,
        VenueExecRefID=said.VenueExecRefID or "",
        TradeDate=said.TradeDate,
    )


def _correction(
    order: Order, said: Execution, exec_id: str, fill: Fill, before: Decimal
) -> Effects:
    assert said.LastQty is not None
    assert said.LastPx is not None
    cum_qty = order.cum_qty + said.LastQty - before
    if cum_qty > order.terms.quantity:
        what = f"{said.Venue} corrects fill {fill.ExecID} to {said.LastQty}, beyond the order"
        yield ev.BreakFound(OrderID=order.OrderID, What=what)
    yield ev.TradeCorrected(
        OrderID=order.OrderID,
        ExecID=exec_id,
        OrdStatus=_next(order, said, cum_qty),
        Venue=said.Venue,
        VenueExecID=said.VenueExecID,
        VenueExecRefID=said.VenueExecRefID or "",
        LastQty=said.LastQty,
        LastPx=said.LastPx,
        TradeDate=said.TradeDate,
    )
