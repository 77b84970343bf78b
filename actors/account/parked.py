"""What the account tells a desk whose request was parked: each request gets an answer.

Of the message only the label is read (``actors.label``). A ClOrdID that was not used before is used
up by this, so what comes again under it is no order that the desk was told is dead.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from actors.account import reports
from actors.account.answers import Effects, next_exec_id
from actors.account.state import AccountState
from actors.actor import Send
from actors.label import fields_of, text
from messages import events as ev
from messages.base import Instant
from messages.fix import CxlRejReason, CxlRejResponseTo, OrdRejReason
from messages.refusals import Refusal
from messages.reports import BusinessMessageReject

CHANGES = ("OrderCancelRequest", "OrderCancelReplaceRequest")
USES = ("NewOrderSingle", *CHANGES, "OrderMassCancelRequest")
"""Requests whose ClOrdID is their own; that of a question may name the order it asks about."""

NAMED_BY = {
    "NewOrderList": ("ListID",),
    "ListCancelRequest": ("ListID",),
    "ListStatusRequest": ("ListID",),
    "OrderStatusRequest": ("OrdStatusReqID", "ClOrdID"),
    "OrderMassStatusRequest": ("MassStatusReqID",),
}
"""What names a request where that is not its ClOrdID, as everywhere on the desk's wire."""


class Label(NamedTuple):
    """What stands outside on a desk's request; "" where it does not say.

    ``field``: the one that ``name`` stands in.
    """

    desk: str
    kind: str
    field: str
    name: str
    clordids: tuple[str, ...]
    orig: str
    order_id: str


def label_of(body: bytes) -> Label | None:
    """The label of a request from a desk; None: it has none that can be read."""
    said = fields_of(body)
    request = said.get("Request")
    if not isinstance(request, dict):
        return None
    desk, kind = text(said, "Desk"), text(request, "MsgType")
    field = next(filter(partial(text, request), NAMED_BY.get(kind, ("ClOrdID",))), "")
    if not (desk and kind and field):
        return None
    return Label(
        desk, kind, field, text(request, field), tuple(_clordids(kind, request)),
        text(request, "OrigClOrdID"), text(request, "OrderID"),
    )  # fmt: skip


def _clordids(kind: str, request: dict[str, Any]) -> Iterator[str]:
    if kind in USES:
        yield text(request, "ClOrdID")
    elif kind == "NewOrderList" and isinstance(request.get("Orders"), list):
        for order in request["Orders"]:
            if isinstance(order, dict) and (clordid := text(order, "ClOrdID")):
                yield clordid


def answer(account: str, state: AccountState, label: Label, now: Instant) -> Effects:
    """Tell the desk. What is known under that name already stays as it is, and is not rejected."""
    desk, kind, field, name = label.desk, label.kind, label.field, label.name
    refusal = Refusal(
        Rule="parked",
        Field=field,
        Given=name,
        Allowed=f"account/{account} failed on this {kind} and set it aside; nothing was done",
        Remedy=f"send it in other words with a fresh {field}, or ask the operator of the OMS, who "
        f"has the message and the reason under MessageParked: oms trail {name}",
    )
    fresh = tuple(c for c in label.clordids if f"{desk} {c}" not in state.spoken)
    new = kind == "NewOrderSingle" and bool(fresh)
    exec_id = next_exec_id(account, state) if new else None
    yield ev.RequestParked(Desk=desk, MsgType=kind, ClOrdIDs=fresh, ExecID=exec_id)
    if exec_id:
        yield reports.of_parked(account, desk, name, exec_id, refusal, now)
    elif kind in CHANGES and fresh:
        order = state.order_of(desk, label.orig or None, label.order_id)
        yield reports.cancel_reject(
            account, desk, order, name, label.orig or reports.NO_ORDER, CxlRejResponseTo(kind),
            CxlRejReason.Other, now, refusal=refusal,
        )  # fmt: skip
    else:
        yield _reject(account, label, refusal, now)


def _reject(account: str, label: Label, refusal: Refusal, now: Instant) -> Send:
    """A BusinessMessageReject, where no other report would be true of the request alone."""
    reject = BusinessMessageReject(
        RefMsgType=label.kind,
        BusinessRejectRefID=label.name,
        BusinessRejectReason=str(OrdRejReason.Other),
        Refusal=refusal,
        Text=refusal.text(),
        Account=account,
        TransactTime=now,
    )
    return Send(f"desk/{label.desk}", reject)
