"""What is promised, and how fast the allowance is used up: shares by window, and burn rates.

An objective allows a share of bad requests. An alert looks at a long and a short window at once:
the long one says that it matters, the short one that it still goes on.
"""

from typing import NamedTuple

WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


class Objective(NamedTuple):
    """``errors``: the share of bad requests over ``{window}``; ``good``: the share promised.

    ``requests``: the counter of them all. ``least``: with fewer in the long window nobody is told.
    """

    name: str
    what: str
    good: float
    errors: str
    requests: str
    least: int

    def record(self, window: str) -> str:
        """The recorded series of the share of bad requests."""
        return f"oms:{self.name}_errors:ratio_rate{window}"


class Burn(NamedTuple):
    """``factor``: how many times faster than allowed, in both windows."""

    factor: float
    long: str
    short: str


ACK = Objective(
    "ack", "an order's first answer within 50 ms of the border", 0.99,
    '1 - sum(rate(oms_ack_seconds_bucket{{le="0.05"}}[{window}])) '
    "/ sum(rate(oms_ack_seconds_count[{window}]))",
    "oms_ack_seconds_count", 100,
)  # fmt: skip
LOSS = Objective(
    "loss", "an order is handled, and by no entry that breaks a rule", 0.9999,
    "(sum(rate(oms_messages_parked_total[{window}])) + sum(rate(oms_violations_total[{window}]))) "
    "/ sum(rate(oms_orders_received_total[{window}]))",
    "oms_orders_received_total", 0,
)  # fmt: skip
OBJECTIVES = (ACK, LOSS)

FAST = (Burn(14.4, "1h", "5m"), Burn(6.0, "6h", "30m"))
"""2 % of a month's allowance within an hour, or 5 % within six: wake somebody."""
SLOW = (Burn(3.0, "1d", "2h"), Burn(1.0, "3d", "6h"))
"""10 % within one or three days: in working hours."""


def burns(objective: Objective, rates: tuple[Burn, ...]) -> str:
    """True where the allowance is used up at one of these rates."""
    allowed = 1 - objective.good
    return " or ".join(
        f"({objective.record(burn.long)} > {burn.factor * allowed:.6g} "
        f"and {objective.record(burn.short)} > {burn.factor * allowed:.6g} "
        f"and sum(increase({objective.requests}[{burn.long}])) > {objective.least})"
        for burn in rates
    )
