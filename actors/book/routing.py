"""Which venue gets an order, and what of it the book must do itself there.

The first venue that works the order natively; else the first where the book can work it with what
the venue has; else none, and the reason says what is lacking and what to do.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from actors.book import sessions
from actors.book.order_types import AS_IS, TYPES, OrderType, key
from actors.book.state import BookState
from messages.base import Instant
from messages.fix import ExecInst, OrdRejReason, OrdType, TimeInForce
from messages.plans import Plan
from messages.reference import Capabilities
from messages.terms import PEGS, Terms

UNKNOWN = Capabilities(
    OrdTypes=(OrdType.Market, OrdType.Limit),
    TimesInForce=(
        TimeInForce.Day,
        TimeInForce.GoodTillCancel,
        TimeInForce.ImmediateOrCancel,
        TimeInForce.FillOrKill,
    ),
    MarketData=True,
)
"""A venue of which nobody has said what it does."""

OURS = frozenset(
    (
        ExecInst.NotHeld,
        ExecInst.Held,
        ExecInst.Work,
        ExecInst.ReinstateOnTradingHalt,
        ExecInst.ReinstateOnSystemFailure,
        ExecInst.CancelOnTradingHalt,
    )
)
"""Instructions that the book fulfils where the venue does not: it holds, and it cancels."""

AT_ONCE = frozenset((TimeInForce.ImmediateOrCancel, TimeInForce.FillOrKill))
"""What never rests, so that there is nothing to show a part of, or to leave over."""


class Lack(NamedTuple):
    """Why an order cannot be worked: the field, what it says, what is possible, what to do."""

    field: str
    given: str
    allowed: str
    remedy: str
    reason: OrdRejReason = OrdRejReason.UnsupportedOrderCharacteristic

    def text(self) -> str:
        """In one line."""
        return f"{self.field} {self.given}: {self.allowed}; {self.remedy}"


class Route(NamedTuple):
    """Where the order goes. ``plan`` None: the venue does everything."""

    venue: str
    plan: Plan | None


class Unplannable(Exception):
    """The venue and the book together cannot do it. Never leaves this file."""

    def __init__(self, lack: Lack) -> None:
        super().__init__(lack.text())
        self.lack = lack


def capabilities(state: BookState, venue: str) -> Capabilities:
    """What the venue works natively."""
    known = state.venues.get(venue)
    return known.Native if known and known.Native else UNKNOWN


def natively(terms: Terms, can: Capabilities) -> bool:
    """Whether the venue works these terms with nothing for the book to do."""
    if terms.OrdType not in can.OrdTypes or terms.TimeInForce not in can.TimesInForce:
        return False
    if terms.ExecInst is not None and not all(i in can.ExecInsts for i in terms.ExecInst):
        return False
    if terms.DisplayQty is not None and not can.DisplayQty:
        return False
    if terms.MinQty is not None and not can.MinQty:
        return False
    return terms.CashOrderQty is None or can.CashOrderQty


def route(state: BookState, symbol: str, terms: Terms, now: Instant) -> Route | Lack:
    """The venue for new terms, and the plan there."""
    venues = state.definition.Venues if state.definition else ()
    wanted = terms.ExDestination
    if not venues or (wanted is not None and wanted not in venues):
        allowed = f"{symbol} trades at {', '.join(venues)}" if venues else "none is configured"
        remedy = "name one of these, or none for the default" if venues else "add its Venues"
        return Lack(
            "ExDestination",
            wanted or "none",
            f"no venue for {symbol}: {allowed}",
            remedy,
            OrdRejReason.BrokerOption,
        )
    candidates = venues if wanted is None else (wanted,)
    for venue in candidates:
        if natively(terms, capabilities(state, venue)):
            return Route(venue, None)
    found = [plan_at(state, venue, terms, now) for venue in candidates]
    for venue, plan in zip(candidates, found, strict=True):
        if isinstance(plan, Plan):
            return Route(venue, plan)
    assert isinstance(found[0], Lack)
    return found[0]


def plan_at(state: BookState, venue: str, terms: Terms, now: Instant) -> Plan | Lack:
    """How the book works these terms at that venue, where it can."""
    can = capabilities(state, venue)
    try:
        kind = _kind(venue, terms, can)
        row = TYPES[kind]
        lasting, at_open, expires = _time(state, venue, terms, can, row, now)
        passed, on_halt = _instructions(venue, terms, can, kind)
        shown, slice_ = _display(venue, terms, can, row)
        _parts(venue, terms, can, many=slice_ is not None or len(row.legs) > 1)
        if not can.MarketData:
            _needs_prices(venue, terms, row, on_halt=on_halt)
    except Unplannable as refused:
        return refused.lack
    return Plan(
        Kind=kind,
        TimeInForce=lasting,
        ExecInst=passed,
        DisplayQty=shown,
        Slice=slice_,
        AtOpen=at_open,
        ExpiresAt=expires,
        CancelOnHalt=on_halt,
    )


def _names(values: Iterable[str]) -> str:
    return ", ".join(str(value) for value in values) or "none"


def _kind(venue: str, terms: Terms, can: Capabilities) -> str:
    """The row of the order types, every leg of which the venue must know."""
    pegged = next((i for i in terms.ExecInst or () if i in PEGS), None)
    known = terms.OrdType in can.OrdTypes and (pegged is None or pegged in can.ExecInsts)
    kind = AS_IS if known else key(terms)
    row = TYPES.get(kind)
    if row is None or any(leg.OrdType not in (*can.OrdTypes, None) for leg in row.legs):
        raise Unplannable(
            Lack(
                "OrdType",
                terms.OrdType if pegged is None else f"{terms.OrdType} ({pegged})",
                f"{venue} works {_names(can.OrdTypes)}",
                "send one of these, or name another venue in ExDestination",
            )
        )
    return kind


def _time(
    state: BookState, venue: str, terms: Terms, can: Capabilities, row: OrderType, now: Instant
) -> tuple[TimeInForce, bool, Instant | None]:
    """TimeInForce of the children, whether to wait for the open, and when the order is over."""
    wanted = terms.TimeInForce
    expires = sessions.expires_at(state, terms)
    if expires is not None and expires <= now:
        given = terms.ExpireDate or "ExpireTime"
        raise Unplannable(
            Lack("ExpireDate", given, "has passed", "send a later one", OrdRejReason.TooLateToEnter)
        )
    lasting, at_open = wanted, False
    if wanted not in can.TimesInForce:
        if expires is not None:
            today = TimeInForce.Day in can.TimesInForce and sessions.ends_today(state, expires, now)
            lasting = TimeInForce.Day if today else TimeInForce.GoodTillCancel
        elif wanted is TimeInForce.AtTheOpening and _opens(state, now) and not row.quoted:
            lasting, at_open = TimeInForce.ImmediateOrCancel, True
    needed = {lasting, *(leg.TimeInForce or lasting for leg in row.legs)}
    rests = len(row.legs) > 1  # what is left over would have to rest
    if not needed.issubset(can.TimesInForce) or (rests and (at_open or wanted in AT_ONCE)):
        raise Unplannable(
            Lack(
                "TimeInForce",
                wanted,
                f"{venue} works {terms.OrdType} orders {_names(can.TimesInForce)}",
                "send one of these, or name another venue in ExDestination",
            )
        )
    return lasting, at_open, expires


def _opens(state: BookState, now: Instant) -> bool:
    """Whether the calendar knows a day that is still to open."""
    return bool(state.days) and state.days[-1].Opens > now


def _instructions(
    venue: str, terms: Terms, can: Capabilities, kind: str
) -> tuple[tuple[ExecInst, ...] | None, bool]:
    """ExecInst of the children, and whether the book cancels on a halt."""
    given = terms.ExecInst or ()
    if kind != AS_IS:
        given = tuple(i for i in given if i not in PEGS)
    for instruction in given:
        if instruction not in can.ExecInsts and instruction not in OURS:
            raise Unplannable(
                Lack(
                    "ExecInst",
                    instruction,
                    f"{venue} works {_names(can.ExecInsts)}",
                    "leave it out, or name another venue in ExDestination",
                )
            )
    passed = tuple(i for i in given if i in can.ExecInsts)
    return passed or None, ExecInst.CancelOnTradingHalt in given


def _display(
    venue: str, terms: Terms, can: Capabilities, row: OrderType
) -> tuple[Decimal | None, Decimal | None]:
    """DisplayQty of the children, or else the size of the slices that the book cuts."""
    if terms.DisplayQty is None or terms.TimeInForce in AT_ONCE:
        return None, None
    last = row.legs[-1].OrdType or terms.OrdType
    if can.DisplayQty and len(row.legs) == 1:
        return terms.DisplayQty, None
    if last is not OrdType.Limit:
        raise Unplannable(
            Lack(
                "DisplayQty",
                f"{terms.DisplayQty:f}",
                f"{venue} shows a part of no {terms.OrdType} order",
                "send a Limit order, or leave it out",
            )
        )
    return None, terms.DisplayQty


def _parts(venue: str, terms: Terms, can: Capabilities, *, many: bool) -> None:
    """MinQty and AllOrNone are promises about one order at the venue."""
    if terms.MinQty is not None and (many or not can.MinQty):
        field, given = "MinQty", f"{terms.MinQty:f}"
        alone = can.MinQty
    elif many and terms.has(ExecInst.AllOrNone):
        field, given = "ExecInst", ExecInst.AllOrNone.value
        alone = True
    else:
        return
    allowed = (
        f"{venue} works it on a single order, and this one is several there"
        if alone
        else f"{venue} does not work it, and nobody else can"
    )
    raise Unplannable(
        Lack(field, given, allowed, "leave it out, or name another venue in ExDestination")
    )


def _needs_prices(venue: str, terms: Terms, row: OrderType, *, on_halt: bool) -> None:
    """What the book works by prices or halts cannot be done where it hears of none."""
    if row.quoted:
        field, given = "OrdType", terms.OrdType.value
    elif terms.OrderQty is None:
        field, given = "CashOrderQty", f"{terms.CashOrderQty:f}"
    elif on_halt:
        field, given = "ExecInst", ExecInst.CancelOnTradingHalt.value
    else:
        return
    remedy = "name a venue with market data in ExDestination, or send a plain order"
    raise Unplannable(
        Lack(field, given, f"{venue} does not work it and sends no market data", remedy)
    )
