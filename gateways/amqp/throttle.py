"""What a desk may send in a time: more than that is refused at the border, where it costs least.

A token bucket per desk, and one more for its cancels, so that a desk in trouble can always reduce
what it has at risk. A refused request was not decided upon: whoever sends it again under its own
ClOrdID gets one order at most, whatever became of the first.
"""

from collections.abc import Iterable

from gateways.amqp.ingress_faults import Fault, fault
from messages.base import Instant
from messages.lists import ListCancelRequest, NewOrderList
from messages.orders import DeskRequest, OrderCancelRequest, OrderMassCancelRequest
from messages.reference import DeskSettings

EXCEEDED = "ThrottleLimitExceeded"
"""BusinessRejectReason(380)=8."""

CANCELS = (OrderCancelRequest, OrderMassCancelRequest, ListCancelRequest)

NS = 1_000_000_000


class _Bucket:
    """Full at first; one token a request, and so many come back in each nanosecond."""

    __slots__ = ("_at", "_limit", "_per_ns", "_tokens")

    def __init__(self, limit: int, seconds: int) -> None:
        self._limit = self._tokens = float(limit)
        self._per_ns = limit / (seconds * NS)
        self._at: Instant = 0

    def take(self, count: int, now: Instant) -> bool:
        # A clock that goes back gives nothing, and takes nothing away.
        gained = max(0, now - self._at) * self._per_ns if self._at else 0.0
        self._tokens = min(self._limit, self._tokens + gained)
        self._at = max(self._at, now)
        if count > self._tokens:
            return False
        self._tokens -= count
        return True


class Throttle:
    """The buckets of all desks with which a limit is agreed; of others nothing is asked."""

    def __init__(self, agreed: Iterable[DeskSettings] = ()) -> None:
        self._limits: dict[str, tuple[int, int]] = {
            one.Desk: (one.ThrottleNoMsgs, one.ThrottleTimeInterval)
            for one in agreed
            if one.ThrottleNoMsgs is not None
        }
        self._buckets = {
            (desk, cancels): _Bucket(*limit)
            for desk, limit in self._limits.items()
            for cancels in (False, True)
        }

    def objection(self, desk: str, request: DeskRequest, now: Instant) -> Fault | None:
        """Why the request goes no further; None: it does, and is counted."""
        bucket = self._buckets.get((desk, isinstance(request, CANCELS)))
        if bucket is None:
            return None
        count = len(request.Orders) if isinstance(request, NewOrderList) else 1
        if bucket.take(count, now):
            return None
        messages, seconds = self._limits[desk]
        allowed = f"{messages} requests in {seconds} s are agreed with desk {desk}"
        remedy = "send it again a little later, under the same ClOrdID: it makes one order at most"
        return fault("throttle", "MsgType", request.MsgType, allowed, remedy, EXCEEDED)
