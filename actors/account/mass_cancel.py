"""Many cancels at once: because the desk asks for it, or because the desk is gone."""

from actors import lifecycle
from actors.account import contingency, reports
from actors.account.answers import Effects
from actors.account.changes import no, pending_exec_id, send_cancel
from actors.account.state import AccountState, Spoken
from messages import events as ev
from messages.base import Instant
from messages.fix import ExecRestatementReason, MassCancelRequestType
from messages.lists import DeskDisconnected
from messages.orders import OrderMassCancelRequest


def mass_cancel(
    account: str, state: AccountState, desk: str, request: OrderMassCancelRequest, now: Instant
) -> Effects:
    """Every open order of the desk here, or those in one symbol; each is reported by itself."""
    use = state.spoken.get(f"{desk} {request.ClOrdID}")
    if use:
        yield from _again(account, desk, request, use, now)
        return
    one = request.MassCancelRequestType is MassCancelRequestType.CancelOrdersForASecurity
    found = state.open_orders(desk, request.Symbol if one else None)
    targets = [order for order in found if not order.canceling]
    exec_ids = tuple(pending_exec_id(account, state, n) for n in range(len(targets)))
    yield ev.MassCancelRequested(
        ClOrdID=request.ClOrdID,
        Desk=desk,
        Type=request.MassCancelRequestType,
        Symbol=request.Symbol,
        OrderIDs=tuple(order.OrderID for order in targets),
        ExecIDs=exec_ids,
    )
    yield reports.mass_cancel(account, desk, request, len(targets), now)
    for order, exec_id in zip(targets, exec_ids, strict=True):
        yield from send_cancel(account, state, order, request.ClOrdID, exec_id, now)


def _again(
    account: str, desk: str, request: OrderMassCancelRequest, use: Spoken, now: Instant
) -> Effects:
    content = f"{request.MassCancelRequestType} {request.Symbol}"
    same = use.kind == request.MsgType and use.content == content
    yield ev.DuplicateReceived(ClOrdID=request.ClOrdID, Desk=desk, Kind=request.MsgType, Same=same)
    if same:
        affected = len(use.OrderID.split(",")) if use.OrderID else 0
        yield reports.mass_cancel(account, desk, request, affected, now, poss_resend=True)
    else:
        refusal = no(
            "duplicate_clordid", "ClOrdID", request.ClOrdID,
            "was used before with other content", "send a fresh ClOrdID"
        )  # fmt: skip
        yield reports.mass_cancel(account, desk, request, 0, now, refusal=refusal)


def disconnected(
    account: str, state: AccountState, said: DeskDisconnected, now: Instant
) -> Effects:
    """The desk is gone: what it had open is cancelled, once for each time.

    Orders that came after ``At`` were sent knowing it; those that the venue made are not the
    desk's connection's.
    """
    if said.At <= state.lost.get(said.Desk, 0):
        return  # heard of it already
    targets = [
        order
        for order in state.open_orders(said.Desk, None)
        if order.ClOrdID and order.received_at <= said.At and not order.canceling
    ]
    yield ev.DeskLost(Desk=said.Desk, At=said.At)
    reason, text = ExecRestatementReason.CancelOnConnectionLoss, f"desk {said.Desk} is disconnected"
    for order in targets:
        lasts = order.terms.TimeInForce in lifecycle.LASTS
        if order.over or order.canceling or (said.KeepGoodTillCancel and lasts):
            continue
        yield from contingency.cancel(account, state, order, said.Desk, reason, text, now)
