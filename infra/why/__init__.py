"""Why an order is in the state it is in: what decided it, by which rule, and what it waits for.

Told from the journals alone, so it can be asked while everything runs and when nothing does. The
status is that of the replayed account; the reason is the last event that moved it there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from actors.account.state import AccountState, Order
from infra.followed import Followed, collect
from infra.replayed import account_states
from infra.telling import words
from infra.why.decisive import MOVES, REQUESTS, reason
from infra.why.waiting import waits_for
from messages import events as ev
from messages.base import Event, Instant
from messages.entry import EntryCopy
from messages.fix import OrdStatus
from messages.refusals import Refusal

STAYS = frozenset(
    (
        OrdStatus.Canceled, OrdStatus.Expired, OrdStatus.DoneForDay, OrdStatus.Calculated,
        OrdStatus.Suspended, OrdStatus.Stopped,
    )
)  # fmt: skip
"""States in which fills still come, and are taken back, without any say in them."""


LATEST = 10
"""At most so many of the events since."""


@dataclass
class Why:
    """``status`` is None for a request that no order came of; ``waits`` is empty where it is over.

    ``causes``: the messages that led to the decisive event, the nearest first. ``since``: what the
    account journaled of it since, the latest last, and which moved it nowhere.
    """

    account: str
    desk: str
    order_id: str
    clordids: list[str]
    status: OrdStatus | None
    reason: str
    at: Instant | None = None
    actor: str = ""
    entry: int | None = None
    event: str = ""
    refusal: Refusal | None = None
    causes: list[str] = field(default_factory=list)
    since: list[str] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)


def why(data: Path, followed: Followed) -> Why:
    """Explain it.

    Raises:
        CannotRead: a journal is damaged.
    """
    entries = collect(data, followed)
    state = account_states(data, followed.account)[followed.account]
    order = state.orders.get(followed.order_id)
    found = Why(
        followed.account, followed.desk, followed.order_id, followed.clordids, None,
        "nothing came of it: no event tells of it",
    )  # fmt: skip
    if order is not None:
        found.status = order.shown_status
    decisive = _decisive(entries, order)
    if decisive is not None:
        entry, event = decisive
        found.reason = reason(event, order)
        found.at, found.actor, found.entry = entry.At, entry.Actor, entry.Number
        found.event = type(event).__name__
        found.refusal = getattr(event, "Refusal", None) or getattr(event, "Asked", None)
        found.causes = _causes(entry, entries)
        found.since = _since(entry, event, entries)
        if isinstance(event, ev.OrderRefused):
            found.status = OrdStatus.Rejected
    if order is not None:
        found.waits = _waits(data, followed, state, order)
    found.alarms = [
        f"{event.What} ({entry.Actor} entry {entry.Number})"
        for entry in entries
        for event in entry.Events
        if isinstance(event, ev.BreakFound)
    ]
    return found


def _waits(data: Path, followed: Followed, state: AccountState, order: Order) -> list[str]:
    if order.over and not order.pending:
        return []
    return list(waits_for(data, followed, state, order))


def _decisive(entries: Sequence[EntryCopy], order: Order | None) -> tuple[EntryCopy, Event] | None:
    """The entry and event that put the order where it is: its open request, or its last move."""
    pending = order.pending[-1].ClOrdID if order and order.pending else None
    shown = order is not None and order.shown_status is not order.status
    moved: tuple[EntryCopy, Event] | None = None
    asked: tuple[EntryCopy, Event] | None = None
    parked: tuple[EntryCopy, Event] | None = None
    status: OrdStatus | None = None
    for entry in entries:
        for event in entry.Events:
            if isinstance(event, ev.MessageParked):
                parked = entry, event
            if not entry.Actor.startswith("account/"):
                continue
            if isinstance(event, REQUESTS) and getattr(event, "ClOrdID", None) == pending:
                asked = entry, event
            elif isinstance(event, MOVES) and _of(event, order):
                now = getattr(event, "OrdStatus", None)
                if moved is None or now not in STAYS or now is not status:
                    moved = entry, event  # else a late fill, say: it decided nothing
                status = now
    return (asked if shown else None) or moved or asked or parked


def _since(last: EntryCopy, event: Event, entries: Sequence[EntryCopy]) -> list[str]:
    """What the account journaled after the decisive event, whatever events there are."""
    place = next(i for i, one in enumerate(last.Events) if one is event) + 1
    told = [(last, one) for one in last.Events[place:]]
    told += [
        (entry, one)
        for entry in entries
        if entry.Actor == last.Actor and entry.Number > last.Number
        for one in entry.Events
    ]
    return [f"{words(one)} (entry {entry.Number})" for entry, one in told][-LATEST:]


def _of(event: Event, order: Order | None) -> bool:
    """Whether the event is about that order, and no repeat of its ClOrdID, nor a note on it."""
    if isinstance(event, ev.OrderDecided) and event.Step is None:
        return False
    return order is None or getattr(event, "OrderID", None) == order.OrderID


def _causes(entry: EntryCopy, entries: Sequence[EntryCopy]) -> list[str]:
    """``Execution from book/AAPL (entry 5 there)`` and so on, back to the first message."""
    span_of = {one.Trace[36:52]: one for one in entries if one.Trace}
    told, seen = [], set[str]()
    while True:
        above = span_of.get(entry.Cause)
        where = f", by entry {above.Number} there" if above and above.Actor == entry.Sender else ""
        told.append(f"{entry.Kind} from {entry.Sender}{where}")
        if above is None or above.Trace in seen:
            return told
        seen.add(above.Trace)
        entry = above
