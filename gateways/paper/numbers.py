"""The sequence numbers of the session, where the engine's own cannot be relied upon.

Invariant: the number waited for never passes a request that was not heard, and the number said
next never falls unless the client asks for it. The engine breaks both: it counts a Logout that
comes beyond a gap, and (without NonStopSession) starts both again at 1 once a week.
"""

import re
from pathlib import Path

_STORED = re.compile(r"(\d{1,20})\s*:\s*(\d{1,20})")


class Numbers:
    """``sender`` is the MsgSeqNum(34) we say next, ``target`` the one we wait for."""

    def __init__(self, sender: int, target: int) -> None:
        self.sender = sender
        self.target = target
        self._skipped = False

    def said(self, number: int) -> None:
        """A message is about to leave, perhaps not for the first time."""
        self.sender = max(self.sender, number + 1)

    def logon(self, number: int, *, reset: bool) -> None:
        """The client's Logon came; with ``reset`` both sides begin at 1."""
        if reset:
            self.sender = self.target = 1
        else:
            # It begins again below what was heard: as its own week ended, or its store is gone.
            self.target = min(self.target, number)

    def logout(self, number: int, expected: int) -> None:
        """The client's Logout came while ``expected`` was waited for."""
        self._skipped = number > expected
        self.target = expected

    def ended(self, expected: int) -> bool:
        """The connection ended, the engine waiting for ``expected``; True: impose ``target``."""
        skipped, self._skipped = self._skipped, False
        if not skipped:
            self.target = expected
        return skipped


def stored(folder: Path, session: str) -> Numbers:
    """The numbers as the engine left them in ``folder``; 1 and 1 where it was never used.

    ``session`` is what the names of the engine's files begin with, e.g. ``FIX.4.4-XPAR-OMS``.
    """
    path = folder / f"{session}.seqnums"
    found = _STORED.match(path.read_text()) if path.exists() else None
    return Numbers(int(found.group(1)), int(found.group(2))) if found else Numbers(1, 1)
