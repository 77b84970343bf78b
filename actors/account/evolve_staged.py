"""How events of orders that wait for people change an account's state; part of ``evolve``."""

from actors.account.state import AccountState, Order, Staging
from messages import events as ev
from messages.approvals import Decision


def apply(
    state: AccountState, event: ev.OrderStaged | ev.OrderDecided | ev.StagedOrderReplaced
) -> Order | None:
    """Make ``event`` true of ``state``; the order whose reservation it changes, if any."""
    match event:
        case ev.OrderStaged():
            state.orders[event.OrderID].held = True
            state.staged[event.OrderID] = Staging(
                event.OrderID, event.Steps, event.Text, event.ExpiresAt, sender=event.Trader
            )
        case ev.OrderDecided():
            _decided(state, event)
        case ev.StagedOrderReplaced():
            order, staging = state.orders[event.OrderID], state.staged[event.OrderID]
            state.exec_count += 1
            order.pending = [r for r in order.pending if r.ClOrdID != event.ClOrdID]
            order.OrigClOrdID, order.ClOrdID = order.ClOrdID, event.ClOrdID
            order.terms, order.reserve_px = event.Terms, event.ReservePx
            state.staged[event.OrderID] = Staging(
                event.OrderID, event.Steps, event.Text, staging.expires_at, sender=event.Trader
            )
            return order
    return None


def _decided(state: AccountState, event: ev.OrderDecided) -> None:
    if event.ExecID:
        state.exec_count += 1
    staging = state.staged.get(event.OrderID)
    if staging is None:
        return  # a note
    match event.Decision:
        case Decision.Approve:
            staging.deciders.append(event.By)
            staging.done += 1
            if staging.done == len(staging.steps):
                state.orders[event.OrderID].held = False
                del state.staged[event.OrderID]
        case Decision.Return:
            staging.returned = True
        case Decision.HandOver:
            staging.trader = event.To or ""
        case Decision.Refuse | Decision.Note:
            pass  # the order's own end follows; a note is for people
