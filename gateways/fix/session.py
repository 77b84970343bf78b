"""One FIX session to a venue, as an asyncio program sees it: heard in order, sent or refused.

Invariants. Application messages reach ``on_message`` in order of MsgSeqNum, between the SessionUp
and the SessionDown of their logon, each at least once: what the caller has not made durable is
heard again after a restart (``start(heard)``), and the caller knows a fill by its ExecID. A message
leaves within the logon in which ``send`` was called or never: the caller asks about its unanswered
orders at each SessionUp, so no order is sent again behind its back.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import quickfix

from gateways.fix import native, settings
from gateways.fix.dialect import MSG_TYPE, FromVenue, ToVenue, Unsendable, name_of
from gateways.fix.dialects import DIALECTS
from gateways.fix.engine import Engine, SessionMessage
from gateways.fix.numbers import LATCH, Numbers, forget_messages, stored_sender
from messages.reference import VenueDefinition
from messages.venue import (
    SessionDown,
    SessionUp,
    VenueMarketDataReject,
    VenueMarketDataRequest,
    VenueReject,
)

log = logging.getLogger(__name__)

VenueMessage = SessionMessage

BATCH = 256
"""Messages handed to the caller before the event loop turns to anything else."""

PATIENCE_S = 5
"""After this long without a first logon the caller is told that nobody answers."""


class FixSession:
    """An initiator session with FileStore in ``folder``, which must survive the process.

    ``on_message(seq, message)`` is called on the event loop of ``start``. ``seq`` is MsgSeqNum(34)
    of an application message, increasing and not dense. It is 0 for what stands outside the
    numbering and must be taken whatever was heard before: SessionUp, SessionDown, a VenueReject by
    a session-level Reject (a venue never resends those) or of the session's own, and what a venue
    says under numbers it had used before it crashed. If ``on_message`` raises, the session stops,
    as nothing may be heard after a message that was not taken.

    Market data is numbered like any report and superseded by the next: what a venue sends again of
    it is dropped, and VenueMarketDataRequest is said anew at each SessionUp.

    ``on_garbage(text)`` (by default the log), on the same loop, is told everything that was
    received and could not become a message, with its raw text, and every error of the session.

    Numbers that do not fit: if the venue expects higher ones from us (our folder is lost, or a
    crash came between sending and storing), we go on from those. If the venue's own are lower than
    what was heard, or it resets them, reports may be missing: the reason and the remedy are in
    SessionDown.Text, and every further logon is refused until a human settled it.
    """

    def __init__(
        self,
        definition: VenueDefinition,
        folder: Path,
        on_message: Callable[[int, VenueMessage], None],
        heartbeat_s: int = 10,
        on_garbage: Callable[[str], None] = log.error,
    ) -> None:
        if definition.Dialect not in DIALECTS:
            raise ValueError(
                f"venue {definition.Venue} has the dialect {definition.Dialect!r};"
                f" there are {', '.join(DIALECTS)}"
            )
        self._definition = definition
        self._dialect = DIALECTS[definition.Dialect]
        self._native = definition.Native or native.native(self._dialect)
        self._folder = folder
        self._on_message = on_message
        self._on_garbage = on_garbage
        self._heartbeat_s = heartbeat_s
        self._queue: deque[tuple[int, VenueMessage | str]] = deque()
        self._armed = False
        self._up = False
        self._ups = 0
        self._downs = 0
        self._engine: Engine | None = None
        self._session: Any = None
        self._initiator: Any = None
        self._kept: tuple[Any, ...] = ()
        self._impatience: asyncio.TimerHandle | None = None

    @property
    def logged_on(self) -> bool:
        """Whether a message sent now would leave now."""
        return (
            self._up
            and self._engine is not None
            and self._ups == self._engine.ups
            and bool(self._session.isLoggedOn())
        )

    @property
    def sent(self) -> int:
        """MsgSeqNum(34) of the last message that went out; 0 where none did or nobody knows."""
        if self._session is None:
            return 0
        return max(0, int(self._session.getExpectedSenderNum()) - 1)

    def start(self, heard: int) -> None:
        """Connect, and reconnect every second until stop(). Call it on the event loop.

        ``heard`` is the highest MsgSeqNum of the venue that the caller has made durable: all after
        it is heard (again). ValueError where the session runs already.
        """
        if self._initiator is not None:
            raise ValueError(f"the session to {self._definition.Venue} was started already")
        venue, dialect = self._definition, self._dialect
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{dialect.begin_string}-{venue.SenderCompID}-{venue.TargetCompID}"
        sender = stored_sender(self._folder, name)
        forget_messages(self._folder, name)
        numbers = Numbers(venue.Venue, self._folder / LATCH, sender, heard)
        self._loop = asyncio.get_running_loop()
        self._armed = self._up = False
        self._ups = self._downs = 0
        self._queue.clear()
        self._engine = engine = Engine(dialect, numbers, venue.Venue, self._post)
        session_id = quickfix.SessionID(
            dialect.begin_string, venue.SenderCompID, venue.TargetCompID
        )
        self._initiator, self._kept = settings.initiator(
            engine, session_id, venue, self._folder, self._heartbeat_s, dialect.groups
        )
        self._session = engine.session = quickfix.Session.lookupSession(session_id)
        self._impatience = self._loop.call_later(PATIENCE_S, self._nobody_answers)
        self._initiator.start()

    def send(self, message: ToVenue) -> bool:
        """Send now; False: the session is down, it did not leave and never will.

        True says that it was stored and given to the connection, not that the venue has it; or
        that it cannot be said to this venue, and a VenueReject with the reason (of market data a
        VenueMarketDataReject) is about to be heard. Call it on the event loop.
        """
        if not self._up or self._engine is None or self._ups != self._engine.ups:
            return False
        try:
            native.check(self._definition.Venue, message, self._native)
            out = self._dialect.to_fix(message)
        except Unsendable as error:
            self._post(0, _unsendable(message, str(error)))
            return True
        self._engine.sending = message
        try:
            return bool(self._session.send(out))
        finally:
            self._engine.sending = None

    def stop(self) -> None:
        """Log out and disconnect; blocks until the venue answers, at most about a second.

        Nothing is handed on afterwards; what was received until then is heard again after the
        next start.
        """
        if self._initiator is None:
            return
        if self._impatience is not None:
            self._impatience.cancel()
        self._session.logout()
        # Logs out at once instead of at the engine's next tick. The engine's thread ends as soon
        # as the venue answers, or at that tick.
        self._session.next(quickfix.UtcTimeStamp.now())
        self._initiator.stop(True)
        self._initiator = self._session = None
        self._engine = None
        self._kept = ()
        self._up = False
        self._queue.clear()

    def _post(self, seq: int, message: VenueMessage | str) -> None:
        """From any thread. The loop is woken once for all that comes until it looks."""
        self._queue.append((seq, message))
        if not self._armed:
            self._armed = True
            try:
                self._loop.call_soon_threadsafe(self._drain)
            except RuntimeError:
                # The loop was closed without stop(). Nobody is left to hear, and an error must not
                # reach the engine; what was not heard is heard again after the next start.
                self._queue.clear()

    def _drain(self) -> None:
        self._armed = False
        for _ in range(BATCH):
            if not self._queue or self._initiator is None:
                return
            self._hand_on(*self._queue.popleft())
        if not self._armed:
            self._armed = True
            self._loop.call_soon(self._drain)

    def _hand_on(self, seq: int, message: VenueMessage | str) -> None:
        if isinstance(message, str):
            self._on_garbage(message)
            return
        match message:
            case SessionUp():
                self._up = True
                self._ups += 1
            case SessionDown():
                self._up = False
                self._downs += 1
        try:
            self._on_message(seq, message)
        except BaseException:
            self.stop()
            raise

    def _nobody_answers(self) -> None:
        if not self._ups and not self._downs:
            venue = self._definition
            self._post(
                0,
                SessionDown(
                    Text=f"no logon with {venue.Venue} after {PATIENCE_S} s: is anything listening"
                    f" at {venue.Host}:{venue.Port}, and does it know the session"
                    f" {venue.SenderCompID} -> {venue.TargetCompID}? Trying again every second"
                ),
            )


def _unsendable(message: ToVenue, reason: str) -> FromVenue:
    """What the venue would say if it had been sent."""
    if isinstance(message, VenueMarketDataRequest):
        return VenueMarketDataReject(MDReqID=message.MDReqID, Text=f"not sent: {reason}")
    kind = MSG_TYPE[type(message)]
    return VenueReject(ClOrdID=name_of(message), RefMsgType=kind, Text=f"not sent: {reason}")
