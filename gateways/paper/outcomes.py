"""What happens in a book: told one at a time and as it happens, each order as it then stands."""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from gateways.paper.orders import Order


class Phase(StrEnum):
    """What a symbol's trading is at; outside Continuous orders are collected, not matched."""

    PRE_OPEN = "PreOpen"
    OPENING_AUCTION = "OpeningAuction"
    CONTINUOUS = "Continuous"
    CLOSING_AUCTION = "ClosingAuction"
    CLOSED = "Closed"
    HALTED = "Halted"


class Executed(NamedTuple):
    """Both orders were filled by ``quantity`` at ``price``: the resting order's, or the auction's
    (then ``incoming`` is the buyer)."""

    incoming: Order
    resting: Order
    quantity: Decimal
    price: Decimal


class Canceled(NamedTuple):
    """What is left of ``order`` may not go on; ``restatement`` is ExecRestatementReason(378)."""

    order: Order
    reason: str
    restatement: str = ""


class Expired(NamedTuple):
    """The time that ``order`` was for is over."""

    order: Order
    reason: str


class Triggered(NamedTuple):
    """The price that ``order`` waited for was traded: it works now."""

    order: Order


class Repriced(NamedTuple):
    """The exchange gave ``order`` another price to work at, or none for now."""

    order: Order


class Moved(NamedTuple):
    """The stop price of ``order`` followed the last price."""

    order: Order


class Requoted(NamedTuple):
    """``order`` of the house was used up, and rests again at the end of its queue."""

    order: Order


Outcome = Executed | Canceled | Expired | Triggered | Repriced | Moved | Requoted
