"""How an actor is doing, as its host says every second: lossy, never journaled.

Nothing may depend on a vital sign to be right; one that is lost is replaced by the next.
"""

from pydantic import Field

from messages.base import Instant, Message


class Vitals(Message):
    """One host's word on one actor at one instant."""

    actor: str
    """The actor's address."""
    at: Instant
    backlog: int = 0
    """Envelopes received and not yet handled."""
    unacked: int = 0
    """Envelopes sent, to whomever, and not yet acknowledged."""
    reports_unconfirmed: int = 0
    """Those of them that are reports to desks: owed, and not yet confirmed by the broker."""
    parked: int = 0
    """Messages parked and not yet dealt with."""
    commit_ns: list[int] = Field(default_factory=list)
    """How long each commit since the last vitals took, in nanoseconds."""
    rss_bytes: int = 0
    """Resident memory of the host's process."""
    open_orders: int | None = None
    """Orders (at a venue: child orders) that can still trade, where the host knows."""
    in_doubt_orders: int | None = None
    """Requests to a venue that may or may not have arrived, where the host knows."""
