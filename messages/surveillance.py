"""What surveillance hears: sightings from compliance, its own timer, and what officers decide."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from messages import base
from messages.base import Instant, Message, Name, Number, UTCTimestamp
from messages.events.surveillance import Seen
from messages.people import Reason


class Sightings(Message):
    """What compliance heard in one run of one actor's entries and patterns may be made of."""

    MsgType: Literal["Sightings"] = "Sightings"
    Rows: tuple[Seen, ...]


class LookAgain(Message):
    """A timer: by now the customer should have been executed, ahead of whom the house traded."""

    MsgType: Literal["LookAgain"] = "LookAgain"
    Symbol: str
    OrderID: str
    """The customer's."""
    LeavesQty: Number
    HouseOrderID: str
    HouseAt: Instant


class CaseStep(StrEnum):
    """What an officer does about an alert."""

    Open = "Open"
    """Begin to look into it; also into one that was closed."""
    Assign = "Assign"
    Comment = "Comment"
    Close = "Close"


class CaseRequest(Message):
    """An operator's step in the case that an alert is. ``Text``: the comment, or why it closes."""

    MsgType: Literal["CaseRequest"] = "CaseRequest"
    AlertID: base.Identifier
    Step: CaseStep
    Assignee: Name | None = None
    Text: Reason | None = None


class NewsReported(Message):
    """News that moved a price: trades before it are looked at. ``Move``: +0.05 is up by 5 %."""

    MsgType: Literal["NewsReported"] = "NewsReported"
    Symbol: Name
    Move: Number
    At: UTCTimestamp
    Headline: Reason


OfficerRequest = Annotated[CaseRequest | NewsReported, Field(discriminator="MsgType")]
OFFICER_REQUEST: TypeAdapter[OfficerRequest] = TypeAdapter(OfficerRequest)


class FromOfficer(Message):
    """An operator's word to surveillance; the operator is the authenticated user."""

    MsgType: Literal["FromOfficer"] = "FromOfficer"
    Operator: Name
    ReceivedAt: Instant
    Request: OfficerRequest


class CaseReport(Message):
    """The answer to an operator: how the case stands now, or why nothing changed (``Refused``)."""

    MsgType: Literal["CaseReport"] = "CaseReport"
    AlertID: str
    Step: str
    CaseStatus: str
    Assignee: str | None = None
    Refused: bool = False
    Text: str | None = None
    TransactTime: UTCTimestamp
    ReportSeq: int | None = None
