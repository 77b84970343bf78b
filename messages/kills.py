"""The kill switch: what operators say, what actors are told, and what they answer.

A kill stands for a scope from its trigger until a second person releases it. While it stands,
nothing that adds risk leaves, cancels flow, and what was open is cancelled (RTS 6 Art. 12).
"""

import hashlib
from enum import StrEnum
from typing import Literal, Self

from pydantic import model_validator

from messages import base
from messages.base import Identifier, Instant, Message, UTCTimestamp
from messages.people import Reason

KILLSWITCH = "killswitch/0"
"""The actor that keeps every kill."""

KILL_KEY = "killswitch"
"""The routing key of what operators say about kills: all of it comes in order."""


class KillScope(StrEnum):
    """What a kill stops."""

    Firm = "Firm"
    Desk = "Desk"
    Account = "Account"
    Instrument = "Instrument"
    Venue = "Venue"


class Kill(Message):
    """An operator stops a scope; one person is enough. ``Name``: whose; none for the firm."""

    MsgType: Literal["Kill"] = "Kill"
    Scope: KillScope
    Name: base.Name | None = None
    Reason: Reason
    TransactTime: UTCTimestamp

    @model_validator(mode="after")
    def _a_name_goes_with_the_scope(self) -> Self:
        if (self.Scope is KillScope.Firm) != (self.Name is None):
            raise ValueError("Name goes with every Scope but Firm, and only with those")
        return self

    def kill_id(self, operator: str) -> str:
        """The same words of the same person are the same kill, however often they come."""
        words = f"{operator} {self.model_dump_json()}".encode()
        return f"K{hashlib.blake2b(words, digest_size=5).hexdigest()}"

    def standing(self, operator: str, at: Instant) -> "StandingKill":
        """What actors are told of it; ``at``: when the border received it."""
        return StandingKill(
            KillID=self.kill_id(operator),
            Scope=self.Scope,
            Name=self.Name,
            Reason=self.Reason,
            By=operator,
            At=at,
        )


class ReleaseKill(Message):
    """A second person ends a kill."""

    MsgType: Literal["ReleaseKill"] = "ReleaseKill"
    KillID: Identifier
    Reason: Reason


class StandingKill(Message):
    """What an actor is told: from now on nothing that adds risk in this scope."""

    MsgType: Literal["StandingKill"] = "StandingKill"
    KillID: str
    Scope: KillScope
    Name: str | None = None
    Reason: Reason
    By: str
    At: Instant
    """When the border received the trigger."""

    def text(self) -> str:
        """Who, when and why, in one line."""
        what = self.Scope.value + (f" {self.Name}" if self.Name else "")
        at = base.format_time(self.At)[:19] + "Z"
        return f"kill {self.KillID} of {what} by {self.By} at {at}: {self.Reason}"


class EndedKill(Message):
    """What an actor is told: the kill was released."""

    MsgType: Literal["EndedKill"] = "EndedKill"
    KillID: str
    By: str
    Reason: Reason
    At: Instant


class KilledState(StrEnum):
    """What became of an order that was open when the kill came. All but Open is settled."""

    Open = "Open"
    Canceled = "Canceled"
    Filled = "Filled"
    Expired = "Expired"
    Rejected = "Rejected"
    InDoubt = "InDoubt"
    CancelRefused = "CancelRefused"
    """The venue would not cancel it: it may still trade."""


class KilledOrder(Message):
    """One order in scope. ``OrderID``: as the actor that reports it knows it."""

    OrderID: str
    Account: str
    Symbol: str
    State: KilledState


class KillHeard(Message):
    """An actor has journaled the kill: what adds risk leaves it no more from here on.

    ``LastClOrdID``, ``LastSentAt``: the last message with new risk that the venue was sent, ever.
    ``Orders``: what ended at once, because it waited in the actor itself.
    """

    MsgType: Literal["KillHeard"] = "KillHeard"
    KillID: str
    By: str
    At: Instant
    LastClOrdID: str | None = None
    LastSentAt: Instant | None = None
    Orders: tuple[KilledOrder, ...] = ()


class KillOrders(Message):
    """A venue connection on the orders in scope. ``Listed``: these are all that were open."""

    MsgType: Literal["KillOrders"] = "KillOrders"
    KillID: str
    By: str
    At: Instant
    Orders: tuple[KilledOrder, ...]
    Listed: bool = False


class KillSequence(Message):
    """MsgSeqNum(34) of the last message to the venue when its kill was durable."""

    MsgType: Literal["KillSequence"] = "KillSequence"
    KillID: str
    By: str
    MsgSeqNum: int


class CancelKilled(Message):
    """A venue connection's own timer: cancel the next of what is in the scope of a kill."""

    MsgType: Literal["CancelKilled"] = "CancelKilled"


class SpreadKills(Message):
    """The kill switch's own timer: tell accounts and books, too, whatever the venues say."""

    MsgType: Literal["SpreadKills"] = "SpreadKills"


class KillDirectory(Message):
    """Who there is to be told: accounts with their desks, books, venues."""

    MsgType: Literal["KillDirectory"] = "KillDirectory"
    Accounts: dict[str, tuple[str, ...]]
    Symbols: tuple[str, ...]
    Venues: tuple[str, ...]


class KillStatus(StrEnum):
    """How far a kill has come."""

    Standing = "Standing"
    Quiet = "Quiet"
    """Everybody has heard it, and every order in scope is over or listed as in doubt."""
    Released = "Released"
    Refused = "Refused"


class KillReport(Message):
    """The answer to whoever triggered or released a kill."""

    MsgType: Literal["KillReport"] = "KillReport"
    KillID: str
    KillStatus: KillStatus
    Scope: KillScope | None = None
    Name: str | None = None
    Reason: str | None = None
    By: str | None = None
    ReleasedBy: str | None = None
    Text: str | None = None
    TransactTime: UTCTimestamp
    ReportSeq: int | None = None
