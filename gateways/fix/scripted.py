"""A counterparty on the real engine that says what it is told: the sell side of a scenario.

It decides nothing. What it hears is handed on as tags and values, and what it is given as tags and
values is said; the engine does the session. It remembers no sequence number: it lives as long as
one installation that begins anew with it.
"""

import asyncio
import functools
import logging
import socket
from collections.abc import Callable
from typing import Any

import quickfix

from gateways.fix.dialect import Dialect, FromVenue, ToVenue
from gateways.fix.fields import SOH, fields_of

log = logging.getLogger(__name__)

WireFields = dict[str, str]
"""Tag to value, MsgType(35) among them; of a message that was heard the whole header too."""

SESSION = {
    "ConnectionType": "acceptor",
    "StartTime": "00:00:00",
    "EndTime": "00:00:00",
    "StartDay": "sun",
    "EndDay": "sun",
    "UseDataDictionary": "N",
    "CheckLatency": "N",
}
ADDRESS = "127.0.0.1"

LEFT: list[object] = []
"""Engines that could not be stopped: what is never freed cannot crash."""


def composed(begin_string: str, fields: WireFields) -> quickfix.Message:
    """A message without session header, from its fields in their order."""
    body = [f"{tag}={value}" for tag, value in fields.items() if tag != "35"]
    parts = [f"8={begin_string}", "9=0", f"35={fields['35']}", *body, "10=000", ""]
    return quickfix.Message(SOH.join(parts), False)


def understood(dialect: Dialect, fields: WireFields) -> FromVenue | None:
    """What a session with this dialect makes of the venue's words; Malformed as there."""
    return dialect.from_fix(composed(dialect.begin_string, fields))


def worded(dialect: Dialect, message: ToVenue) -> WireFields:
    """What a session with this dialect would say for this message."""
    return fields_of(dialect.to_fix(message).toString())


def guarded(callback: Callable[..., None]) -> Callable[..., None]:
    """No error may leave an engine's callback: it would stop the session without a word."""

    @functools.wraps(callback)
    def safe(*args: Any) -> None:
        try:
            callback(*args)
        except Exception:
            log.exception("%s failed", callback.__name__)

    return safe


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.create_server((ADDRESS, 0)) as free:
        return int(free.getsockname()[1])


class ScriptedVenue(quickfix.Application):  # type: ignore[misc]
    """An acceptor for one session. ``on_request`` is called on the event loop of ``start``."""

    def __init__(self, sender: str, target: str, on_request: Callable[[WireFields], None]) -> None:
        super().__init__()
        self.port = 0
        self.logged_on = asyncio.Event()
        self._session_id = quickfix.SessionID("FIX.4.4", sender, target)
        self._on_request = on_request
        self._kept: tuple[Any, ...] = ()
        self._acceptor: Any = None

    def start(self, port: int = 0) -> None:
        """Listen on this port of this machine; 0: on a free one. Call it on the event loop."""
        self._loop = asyncio.get_running_loop()
        self.port = port or free_port()
        session, common = quickfix.Dictionary(), quickfix.Dictionary()
        for key, value in SESSION.items():
            session.setString(key, value)
        session.setString("SocketAcceptPort", str(self.port))
        session.setString("SocketAcceptHost", ADDRESS)
        common.setString("SocketReuseAddress", "Y")
        common.setString("SocketNodelay", "Y")
        settings = quickfix.SessionSettings()
        settings.set(common)
        settings.set(self._session_id, session)
        store = quickfix.MemoryStoreFactory()
        self._acceptor = quickfix.SocketAcceptor(self, store, settings)
        self._kept = (settings, store)
        self._acceptor.start()

    def stop(self) -> None:
        """Log out; blocks for about a second.

        The engine's own stop() crashes the process where nobody is connected: then it is left as it
        is, listening to nobody, until the process ends.
        """
        if self._acceptor is None:
            return
        session = quickfix.Session.lookupSession(self._session_id)
        if session is not None and session.isLoggedOn():
            self._acceptor.stop(True)
        else:
            LEFT.append((self, self._acceptor, self._kept))
        self._acceptor = None
        self._kept = ()

    def say(self, fields: WireFields) -> bool:
        """Say it now; False where the session is not logged on, and it is never said."""
        session = quickfix.Session.lookupSession(self._session_id)
        return bool(session.isLoggedOn() and session.send(composed("FIX.4.4", fields)))

    def onCreate(self, _: Any) -> None:
        """Nothing to do."""

    @guarded
    def onLogon(self, _: Any) -> None:
        """Both Logons were exchanged."""
        self._loop.call_soon_threadsafe(self.logged_on.set)

    @guarded
    def onLogout(self, _: Any) -> None:
        """The session ended."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.logged_on.clear)

    def toAdmin(self, message: Any, _: Any) -> None:
        """The engine's own business."""

    def fromAdmin(self, message: Any, _: Any) -> None:
        """The engine's own business."""

    def toApp(self, message: Any, _: Any) -> None:
        """What ``say`` was given."""

    @guarded
    def fromApp(self, message: Any, _: Any) -> None:
        """An application message of the other side."""
        self._loop.call_soon_threadsafe(self._on_request, fields_of(message.toString()))
