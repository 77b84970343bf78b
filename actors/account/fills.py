"""What fills do to an order, its position and cash: booked, taken back, corrected, restated.

A fill that is taken back or corrected is so from the beginning: the position is built again from
all fills that count, so realized profit is what it would have been.
"""

from decimal import Decimal

from actors.account.state import ZERO, AccountState, Fill, Order, Position
from messages import events as ev

_SPLIT = Decimal("1e-12")


def book(state: AccountState, event: ev.OrderFilled) -> None:
    """One execution, booked once."""
    order = state.orders[event.OrderID]
    instrument = state.instruments[order.terms.Symbol]
    quantity = event.LastQty * order.terms.Side.sign
    fill = Fill(
        OrderID=event.OrderID,
        ExecID=event.ExecID,
        symbol=order.terms.Symbol,
        currency=instrument.Currency,
        quantity=quantity,
        px=event.LastPx,
        amount=quantity * event.LastPx * instrument.ContractMultiplier,
        day=order.day,
    )
    key = f"{event.Venue} {event.VenueExecID}"
    state.booked[key] = None
    state.fills[key] = fill
    _count(order, event.LastQty, event.LastQty * event.LastPx, fill.day)
    state.positions.setdefault(fill.symbol, Position()).book(quantity, fill.amount)
    _pay(state, fill.currency, -fill.amount)


def take_back(state: AccountState, event: ev.TradeCanceled) -> None:
    """The fill never happened."""
    order = state.orders[event.OrderID]
    state.booked[f"{event.Venue} {event.VenueExecID}"] = None
    key = f"{event.Venue} {event.VenueExecRefID}"
    fill = state.fills.pop(state.corrected.get(key, key))
    _count(order, -abs(fill.quantity), -abs(fill.quantity) * fill.px, fill.day)
    _pay(state, fill.currency, fill.amount)
    _rebuild(state, fill.symbol)


def correct(state: AccountState, event: ev.TradeCorrected) -> None:
    """The fill had these values from the beginning; its name is now the correction's."""
    order = state.orders[event.OrderID]
    reference = f"{event.Venue} {event.VenueExecRefID}"
    first = state.corrected.get(reference, reference)
    fill = state.fills[first]
    correction = f"{event.Venue} {event.VenueExecID}"
    state.booked[correction] = None
    state.corrected[correction] = first
    multiplier = state.instruments[fill.symbol].ContractMultiplier
    quantity = event.LastQty * order.terms.Side.sign
    amount = quantity * event.LastPx * multiplier
    before, after = abs(fill.quantity), event.LastQty
    _count(order, after - before, after * event.LastPx - before * fill.px, fill.day)
    _pay(state, fill.currency, fill.amount - amount)
    fill.ExecID, fill.quantity, fill.px, fill.amount = event.ExecID, quantity, event.LastPx, amount
    _rebuild(state, fill.symbol)


def restate(state: AccountState, order: Order, cum_qty: Decimal) -> None:
    """A corporate action makes other quantities of what was filled; the money stays what it was."""
    before, left = order.cum_qty, cum_qty
    mine = [fill for fill in state.fills.values() if fill.OrderID == order.OrderID]
    for fill in mine:
        share = abs(fill.quantity) * cum_qty / before
        quantity = left if fill is mine[-1] else share.quantize(_SPLIT).normalize()
        left -= quantity
        fill.px = fill.px * abs(fill.quantity) / quantity
        fill.quantity = quantity * order.terms.Side.sign
    order.day_cum_qty = order.day_cum_qty * cum_qty / before
    order.cum_qty = cum_qty
    _rebuild(state, order.terms.Symbol)


def _count(order: Order, quantity: Decimal, notional: Decimal, day: int) -> None:
    order.cum_qty += quantity
    order.notional += notional
    if day == order.day:
        order.day_cum_qty += quantity
    order.overfilled = max(ZERO, order.cum_qty - order.terms.quantity)
    assert order.cum_qty >= 0, f"{order.OrderID}: CumQty would be {order.cum_qty}"


def _pay(state: AccountState, currency: str, amount: Decimal) -> None:
    state.cash[currency] = state.cash.get(currency, ZERO) + amount


def _rebuild(state: AccountState, symbol: str) -> None:
    position = Position()
    for fill in state.fills.values():
        if fill.symbol == symbol:
            position.book(fill.quantity, fill.amount)
    state.positions[symbol] = position
