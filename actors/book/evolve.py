"""How a book's events change its state: the only place that does."""

from decimal import Decimal
from typing import assert_never

from actors import kills
from actors.book import evolve_rules
from actors.book.state import BookState, Child, Ending, Parent, Replace, Work
from messages import events as ev
from messages.fix import ExecType, SecurityTradingStatus, TimeInForce
from messages.kills import KilledState
from messages.terms import Terms

ENDS = frozenset((ExecType.Canceled, ExecType.Rejected, ExecType.Expired))
FILLS = frozenset((ExecType.Trade, ExecType.TradeCancel, ExecType.TradeCorrect))
_ANSWERS = ENDS | {ExecType.Replaced}
DONE = frozenset((ExecType.DoneForDay, ExecType.Calculated))
TRAILS = ("Side", "PegOffsetValue", "PegOffsetType")


def apply(state: BookState, event: ev.BookEvent) -> None:
    """Make ``event`` true of ``state``."""
    match event:
        case ev.OrderRouted():
            _routed(state, event)
        case ev.ChildExecuted():
            _executed(state, event)
        case ev.ChildAdopted():
            terms = event.Terms
            _parent(state, event.OrderID, event.OrderID, event.Account, event.Venue, terms)
            state.children[event.OrderID] = event.OrderID
        case ev.RequestRouted():
            if event.Terms:
                quantity = event.OrderQty or event.Terms.OrderQty
                replace = Replace(event.Terms, event.Plan, quantity)
                state.parents[event.OrderID].replaces[event.RequestID] = replace
        case ev.ChildRequestRejected():
            _request_rejected(state, event)
        case ev.OrderUnroutable() | ev.BreakFound():
            pass  # said and recorded; nothing to remember
        case ev.RulesAdopted() | ev.SelfMatchFound() | ev.SelfMatchSettled():
            evolve_rules.apply(state, event)
        case ev.KillBegan() | ev.KillEnded():
            kills.apply(state, event)
        case ev.KillListed() | ev.KillTold():
            kills.listed(state, event)
        case ev.DayOrderOverdue():
            state.parents[event.OrderID].overdue = True
        case (
            ev.InstrumentDefined()
            | ev.VenueDefined()
            | ev.CalendarDefined()
            | ev.SessionTurned()
            | ev.VenueFollowed()
            | ev.QuoteHeard()
            | ev.QuoteWentStale()
            | ev.TradingStatusHeard()
        ):
            _around(state, event)
        case ev.OrderPlanned():
            parent = _parent(state, event.OrderID, "", event.Account, event.Venue, event.Terms)
            parent.desk = event.Desk or ""
            parent.worked = True
            parent.work = Work(event.Terms, event.Plan)
            parent.work.acknowledged = event.OrderID in state.declined
            state.worked[event.OrderID] = None
        case _:
            _work(state, event)


def _around(
    state: BookState,
    event: ev.InstrumentDefined
    | ev.VenueDefined
    | ev.CalendarDefined
    | ev.SessionTurned
    | ev.VenueFollowed
    | ev.QuoteHeard
    | ev.QuoteWentStale
    | ev.TradingStatusHeard,
) -> None:
    """What the book is told of the world around its orders."""
    match event:
        case ev.InstrumentDefined(Definition=instrument):
            state.definition = instrument
        case ev.VenueDefined(Definition=venue):
            state.venues[venue.Venue] = venue
        case ev.CalendarDefined(Calendar=calendar):
            state.calendar = calendar
        case ev.SessionTurned():
            _turned(state, event)
        case ev.VenueFollowed():
            _followed(state, event)
        case ev.QuoteHeard(Quote=quote):
            state.quotes[quote.Venue] = quote
        case ev.QuoteWentStale():
            state.quotes.pop(event.Venue, None)
        case ev.TradingStatusHeard():
            state.statuses[event.Venue] = event.Status
        case _:
            assert_never(event)


def _followed(state: BookState, event: ev.VenueFollowed) -> None:
    """Of the symbol a venue says at any time that it is halted; all else only to who follows."""
    if not event.On:
        state.followed.pop(event.Venue, None)
        state.quotes.pop(event.Venue, None)
        return
    state.followed[event.Venue] = None
    if state.statuses.get(event.Venue) is not SecurityTradingStatus.Halt:
        state.statuses.pop(event.Venue, None)


def _work(
    state: BookState,
    event: ev.QuantityMeasured
    | ev.WaitBegan
    | ev.TrailMoved
    | ev.OrderTriggered
    | ev.ChildRequested
    | ev.PlanReplaced
    | ev.OrderEnding
    | ev.EndingWithdrawn
    | ev.OrderEnded
    | ev.OrderPaused
    | ev.OrderRenewed,
) -> None:
    """What the book itself does for an order."""
    if isinstance(event, ev.ChildRequested):
        parent = state.parents[state.children[event.ChildID]]
    else:
        parent = state.parents[event.OrderID]
    work = parent.work
    assert work is not None
    match event:
        case ev.QuantityMeasured():
            parent.order_qty = event.OrderQty
        case ev.WaitBegan():
            work.acknowledged = True
        case ev.TrailMoved():
            work.stop_px = event.StopPx
        case ev.OrderTriggered():
            work.triggered = True
        case ev.ChildRequested():
            wanted = None if event.OrderQty is None else (event.OrderQty, event.Price)
            work.children[event.ChildID].asked[event.RequestID] = wanted
            work.requests += 1
        case ev.PlanReplaced():
            _replan(parent, work, Work(event.Terms, event.Plan), event.OrderQty)
            parent.replaces.pop(event.RequestID, None)
            work.ending = None
        case ev.OrderEnding():
            work.ending = Ending(
                event.ExecType, event.RequestID, event.ExecRestatementReason, event.Text
            )
        case ev.EndingWithdrawn():
            if work.ending:
                parent.replaces.pop(work.ending.RequestID or "", None)
            work.ending = None
            if parent.open:
                kills.settles(state, parent.OrderID, KilledState.CancelRefused)
        case ev.OrderEnded():
            kills.settles(state, parent.OrderID, KilledState(event.ExecType.value))
            _reduce(state, parent)
        case ev.OrderPaused():
            work.paused = True
            work.acknowledged = True
        case ev.OrderRenewed():
            work.paused = False
        case _:
            assert_never(event)
    note_open(state, parent)


def note_open(state: BookState, parent: Parent) -> None:
    """Bring the list of open orders up to date."""
    if parent.open:
        state.open[parent.OrderID] = None
    else:
        state.open.pop(parent.OrderID, None)
        if state.closing:
            how = KilledState.Canceled if parent.ended else KilledState.Filled
            kills.settles(state, parent.OrderID, how)
        if parent.terms is not None:
            evolve_rules.rest_no_more(state, parent)


def _parent(
    state: BookState, order_id: str, child_id: str, account: str, venue: str, terms: Terms
) -> Parent:
    day = terms.TimeInForce is TimeInForce.Day
    parent = Parent(order_id, child_id, account, venue, terms.OrderQty, day)
    state.parents[order_id] = parent
    state.open[order_id] = None
    if state.rules is not None and state.rules.SelfMatch is not None:
        evolve_rules.rest(state, parent, terms)
    return parent


def _routed(state: BookState, event: ev.OrderRouted) -> None:
    state.children[event.ChildID] = event.OrderID
    parent = state.parents.get(event.OrderID)
    if parent is None:
        terms, account = event.Terms, event.Account
        parent = _parent(state, event.OrderID, event.ChildID, account, event.Venue, terms)
        parent.desk = event.Desk or ""
        state.unheard[event.OrderID] = None
        return
    work = parent.work
    assert work is not None
    parent.ChildID = event.ChildID
    leg = min(len(work.children), len(work.type.legs) - 1)
    work.children[event.ChildID] = Child(
        event.ChildID, leg, event.Terms.quantity, event.Terms.Price
    )


def _executed(state: BookState, event: ev.ChildExecuted) -> None:
    parent = state.parents[state.children[event.ChildID]]
    if state.own and event.ExecType in _ANSWERS:
        state.own.pop(event.RequestID or "", None)
    if parent.work:
        _child_executed(parent, parent.work, parent.work.children[event.ChildID], event)
        note_open(state, parent)
        return
    state.unheard.pop(parent.OrderID, None)
    parent.cum_qty += _traded(parent, parent.cum_qty, event)
    if event.ExecType is ExecType.Replaced and event.RequestID in parent.replaces:
        new = parent.replaces.pop(event.RequestID)
        parent.order_qty = new.order_qty
        if parent.terms is not None:
            parent.terms = new.terms
        parent.day = new.terms.TimeInForce is TimeInForce.Day
    if event.OrderQty is not None:
        parent.order_qty = event.OrderQty
    if event.ExecType in ENDS or event.Ends is not None:
        parent.ended = True
        parent.replaces.clear()
    note_open(state, parent)
    if parent.day and event.ExecType in DONE:
        state.open.pop(parent.OrderID, None)


def _traded(parent: Parent, cum_qty: Decimal, event: ev.ChildExecuted) -> Decimal:
    """By how much an execution changes CumQty of the child, which is ``cum_qty`` before."""
    before = parent.fills.get(event.VenueExecRefID or "", Decimal(0))
    match event.ExecType:
        case ExecType.Trade if event.LastQty:
            parent.fills[event.VenueExecID] = event.LastQty
            return event.LastQty
        case ExecType.TradeCancel:
            parent.fills.pop(event.VenueExecRefID or "", None)
            return -before
        case ExecType.TradeCorrect if event.LastQty:
            parent.fills[event.VenueExecID] = event.LastQty
            return event.LastQty - before
        case ExecType.Restated if event.CumQty is not None:
            return event.CumQty - cum_qty
        case _:
            return Decimal(0)


def _child_executed(parent: Parent, work: Work, child: Child, event: ev.ChildExecuted) -> None:
    worked = child.leaves > 0
    traded = _traded(parent, child.cum_qty, event)
    parent.cum_qty += traded
    child.cum_qty += traded
    child.acknowledged = True
    if event.ExecType is ExecType.New:
        work.acknowledged = True
    if event.ExecType is ExecType.Trade:
        work.last_px = event.LastPx
    if traded < 0 and not worked:
        child.revived = True
    if event.ExecType in DONE:
        child.done = True
    elif event.ExecType in (ExecType.New, ExecType.Replaced, ExecType.Restated):
        child.done = False
    if event.ExecType is ExecType.Replaced and event.RequestID in child.asked:
        qty, child.price = child.asked.pop(event.RequestID) or (child.qty, child.price)
        child.qty = max(qty, child.cum_qty)
        if event.RequestID in parent.replaces:
            new = parent.replaces.pop(event.RequestID)
            _replan(parent, work, Work(new.terms, new.plan or work.plan), new.order_qty)
    if event.OrderQty is not None:
        if parent.order_qty is not None:
            parent.order_qty += event.OrderQty - child.qty
        child.qty = event.OrderQty
    if event.Price is not None:
        child.price = event.Price
    if event.ExecType in ENDS or event.Ends is not None:
        child.ended = True
        child.asked.clear()


def _replan(parent: Parent, work: Work, new: Work, order_qty: Decimal | None) -> None:
    """The terms and plan of ``new``; a total below what was filled means: stop."""
    if any(getattr(work.terms, name) != getattr(new.terms, name) for name in TRAILS):
        work.stop_px = None
    if work.plan.Kind != new.plan.Kind and not work.children:
        work.stop_px, work.triggered = None, False
    work.terms, work.plan = new.terms, new.plan
    if parent.terms is not None:
        parent.terms = new.terms
    parent.day = new.terms.TimeInForce is TimeInForce.Day
    if order_qty is not None:
        parent.order_qty = max(order_qty, parent.cum_qty)


def _request_rejected(state: BookState, event: ev.ChildRequestRejected) -> None:
    parent = state.parents[state.children[event.ChildID]]
    state.own.pop(event.RequestID, None)
    ending = parent.work.ending if parent.work else None
    if ending is None or ending.RequestID != event.RequestID:
        parent.replaces.pop(event.RequestID, None)
    if parent.work:
        child = parent.work.children[event.ChildID]
        child.asked.pop(event.RequestID, None)
        child.ended = child.ended or event.Ended


def _reduce(state: BookState, parent: Parent) -> None:
    """The book is done with it: what is left is for late fills, busts and corrections."""
    parent.ended = True
    parent.work = None
    parent.replaces.clear()
    if parent.terms is not None:
        evolve_rules.rest_no_more(state, parent)
    state.worked.pop(parent.OrderID, None)
    state.open.pop(parent.OrderID, None)
    state.due.pop(parent.OrderID, None)


def _hand_over(state: BookState, parent: Parent) -> None:
    """It is filled and its day is over. What may still come is a bust: the venue's business."""
    parent.work = None
    parent.worked = False
    state.worked.pop(parent.OrderID, None)


def _turned(state: BookState, event: ev.SessionTurned) -> None:
    state.turn = event.Next
    match event.Kind:
        case "Close":
            state.today = None
            for parent in state.working():
                assert parent.work is not None
                if not parent.open and parent.work.busy is None:
                    _hand_over(state, parent)
            open_orders = (state.parents[order_id] for order_id in state.open)
            state.due = {p.OrderID: None for p in open_orders if p.day and not p.overdue}
        case "Check":
            state.due = {}
        case "Open" | None:
            state.today = event.TradeDate
            state.opened_at = event.OpenedAt or 0
            for parent in state.working() if event.Kind else ():
                assert parent.work is not None
                parent.work.opened = True
