"""What an account's event says to a person who asks why: one row an event that moves an order."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from actors.account.state import Order
from messages import events as ev
from messages.approvals import Decision
from messages.base import Event, short_text
from messages.fix import OrdStatus

Words = Callable[[Any, Order | None], str]


def _alone(words: Callable[[Any], str]) -> Words:
    """Of an event that says everything itself."""
    return lambda event, _: words(event)


def _refused(event: ev.OrderRefused) -> str:
    no = event.Refusal
    said = f"{no.Field} was {no.Given}, {no.Allowed}"
    return f"our rule {no.Rule} refused it: {said}; to do: {no.Remedy}"


def _accepted(event: ev.OrderAccepted) -> str:
    return f"it passed every rule for {event.Desk}; no venue has said yet that it works it"


def _adopted(event: ev.OrderAdopted) -> str:
    return f"{event.Venue} made it for this account, nobody sent it; it was taken over"


def _acknowledged(event: ev.OrderAcknowledged, order: Order | None) -> str:
    if order is not None and order.status is OrdStatus.New:
        return f"{event.Venue} said New: it is being worked, and nothing has traded"
    return f"{event.Venue} said New"


def _filled(event: ev.OrderFilled, order: Order | None) -> str:
    last = f"{_number(event.LastQty)} at {_number(event.LastPx)} on {event.Venue}"
    if event.Ends is not None:
        return f"the venue ended it ({event.Ends}) with its last fill, {last}"
    if order is None:
        return f"it traded {last}"
    total = f"{_number(order.cum_qty)} of {_number(order.terms.quantity)}"
    if order.overfilled:
        return f"the venue filled more than was asked: {total}; the last fill was {last}"
    return f"{total} traded; the last fill was {last}"


def _taken_back(event: ev.TradeCanceled) -> str:
    return f"{event.Venue} took the fill {event.VenueExecRefID} back, as if it had never been"


def _corrected(event: ev.TradeCorrected) -> str:
    now = f"{_number(event.LastQty)} at {_number(event.LastPx)}"
    return f"{event.Venue} corrected the fill {event.VenueExecRefID} to {now}"


def _canceled(event: ev.OrderCanceled) -> str:
    if event.ClOrdID:
        return f"the desk cancelled it by {event.ClOrdID}" + _text(event)
    if event.ExecRestatementReason:
        return f"it was cancelled, {event.ExecRestatementReason}" + _text(event)
    return "it was cancelled and the desk had not asked: by the venue, or by its conditions" + (
        _text(event)
    )


def _expired(event: ev.OrderExpired, order: Order | None) -> str:
    until = f" ({order.terms.TimeInForce})" if order else ""
    return f"its time in force{until} ran out" + _text(event)


def _rejected(event: ev.OrderRejected) -> str:
    return f"it passed our rules, and was rejected down the line: {event.OrdRejReason}" + (
        _text(event)
    )


def _moved(event: ev.OrderMoved) -> str:
    return MOVED.get(event.ExecType, f"the venue said {event.ExecType}") + _text(event)


MOVED = {
    "DoneForDay": "the trading day is over for it",
    "Stopped": "the venue has guaranteed a price, and the fill is still to come",
    "Suspended": "the venue has suspended it: it can not trade now",
    "Calculated": "the venue has closed its books on it for the day",
}


def _restated(event: ev.OrderRestated) -> str:
    what = f", {event.ExecRestatementReason}" if event.ExecRestatementReason else ""
    return f"the venue restated it{what}" + _text(event)


def _replaced(event: ev.OrderReplaced, order: Order | None) -> str:
    by = f"by the desk's {event.ClOrdID}" if event.ClOrdID else "by the venue itself"
    if order is None:
        return f"it was replaced {by}"
    price = f" at {_number(order.terms.Price)}" if order.terms.Price is not None else ""
    return f"it was replaced {by}: the total is {_number(order.terms.quantity)}{price} now"


def _held(event: ev.OrderHeld) -> str:
    del event
    return "it is accepted, and held in the account until the order that triggers it has traded"


def _released(event: ev.OrderReleased) -> str:
    del event
    return "the order that triggers it has traded, so it was sent to its book"


def _cut(event: ev.HeldOrderCut) -> str:
    return (
        f"what triggers it ended partly filled, so it is for {_number(event.Terms.quantity)} only"
    )


def _staged(event: ev.OrderStaged) -> str:
    return f"it is accepted, and held in the account until people approve it: {event.Text}"


def _staged_anew(event: ev.StagedOrderReplaced) -> str:
    total = _number(event.Terms.quantity)
    return (
        f"it was replaced by {event.ClOrdID} while it waited, the total is {total} now, and "
        f"everybody decides anew: {event.Text}"
    )


SAID = {
    Decision.Approve: "approved it",
    Decision.Return: "returned it to its desk",
    Decision.HandOver: "handed it over",
    Decision.Refuse: "refused it",
}


def _decided(event: ev.OrderDecided) -> str:
    comment = f": {event.Comment}" if event.Comment else ""
    return f"{event.By} {SAID.get(event.Decision, event.Decision)} as {event.Step}{comment}"


def _cancel_asked(event: ev.CancelRequested) -> str:
    return f"{event.Desk} asked by {event.ClOrdID} to cancel it, and nobody has answered yet"


def _replace_asked(event: ev.ReplaceRequested) -> str:
    price = f" at {_number(event.Terms.Price)}" if event.Terms.Price is not None else ""
    return (
        f"{event.Desk} asked by {event.ClOrdID} for {_number(event.Terms.quantity)}{price} "
        f"instead, and nobody has answered yet"
    )


def _mass_asked(event: ev.MassCancelRequested) -> str:
    return f"{event.Desk} asked by {event.ClOrdID} to cancel all its orders; no answer to this yet"


def _pending(event: ev.RequestPending) -> str:
    return f"the venue has taken up the request {event.ClOrdID}, and not answered it yet"


def _parked(event: ev.MessageParked) -> str:
    return (
        f"{event.Kind} could not be handled and was put aside, nothing was changed: "
        f"{event.Reason}; a bug, please report it"
    )


REQUEST_WORDS: dict[type[Event], Words] = {
    ev.CancelRequested: _alone(_cancel_asked),
    ev.ReplaceRequested: _alone(_replace_asked),
    ev.MassCancelRequested: _alone(_mass_asked),
    ev.RequestPending: _alone(_pending),
}
"""What puts an order in a pending state."""

MOVE_WORDS: dict[type[Event], Words] = {
    ev.OrderRefused: _alone(_refused),
    ev.OrderAccepted: _alone(_accepted),
    ev.OrderAdopted: _alone(_adopted),
    ev.OrderAcknowledged: _acknowledged,
    ev.OrderFilled: _filled,
    ev.TradeCanceled: _alone(_taken_back),
    ev.TradeCorrected: _alone(_corrected),
    ev.OrderCanceled: _alone(_canceled),
    ev.OrderExpired: _expired,
    ev.OrderRejected: _alone(_rejected),
    ev.OrderMoved: _alone(_moved),
    ev.OrderRestated: _alone(_restated),
    ev.OrderReplaced: _replaced,
    ev.OrderHeld: _alone(_held),
    ev.OrderReleased: _alone(_released),
    ev.HeldOrderCut: _alone(_cut),
    ev.OrderStaged: _alone(_staged),
    ev.StagedOrderReplaced: _alone(_staged_anew),
    ev.OrderDecided: _alone(_decided),
}
"""What moves it, or says at which of its stations it is."""

REQUESTS = tuple(REQUEST_WORDS)
MOVES = tuple(MOVE_WORDS)
WORDS = REQUEST_WORDS | MOVE_WORDS | {ev.MessageParked: _alone(_parked)}


def reason(event: Event, order: Order | None) -> str:
    """Why the event put the order where it is, in one sentence."""
    return WORDS[type(event)](event, order)


def _text(event: Any) -> str:
    return f": {event.Text}" if event.Text else ""


def _number(value: Decimal | None) -> str:
    return "" if value is None else short_text(value)
