"""What an account does about a request that it had to park."""

from typing import Literal

from messages import base


class RequestParked(base.Event):
    """A desk's request was parked, and the desk was told so. Its ClOrdIDs are used up.

    So what comes again under one of them, and goes well that time, is no order that the desk was
    told is dead. The ClOrdID of an earlier request stays what it was.
    """

    Event: Literal["RequestParked"] = "RequestParked"
    Desk: str
    MsgType: str
    ClOrdIDs: tuple[str, ...] = ()
    ExecID: str | None = None
    """Of the ExecutionReport that rejects a new order."""
