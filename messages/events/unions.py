"""Each actor's closed union of events; a new event is added to the one of its actor."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from messages.events.account import (
    AccountDefined,
    BreakFound,
    CancelRefused,
    CancelRejected,
    CancelRequested,
    DuplicateReceived,
    InstrumentDefined,
    MassCancelRequested,
    OrderAccepted,
    OrderAcknowledged,
    OrderAdopted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderMoved,
    OrderRefused,
    OrderRejected,
    OrderReplaced,
    OrderRestated,
    ReplaceRequested,
    RequestPending,
    TradeCanceled,
    TradeCorrected,
)
from messages.events.approvals import (
    DecisionRefused,
    OrderDecided,
    OrderStaged,
    StagedOrderReplaced,
)
from messages.events.book import (
    ChildAdopted,
    ChildExecuted,
    ChildRequestRejected,
    OrderRouted,
    OrderUnroutable,
    RequestRouted,
)
from messages.events.compliance import (
    EntryAudited,
    ViolationFound,
)
from messages.events.held import (
    CalendarDefined,
    ChildRequested,
    DayOrderOverdue,
    EndingWithdrawn,
    OrderEnded,
    OrderEnding,
    OrderPaused,
    OrderPlanned,
    OrderRenewed,
    OrderTriggered,
    PlanReplaced,
    QuantityMeasured,
    QuoteHeard,
    QuoteWentStale,
    SessionTurned,
    TradingStatusHeard,
    TrailMoved,
    VenueFollowed,
    WaitBegan,
)
from messages.events.kills import (
    DirectoryDefined,
    KillAcknowledged,
    KillBegan,
    KillCanceled,
    KillEnded,
    KillListed,
    KillOrdered,
    KillOrdersHeard,
    KillQuieted,
    KillRefused,
    KillReleased,
    KillSequenceHeard,
    KillSpread,
    KillTold,
)
from messages.events.lists import (
    DeskLost,
    HeldOrderCut,
    LinkCounted,
    LinkFired,
    ListAccepted,
    ListCancelRequested,
    ListRefused,
    OrderHeld,
    OrderReleased,
    OwnRequestMade,
)
from messages.events.operators import (
    DoubtResolutionProposed,
    DoubtResolved,
    ResolutionRefused,
)
from messages.events.rulebook import (
    LeaseAsked,
    LeaseChanged,
    LeaseTaken,
    RulesAdopted,
    RulesApproved,
    RulesInForce,
    RulesProposed,
    RulesRefused,
    RulesRejected,
    RulesSent,
)
from messages.events.selfmatch import (
    SelfMatchFound,
    SelfMatchSettled,
)
from messages.events.shared import (
    MessageParked,
)
from messages.events.surveillance import (
    AlertRaised,
    CaseMoved,
    CaseRefused,
    FillSeen,
    NewsHeard,
    OrderGone,
    OrderRevised,
    OrderSeen,
    QuoteSeen,
    SurveillanceDefined,
)
from messages.events.venue import (
    ChildTaken,
    DayBegan,
    DuplicateExecution,
    FollowChanged,
    MassStatusAsked,
    MassStatusEnded,
    OrderListed,
    QuotesAsked,
    QuotesRefused,
    RequestTaken,
    SessionClosed,
    SessionOpened,
    SymbolStatusChanged,
    TradingSessionChanged,
    VenueDefined,
    VenueExecuted,
    VenueMessageHeld,
    VenueMessageSent,
    VenueOrderAdopted,
    VenueRequestRejected,
    VenueScoped,
    WentInDoubt,
)

AccountEvent = (
    AccountDefined
    | InstrumentDefined
    | OrderAccepted
    | OrderRefused
    | DuplicateReceived
    | OrderAcknowledged
    | OrderFilled
    | OrderCanceled
    | OrderExpired
    | OrderRejected
    | CancelRequested
    | ReplaceRequested
    | OrderReplaced
    | CancelRefused
    | CancelRejected
    | MassCancelRequested
    | BreakFound
    | OrderAdopted
    | OrderMoved
    | OrderRestated
    | RequestPending
    | TradeCanceled
    | TradeCorrected
    | ListAccepted
    | ListRefused
    | ListCancelRequested
    | OrderHeld
    | HeldOrderCut
    | OrderReleased
    | OwnRequestMade
    | LinkFired
    | LinkCounted
    | DeskLost
    | RulesAdopted
    | LeaseAsked
    | LeaseTaken
    | KillBegan
    | KillEnded
    | KillListed
    | KillTold
    | OrderStaged
    | OrderDecided
    | DecisionRefused
    | StagedOrderReplaced
)
BookEvent = (
    InstrumentDefined
    | OrderRouted
    | OrderUnroutable
    | RequestRouted
    | ChildExecuted
    | ChildRequestRejected
    | BreakFound
    | ChildAdopted
    | VenueDefined
    | CalendarDefined
    | ChildRequested
    | DayOrderOverdue
    | EndingWithdrawn
    | OrderEnded
    | OrderEnding
    | OrderPaused
    | OrderPlanned
    | OrderRenewed
    | OrderTriggered
    | PlanReplaced
    | QuantityMeasured
    | QuoteHeard
    | QuoteWentStale
    | SessionTurned
    | TradingStatusHeard
    | TrailMoved
    | VenueFollowed
    | WaitBegan
    | RulesAdopted
    | SelfMatchFound
    | SelfMatchSettled
    | KillBegan
    | KillEnded
    | KillListed
    | KillTold
)
VenueEvent = (
    VenueDefined
    | SessionOpened
    | SessionClosed
    | ChildTaken
    | RequestTaken
    | VenueMessageSent
    | VenueMessageHeld
    | WentInDoubt
    | VenueExecuted
    | VenueRequestRejected
    | DuplicateExecution
    | BreakFound
    | VenueScoped
    | VenueOrderAdopted
    | FollowChanged
    | QuotesAsked
    | QuotesRefused
    | MassStatusAsked
    | MassStatusEnded
    | OrderListed
    | SymbolStatusChanged
    | TradingSessionChanged
    | DayBegan
    | DoubtResolutionProposed
    | DoubtResolved
    | ResolutionRefused
    | KillBegan
    | KillEnded
    | KillListed
    | KillCanceled
    | KillTold
)
ComplianceEvent = EntryAudited | ViolationFound
RuleBookEvent = (
    RulesProposed
    | RulesApproved
    | RulesRejected
    | RulesRefused
    | RulesInForce
    | RulesSent
    | LeaseChanged
)

KillSwitchEvent = (
    DirectoryDefined
    | KillOrdered
    | KillSpread
    | KillReleased
    | KillRefused
    | KillAcknowledged
    | KillOrdersHeard
    | KillSequenceHeard
    | KillQuieted
)

SurveillanceEvent = (
    SurveillanceDefined
    | CalendarDefined
    | OrderSeen
    | OrderRevised
    | OrderGone
    | FillSeen
    | QuoteSeen
    | NewsHeard
    | AlertRaised
    | CaseMoved
    | CaseRefused
)

AnyEvent = Annotated[
    AccountEvent
    | BookEvent
    | VenueEvent
    | ComplianceEvent
    | RuleBookEvent
    | KillSwitchEvent
    | SurveillanceEvent
    | MessageParked,
    Field(discriminator="Event"),
]
ANY_EVENTS: TypeAdapter[tuple[AnyEvent, ...]] = TypeAdapter(tuple[AnyEvent, ...])
