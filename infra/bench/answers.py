"""Which requests of a desk have been answered, by name, from reports as they come."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from messages.base import Instant

PENDING = ("PendingNew", "PendingCancel", "PendingReplace")


class Answers:
    """Requests that wait for an answer, of all desks. ``moved``: told of each batch of answers.

    ``kinds`` counts reports by what they are, PendingNew and fills included.
    """

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.answered = 0
        self.moved: Callable[[], None] = lambda: None
        self._waiting: set[str] = set()

    @property
    def waiting(self) -> int:
        """Requests without an answer."""
        return len(self._waiting)

    def expect(self, names: Iterable[str]) -> None:
        """These are about to be sent."""
        self._waiting.update(names)

    def first_waiting(self, count: int) -> list[str]:
        """Some of the requests without an answer."""
        return sorted(self._waiting)[:count]

    def hear(self, report: dict[str, Any], at: Instant, redelivered: bool) -> None:
        """A report as it came."""
        del at, redelivered
        kind = report.get("ExecType") or report["MsgType"]
        self.kinds[kind] += 1
        refusal = report.get("Refusal") or {}
        if refusal:
            self.reasons[f"{kind}: {refusal['Rule']}"] += 1
        name = report.get("BusinessRejectRefID") or report.get("ClOrdID")
        if kind not in PENDING and name in self._waiting:
            self._waiting.discard(name)
            self.answered += 1
            self.moved()
