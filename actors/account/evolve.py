"""How an account's events change its state: the only place that does."""

from decimal import localcontext
from typing import assert_never

from actors import lifecycle
from actors.account.state import (
    EXACT,
    ZERO,
    AccountState,
    Exposure,
    Order,
    Position,
    Request,
    Spoken,
)
from messages import events as ev
from messages.fix import ExecType, OrdStatus, Side
from messages.orders import Terms


def apply(state: AccountState, event: ev.AccountEvent) -> None:
    """Make ``event`` true of ``state``, with exact sums."""
    with localcontext(EXACT):
        _apply(state, event)


def _apply(state: AccountState, event: ev.AccountEvent) -> None:
    match event:
        case ev.AccountDefined(Definition=definition):
            if state.definition is None:
                state.cash.update(definition.Cash)
            state.definition = definition
        case ev.InstrumentDefined(Definition=instrument):
            state.instruments[instrument.Symbol] = instrument
        case ev.OrderAccepted():
            _accepted(state, event)
        case ev.OrderRefused():
            _refused(state, event)
        case ev.DuplicateReceived():
            _count_exec(state, event.ExecID)
        case ev.OrderAcknowledged():
            order = _moved(state, event.OrderID, ExecType.New, event.ExecID)
            _first_answer(state, order, event.ExecID, ExecType.New)
        case ev.OrderFilled():
            _filled(state, event)
        case ev.OrderCanceled():
            order = _moved(state, event.OrderID, ExecType.Canceled, event.ExecID)
            if event.ClOrdID:
                order.OrigClOrdID, order.ClOrdID = order.ClOrdID, event.ClOrdID
        case ev.OrderExpired():
            _moved(state, event.OrderID, ExecType.Expired, event.ExecID)
        case ev.OrderRejected():
            order = _moved(state, event.OrderID, ExecType.Rejected, event.ExecID)
            use = _first_answer(state, order, event.ExecID, ExecType.Rejected)
            use.ord_rej_reason = use.ord_rej_reason or event.OrdRejReason
        case ev.CancelRequested():
            request = Request(event.ClOrdID, event.OrigClOrdID)
            _requested(state, event, request, "OrderCancelRequest")
        case ev.ReplaceRequested():
            request = Request(event.ClOrdID, event.OrigClOrdID, event.Terms, event.ReservePx)
            _requested(state, event, request, "OrderCancelReplaceRequest")
        case ev.OrderReplaced():
            _replaced(state, event)
        case ev.CancelRefused():
            _cancel_refused(state, event)
        case ev.CancelRejected():
            order = state.orders[event.OrderID]
            order.pending = [r for r in order.pending if r.ClOrdID != event.ClOrdID]
            _settle(state, order)
        case ev.MassCancelRequested():
            _mass_cancel(state, event)
        case ev.BreakFound():
            pass  # an alarm for people; it changes nothing by itself
        case _:
            assert_never(event)


def terms_content(terms: Terms) -> str:
    """Terms as text that is equal where the terms are, however the decimals were written."""
    price = None if terms.Price is None else terms.Price.normalize()
    return (
        f"{terms.Symbol} {terms.Side} {terms.OrderQty.normalize()} {terms.OrdType} {price} "
        f"{terms.TimeInForce} {terms.ExDestination}"
    )


ENDED = lifecycle.TERMINAL - {OrdStatus.Filled}
"""Ends every request on the order; a Filled order may still be re-opened by a replace (C.1.c)."""


def _count_exec(state: AccountState, exec_id: str | None) -> None:
    if exec_id:
        state.exec_count += 1


def _accepted(state: AccountState, event: ev.OrderAccepted) -> None:
    state.order_count += 1
    _count_exec(state, event.ExecID)
    order = Order(
        OrderID=event.OrderID,
        Desk=event.Desk,
        ClOrdID=event.ClOrdID,
        terms=event.Terms,
        reserve_px=event.ReservePx,
        received_at=event.ReceivedAt,
    )
    state.orders[event.OrderID] = order
    state.open[event.OrderID] = None
    state.spoken[f"{event.Desk} {event.ClOrdID}"] = Spoken(
        kind="NewOrderSingle",
        content=terms_content(event.Terms),
        OrderID=event.OrderID,
        ExecID=event.ExecID,
        answer=ExecType.PendingNew if event.ExecID else None,
    )
    _settle(state, order)


def _refused(state: AccountState, event: ev.OrderRefused) -> None:
    state.order_count += 1
    _count_exec(state, event.ExecID)
    key = f"{event.Desk} {event.ClOrdID}"
    if key in state.spoken:
        return  # the ClOrdID belongs to the first order, which this one must not touch
    state.refused[event.OrderID] = event.Terms
    state.spoken[key] = Spoken(
        kind="NewOrderSingle",
        content=terms_content(event.Terms),
        OrderID=event.OrderID,
        ExecID=event.ExecID,
        answer=ExecType.Rejected,
        ord_rej_reason=event.OrdRejReason,
        refusal=event.Refusal,
    )


def _moved(state: AccountState, order_id: str, happened: ExecType, exec_id: str) -> Order:
    """Move the order along the table; the deciding side has already refused illegal moves."""
    _count_exec(state, exec_id)
    order = state.orders[order_id]
    status = lifecycle.after(order.status, happened, order.terms.OrderQty - order.cum_qty)
    if status is not None:
        order.status = status
    if order.status in ENDED:
        order.pending.clear()
    _settle(state, order)
    return order


def _first_answer(state: AccountState, order: Order, exec_id: str, kind: ExecType) -> Spoken:
    use = state.spoken[f"{order.Desk} {order.ClOrdID}"]
    if use.answer is None:
        use.answer, use.ExecID = kind, exec_id
    return use


def _filled(state: AccountState, event: ev.OrderFilled) -> None:
    order = state.orders[event.OrderID]
    terms = order.terms
    instrument = state.instruments[terms.Symbol]
    order.cum_qty += event.LastQty
    order.notional += event.LastQty * event.LastPx
    state.booked[f"{event.Venue} {event.VenueExecID}"] = None
    quantity = event.LastQty * terms.Side.sign
    amount = quantity * event.LastPx * instrument.ContractMultiplier
    state.positions.setdefault(terms.Symbol, Position()).book(quantity, amount)
    cash = state.cash.get(instrument.Currency, ZERO)
    state.cash[instrument.Currency] = cash - amount
    _moved(state, event.OrderID, ExecType.Trade, event.ExecID)


def _requested(
    state: AccountState,
    event: ev.CancelRequested | ev.ReplaceRequested,
    request: Request,
    kind: str,
) -> None:
    _count_exec(state, event.ExecID)
    order = state.orders[event.OrderID]
    order.pending.append(request)
    answer = ExecType.PendingReplace if request.terms else ExecType.PendingCancel
    state.spoken[f"{event.Desk} {event.ClOrdID}"] = Spoken(
        kind, event.Content, event.OrderID, event.ExecID, answer, OrigClOrdID=event.OrigClOrdID
    )
    _settle(state, order)


def _replaced(state: AccountState, event: ev.OrderReplaced) -> None:
    order = state.orders[event.OrderID]
    request = order.request(event.ClOrdID)
    if request is None or request.terms is None:
        _count_exec(state, event.ExecID)
        return
    order.pending.remove(request)
    order.OrigClOrdID, order.ClOrdID = order.ClOrdID, request.ClOrdID
    total = max(request.terms.OrderQty, order.cum_qty)  # a total below CumQty means: stop
    order.terms = request.terms.model_copy(update={"OrderQty": total})
    order.reserve_px = request.reserve_px
    _moved(state, event.OrderID, ExecType.Replaced, event.ExecID)


def _cancel_refused(state: AccountState, event: ev.CancelRefused) -> None:
    key = f"{event.Desk} {event.ClOrdID}"
    if key not in state.spoken:
        state.spoken[key] = Spoken(
            kind=str(event.ResponseTo),
            content=event.Content,
            OrderID=event.OrderID,
            cxl_rej_reason=event.CxlRejReason,
            refusal=event.Refusal,
            OrigClOrdID=event.OrigClOrdID,
        )


def _mass_cancel(state: AccountState, event: ev.MassCancelRequested) -> None:
    for order_id, exec_id in zip(event.OrderIDs, event.ExecIDs, strict=True):
        _count_exec(state, exec_id)
        order = state.orders[order_id]
        order.pending.append(Request(event.ClOrdID, order.ClOrdID))
    state.spoken[f"{event.Desk} {event.ClOrdID}"] = Spoken(
        "OrderMassCancelRequest", f"{event.Type} {event.Symbol}", ",".join(event.OrderIDs)
    )


def _settle(state: AccountState, order: Order) -> None:
    """Bring the order's share of reserved money and open quantity up to date."""
    versions = [(r.terms, r.reserve_px) for r in order.pending if r.terms]
    if order.status in lifecycle.TERMINAL:
        state.open.pop(order.OrderID, None)
    else:
        state.open[order.OrderID] = None
        versions.append((order.terms, order.reserve_px))
    reserved = open_qty = ZERO
    for terms, px in versions:  # of a Filled order: those that would re-open it
        reserved = max(reserved, state.reserve(terms, px, order.cum_qty))
        open_qty = max(open_qty, terms.OrderQty - order.cum_qty)
    currency = state.instruments[order.terms.Symbol].Currency
    state.reserved[currency] = state.reserved.get(currency, ZERO) + reserved - order.reserved
    exposure = state.exposures.setdefault(order.terms.Symbol, Exposure())
    if order.terms.Side is Side.Buy:
        exposure.buying += open_qty - order.open_qty
    else:
        exposure.selling += open_qty - order.open_qty
    order.reserved, order.open_qty = reserved, open_qty
