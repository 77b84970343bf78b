"""What the rule book knows: proposals, versions, whom they were issued to, and what is lent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from actors import pools
from actors.actor import Send, Timer
from messages import events as ev
from messages.base import Instant
from messages.rulebook import RuleBook

Effects = Iterator[ev.RuleBookEvent | Send | Timer]

ZERO = Decimal(0)


@dataclass(slots=True)
class Proposal:
    """What one person wants. ``base``: the version it was written against."""

    rules: RuleBook
    base: int
    author: str
    reason: str
    effective_at: Instant | None
    rejected_by: str | None = None
    version: int | None = None


@dataclass(slots=True)
class Version:
    """What two people agreed on. The first may come from reference data: nobody proposed it."""

    number: int
    rules: RuleBook
    effective_at: Instant
    ProposalID: str = ""
    author: str = ""
    approver: str = ""
    reason: str = ""


@dataclass(slots=True)
class Loan:
    """What an account holds at most of a pool, and what it wants. ``number``: of its last word."""

    lent: Decimal = ZERO
    wanted: Decimal = ZERO
    number: int = 0


@dataclass(slots=True)
class RuleBookState:
    """``in_force``: 0 before there is any. ``issued``: the version each recipient was sent last."""

    proposals: dict[str, Proposal] = field(default_factory=dict)
    versions: dict[int, Version] = field(default_factory=dict)
    in_force: int = 0
    issued: dict[str, int] = field(default_factory=dict)
    loans: dict[str, dict[str, Loan]] = field(default_factory=dict)
    recalled: dict[str, Instant] = field(default_factory=dict)
    """When holders of a pool were last asked for what they do not use."""

    @property
    def rules(self) -> RuleBook | None:
        """The version in force."""
        known = self.versions.get(self.in_force)
        return known.rules if known else None

    def limit(self, pool: str) -> Decimal:
        """How much of a pool there is; 0 where it is not shared."""
        return pools.limit_of(self.rules, pool)

    def lent(self, pool: str) -> Decimal:
        """How much of a pool is lent to anybody."""
        return sum((loan.lent for loan in self.loans.get(pool, {}).values()), ZERO)
