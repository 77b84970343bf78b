"""What the book does because of the rule book: adopt it, refuse, and let go on what had waited."""

from collections.abc import Generator
from decimal import Decimal

from actors.actor import Send, Timer
from actors.book import checks, routing, self_match, watching
from actors.book.effects import Effects, rejected
from actors.book.state import BookState, Parent, Waiting
from messages import events as ev
from messages.base import Instant
from messages.fix import CxlRejReason, ExecRestatementReason, ExecType, OrdRejReason
from messages.refusals import Refusal
from messages.routing import CancelOrder, Execution, NewOrder, ReplaceOrder, RequestRejected
from messages.rulebook import RulesIssued, SelfMatchMode


def adopt(state: BookState, symbol: str, said: RulesIssued) -> Effects:
    """A later version than the one known here."""
    if said.Version <= (state.version or 0):
        return
    yield ev.RulesAdopted(Version=said.Version, Rules=said.Rules)
    if checks.restricted(state, symbol) and state.definition:
        venues = state.definition.Venues
        quoting = [v for v in venues if routing.capabilities(state, v).MarketData]
        yield from watching.follow_all(state, symbol, quoting)


def refuse(
    state: BookState, order: NewOrder, reason: OrdRejReason, why: Refusal, now: Instant
) -> Effects:
    """A rule of the book objects to a new order."""
    if why.Rule == "self_match" and _mode(state) is SelfMatchMode.CancelBoth:
        yield from self_match.cancel_all(state, order, now)
    yield ev.OrderUnroutable(OrderID=order.OrderID, Text=why.text(), Refusal=why)
    yield rejected(order, reason, why.text(), now, why)


def _mode(state: BookState) -> SelfMatchMode | None:
    return state.rules.SelfMatch if state.rules else None


def release(
    state: BookState, waiting: Waiting, now: Instant
) -> Generator[ev.BookEvent | Send | Timer, None, NewOrder | None]:
    """The order that may go on, with what is left of it; None: it waits, or it is over."""
    order = waiting.order
    if self_match.pending(state, waiting):
        return None
    still = self_match.crossing(state, order.Account, order.Terms)
    left = self_match.left(state, waiting)
    if left > 0 and still:  # a venue would not cancel, or another one came meanwhile
        yield ev.SelfMatchSettled(OrderID=order.OrderID)
        why = checks.refused("self_match", checks.crossed(order.Terms, still[0].OrderID), state)
        yield from refuse(state, order, OrdRejReason.BrokerOption, why, now)
        return None
    if left <= 0:
        yield ev.SelfMatchSettled(OrderID=order.OrderID)
        yield _over(order, None, "self-match prevention left nothing of it", now)
        return None
    if left == order.Terms.quantity:
        yield ev.SelfMatchSettled(OrderID=order.OrderID)
        return order
    yield ev.SelfMatchSettled(OrderID=order.OrderID, OrderQty=left)
    parts = {"MinQty": order.Terms.MinQty, "DisplayQty": order.Terms.DisplayQty}
    less = {name: min(part, left) for name, part in parts.items() if part is not None}
    terms = order.Terms.model_copy(update={"OrderQty": left, **less})
    yield from _declined(order, left, now)
    return order.model_copy(update={"Terms": terms})


def _declined(order: NewOrder, left: Decimal, now: Instant) -> Effects:
    """The account hears New, and that the rest was declined, before anything else of the order."""
    restated = {
        "OrderQty": left,
        "ExecRestatementReason": ExecRestatementReason.PartialDeclineOfOrderQty,
        "Text": "self-match prevention",
    }
    account = f"account/{order.Account}"
    yield Send(account, _word(order, ExecType.New, "new", now))
    word = _word(order, ExecType.Restated, "declined", now)
    yield Send(account, word.model_copy(update=restated))


def cancel(state: BookState, request: CancelOrder, now: Instant) -> Effects:
    """The account wants the order no more before it went anywhere."""
    order = state.waiting[request.OrderID].order
    yield ev.SelfMatchSettled(OrderID=order.OrderID)
    yield _over(order, request.RequestID, None, now)


def not_now(state: BookState, request: ReplaceOrder) -> Send:
    """An order that waits for others of its owner cannot be replaced."""
    order = state.waiting[request.OrderID].order
    return Send(
        f"account/{order.Account}",
        RequestRejected(
            OrderID=order.OrderID,
            Symbol=order.Terms.Symbol,
            Account=order.Account,
            RequestID=request.RequestID,
            CxlRejReason=CxlRejReason.BrokerOption,
            Text="it waits until others of its owner are cancelled; try again, or cancel it",
        ),
    )


def unasked(up: Execution, parent: Parent) -> Execution:
    """What came of the book's own request: the account asked for nothing, and is told why."""
    return up.model_copy(
        update={
            "RequestID": None,
            "OrderQty": parent.order_qty if up.ExecType is ExecType.Replaced else up.OrderQty,
            "ExecRestatementReason": self_match.WHY,
            "Text": "self-match prevention",
        }
    )


def _over(order: NewOrder, request_id: str | None, text: str | None, now: Instant) -> Send:
    word = _word(order, ExecType.Canceled, "self-match", now)
    more = {"RequestID": request_id, "Text": text}
    if request_id is None:
        more["ExecRestatementReason"] = self_match.WHY
    return Send(f"account/{order.Account}", word.model_copy(update=more))


def _word(order: NewOrder, kind: ExecType, word: str, now: Instant) -> Execution:
    return Execution(
        OrderID=order.OrderID,
        Symbol=order.Terms.Symbol,
        Account=order.Account,
        ExecType=kind,
        Venue=order.Terms.ExDestination or "NONE",
        VenueExecID=f"{order.OrderID}.{word}",
        TransactTime=now,
    )
