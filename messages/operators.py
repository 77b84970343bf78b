"""What people say, as the ingress hands it on; and how a request in doubt ended, where the venue
can no longer tell.

That takes two: one proposes what they know by telephone or from the venue's own records, another
confirms exactly that. A proposal is named by its content, so nobody confirms what they have not
read.
"""

import hashlib
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from messages.approvals import DecideOrder
from messages.base import Identifier, Instant, Message, Name, Number, UTCTimestamp
from messages.cases import CaseRequest, NewsReported
from messages.kills import Kill, ReleaseKill
from messages.people import Reason, Role
from messages.rulebook import ApproveRules, ProposeRules, RejectRules


class DoubtOutcome(StrEnum):
    """What became of the request at the venue."""

    Accepted = "Accepted"
    """The venue took it: the order works, or works as replaced."""
    Rejected = "Rejected"
    Canceled = "Canceled"
    """The order is no more; of a cancel: it was done."""
    Expired = "Expired"
    NotSent = "NotSent"
    """It never reached the venue. It is not sent again."""


class ResolveInDoubt(Message):
    """A proposal. ``CumQty``: what the venue has traded of the order, checked against the reports.

    A fill is booked on the venue's report alone, so a CumQty that differs is refused.
    """

    MsgType: Literal["ResolveInDoubt"] = "ResolveInDoubt"
    Venue: Name
    ClOrdID: Identifier
    Outcome: DoubtOutcome
    CumQty: Number | None = None
    Reason: Reason

    @property
    def resolution_id(self) -> str:
        """The same words, the same name: what a second person confirms."""
        return hashlib.blake2b(self.model_dump_json().encode(), digest_size=6).hexdigest()


class ConfirmResolution(Message):
    """A second person says the same. ``ResolutionID`` is that of the proposal."""

    MsgType: Literal["ConfirmResolution"] = "ConfirmResolution"
    Venue: Name
    ClOrdID: Identifier
    ResolutionID: Identifier


OperatorRequest = Annotated[
    ResolveInDoubt
    | ConfirmResolution
    | Kill
    | ReleaseKill
    | DecideOrder
    | ProposeRules
    | ApproveRules
    | RejectRules
    | CaseRequest
    | NewsReported,
    Field(discriminator="MsgType"),
]
OPERATOR_REQUEST: TypeAdapter[OperatorRequest] = TypeAdapter(OperatorRequest)


class FromOperator(Message):
    """An operator's request as the ingress hands it on: the operator is the authenticated user."""

    MsgType: Literal["FromOperator"] = "FromOperator"
    Operator: Name
    ReceivedAt: Instant
    Request: OperatorRequest
    Roles: tuple[Role, ...] = ()
    """Those of the operator, as the reference data had them then."""
    Desk: Name | None = None
    """The desk whose orders are the operator's own, if any."""


class ResolutionStatus(StrEnum):
    """How far a resolution has come."""

    Proposed = "Proposed"
    Resolved = "Resolved"
    Refused = "Refused"


class ResolutionReport(Message):
    """The answer to an operator; when it is resolved, both hear it."""

    MsgType: Literal["ResolutionReport"] = "ResolutionReport"
    Venue: str
    ClOrdID: str
    ResolutionID: str
    ResolutionStatus: ResolutionStatus
    Outcome: DoubtOutcome | None = None
    Reason: str | None = None
    ProposedBy: str | None = None
    ConfirmedBy: str | None = None
    Text: str | None = None
    TransactTime: UTCTimestamp
    ReportSeq: int | None = None
