"""How what was seen becomes what is remembered. Makes no choice, and nothing here raises alerts."""

from decimal import Decimal

from actors.surveillance.state import (
    ACTS,
    ALERTS,
    CUSTOMERS,
    HOUSE,
    LIVE,
    MINUTES,
    NEWS,
    PAST,
    TAPE,
    TAPES,
    TRACKS,
    TRADES,
    ZERO,
    Case,
    Habit,
    Known,
    Minute,
    Order,
    SurveillanceState,
    Tape,
    Track,
    Trade,
    key,
    push,
    trim,
)
from messages import events as ev
from messages.base import SECOND, Instant
from messages.thresholds import Capacity


def order_seen(state: SurveillanceState, known: Known, event: ev.OrderSeen) -> None:
    """It lives from here on."""
    party = known.party(event.Account)
    order = Order(
        event.OrderID, event.Account, party.Owner or event.Account, event.Desk, event.Symbol,
        event.Side.sign, event.OrderQty, event.Price, event.At, event.Entry, most=event.OrderQty,
    )  # fmt: skip
    state.live[order.id] = order
    if len(state.live) > LIVE:
        _forget(state, state.live[next(iter(state.live))])
    track = track_of(state, order.owner, order.symbol)
    track.live[order.id] = True
    push(track.acts, order.at, ACTS)
    minute(track, order.at).entered += 1
    tape = tape_of(state, order.symbol)
    if party.Capacity is Capacity.Customer:
        tape.customers[order.id] = True
        trim(tape.customers, CUSTOMERS)


def order_revised(state: SurveillanceState, event: ev.OrderRevised) -> None:
    """It is another order now; for who counts cancels it was one."""
    order = state.live.get(event.OrderID)
    if order is None:
        return
    order.qty, order.px = event.OrderQty, event.Price
    order.most = max(order.most, event.OrderQty)
    track = track_of(state, order.owner, order.symbol)
    push(track.acts, event.At, ACTS)
    now = minute(track, event.At)
    now.entered += 1
    now.canceled += 1


def order_gone(state: SurveillanceState, event: ev.OrderGone) -> None:
    """It ended; the track remembers it for a while."""
    order = state.live.get(event.OrderID)
    if order is None:
        return
    order.gone_at, order.asked, order.gone_entry = event.At, event.Asked, event.Entry
    _forget(state, order)
    track = track_of(state, order.owner, order.symbol)
    push(track.past, order, PAST)
    if event.Asked:
        push(track.acts, event.At, ACTS)
        minute(track, event.At).canceled += 1


def fill_seen(state: SurveillanceState, known: Known, event: ev.FillSeen) -> None:
    """It is on the tape, in the track, and part of what the owner usually does."""
    order = state.live.get(event.OrderID)
    if order is None:
        return  # it was let go, or ended before: a fill after the end
    quick = event.At - order.at <= SECOND
    trade = Trade(
        order.id, order.account, order.owner, order.desk, order.sign, event.LastQty, event.LastPx,
        event.At, event.Entry, event.Venue, quick,
    )  # fmt: skip
    track = track_of(state, order.owner, order.symbol)
    if order.filled == ZERO:
        minute(track, event.At).filled += 1
    order.filled += event.LastQty
    push(track.trades, trade, TRADES)
    tape = tape_of(state, order.symbol)
    push(tape.trades, trade, TAPE)
    if known.is_house(order.account):
        push(tape.house, trade, HOUSE)
    habit = state.habits.pop(order.owner, None) or Habit()
    habit.trades += 1
    habit.money += trade.qty * trade.px * known.multiplier(order.symbol)
    state.habits[order.owner] = habit
    trim(state.habits, TRACKS)
    if order.filled >= order.qty:
        order.gone_at = event.At
        _forget(state, order)
        push(track.past, order, PAST)


def quote_seen(state: SurveillanceState, event: ev.QuoteSeen) -> None:
    """The latest prices."""
    tape = tape_of(state, event.Symbol)
    tape.bid, tape.offer, tape.quoted_at = event.BidPx, event.OfferPx, event.At


def alert_raised(state: SurveillanceState, event: ev.AlertRaised) -> None:
    """A case begins."""
    state.alerts += 1
    state.cases[event.AlertID] = Case()
    if len(state.cases) > ALERTS:
        closed = (name for name, case in state.cases.items() if case.status == "Closed")
        del state.cases[next(closed, next(iter(state.cases)))]
    name = quiet_key(event.Pattern, event.Owner, event.Symbol)
    state.last.pop(name, None)
    state.last[name] = event.At
    trim(state.last, ALERTS)


def case_moved(state: SurveillanceState, event: ev.CaseMoved) -> None:
    """Where the case stands now."""
    case = state.cases.get(event.AlertID)
    if case is not None:
        case.status, case.assignee = event.CaseStatus, event.Assignee
        assignee = event.Assignee if event.Step == "Assign" else None
        case.said = said(event.Operator, event.Step, assignee, event.Text)


def news_heard(state: SurveillanceState, event: ev.NewsHeard) -> None:
    """The same news again is no news."""
    state.news[said(event.Symbol, str(event.At), event.Headline)] = True
    trim(state.news, NEWS)


def said(*words: str | None) -> str:
    """The same words, the same name: a border may bring them twice."""
    return " ".join(word or "-" for word in words)


def quiet_key(pattern: str, owner: str, symbol: str) -> str:
    """What is one alert within the time of ``Quiet``."""
    return f"{pattern} {owner} {symbol}"


def track_of(state: SurveillanceState, owner: str, symbol: str) -> Track:
    """The owner's track, the last one from now on."""
    name = key(owner, symbol)
    track = state.tracks.pop(name, None)
    if track is None:
        track = Track()
        if len(state.tracks) >= TRACKS:
            _drop(state, next(iter(state.tracks)))
    state.tracks[name] = track
    return track


def _drop(state: SurveillanceState, name: str) -> None:
    for order_id in state.tracks.pop(name).live:
        order = state.live.pop(order_id, None)
        if order is not None and order.symbol in state.tapes:
            state.tapes[order.symbol].customers.pop(order_id, None)


def tape_of(state: SurveillanceState, symbol: str) -> Tape:
    """The symbol's tape."""
    tape = state.tapes.get(symbol)
    if tape is None:
        trim(state.tapes, TAPES - 1)
        tape = state.tapes[symbol] = Tape()
    return tape


def minute(track: Track, at: Instant) -> Minute:
    """The counts of that minute; what comes late counts for the last one."""
    number = at // (60 * SECOND)
    if not track.minutes or track.minutes[-1].number < number:
        push(track.minutes, Minute(number), MINUTES)
    return track.minutes[-1]


def _forget(state: SurveillanceState, order: Order) -> None:
    """It lives no more."""
    state.live.pop(order.id, None)
    track = state.tracks.get(key(order.owner, order.symbol))
    if track is not None:
        track.live.pop(order.id, None)
    tape = state.tapes.get(order.symbol)
    if tape is not None:
        tape.customers.pop(order.id, None)


def money(order: Order, multiplier: Decimal, px: Decimal | None = None) -> Decimal:
    """What the order is worth at its price; 0 where it has none and no other is given."""
    return order.qty * (order.px or px or ZERO) * multiplier
