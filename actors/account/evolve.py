"""How an account's events change its state: the only place that does."""

from decimal import Decimal, localcontext
from typing import assert_never

from actors import kills, lifecycle
from actors.account import evolve_lists, evolve_rules, evolve_staged, fills, worth
from actors.account.state import EXACT, ZERO, AccountState, Exposure, Order, Request, Spoken
from messages import events as ev
from messages.fix import ExecRestatementReason, ExecType, OrdStatus, Side
from messages.kills import KilledState
from messages.terms import terms_content

ENDED = lifecycle.TERMINAL - {OrdStatus.Filled}
"""Ends every request on the order; a Filled order may still be re-opened by a replace (C.1.c)."""

OVER = {status: KilledState(status.value) for status in lifecycle.TERMINAL}
"""What the certificate of a kill says of it; what is done for its only day has expired."""

Move = (
    ev.OrderAcknowledged
    | ev.OrderFilled
    | ev.TradeCanceled
    | ev.TradeCorrected
    | ev.OrderMoved
    | ev.OrderRestated
    | ev.OrderCanceled
    | ev.OrderExpired
    | ev.OrderRejected
    | ev.OrderReplaced
)
"""Events that move an order along the table."""


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
            evolve_rules.resolve(state)
        case ev.InstrumentDefined(Definition=instrument):
            state.instruments[instrument.Symbol] = instrument
            if state.worths is not None:
                worth.build(state)
        case ev.OrderAccepted():
            _accepted(state, event)
        case ev.OrderRefused():
            _refused(state, event)
        case ev.DuplicateReceived():
            _count_exec(state, event.ExecID)
        case ev.OrderAdopted():
            _adopted(state, event)
        case ev.OrderAcknowledged():
            _acknowledged(state, event)
        case ev.OrderFilled() | ev.TradeCanceled() | ev.TradeCorrected():
            _traded(state, event)
        case ev.OrderMoved():
            _begin_day(state.orders[event.OrderID], event.TradeDate)
            _moved(state, event, event.ExecType)
        case ev.OrderRestated():
            _restated(state, event)
        case ev.OrderCanceled():
            _canceled(state, event)
        case ev.OrderExpired():
            _moved(state, event, ExecType.Expired)
        case ev.OrderRejected():
            order = _moved(state, event, ExecType.Rejected)
            use = _first_answer(state, order, event.ExecID, ExecType.Rejected)
            if use:
                use.ord_rej_reason = use.ord_rej_reason or event.OrdRejReason
        case (
            ev.CancelRequested()
            | ev.ReplaceRequested()
            | ev.RequestPending()
            | ev.OrderReplaced()
            | ev.CancelRefused()
            | ev.CancelRejected()
            | ev.MassCancelRequested()
        ):
            _apply_request(state, event)
        case ev.RequestParked():
            _parked(state, event)
        case ev.BreakFound():
            pass  # an alarm for people; it changes nothing by itself
        case ev.RulesAdopted() | ev.LeaseAsked() | ev.LeaseTaken():
            evolve_rules.apply(state, event)
        case ev.KillBegan() | ev.KillEnded():
            kills.apply(state, event)
        case ev.KillListed() | ev.KillTold():
            kills.listed(state, event)
        case ev.OrderStaged() | ev.OrderDecided() | ev.StagedOrderReplaced():
            if staged := evolve_staged.apply(state, event):
                _settle(state, staged)
        case ev.DecisionRefused():
            pass  # recorded for people; it changes nothing
        case _:
            if changed := evolve_lists.apply(state, event):
                _settle(state, changed)


def _apply_request(
    state: AccountState,
    event: ev.CancelRequested
    | ev.ReplaceRequested
    | ev.RequestPending
    | ev.OrderReplaced
    | ev.CancelRefused
    | ev.CancelRejected
    | ev.MassCancelRequested,
) -> None:
    match event:
        case ev.CancelRequested():
            _requested(state, event, Request(event.ClOrdID, event.OrigClOrdID))
        case ev.ReplaceRequested():
            request = Request(event.ClOrdID, event.OrigClOrdID, event.Terms, event.ReservePx)
            request.unaware = evolve_lists.unheard(state, event.OrderID)
            _requested(state, event, request)
        case ev.RequestPending():
            _pending(state, event)
        case ev.OrderReplaced():
            _replaced(state, event)
        case ev.CancelRefused():
            _cancel_refused(state, event)
        case ev.CancelRejected():
            order = state.orders[event.OrderID]
            evolve_lists.request_refused(state, order, event.ClOrdID)
            order.pending = [r for r in order.pending if r.ClOrdID != event.ClOrdID]
            _settle(state, order)
        case ev.MassCancelRequested():
            _mass_cancel(state, event)
        case _:
            assert_never(event)


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
        ListID=event.ListID,
    )
    state.orders[event.OrderID] = order
    state.open[event.OrderID] = None
    state.spoken[f"{event.Desk} {event.ClOrdID}"] = Spoken(
        kind="NewOrderList" if event.ListID else "NewOrderSingle",
        content=terms_content(event.Terms),
        OrderID=event.OrderID,
        ExecID=event.ExecID,
        answer=ExecType.PendingNew if event.ExecID else None,
    )
    if event.At is not None:
        evolve_rules.counted(state, event.Desk, event.Trader, event.Terms, event.At)
    _settle(state, order)


def _refused(state: AccountState, event: ev.OrderRefused) -> None:
    state.order_count += 1
    _count_exec(state, event.ExecID)
    key = f"{event.Desk} {event.ClOrdID}"
    if key in state.spoken:
        return  # the ClOrdID belongs to the first order, which this one must not touch
    state.refused[event.OrderID] = event.Terms
    state.spoken[key] = Spoken(
        kind="NewOrderList" if event.ListID else "NewOrderSingle",
        content=terms_content(event.Terms),
        OrderID=event.OrderID,
        ExecID=event.ExecID,
        answer=ExecType.Rejected,
        ord_rej_reason=event.OrdRejReason,
        refusal=event.Refusal,
    )


def _parked(state: AccountState, event: ev.RequestParked) -> None:
    _count_exec(state, event.ExecID)
    for clordid in event.ClOrdIDs:  # no request has such content, so what comes again is refused
        state.spoken[f"{event.Desk} {clordid}"] = Spoken(event.MsgType, content="", OrderID="")


def _adopted(state: AccountState, event: ev.OrderAdopted) -> None:
    order = Order(
        OrderID=event.OrderID,
        Desk=event.Desk,
        ClOrdID="",
        terms=event.Terms,
        reserve_px=event.ReservePx,
        received_at=event.ReceivedAt,
    )
    state.orders[event.OrderID] = order
    state.open[event.OrderID] = None
    _settle(state, order)


def _moved(state: AccountState, event: Move, happened: ExecType) -> Order:
    """Move the order to where it was decided; in the oldest journals the table says where to."""
    _count_exec(state, event.ExecID)
    order = state.orders[event.OrderID]
    status = event.OrdStatus or lifecycle.after(
        order.status, happened, order.terms.quantity, order.cum_qty
    )
    if status is not None:
        order.status = status
    if order.status in ENDED:
        state.staged.pop(order.OrderID, None)
        order.pending.clear()  # a Filled order may still be re-opened by a replace (C.1.c)
    _settle(state, order)
    return order


def _begin_day(order: Order, trade_date: str | None, *, renewed: bool = False) -> None:
    """A new trading day for the order, where the venue says so by date or by renewal."""
    later = order.later(trade_date)
    order.status = order.status_on(trade_date)
    if later or renewed:
        order.day += 1
        order.day_cum_qty = ZERO
    if trade_date and (later or order.trade_date is None):
        order.trade_date = trade_date


def _first_answer(state: AccountState, order: Order, exec_id: str, kind: ExecType) -> Spoken | None:
    use = state.spoken.get(f"{order.Desk} {order.ClOrdID}")
    if use and use.answer is None:
        use.answer, use.ExecID = kind, exec_id
    return use


def _acknowledged(state: AccountState, event: ev.OrderAcknowledged) -> None:
    order = state.orders[event.OrderID]
    if event.OrderQty is not None:
        order.terms = order.terms.model_copy(update={"OrderQty": event.OrderQty})
    _begin_day(order, event.TradeDate)
    _moved(state, event, ExecType.New)
    _first_answer(state, order, event.ExecID, ExecType.New)


def _traded(
    state: AccountState, event: ev.OrderFilled | ev.TradeCanceled | ev.TradeCorrected
) -> None:
    order = state.orders[event.OrderID]
    _begin_day(order, event.TradeDate)
    match event:
        case ev.OrderFilled():
            fills.book(state, event)
            _moved(state, event, ExecType.Trade)
        case ev.TradeCanceled():
            fills.take_back(state, event)
            _moved(state, event, ExecType.TradeCancel)
        case ev.TradeCorrected():
            fills.correct(state, event)
            _moved(state, event, ExecType.TradeCorrect)


def _restated(state: AccountState, event: ev.OrderRestated) -> None:
    order = state.orders[event.OrderID]
    renewed = event.ExecRestatementReason is ExecRestatementReason.GTRenewal
    _begin_day(order, event.TradeDate, renewed=renewed)
    if event.CumQty is not None:
        fills.restate(state, order, event.CumQty)
    _change_terms(order, event.OrderQty, event.Price)
    _moved(state, event, ExecType.Restated)


def _change_terms(order: Order, order_qty: Decimal | None, price: Decimal | None) -> None:
    """What the venue made of the order; a total below CumQty means: stop."""
    changed: dict[str, Decimal] = {}
    if order_qty is not None:
        changed["OrderQty"] = max(order_qty, order.cum_qty)
    if price is not None:
        changed["Price"] = order.reserve_px = price
    if changed:
        order.terms = order.terms.model_copy(update=changed)
        order.overfilled = max(ZERO, order.cum_qty - order.terms.quantity)


def _canceled(state: AccountState, event: ev.OrderCanceled) -> None:
    order = state.orders[event.OrderID]
    _begin_day(order, event.TradeDate)
    _moved(state, event, ExecType.Canceled)
    if event.ClOrdID:
        order.OrigClOrdID, order.ClOrdID = order.ClOrdID, event.ClOrdID


def _requested(
    state: AccountState, event: ev.CancelRequested | ev.ReplaceRequested, request: Request
) -> None:
    _count_exec(state, event.ExecID)
    order = state.orders[event.OrderID]
    request.reported = event.ExecID is not None
    order.pending.append(request)
    state.spoken[f"{event.Desk} {event.ClOrdID}"] = Spoken(
        str(request.response_to),
        event.Content,
        event.OrderID,
        event.ExecID,
        request.pending_type if request.reported else None,
        OrigClOrdID=event.OrigClOrdID,
    )
    if isinstance(event, ev.ReplaceRequested) and event.At is not None:
        evolve_rules.counted(state, event.Desk, event.Trader, event.Terms, event.At)
    _settle(state, order)


def _pending(state: AccountState, event: ev.RequestPending) -> None:
    _count_exec(state, event.ExecID)
    order = state.orders[event.OrderID]
    _begin_day(order, event.TradeDate)
    request = order.request(event.ClOrdID)
    if request is None:
        return
    request.reported = True
    use = state.spoken[f"{order.Desk} {event.ClOrdID}"]
    if use.answer is None:
        use.answer, use.ExecID = request.pending_type, event.ExecID


def _replaced(state: AccountState, event: ev.OrderReplaced) -> None:
    order = state.orders[event.OrderID]
    _begin_day(order, event.TradeDate)
    request = order.request(event.ClOrdID) if event.ClOrdID else None
    if request and request.terms:
        order.pending.remove(request)
        evolve_lists.replaced(state, order, request)
        if not request.ours:
            order.OrigClOrdID, order.ClOrdID = order.ClOrdID, request.ClOrdID
        order.terms, order.reserve_px = request.terms, request.reserve_px
    _change_terms(order, event.OrderQty or order.terms.OrderQty, event.Price)
    _moved(state, event, ExecType.Replaced)


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
        order.pending.append(Request(event.ClOrdID, order.ClOrdID, reported=exec_id is not None))
    state.spoken[f"{event.Desk} {event.ClOrdID}"] = Spoken(
        "OrderMassCancelRequest", f"{event.Type} {event.Symbol}", ",".join(event.OrderIDs)
    )


def _settle(state: AccountState, order: Order) -> None:
    """Bring the order's share of reserved money and open quantity up to date."""
    versions = [(r.terms, r.reserve_px) for r in order.pending if r.terms]
    if order.over:
        state.open.pop(order.OrderID, None)
        if state.closing:
            kills.settles(state, order.OrderID, OVER.get(order.status, KilledState.Expired))
    else:
        state.open[order.OrderID] = None
        versions.append((order.terms, order.reserve_px))
    reserved = open_qty = ZERO
    for terms, px in versions:  # of a Filled order: those that would re-open it
        reserved = max(reserved, state.reserve(terms, px, order.cum_qty))
        open_qty = max(open_qty, terms.quantity - order.cum_qty)
    currency = state.instruments[order.terms.Symbol].Currency
    state.reserved[currency] = state.reserved.get(currency, ZERO) + reserved - order.reserved
    exposure = state.exposures.setdefault(order.terms.Symbol, Exposure())
    if order.terms.Side is Side.Buy:
        exposure.buying += open_qty - order.open_qty
    else:
        exposure.selling += open_qty - order.open_qty
    order.reserved, order.open_qty = reserved, open_qty
    if state.worths is not None:
        worth.settle(state, order.terms.Symbol)
