"""The FIX engine's callbacks for one initiator session: everything becomes a tuple in a queue.

The callbacks run on the engine's own thread, and an exception that leaves one kills the process
or silently stops the session; so each is guarded, and does no more than read and hand on.
"""

import functools
from collections.abc import Callable
from typing import Any

import quickfix

from gateways.fix.dialect import Dialect, FromVenue, Malformed, ToVenue
from gateways.fix.fields import fields_of, printable
from gateways.fix.numbers import Numbers, expected_by_venue
from messages.venue import SessionDown, SessionUp

SessionMessage = FromVenue | SessionUp | SessionDown
Post = Callable[[int, SessionMessage | str], None]
"""(MsgSeqNum or 0, message); a string instead of a message is a report of garbage."""

SUPERSEDED = frozenset(("W", "X"))
"""Market data: sent again, it is the market no more."""

REMEMBERED = 4_096
"""Orders sent, by number, so that a Reject that names only the number finds its order."""


def guarded(callback: Callable[..., None]) -> Callable[..., None]:
    """The callback without a way out for errors but the two the engine expects."""

    @functools.wraps(callback)
    def safe(self: "Engine", *args: Any) -> None:
        try:
            callback(self, *args)
        except (quickfix.DoNotSend, quickfix.RejectLogon):
            raise
        except Exception as error:
            self.post(0, f"{callback.__name__} failed: {error!r}")

    return safe


class Engine(quickfix.Application):  # type: ignore[misc]
    """The callbacks of one session. ``post`` must be safe to call from any thread.

    ``ups`` counts the SessionUps posted. ``sending`` is the message that is being sent.
    """

    def __init__(self, dialect: Dialect, numbers: Numbers, peer: str, post: Post) -> None:
        super().__init__()
        self.session: Any = None
        self.numbers = numbers
        self.post = post
        self.ups = 0
        self.sending: ToVenue | None = None
        self._dialect = dialect
        self._peer = peer
        self._sent: dict[int, ToVenue] = {}
        self._up = False
        self._accepted = False
        self._reason = ""
        self._reported = ""
        self._after_logout = 0

    def onCreate(self, _: Any) -> None:
        """Nothing to do: the numbers are set when the logon begins."""

    @guarded
    def onLogon(self, _: Any) -> None:
        """Both Logons were exchanged; application messages follow."""
        self._reason = self._reported = ""
        self._rise()

    @guarded
    def onLogout(self, _: Any) -> None:
        """The session ended or could not begin; called before the engine resets its numbers."""
        self.numbers.raise_sender(self.session.getExpectedSenderNum())
        if self._accepted:
            self.numbers.raise_target(self._after_logout or self.session.getExpectedTargetNum())
        self._accepted, self._after_logout = False, 0
        reason, self._reason = self._reason, ""
        if self._up or (reason and reason != self._reported):
            self._fall(reason or f"the connection to {self._peer} was lost")

    @guarded
    def toAdmin(self, message: quickfix.Message, _: Any) -> None:
        """Session messages we send: impose our numbers on Logon, read why we log out or reject."""
        fields = fields_of(message.toString())
        match fields["35"]:
            case "A":
                self._impose(message, int(fields["34"]))
            case "5" if text := fields.get("58", ""):
                behind = "" if self._up else self.numbers.venue_is_behind(text)
                self._reason = behind or self._reason or f"logged out: {text}"
            case "3":
                self.post(0, f"the engine refused a message of {self._peer}: {_readable(message)}")

    @guarded
    def fromAdmin(self, message: quickfix.Message, _: Any) -> None:
        """Session messages of the venue."""
        kind = message.getHeader().getField(35)
        if kind in "012":  # Heartbeat, TestRequest, ResendRequest
            return
        fields = fields_of(printable(message.toString()))
        number, expected = int(fields["34"]), self.session.getExpectedTargetNum()
        match kind:
            case "A":
                self._check_logon(fields)
            case "5":
                # The engine counts any Logout as the expected message, also one beyond a gap.
                self._after_logout = expected + 1 if number == expected else expected
                self._logout(fields.get("58", ""))
            case "3":
                if number > expected:  # as above; the engine is about to add 1 to this
                    self.session.setNextTargetMsgSeqNum(expected - 1)
                # Numbered 0 because a venue does not resend it: what it refused is in doubt
                # after a crash, and asked about.
                self._take(0, message)
            case "4" if fields.get("123") != "Y" and int(fields["36"]) > expected:
                self._skipped(expected, int(fields["36"]))

    @guarded
    def toApp(self, message: quickfix.Message, _: Any) -> None:
        """The last word before an application message is stored and sent, or sent again.

        The venue may ask for a resend of what was sent in this logon: it may have been under way
        while the venue asked for older messages. What an earlier logon sent is never sent again by
        the engine, which tells the venue that there is nothing (gap fill): the sender asks about
        its unanswered orders at each SessionUp, and a stale order must not come to life.
        """
        header = message.getHeader()
        number = int(header.getField(34))
        if header.isSetField(43):
            if number < self.numbers.first:
                raise quickfix.DoNotSend
            return
        if not self.session.isLoggedOn():
            raise quickfix.DoNotSend
        if self.sending is None:  # not by send(): the engine itself refuses a message of the venue
            self.post(0, f"the engine refused a message of {self._peer}: {_readable(message)}")
            return
        self._sent[number] = self.sending
        if len(self._sent) > REMEMBERED:
            del self._sent[next(iter(self._sent))]

    @guarded
    def fromApp(self, message: quickfix.Message, _: Any) -> None:
        """An application message, in order of MsgSeqNum."""
        header = message.getHeader()
        number = int(header.getField(34))
        known = number <= self.numbers.handed
        self.numbers.handed = max(number, self.numbers.handed)
        again = header.isSetField(43) and header.getField(43) == "Y"  # PossDupFlag
        if again and header.getField(35) in SUPERSEDED:
            return
        # Known is a number that the venue used again after it forgot its last messages.
        self._take(0 if known else number, message)

    def _take(self, number: int, message: quickfix.Message) -> None:
        try:
            heard = self._dialect.from_fix(message, self._sent.get)
        except Malformed as error:
            self.post(0, f"{self._peer} sent what cannot be used: {error}: {_readable(message)}")
            return
        if heard is None:
            self.post(0, f"{self._peer} sent what nobody asked for: {_readable(message)}")
            return
        self.post(number, heard)

    def _impose(self, logon: quickfix.Message, number: int) -> None:
        numbers = self.numbers
        if number != numbers.sender:
            logon.getHeader().setField(34, str(numbers.sender))
            self.session.setNextSenderMsgSeqNum(numbers.sender)
        self.session.setNextTargetMsgSeqNum(numbers.target)
        numbers.sender += 1  # the Logon's own
        numbers.first = numbers.sender

    def _check_logon(self, fields: dict[str, str]) -> None:
        numbers = self.numbers
        try:
            if fields.get("141") == "Y" and numbers.target > 1:
                what = f"{self._peer} reset its numbers (ResetSeqNumFlag)"
                numbers.disagree(what, numbers.target)
            trouble = numbers.disagreement()
        except OSError as error:
            trouble = f"cannot tell whether the sequence numbers agree: {error}"
        if trouble:
            self._reason = trouble
            raise quickfix.RejectLogon("sequence numbers disagree")
        self._accepted = True

    def _logout(self, text: str) -> None:
        if not text:
            return
        self._reason = f"{self._peer} logged out: {text}"
        if not self._up and (number := expected_by_venue(text)):
            if number > self.numbers.sender:
                self._reason += f"; our store was behind, going on from {number}"
            self.numbers.raise_sender(number)

    def _skipped(self, expected: int, upto: int) -> None:
        """SequenceReset without gap fill: reports may be missing, so let orders be asked about."""
        text = f"{self._peer} skipped its messages {expected} to {upto - 1} (SequenceReset)"
        self.post(0, text)
        self._fall(text)
        self._rise()

    def _rise(self) -> None:
        self._up = True
        self.ups += 1
        self.post(0, SessionUp())

    def _fall(self, text: str) -> None:
        self._up = False
        self._reported = text
        self.post(0, SessionDown(Text=text))


def _readable(message: quickfix.Message) -> str:
    return printable(message.toString()).replace("\x01", "|")
