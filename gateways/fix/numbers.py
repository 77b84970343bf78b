"""The sequence numbers of one FIX session, kept beside the engine's own and imposed at each logon.

``sender`` never goes down, and ``target`` never passes a message that was not handed on: what the
engine or the venue does to the numbers in between is overruled when the next logon begins. The
engine's numbers cannot be trusted alone: it counts a Logout or Reject that comes out of order as
the next expected message, starts again at 1 where the venue's Logon says so, and (without
NonStopSession) once a week. Each of these would skip reports that were never heard.
"""

import re
from pathlib import Path

TAIL = 16
"""How many of its last messages a venue may have forgotten in a crash without a human looking."""

LATCH = "numbers-disagree.txt"

_TOO_LOW = re.compile(r"too low, expecting (\d+) but received (\d+)")
_EXPECTS = re.compile(r"expect\w*\D{0,16}(\d{1,9})(?!\d)", re.IGNORECASE | re.ASCII)
_SAYS_LOW = re.compile(r"too (low|small)|less than|lower than|<", re.IGNORECASE)
_STORED = re.compile(r"(\d{1,20})\s*:\s*(\d{1,20})")


def expected_by_venue(text: str) -> int | None:
    """The MsgSeqNum that a venue's Logout asks of us because ours was too low; None: not that."""
    found = _EXPECTS.findall(text) if _SAYS_LOW.search(text) else []
    # The larger, where two numbers follow the word: what it received is below what it expects.
    return max(map(int, found), default=None)


def stored_sender(folder: Path, session: str) -> int:
    """Our next number as the engine's store in ``folder`` has it; 1 where there is none.

    ``session`` is what the store's files begin with, e.g. ``FIX.4.4-OMS-XPAR``.
    """
    path = folder / f"{session}.seqnums"
    found = _STORED.match(path.read_text()) if path.exists() else None
    return max(1, int(found.group(1))) if found else 1


def forget_messages(folder: Path, session: str) -> None:
    """Delete the messages that earlier runs stored for resending, but not their number.

    None of them may ever be resent (see engine.Engine.toApp), and the engine would load an index
    of all of them into memory.
    """
    for kind in ("body", "header", "session"):
        (folder / f"{session}.{kind}").unlink(missing_ok=True)


class Numbers:
    """What we say next and what we wait for next. Used on the engine's thread once started.

    ``first`` is the number of the first message after our latest Logon; ``handed`` the highest
    number of an application message handed on.
    """

    def __init__(self, venue: str, latch: Path, sender: int, heard: int) -> None:
        self.venue = venue
        self.sender = sender
        self.target = heard + 1
        self.handed = heard
        self.first = sender
        self._latch = latch
        if (expected := self._latched()) and self.target < expected:
            latch.unlink()  # the caller agreed to hear again from before the disagreement

    def raise_sender(self, number: int) -> None:
        """Our next number is at least this."""
        self.sender = max(self.sender, number)

    def raise_target(self, number: int) -> None:
        """The next number we wait for is at least this."""
        self.target = max(self.target, number)

    def disagreement(self) -> str:
        """Why no logon may be accepted now; "" where the numbers agree."""
        return self._latch.read_text() if self._latch.exists() else ""

    def venue_is_behind(self, text: str) -> str:
        """What to report where our own Logout says the venue's number was too low, else "".

        A venue that lost its last few messages in a crash reuses their numbers: it is heard again
        from a little before where it goes on. Anything more is for a human, and until then no
        logon is accepted, even when failed attempts have counted the venue's number up to ours.
        """
        found = _TOO_LOW.search(text)
        if not found:
            return ""
        expected, received = int(found.group(1)), int(found.group(2))
        if self._latch.exists():
            return self.disagreement()
        if expected - received <= TAIL:
            self.target = max(1, received - TAIL)
            return (
                f"{self.venue} went back from MsgSeqNum {expected} to {received}, as after a crash:"
                f" hearing again from {self.target}"
            )
        return self.disagree(f"{self.venue} is at MsgSeqNum {received}", expected)

    def disagree(self, what: str, expected: int) -> str:
        """Refuse every logon from now on; the text says why, and what helps."""
        text = (
            f"{what}, but {expected - 1} of its messages were heard: its sequence numbers were"
            " lost or reset, and reports may be missing. No logon is accepted until this is"
            f" settled. Either let {self.venue} set its next outgoing MsgSeqNum to {expected} and"
            f" delete {self._latch}; or, where {self.venue} begins anew, check the open orders with"
            f" it and start this connection with heard=0. (expected {expected})"
        )
        self._latch.write_text(text)
        return text

    def _latched(self) -> int | None:
        found = re.search(r"\(expected (\d+)\)", self.disagreement())
        return int(found.group(1)) if found else None
