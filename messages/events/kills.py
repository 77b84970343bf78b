"""What happens by and under a kill, at the actors that it stops and at the one that keeps it."""

from typing import Literal

from messages import base, kills
from messages.base import Instant


class KillBegan(base.Event):
    """The actor has heard of a kill: it stands here from now on."""

    Event: Literal["KillBegan"] = "KillBegan"
    Kill: kills.StandingKill


class KillEnded(base.Event):
    """The actor has heard that the kill was released; it is not taken up again."""

    Event: Literal["KillEnded"] = "KillEnded"
    KillID: str


class KillListed(base.Event):
    """Orders that are open in the scope, until they are over.

    Of a venue connection all, to be cancelled; of an account or a book those that are under way.
    """

    Event: Literal["KillListed"] = "KillListed"
    KillID: str
    ChildIDs: tuple[str, ...]


class KillCanceled(base.Event):
    """Of these orders everything was done that can be: cancelled, or a cancel is under way."""

    Event: Literal["KillCanceled"] = "KillCanceled"
    ChildIDs: tuple[str, ...]


class KillTold(base.Event):
    """What became of orders in scope was told to the kill switch."""

    Event: Literal["KillTold"] = "KillTold"


class DirectoryDefined(base.Event):
    """Who there is, as the kill switch knows it from now on."""

    Event: Literal["DirectoryDefined"] = "DirectoryDefined"
    Directory: kills.KillDirectory


class KillOrdered(base.Event):
    """A kill was triggered; these are told, the venue connections at once."""

    Event: Literal["KillOrdered"] = "KillOrdered"
    Kill: kills.StandingKill
    Recipients: tuple[str, ...]


class KillSpread(base.Event):
    """Accounts and books are told of the kill as well."""

    Event: Literal["KillSpread"] = "KillSpread"
    KillID: str


class KillReleased(base.Event):
    """A second person ended the kill."""

    Event: Literal["KillReleased"] = "KillReleased"
    KillID: str
    By: str
    Reason: str
    At: Instant


class KillRefused(base.Event):
    """An operator's request that changed nothing, and why."""

    Event: Literal["KillRefused"] = "KillRefused"
    KillID: str
    Operator: str
    Text: str


class KillAcknowledged(base.Event):
    """An actor has journaled the kill."""

    Event: Literal["KillAcknowledged"] = "KillAcknowledged"
    Heard: kills.KillHeard


class KillOrdersHeard(base.Event):
    """What an actor says of the orders in scope."""

    Event: Literal["KillOrdersHeard"] = "KillOrdersHeard"
    Said: kills.KillOrders


class KillSequenceHeard(base.Event):
    """MsgSeqNum(34) of the last message to a venue when its kill was durable."""

    Event: Literal["KillSequenceHeard"] = "KillSequenceHeard"
    Said: kills.KillSequence


class KillQuieted(base.Event):
    """Everybody has heard the kill, and every order in scope is settled."""

    Event: Literal["KillQuieted"] = "KillQuieted"
    KillID: str
    At: Instant
