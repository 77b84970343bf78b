"""How a book works an order that its venue does not, and what the book's clock says to it."""

from typing import Literal

from messages import fix
from messages.base import Instant, Message, Number


class Plan(Message):
    """What the book does itself for one order at one venue; what is not here the venue does.

    ``Kind``: the row of ``actors/book/types`` it is worked by. The rest is what its children carry.
    """

    Kind: str
    TimeInForce: fix.TimeInForce
    ExecInst: tuple[fix.ExecInst, ...] | None = None
    DisplayQty: Number | None = None
    """What the venue itself shows of a child."""
    Slice: Number | None = None
    """The largest child: an iceberg that the book cuts."""
    AtOpen: bool = False
    """Held until the next trading day opens."""
    ExpiresAt: Instant | None = None
    CancelOnHalt: bool = False


class SessionTurn(Message):
    """The trading day opens, closes, or closed a while ago and is checked (``Kind``)."""

    MsgType: Literal["SessionTurn"] = "SessionTurn"
    At: Instant
    Kind: Literal["Close", "Check", "Open"]
    TradeDate: str


class ExpireOrders(Message):
    """An order that is good till a date may have reached it."""

    MsgType: Literal["ExpireOrders"] = "ExpireOrders"


class CheckQuotes(Message):
    """What this venue quoted last may have become too old."""

    MsgType: Literal["CheckQuotes"] = "CheckQuotes"
    Venue: str


class PriceAwaited(Message):
    """An order by cash has waited long enough for a price."""

    MsgType: Literal["PriceAwaited"] = "PriceAwaited"
    OrderID: str
