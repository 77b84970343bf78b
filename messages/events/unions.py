"""Each actor's closed union of events; a new event is added to the one of its actor."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from messages.events import (
    account,
    approvals,
    book,
    compliance,
    held,
    kills,
    lists,
    operators,
    parked,
    rulebook,
    selfmatch,
    shared,
    surveillance,
    venue,
)

AccountEvent = (
    account.AccountDefined
    | account.InstrumentDefined
    | account.OrderAccepted
    | account.OrderRefused
    | account.DuplicateReceived
    | account.OrderAcknowledged
    | account.OrderFilled
    | account.OrderCanceled
    | account.OrderExpired
    | account.OrderRejected
    | account.CancelRequested
    | account.ReplaceRequested
    | account.OrderReplaced
    | account.CancelRefused
    | account.CancelRejected
    | account.MassCancelRequested
    | account.BreakFound
    | account.OrderAdopted
    | account.OrderMoved
    | account.OrderRestated
    | account.RequestPending
    | account.TradeCanceled
    | account.TradeCorrected
    | lists.ListAccepted
    | lists.ListRefused
    | lists.ListCancelRequested
    | lists.OrderHeld
    | lists.HeldOrderCut
    | lists.OrderReleased
    | lists.OwnRequestMade
    | lists.LinkFired
    | lists.LinkCounted
    | lists.DeskLost
    | rulebook.RulesAdopted
    | rulebook.LeaseAsked
    | rulebook.LeaseTaken
    | kills.KillBegan
    | kills.KillEnded
    | kills.KillListed
    | kills.KillTold
    | approvals.OrderStaged
    | approvals.OrderDecided
    | approvals.DecisionRefused
    | approvals.StagedOrderReplaced
    | parked.RequestParked
)
BookEvent = (
    account.InstrumentDefined
    | book.OrderRouted
    | book.OrderUnroutable
    | book.RequestRouted
    | book.ChildExecuted
    | book.ChildRequestRejected
    | account.BreakFound
    | book.ChildAdopted
    | venue.VenueDefined
    | held.CalendarDefined
    | held.ChildRequested
    | held.DayOrderOverdue
    | held.EndingWithdrawn
    | held.OrderEnded
    | held.OrderEnding
    | held.OrderPaused
    | held.OrderPlanned
    | held.OrderRenewed
    | held.OrderTriggered
    | held.PlanReplaced
    | held.QuantityMeasured
    | held.QuoteHeard
    | held.QuoteWentStale
    | held.SessionTurned
    | held.TradingStatusHeard
    | held.TrailMoved
    | held.VenueFollowed
    | held.WaitBegan
    | rulebook.RulesAdopted
    | selfmatch.SelfMatchFound
    | selfmatch.SelfMatchSettled
    | kills.KillBegan
    | kills.KillEnded
    | kills.KillListed
    | kills.KillTold
)
VenueEvent = (
    venue.VenueDefined
    | venue.SessionOpened
    | venue.SessionClosed
    | venue.ChildTaken
    | venue.RequestTaken
    | venue.VenueMessageSent
    | venue.VenueMessageHeld
    | venue.WentInDoubt
    | venue.VenueExecuted
    | venue.VenueRequestRejected
    | venue.DuplicateExecution
    | account.BreakFound
    | venue.VenueScoped
    | venue.VenueOrderAdopted
    | venue.FollowChanged
    | venue.QuotesAsked
    | venue.QuotesRefused
    | venue.MassStatusAsked
    | venue.MassStatusEnded
    | venue.OrderListed
    | venue.SymbolStatusChanged
    | venue.TradingSessionChanged
    | venue.DayBegan
    | operators.DoubtResolutionProposed
    | operators.DoubtResolved
    | operators.ResolutionRefused
    | kills.KillBegan
    | kills.KillEnded
    | kills.KillListed
    | kills.KillCanceled
    | kills.KillTold
)
ComplianceEvent = compliance.EntryAudited | compliance.ViolationFound
RuleBookEvent = (
    rulebook.RulesProposed
    | rulebook.RulesApproved
    | rulebook.RulesRejected
    | rulebook.RulesRefused
    | rulebook.RulesInForce
    | rulebook.RulesSent
    | rulebook.LeaseChanged
)

KillSwitchEvent = (
    kills.DirectoryDefined
    | kills.KillOrdered
    | kills.KillSpread
    | kills.KillReleased
    | kills.KillRefused
    | kills.KillAcknowledged
    | kills.KillOrdersHeard
    | kills.KillSequenceHeard
    | kills.KillQuieted
)

SurveillanceEvent = (
    surveillance.SurveillanceDefined
    | held.CalendarDefined
    | surveillance.OrderSeen
    | surveillance.OrderRevised
    | surveillance.OrderGone
    | surveillance.FillSeen
    | surveillance.QuoteSeen
    | surveillance.NewsHeard
    | surveillance.AlertRaised
    | surveillance.CaseMoved
    | surveillance.CaseRefused
)

AnyEvent = Annotated[
    AccountEvent
    | BookEvent
    | VenueEvent
    | ComplianceEvent
    | RuleBookEvent
    | KillSwitchEvent
    | SurveillanceEvent
    | shared.MessageParked,
    Field(discriminator="Event"),
]
ANY_EVENTS: TypeAdapter[tuple[AnyEvent, ...]] = TypeAdapter(tuple[AnyEvent, ...])
