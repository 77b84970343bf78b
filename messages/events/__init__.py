"""What happened: the journaled facts of each actor. They live for years, so new fields have
defaults, and nothing here is ever renamed.

``Event`` names the kind; each actor's closed union stands at the end.
"""

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
from messages.events.book import (
    ChildAdopted,
    ChildExecuted,
    ChildRequestRejected,
    OrderRouted,
    OrderUnroutable,
    RequestRouted,
)
from messages.events.compliance import EntryAudited, ViolationFound
from messages.events.shared import MessageParked
from messages.events.venue import (
    ChildTaken,
    DuplicateExecution,
    RequestTaken,
    SessionClosed,
    SessionOpened,
    VenueDefined,
    VenueExecuted,
    VenueMessageHeld,
    VenueMessageSent,
    VenueOrderAdopted,
    VenueRequestRejected,
    VenueScoped,
    WentInDoubt,
)

__all__ = [
    "ANY_EVENTS",
    "AccountDefined",
    "AccountEvent",
    "AnyEvent",
    "BookEvent",
    "BreakFound",
    "CancelRefused",
    "CancelRejected",
    "CancelRequested",
    "ChildAdopted",
    "ChildExecuted",
    "ChildRequestRejected",
    "ChildTaken",
    "ComplianceEvent",
    "DuplicateExecution",
    "DuplicateReceived",
    "EntryAudited",
    "InstrumentDefined",
    "MassCancelRequested",
    "MessageParked",
    "OrderAccepted",
    "OrderAcknowledged",
    "OrderAdopted",
    "OrderCanceled",
    "OrderExpired",
    "OrderFilled",
    "OrderMoved",
    "OrderRefused",
    "OrderRejected",
    "OrderReplaced",
    "OrderRestated",
    "OrderRouted",
    "OrderUnroutable",
    "ReplaceRequested",
    "RequestPending",
    "RequestRouted",
    "RequestTaken",
    "SessionClosed",
    "SessionOpened",
    "TradeCanceled",
    "TradeCorrected",
    "VenueDefined",
    "VenueEvent",
    "VenueExecuted",
    "VenueMessageHeld",
    "VenueMessageSent",
    "VenueOrderAdopted",
    "VenueRequestRejected",
    "VenueScoped",
    "ViolationFound",
    "WentInDoubt",
]

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
)
ComplianceEvent = EntryAudited | ViolationFound

AnyEvent = Annotated[
    AccountEvent | BookEvent | VenueEvent | ComplianceEvent | MessageParked,
    Field(discriminator="Event"),
]
ANY_EVENTS: TypeAdapter[tuple[AnyEvent, ...]] = TypeAdapter(tuple[AnyEvent, ...])
