"""What a venue connection knows: its children, and every request by its ClOrdID at the venue."""

from dataclasses import dataclass, field
from decimal import Decimal

from messages.base import Instant
from messages.fix import SecurityTradingStatus
from messages.kills import KilledState, StandingKill
from messages.operators import DoubtOutcome
from messages.reference import VenueDefinition, VenueScope
from messages.terms import Terms


@dataclass(slots=True)
class Child:
    """One order at the venue. ``clordid`` is the last one the venue accepted."""

    ChildID: str
    Account: str
    terms: Terms
    clordid: str
    venue_order_id: str = ""
    acknowledged: bool = False
    ended: bool = False
    cum_qty: Decimal = Decimal(0)
    requests: int = 0
    trace: str = ""
    adopted: bool = False
    """The venue made it: it has no ClOrdID but those of our requests on it."""
    day: int = 0
    """The day of the venue's last word, in days since 1970; 0 before the first."""
    exec_ids: list[str] = field(default_factory=list)
    resolved: str = ""
    """The ClOrdID of the request whose resolution by two people ended it."""
    desk: str = ""

    @property
    def done(self) -> bool:
        """Nothing is left to trade, unless a fill is taken back or a replace adds to it."""
        asked = self.terms.OrderQty
        return self.ended or (asked is not None and self.cum_qty >= asked)


@dataclass(slots=True)
class Request:
    """A new order, cancel (no terms) or replace under its ClOrdID at the venue.

    ``sent_at`` 0: never handed to the session, so the venue cannot know it.
    """

    ClOrdID: str
    ChildID: str
    kind: str
    RequestID: str
    terms: Terms | None
    orig: str
    sent_at: Instant = 0
    taken_at: Instant = 0
    in_doubt: bool = False
    doubt_since: Instant = 0
    text: str = ""
    """Why the connection itself asks for it; "": somebody above does."""


@dataclass(slots=True)
class Proposal:
    """How an operator says that a request in doubt ended."""

    ResolutionID: str
    Outcome: DoubtOutcome
    Reason: str
    ProposedBy: str


@dataclass(slots=True)
class Resolution:
    """What two operators said in the venue's place."""

    ResolutionID: str
    Outcome: DoubtOutcome
    Reason: str
    ProposedBy: str
    ConfirmedBy: str


@dataclass(slots=True)
class VenueState:
    """``unanswered`` keeps the order in which requests were taken, which is the order to send.

    ``exec_ids`` has the LastQty of each execution (0 where it is no fill); ``by_venue_id`` the
    child by the venue's own OrderID. ``follows``: the symbols whose books want quotes, each with
    the MDReqID that the venue was asked with in this session, "" where it was not; ``statuses``:
    how each symbol trades, "" for all others. ``proposals`` and ``resolutions`` are by the ClOrdID
    of the request.
    """

    definition: VenueDefinition | None = None
    up: bool = False
    children: dict[str, Child] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    unanswered: dict[str, None] = field(default_factory=dict)
    exec_ids: dict[str, Decimal] = field(default_factory=dict)
    by_venue_id: dict[str, str] = field(default_factory=dict)
    scope: VenueScope | None = None
    day: int = 0
    """The last day on which anything was sent, in days since 1970 (UTC)."""
    follows: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, SecurityTradingStatus] = field(default_factory=dict)
    asked: int = 0
    mass_status: str = ""
    """MassStatusReqID of the list that is under way."""
    mass_asked: int = 0
    unlisted: dict[str, None] = field(default_factory=dict)
    """Children that the venue's list has not named yet, or lacked when it was complete."""
    proposals: dict[str, Proposal] = field(default_factory=dict)
    resolutions: dict[str, Resolution] = field(default_factory=dict)
    kills: dict[str, StandingKill] = field(default_factory=dict)
    released: dict[str, None] = field(default_factory=dict)
    listed: dict[str, None] = field(default_factory=dict)
    """Kills whose open orders are known."""
    closing: dict[str, list[str]] = field(default_factory=dict)
    """KillIDs by the ChildID of what was open when they came, until it is over."""
    to_cancel: dict[str, None] = field(default_factory=dict)
    settled: dict[str, KilledState] = field(default_factory=dict)
    """What became of children in ``closing`` and was not told yet."""
    last_risk: str = ""
    """ClOrdID of the last message with new risk; ``last_risk_at``: when it was sent."""
    last_risk_at: Instant = 0
