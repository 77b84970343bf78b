"""The FIX 4.4 session of the exchange: a QuickFIX acceptor on the loopback interface.

Invariants. No exception leaves a callback, as that would end the engine: it ends the exchange,
which starts again from its store. The engine counts a request as heard when its callback returns,
which is before it is committed; so at start the number it waits for is set back to the one after
the last committed, and the client sends the rest again.
"""

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import quickfix

from gateways.paper import dictionary, listener
from gateways.paper.fields import SOH
from gateways.paper.numbers import Numbers, stored
from gateways.paper.worker import Failed, Item, LoggedOn, NumbersReset

BEGIN_STRING = "FIX.4.4"

# Not every build of the engine knows NonStopSession; then the longest schedule there is: a week,
# ending on Sunday 00:00 UTC. See numbers.py.
_SCHEDULES = (
    {"NonStopSession": "Y"},
    {"StartTime": "00:00:00", "EndTime": "00:00:00", "StartDay": "sun", "EndDay": "sun"},
)
# BodyLength and CheckSum are placeholders: the engine writes both when it sends.
_BEGIN = f"8={BEGIN_STRING}{SOH}9=0{SOH}"
_END = f"10=000{SOH}"
MARKET_DATA = ("W", "X", "Y")

Callback = Callable[..., None]


def _guarded(callback: Callback) -> Callback:
    @functools.wraps(callback)
    def safe(self: "Callbacks", *args: Any) -> None:
        try:
            callback(self, *args)
        except quickfix.DoNotSend:
            raise
        except Exception as error:
            self.put(Failed(f"{callback.__name__} failed: {error!r}"))

    return safe


class Callbacks(quickfix.Application):  # type: ignore[misc]
    """What the engine calls, on its own thread. ``put`` must be safe to call from any."""

    def __init__(self, put: Callable[[Item], None], numbers: Numbers) -> None:
        super().__init__()
        self.put = put
        self.numbers = numbers
        self.session: Any = None

    def onCreate(self, _: Any) -> None:
        """Nothing to do."""

    @_guarded
    def onLogon(self, _: Any) -> None:
        """The Logon was answered."""
        self.put(LoggedOn())

    @_guarded
    def onLogout(self, _: Any) -> None:
        """The connection ended; called before the engine resets its numbers, if it does."""
        if self.numbers.ended(self.session.getExpectedTargetNum()):
            self.session.setNextTargetMsgSeqNum(self.numbers.target)

    @_guarded
    def toAdmin(self, message: quickfix.Message, _: Any) -> None:
        """A session message is about to leave."""
        self.numbers.said(int(message.getHeader().getField(34)))

    @_guarded
    def toApp(self, message: quickfix.Message, _: Any) -> None:
        """A report is about to leave, or market data; this never a second time."""
        header = message.getHeader()
        if header.isSetField(43) and header.getField(35) in MARKET_DATA:
            raise quickfix.DoNotSend
        self.numbers.said(int(header.getField(34)))

    @_guarded
    def fromAdmin(self, message: quickfix.Message, _: Any) -> None:
        """A session message of the client."""
        header, expected = message.getHeader(), self.session.getExpectedTargetNum()
        number = int(header.getField(34))
        match header.getField(35):
            case "A":
                self._logon(message, number)
            case "5":
                self.numbers.logout(number, expected)
            case "3" if number > expected:  # the engine is about to count it, gap or not
                self.session.setNextTargetMsgSeqNum(expected - 1)

    @_guarded
    def fromApp(self, message: quickfix.Message, _: Any) -> None:
        """A request, in order of MsgSeqNum."""
        self.put(message.toString())

    def _logon(self, message: quickfix.Message, number: int) -> None:
        reset = message.isSetField(141) and message.getField(141) == "Y"
        self.numbers.logon(number, reset=reset)
        if reset:
            self.put(NumbersReset())
            return
        if self.session.getExpectedTargetNum() < self.numbers.target:
            self.session.setNextTargetMsgSeqNum(self.numbers.target)
        if self.session.getExpectedSenderNum() < self.numbers.sender:
            self.session.setNextSenderMsgSeqNum(self.numbers.sender)


class Acceptor:
    """The session of ``sender`` with ``target``, its messages kept in ``folder``."""

    def __init__(self, folder: Path, sender: str, target: str) -> None:
        self._folder = folder
        self._id = quickfix.SessionID(BEGIN_STRING, sender, target)
        self._name = f"{BEGIN_STRING}-{sender}-{target}"
        self._session: Any = None
        self._acceptor: Any = None
        self._kept: tuple[Any, ...] = ()

    def start(self, port: int, put: Callable[[Item], None], inbound: int) -> None:
        """Listen, and hear again what came after MsgSeqNum ``inbound``. CannotListen."""
        listener.check(port)
        numbers = stored(self._folder, self._name)
        numbers.target = min(numbers.target, inbound + 1)
        callbacks = Callbacks(put, numbers)
        self._make(callbacks, port)
        self._session = callbacks.session = quickfix.Session.lookupSession(self._id)
        self._session.setNextTargetMsgSeqNum(numbers.target)
        try:
            self._acceptor.start()
        except (quickfix.ConfigError, quickfix.RuntimeError) as error:
            raise listener.CannotListen(f"cannot listen on port {port}: {error}") from None
        listener.restrict(port)

    @property
    def logged_on(self) -> bool:
        """Whether a report given to the session now leaves now."""
        return self._session is not None and bool(self._session.isLoggedOn())

    def send(self, report: str, again: bool) -> bool:
        """Give a report to the session, marked PossResend(97) if ``again``; False: in doubt.

        Once given, the engine keeps it and sends it again when the client asks.
        """
        mark = f"97=Y{SOH}" if again else ""
        kind, _, rest = report.partition(SOH)
        text = f"{_BEGIN}{kind}{SOH}{mark}{rest}{_END}"
        return bool(self._session.send(quickfix.Message(text, False)))

    def quote(self, text: str) -> None:
        """Give market data to the session; nobody waits for it if it is lost."""
        head, found, groups = text.partition(f"{SOH}268=")
        message = quickfix.Message(f"{_BEGIN}{head.rstrip(SOH)}{SOH}{_END}", False)
        if found:
            _add_groups(message, groups.split(SOH)[1:-1])
        self._session.send(message)

    def log_out(self, timeout_s: int = 1) -> None:
        """Log out and wait a little for the answer.

        The engine's own stop() is not called: where nobody is connected it can crash the process.
        What it keeps is in its files after each write, so the process may just end.
        """
        if not self._session.isLoggedOn():
            return
        self._session.logout()
        # Logs out at once instead of at the engine's next tick.
        self._session.next(quickfix.UtcTimeStamp.now())
        deadline = time.monotonic() + timeout_s
        while self._session.isLoggedOn() and time.monotonic() < deadline:
            time.sleep(1 / 100)

    def _make(self, callbacks: Callbacks, port: int) -> None:
        *others, last = _SCHEDULES
        for schedule in others:
            try:
                self._build(callbacks, port, schedule)
            except quickfix.ConfigError:
                continue  # this build does not know the schedule's key
            return
        self._build(callbacks, port, last)

    def _build(self, callbacks: Callbacks, port: int, schedule: dict[str, str]) -> None:
        session = {
            "ConnectionType": "acceptor",
            "SocketAcceptPort": str(port),
            "SocketAcceptHost": listener.HOST,  # not in every build, see listener.py
            "FileStorePath": str(self._folder),
            "ResetOnLogon": "N",
            "ResetOnLogout": "N",
            "ResetOnDisconnect": "N",
            "CheckLatency": "N",
            "DataDictionary": str(dictionary.write(self._folder)),
            **dictionary.SETTINGS,
        }
        # These are read from the defaults alone.
        common = {"SocketNodelay": "Y", "SocketReuseAddress": "Y"}
        settings = quickfix.SessionSettings()
        settings.set(_dictionary(common))
        settings.set(self._id, _dictionary(session | schedule))
        store = quickfix.FileStoreFactory(settings)
        self._acceptor = quickfix.SocketAcceptor(callbacks, store, settings)
        self._kept = (callbacks, store, settings)


def _add_groups(message: quickfix.Message, fields: list[str]) -> None:
    """MDEntries, each beginning with the tag that the first one begins with.

    The engine keeps the fields of a message in the order of their tags, but for its groups.
    """
    first = fields[0].partition("=")[0] if fields else ""
    group: Any = None
    for tag, _, value in (field.partition("=") for field in fields):
        if tag == first:
            if group is not None:
                message.addGroup(group)
            group = quickfix.Group(268, int(first))
        group.setField(int(tag), value)
    if group is None:
        message.setField(268, "0")
    else:
        message.addGroup(group)


def _dictionary(values: dict[str, str]) -> quickfix.Dictionary:
    dictionary = quickfix.Dictionary()
    for key, value in values.items():
        dictionary.setString(key, value)
    return dictionary
