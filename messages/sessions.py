"""Trading days of an exchange, told to actors ahead of time; the clock itself is their timers."""

from typing import Literal

from messages import fix
from messages.base import Instant, Message, Name


class Phase(Message):
    """From ``At`` on, until the next phase begins."""

    At: Instant
    Phase: fix.TradingPhase


class TradingDay(Message):
    """One day an exchange is open, half days included; days that are not here it is closed."""

    TradeDate: str
    Opens: Instant
    Closes: Instant
    Phases: tuple[Phase, ...] = ()
    """Auctions and the continuous session, in order; empty: continuous from open to close."""


class SessionCalendar(Message):
    """The days that are known, in order; a later calendar replaces an earlier one."""

    MsgType: Literal["SessionCalendar"] = "SessionCalendar"
    Calendar: Name
    Days: tuple[TradingDay, ...]
