"""What a back-test says: which orders and replaces the new rules judge in another way, and how."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from messages.base import Instant, decimal_text, format_time
from messages.refusals import Refusal
from messages.terms import ZERO, Terms

BLOCKED, WAITS, LET_THROUGH = "blocked now", "waits now", "let through now"
OTHERWISE = "refused otherwise"


class Word(NamedTuple):
    """What a rule said. ``waits``: for people, or until others of its owner have made room."""

    refusal: Refusal
    waits: bool = False


def outcome(then: Word | None, now: Word | None) -> str | None:
    """How the new rules judge what the old ones judged so; None: as before."""
    if then is None and now is None:
        return None
    if now is None:
        return LET_THROUGH
    if then is not None and then.waits and now.waits:
        return None
    if now.waits:
        return WAITS
    if then is None or then.waits:
        return BLOCKED
    return OTHERWISE if then.refusal.Rule != now.refusal.Rule else None


class Case(NamedTuple):
    """An order or a replace as it came."""

    at: Instant
    account: str
    order_id: str
    clordid: str
    desk: str
    terms: Terms


class Verdict(NamedTuple):
    """One that the new rules judge in another way. ``rule`` objects now, or objected then."""

    case: Case
    outcome: str
    rule: str
    why: str

    def as_dict(self) -> dict[str, object]:
        """Under FIX names, for people and programs."""
        case = self.case
        return {
            "Time": format_time(case.at),
            "Account": case.account,
            "OrderID": case.order_id,
            "ClOrdID": case.clordid,
            "Desk": case.desk,
            "Terms": _words(case.terms),
            "Outcome": self.outcome,
            "Rule": self.rule,
            "Why": self.why,
        }


@dataclass
class Verdicts:
    """``judged``: how many orders and replaces. ``unjudged``: how often a rule could not say."""

    verdicts: list[Verdict] = field(default_factory=list)
    judged: int = 0
    unjudged: Counter[str] = field(default_factory=Counter)

    @property
    def same(self) -> int:
        """Of those that were judged, how many are judged as before."""
        return self.judged - len(
            {(v.case.account, v.case.order_id, v.case.clordid) for v in self.verdicts}
        )

    def note(self, case: Case, then: Word | None, now: Word | None) -> None:
        """One was judged by both."""
        found = outcome(then, now)
        told = now or then
        if found is not None and told is not None:
            self.verdicts.append(Verdict(case, found, told.refusal.Rule, told.refusal.text()))

    def by_rule(self) -> list[tuple[tuple[str, str], int]]:
        """How many for each outcome and rule, the most frequent first."""
        return Counter((one.outcome, one.rule) for one in self.verdicts).most_common()


def _words(terms: Terms) -> str:
    quantity = terms.OrderQty or terms.CashOrderQty or ZERO
    price = "" if terms.Price is None else f" at {decimal_text(terms.Price)}"
    return f"{terms.Side} {decimal_text(quantity)} {terms.Symbol}{price}"
