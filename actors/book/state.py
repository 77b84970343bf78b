"""What a book knows: parents and their children, the market it watches, the trading day."""

from dataclasses import dataclass, field
from decimal import Decimal

from actors.book.order_types import TYPES, Leg, OrderType
from messages.base import Instant
from messages.fix import ExecRestatementReason, ExecType, SecurityTradingStatus
from messages.kills import KilledState, StandingKill
from messages.market import Quote
from messages.plans import Plan, SessionTurn
from messages.reference import InstrumentDefinition, VenueDefinition
from messages.routing import NewOrder
from messages.rulebook import RuleBook, SelfMatchMode
from messages.sessions import SessionCalendar, TradingDay
from messages.terms import Terms

ZERO = Decimal(0)


@dataclass(slots=True)
class Child:
    """One order at the venue, of a parent that the book works itself."""

    ChildID: str
    leg: int
    qty: Decimal
    price: Decimal | None
    cum_qty: Decimal = ZERO
    acknowledged: bool = False
    ended: bool = False
    revived: bool = False
    """It was filled and a fill was taken back: the venue may or may not work it again."""
    done: bool = False
    """Done for the day: whether it comes back depends on the venue."""
    asked: dict[str, tuple[Decimal, Decimal | None] | None] = field(default_factory=dict)
    """Requests on it under way, by RequestID: the new quantity and price, None for a cancel."""

    @property
    def leaves(self) -> Decimal:
        """What may still trade."""
        return ZERO if self.ended else max(ZERO, self.qty - self.cum_qty)

    @property
    def busy(self) -> bool:
        """Whether it may still trade, or a request may make it so."""
        return not self.ended and (self.cum_qty < self.qty or bool(self.asked))


@dataclass(slots=True)
class Replace:
    """What the account wants the order to be. ``plan``: how the book would work it, if it does."""

    terms: Terms
    plan: Plan | None
    order_qty: Decimal | None


@dataclass(slots=True)
class Ending:
    """How the parent ends once its children are cancelled."""

    ExecType: ExecType
    RequestID: str | None
    ExecRestatementReason: ExecRestatementReason | None
    Text: str | None


@dataclass(slots=True)
class Work:
    """What the book itself does for a parent, until it ends."""

    terms: Terms
    plan: Plan
    children: dict[str, Child] = field(default_factory=dict)
    opened: bool = False
    triggered: bool = False
    acknowledged: bool = False
    """Whether the account heard New."""
    paused: bool = False
    """Done for the day, until the next one opens."""
    stop_px: Decimal | None = None
    """Where a stop price that trails has come to."""
    last_px: Decimal | None = None
    ending: Ending | None = None
    requests: int = 0
    """Requests on children, for fresh RequestIDs."""

    @property
    def type(self) -> OrderType:
        """Its row of the order types."""
        return TYPES[self.plan.Kind]

    @property
    def busy(self) -> Child | None:
        """The newest child that may still trade."""
        return next((c for c in reversed(self.children.values()) if c.busy), None)

    @property
    def leaves(self) -> Decimal:
        """What may still trade at the venue."""
        return sum((c.leaves for c in self.children.values()), ZERO)

    def leg(self, index: int) -> Leg:
        """The leg of the child of that index; the last one is repeated."""
        return self.type.legs[min(index, len(self.type.legs) - 1)]


@dataclass(slots=True)
class Parent:
    """An account's order. Without ``work`` the venue does everything, by the child ``ChildID``.

    What is left here after the end is what late fills, busts and corrections need.
    """

    OrderID: str
    ChildID: str
    Account: str
    Venue: str
    order_qty: Decimal | None
    """None while only its money is known."""
    day: bool
    """Whether it ends with its trading day."""
    cum_qty: Decimal = ZERO
    ended: bool = False
    worked: bool = False
    """The book worked it itself: of its children nothing but fills is told after the end."""
    overdue: bool = False
    replaces: dict[str, Replace] = field(default_factory=dict)
    """Replaces of the account under way, by RequestID."""
    fills: dict[str, Decimal] = field(default_factory=dict)
    """LastQty by the venue's ExecID: what a bust or a correction refers to."""
    work: Work | None = None
    terms: Terms | None = None
    """As it rests, while self-match prevention is on."""
    desk: str = ""

    @property
    def left(self) -> Decimal:
        """OrderQty - CumQty, at least 0; 0 while OrderQty is not known."""
        return ZERO if self.order_qty is None else max(ZERO, self.order_qty - self.cum_qty)

    @property
    def open(self) -> bool:
        """Whether something of it may still trade."""
        return not self.ended and (self.order_qty is None or self.cum_qty < self.order_qty)


@dataclass(slots=True)
class Waiting:
    """An order that waits until its owner's ``others`` are gone; with their OrderQty before."""

    order: NewOrder
    mode: SelfMatchMode
    others: dict[str, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class BookState:
    """``children`` has the OrderID by ChildID. ``open`` is what may still trade, ``worked`` what
    the book works itself, filled orders included until the day is over, ``unheard`` what was routed
    and no venue has spoken of, where the venue does everything. ``quotes`` are of venues
    in ``followed``, and gone when they are stale. ``today``: the trading day that is open.
    """

    definition: InstrumentDefinition | None = None
    parents: dict[str, Parent] = field(default_factory=dict)
    children: dict[str, str] = field(default_factory=dict)
    open: dict[str, None] = field(default_factory=dict)
    worked: dict[str, None] = field(default_factory=dict)
    unheard: dict[str, None] = field(default_factory=dict)
    venues: dict[str, VenueDefinition] = field(default_factory=dict)
    followed: dict[str, None] = field(default_factory=dict)
    quotes: dict[str, Quote] = field(default_factory=dict)
    statuses: dict[str, SecurityTradingStatus] = field(default_factory=dict)
    calendar: SessionCalendar | None = None
    today: str | None = None
    opened_at: Instant = 0
    turn: SessionTurn | None = None
    """What the session's timer is set to; None: no order is open that would need it."""
    due: dict[str, None] = field(default_factory=dict)
    """Day orders that were open at the venue when the day closed."""
    rules: RuleBook | None = None
    version: int | None = None
    resting: dict[str, dict[str, None]] = field(default_factory=dict)
    """Open orders by owner and side, while self-match prevention is on."""
    waiting: dict[str, Waiting] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)
    """Requests that self-match prevention made, and of which order."""
    declined: dict[str, None] = field(default_factory=dict)
    """Orders of which it left a part: the account has heard New already."""
    kills: dict[str, StandingKill] = field(default_factory=dict)
    released: dict[str, None] = field(default_factory=dict)
    closing: dict[str, list[str]] = field(default_factory=dict)
    settled: dict[str, KilledState] = field(default_factory=dict)
    """See ``kills.Listing``."""

    @property
    def days(self) -> tuple[TradingDay, ...]:
        """The trading days of the instrument; none: it trades at any time."""
        if self.calendar is None or self.definition is None:
            return ()
        return self.calendar.Days if self.calendar.Calendar == self.definition.Calendar else ()

    def working(self, venue: str | None = None) -> list[Parent]:
        """Parents that the book works, oldest first; at one venue where it is given."""
        found = [self.parents[order_id] for order_id in self.worked]
        return [p for p in found if venue is None or p.Venue == venue]
