"""How an actor or a border is doing, as its host says every second: lossy, never journaled.

Nothing may depend on a vital sign to be right; one that is lost is replaced by the next.
"""

from pydantic import Field

from messages.base import Instant, Message

VITALS_EVERY_S = 1.0


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
    took_ns: list[int] = Field(default_factory=list)
    """A border's: how long each delivery took until all of it was durable at its accounts, or each
    report from its account's entry to the broker's confirm; since the last vitals."""
    rss_bytes: int = 0
    """Resident memory of the host's process."""
    cpu_ns: int = 0
    """CPU time of the host's process since it began."""
    lag_ns: int = 0
    """How late the event loop was with the last tick."""
    connected: bool | None = None
    """A border's: whether it has a channel to the broker. A venue's: whether it is logged on."""
    refused: int = 0
    """The ingress's: requests that it refused itself, since its process began."""
    dead: int = 0
    """The ingress's: deliveries that it made dead letters of, since its process began."""
    queues: dict[str, tuple[int, int]] | None = None
    """Messages that wait in the broker, by sort of queue: in all of them, and in the longest."""
    open_orders: int | None = None
    """Orders (at a venue: child orders) that can still trade, where the host knows."""
    in_doubt_orders: int | None = None
    """Requests to a venue that may or may not have arrived, where the host knows."""
    in_doubt_since: Instant | None = None
    """Since when the oldest of these is in doubt; None where none is."""
