"""What surveillance hears: sightings from compliance, and its own timer."""

from typing import Literal

from messages.base import Instant, Message, Number
from messages.events.surveillance import Seen

SURVEILLANCE = "surveillance/0"
"""The shard that people speak to; there is one, as there is one of compliance."""


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
