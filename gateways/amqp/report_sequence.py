"""What a desk knows of its reports' numbers: what is missing, and what came twice."""


class ReportSequence:
    """ReportSeq is dense per account, so any number is either the next, missing, or a repeat.

    An account begins with the number after the one in ``heard``, or else with whatever comes first.
    """

    def __init__(self, heard: dict[str, int] | None = None) -> None:
        """``heard``: Account -> the last ReportSeq that this desk had heard before."""
        self.repeats = 0
        self._last = dict(heard or {})
        self._missing: dict[str, set[int]] = {}

    @property
    def gaps(self) -> int:
        """How many numbers are missing now; one that comes late is missing no more."""
        return sum(len(missing) for missing in self._missing.values())

    def missing(self, account: str) -> list[int]:
        """The numbers below the newest that have not come."""
        return sorted(self._missing.get(account, ()))

    def last(self, account: str) -> int | None:
        """The newest number heard of the account."""
        return self._last.get(account)

    def is_new(self, account: str, seq: int) -> bool:
        """Take note of a number; False where it is a repeat."""
        last = self._last.get(account, seq - 1)
        if seq == last + 1:
            self._last[account] = seq
            return True
        if seq > last:
            self._missing.setdefault(account, set()).update(range(last + 1, seq))
            self._last[account] = seq
            return True
        missing = self._missing.get(account)
        if missing and seq in missing:
            missing.remove(seq)
            return True
        self.repeats += 1
        return False
