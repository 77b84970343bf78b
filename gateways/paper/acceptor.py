"""The FIX 4.4 session of the exchange: a QuickFIX acceptor on the loopback address.

Invariants. No exception leaves a callback, as that would end the engine. The engine counts a
request as heard when its callback returns, which is before it is committed; so the number it waits
for is set back at start to the one after the last committed, and the client sends the rest again.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import quickfix

from gateways.paper.desk import Item, LoggedOn, NumbersReset
from gateways.paper.requests import SOH

HOST = "127.0.0.1"

# Not every build of the engine knows NonStopSession; then the longest schedule there is: a week.
_SCHEDULES = (
    {"NonStopSession": "Y"},
    {"StartTime": "00:00:00", "EndTime": "00:00:00", "StartDay": "sun", "EndDay": "sun"},
)
_BEGIN = f"8=FIX.4.4{SOH}9=0{SOH}"
_AGAIN = f"97=Y{SOH}"
_END = f"10=000{SOH}"


class CannotListen(RuntimeError):
    """The engine could not be started; the text says why."""


class _Callbacks(quickfix.Application):  # type: ignore[misc]
    """What the engine calls, on its own thread."""

    def __init__(self, put: Callable[[Item], None]) -> None:
        super().__init__()
        self._put = put

    def onCreate(self, session_id: Any) -> None:
        pass

    def onLogon(self, session_id: Any) -> None:
        self._put(LoggedOn())

    def onLogout(self, session_id: Any) -> None:
        pass

    def toAdmin(self, message: Any, session_id: Any) -> None:
        pass

    def toApp(self, message: Any, session_id: Any) -> None:
        pass

    def fromAdmin(self, message: Any, session_id: Any) -> None:
        if message.isSetField(141) and message.getField(141) == "Y":
            self._put(NumbersReset())

    def fromApp(self, message: Any, session_id: Any) -> None:
        self._put(message.toString())


class Acceptor:
    """The listening session of ``sender`` with ``target``, its numbers kept in ``folder``."""

    def __init__(self, folder: Path, sender: str, target: str, port: int) -> None:
        self._folder = folder
        self._id = quickfix.SessionID("FIX.4.4", sender, target)
        self._port = port
        self._session: Any = None
        self._acceptor: Any = None
        self._kept: tuple[Any, ...] = ()

    def start(self, put: Callable[[Item], None], inbound: int) -> None:
        """Listen, and hear again what came after MsgSeqNum ``inbound``. CannotListen."""
        try:
            self._make(put)
            self._session = quickfix.Session.lookupSession(self._id)
            heard = self._session.getExpectedTargetNum()
            self._session.setNextTargetMsgSeqNum(min(heard, inbound + 1))
            self._acceptor.start()
        except (quickfix.ConfigError, quickfix.RuntimeError) as error:
            raise CannotListen(f"cannot listen on {HOST}:{self._port}: {error}") from None

    def send(self, report: str, again: bool) -> bool:
        """Give a report to the session; False: it is logged out.

        Once given, the engine keeps it and sends it again when the client asks.
        """
        if self._session is None or not self._session.isLoggedOn():
            return False
        if again:
            kind, _, rest = report.partition(SOH)
            report = f"{kind}{SOH}{_AGAIN}{rest}"
        return bool(self._session.send(quickfix.Message(f"{_BEGIN}{report}{_END}", False)))

    def stop(self, timeout_s: int = 1) -> None:
        """Log out, wait a little for the answer, and close the port."""
        session, self._session = self._session, None
        session.logout()
        session.next(quickfix.UtcTimeStamp.now())
        deadline = time.monotonic() + timeout_s
        while session.isLoggedOn() and time.monotonic() < deadline:
            threading.Event().wait(1 / 100)
        self._acceptor.stop(True)

    def _make(self, put: Callable[[Item], None]) -> None:
        *others, last = _SCHEDULES
        for schedule in others:
            try:
                self._build(put, schedule)
            except quickfix.ConfigError:
                continue  # this build does not know the schedule's key
            return
        self._build(put, last)

    def _build(self, put: Callable[[Item], None], schedule: dict[str, str]) -> None:
        settings = quickfix.SessionSettings()
        common = {"SocketNodelay": "Y", "SocketReuseAddress": "Y"}
        settings.set(_dictionary(common))
        session = {
            "ConnectionType": "acceptor",
            "SocketAcceptHost": HOST,
            "SocketAcceptPort": str(self._port),
            "FileStorePath": str(self._folder),
            "ResetOnLogon": "N",
            "ResetOnLogout": "N",
            "ResetOnDisconnect": "N",
            "CheckLatency": "N",
            "UseDataDictionary": "N",
        }
        settings.set(self._id, _dictionary(session | schedule))
        application = _Callbacks(put)
        store = quickfix.FileStoreFactory(settings)
        self._acceptor = quickfix.SocketAcceptor(application, store, settings)
        self._kept = (application, store, settings)


def _dictionary(values: dict[str, str]) -> quickfix.Dictionary:
    dictionary = quickfix.Dictionary()
    for key, value in values.items():
        dictionary.setString(key, value)
    return dictionary
