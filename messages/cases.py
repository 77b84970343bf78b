"""Cases: what people do about alerts, the news that they report, and what they are answered."""

from enum import StrEnum
from typing import Literal

from messages import base
from messages.base import Message, Name, Number, UTCTimestamp
from messages.people import Reason


class CaseStep(StrEnum):
    """What a person does about an alert."""

    Open = "Open"
    """Begin to look into it; also into one that was closed."""
    Assign = "Assign"
    Comment = "Comment"
    Close = "Close"


class CaseRequest(Message):
    """A person's step in the case that an alert is. ``Text``: the comment, or why it closes."""

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
