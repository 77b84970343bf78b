"""Orders that wait for people: compliance approves, a trader releases, the account keeps count.

A staged order is an open order that is held here: it is accepted and reserved, its desk has heard
PendingNew with WorkingIndicator N and why, and a cancel, a disconnect or a kill ends it at once. It
goes out by the last approval and by nothing else.
"""

from typing import NamedTuple

from actors import rules
from actors.account import reports
from actors.account.answers import Effects, next_exec_id
from actors.account.state import AccountState, Order, Staging
from actors.actor import Send, Timer
from messages import events as ev
from messages.approvals import (
    DecideOrder,
    Decision,
    DecisionReport,
    DecisionStatus,
    ExpireApprovals,
)
from messages.base import SECOND, Instant
from messages.fix import ExecType, HandlInst, OrdRejReason, OrdStatus
from messages.operators import FromOperator
from messages.people import Role
from messages.refusals import Refusal
from messages.routing import NewOrder

EXPIRE_AFTER: Instant = 3600 * SECOND
"""Where the rule book does not say how long an order waits."""


class Wait(NamedTuple):
    """Why an order waits for people, for whom one after the other, and the rule that asks."""

    why: str
    steps: tuple[Role, ...]
    asked: Refusal | None


def wanted(
    proposal: rules.Proposal, state: AccountState, handling: HandlInst | None
) -> Wait | None:
    """None: the order goes out at once."""
    asked = rules.asks_approval(proposal, state)
    if handling is HandlInst.ManualOrder:
        return Wait("the desk has staged it", (Role.Compliance, Role.Trader), asked)
    return Wait(_why(asked), (Role.Compliance,), asked) if asked else None


def _why(asked: Refusal) -> str:
    return f"{asked.Field} {asked.Given} {asked.Allowed}"


def stage(
    state: AccountState,
    order: Order,
    wait: Wait,
    proposal: rules.Proposal,
    exec_id: str,
    now: Instant,
) -> Effects:
    """The order was accepted, and waits."""
    yield ev.OrderStaged(
        OrderID=order.OrderID,
        Steps=wait.steps,
        Text=wait.why,
        ExpiresAt=now + (proposal.limits.approve_ns or EXPIRE_AFTER),
        Asked=wait.asked,
        Trader=proposal.trader,
    )
    text = f"waits for {wait.steps[0]}: {wait.why}"
    yield _pending(proposal.account, order, exec_id, text, now)
    yield _wake(state)


def decide(account: str, state: AccountState, said: FromOperator, now: Instant) -> Effects:
    """What a person says of an order; each gets an answer."""
    wish = said.Request
    assert isinstance(wish, DecideOrder)
    order, staging = state.orders.get(wish.OrderID), state.staged.get(wish.OrderID)
    fault = _fault(order, staging, said, wish)
    if order and staging and not fault and wish.Decision is Decision.Approve:
        fault = _objection(account, state, order, staging, now)
    if order is None or fault:
        yield ev.DecisionRefused(
            OrderID=wish.OrderID, Decision=wish.Decision, By=said.Operator, Text=fault
        )
        yield _answer(account, order, staging, said.Operator, wish, now, fault)
        return
    match wish.Decision:
        case Decision.Note:
            yield _decided(order, None, said, wish, None, now)
        case Decision.HandOver:
            yield _decided(order, Role.Trader, said, wish, None, now)
        case Decision.Approve:
            yield from _approve(account, state, order, said, wish, now)
        case Decision.Return:
            exec_id = next_exec_id(account, state)
            yield _decided(order, _step(staging), said, wish, exec_id, now)
            text = f"returned by {said.Operator}: {wish.Comment}; replace it or cancel it"
            yield _pending(account, order, exec_id, text, now)
        case Decision.Refuse:
            yield _decided(order, _step(staging), said, wish, None, now)
            yield from _refuse(account, state, order, said.Operator, wish, now)
    yield _answer(account, order, state.staged.get(wish.OrderID), said.Operator, wish, now)


def replaced(proposal: rules.Proposal, state: AccountState, order: Order, now: Instant) -> Effects:
    """The desk's replace of an order that waits: done at once, and decided on from the start."""
    account, clordid = proposal.account, proposal.clordid
    request, staging = order.request(clordid), state.staged[order.OrderID]
    assert request is not None
    assert request.terms is not None
    exec_id, before = next_exec_id(account, state), order.ClOrdID
    asked = rules.asks_approval(proposal, state)
    why = _why(asked) if asked else staging.why
    yield ev.StagedOrderReplaced(
        OrderID=order.OrderID,
        ExecID=exec_id,
        ClOrdID=clordid,
        Terms=request.terms,
        ReservePx=request.reserve_px,
        Steps=staging.steps,
        Text=why,
        Asked=asked,
        Trader=proposal.trader,
    )
    yield reports.of_order(
        account,
        order,
        ExecType.Replaced,
        exec_id,
        now,
        orig=before,
        text=f"waits for {staging.steps[0]}: {why}",
    )


def expire(account: str, state: AccountState, now: Instant) -> Effects:
    """Orders that have waited for too long."""
    for staging in [s for s in state.staged.values() if s.expires_at <= now]:
        order, exec_id = state.orders[staging.OrderID], next_exec_id(account, state)
        text = f"nobody with the role {_step(staging)} has approved it in time"
        yield ev.OrderExpired(
            OrderID=order.OrderID, ExecID=exec_id, OrdStatus=OrdStatus.Expired, Text=text
        )
        yield reports.of_order(account, order, ExecType.Expired, exec_id, now, text=text)
    if state.staged:
        yield _wake(state)


def _wake(state: AccountState) -> Timer:
    first = min(staging.expires_at for staging in state.staged.values())
    return Timer("approval", first, ExpireApprovals())


def _step(staging: Staging | None) -> Role | None:
    """Who is to decide next."""
    return staging.steps[staging.done] if staging else None


def _objection(
    account: str, state: AccountState, order: Order, staging: Staging, now: Instant
) -> str:
    """What the rules say before it goes out: limits and lists may have changed meanwhile.

    Its ClOrdID is its own, so the rule against repeats is asked about none.
    """
    if staging.done < len(staging.steps) - 1:
        return ""
    sender = staging.sender
    proposal = rules.proposed(account, state, order.Desk, "", order.terms, now, sender, order)
    objection = rules.first_objection(proposal, state)
    return f"{objection[1].text()} (rule {objection[1].Rule})" if objection else ""


def _fault(
    order: Order | None,
    staging: Staging | None,
    said: FromOperator,
    wish: DecideOrder,
) -> str:
    """Why this person may not decide so; "" where they may."""
    who = said.Operator
    if order is None:
        return f"{wish.OrderID} is no order of {wish.Account}; see: oms approvals"
    if wish.Decision is Decision.Note:
        return ""
    if staging is None:
        return f"{order.OrderID} waits for nobody: it is {order.shown_status}"
    if said.Desk == order.Desk:
        return f"{who} is of desk {order.Desk}, whose order it is: somebody else decides"
    if who in staging.deciders:
        return f"{who} has approved it already: it takes another person"
    if wish.Decision is Decision.HandOver:
        return _hand_over_fault(staging, said, wish)
    step = _step(staging)
    senior = wish.Decision is not Decision.Approve and Role.Compliance in said.Roles
    if step not in said.Roles and not senior:
        own = ", ".join(said.Roles) or "no role"
        return f"it waits for {step}, and {who} has {own}"
    if step is Role.Trader and not senior and staging.trader not in ("", who):
        return f"it is {staging.trader}'s to release: have it handed over"
    if wish.Decision is not Decision.Refuse and staging.returned:
        return f"it was returned to desk {order.Desk}, which is to replace or cancel it"
    return ""


def _hand_over_fault(staging: Staging, said: FromOperator, wish: DecideOrder) -> str:
    if Role.Trader not in staging.steps:
        return "no trader is to release it: it goes out when compliance approves"
    if Role.Trader not in said.Roles:
        return f"only a trader hands over, and {said.Operator} is none"
    if staging.trader not in ("", said.Operator):
        return f"it is {staging.trader}'s to hand over"
    if wish.To in staging.deciders:
        return f"{wish.To} has approved it already: it takes another person"
    return ""


def _approve(
    account: str,
    state: AccountState,
    order: Order,
    said: FromOperator,
    wish: DecideOrder,
    now: Instant,
) -> Effects:
    """The next step is done; after the last one the order goes out."""
    staging = state.staged[order.OrderID]
    last = staging.done == len(staging.steps) - 1
    exec_id = next_exec_id(account, state)
    yield _decided(order, _step(staging), said, wish, exec_id, now)
    after = f": {wish.Comment}" if wish.Comment else ""
    then = "goes out" if last else f"waits for {_step(staging)}"
    text = f"approved by {said.Operator}{after}; {then}"
    yield _pending(account, order, exec_id, text, now)
    if last:
        down = NewOrder(OrderID=order.OrderID, Account=account, Terms=order.terms, Desk=order.Desk)
        yield Send(f"book/{order.terms.Symbol}", down)


def _refuse(
    account: str,
    state: AccountState,
    order: Order,
    who: str,
    wish: DecideOrder,
    now: Instant,
) -> Effects:
    exec_id, text = next_exec_id(account, state), f"refused by {who}: {wish.Comment}"
    reason = OrdRejReason.BrokerOption
    yield ev.OrderRejected(
        OrderID=order.OrderID,
        ExecID=exec_id,
        OrdStatus=OrdStatus.Rejected,
        OrdRejReason=reason,
        Text=text,
    )
    yield reports.of_order(
        account, order, ExecType.Rejected, exec_id, now, reason=reason, text=text
    )


def _decided(
    order: Order,
    step: Role | None,
    said: FromOperator,
    wish: DecideOrder,
    exec_id: str | None,
    now: Instant,
) -> ev.OrderDecided:
    return ev.OrderDecided(
        OrderID=order.OrderID,
        Decision=wish.Decision,
        By=said.Operator,
        Roles=said.Roles,
        Step=step,
        To=wish.To,
        Comment=wish.Comment,
        At=now,
        ExecID=exec_id,
    )


def _pending(account: str, order: Order, exec_id: str, text: str, now: Instant) -> Send:
    return reports.of_order(
        account,
        order,
        ExecType.PendingNew,
        exec_id,
        now,
        text=text,
    )


def _answer(
    account: str,
    order: Order | None,
    staging: Staging | None,
    who: str,
    wish: DecideOrder,
    now: Instant,
    fault: str = "",
) -> Send:
    report = DecisionReport(
        Account=account,
        OrderID=wish.OrderID,
        Decision=wish.Decision,
        DecisionStatus=DecisionStatus.Refused if fault else DecisionStatus.Taken,
        OrdStatus=order.shown_status if order else None,
        Awaits=_step(staging),
        Text=fault or None,
        TransactTime=now,
    )
    return Send(f"desk/{who}", report)
