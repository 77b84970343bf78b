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
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRefused,
    OrderRejected,
    OrderReplaced,
    ReplaceRequested,
)
from messages.events.book import (
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
    VenueRequestRejected,
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
    "OrderCanceled",
    "OrderExpired",
    "OrderFilled",
    "OrderRefused",
    "OrderRejected",
    "OrderReplaced",
    "OrderRouted",
    "OrderUnroutable",
    "ReplaceRequested",
    "RequestRouted",
    "RequestTaken",
    "SessionClosed",
    "SessionOpened",
    "VenueDefined",
    "VenueEvent",
    "VenueExecuted",
    "VenueMessageHeld",
    "VenueMessageSent",
    "VenueRequestRejected",
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
)
BookEvent = (
    InstrumentDefined
    | OrderRouted
    | OrderUnroutable
    | RequestRouted
    | ChildExecuted
    | ChildRequestRejected
    | BreakFound
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
)
ComplianceEvent = EntryAudited | ViolationFound

AnyEvent = Annotated[
    AccountEvent | BookEvent | VenueEvent | ComplianceEvent | MessageParked,
    Field(discriminator="Event"),
]
ANY_EVENTS: TypeAdapter[tuple[AnyEvent, ...]] = TypeAdapter(tuple[AnyEvent, ...])
