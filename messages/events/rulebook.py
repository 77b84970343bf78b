"""What happens to the rule book, to those that adopt it, and to what is lent of a shared limit."""

from typing import Literal

from messages import base, rulebook
from messages.base import Instant, Number


class RulesProposed(base.Event):
    """A person wants this to be the next version; nothing changes before another approves it."""

    Event: Literal["RulesProposed"] = "RulesProposed"
    ProposalID: str
    Rules: rulebook.RuleBook
    Base: int
    """The version that it was written against: the last one approved."""
    EffectiveAt: Instant | None = None
    Reason: str
    Author: str
    At: Instant


class RulesApproved(base.Event):
    """A second person approved the proposal: it is a version, and takes effect at its time."""

    Event: Literal["RulesApproved"] = "RulesApproved"
    ProposalID: str
    Version: int
    EffectiveAt: Instant
    Approver: str
    At: Instant


class RulesRejected(base.Event):
    """The proposal is not to be."""

    Event: Literal["RulesRejected"] = "RulesRejected"
    ProposalID: str
    Operator: str
    Reason: str
    At: Instant


class RulesRefused(base.Event):
    """An operator's request that changed nothing, and why: it stays in the journal."""

    Event: Literal["RulesRefused"] = "RulesRefused"
    ProposalID: str
    Operator: str
    Text: str


class RulesInForce(base.Event):
    """A version took effect and was issued. ``Rules``: of the first one, which nobody proposed."""

    Event: Literal["RulesInForce"] = "RulesInForce"
    Version: int
    Rules: rulebook.RuleBook | None = None
    At: Instant


class RulesSent(base.Event):
    """To these the version in force was issued, or will be once there is one (0).

    ``Gone``: who is no more, and hears of no version again.
    """

    Event: Literal["RulesSent"] = "RulesSent"
    Version: int
    Recipients: tuple[str, ...]
    Gone: tuple[str, ...] | None = None


class RulesAdopted(base.Event):
    """An account or a book judges by this version from now on."""

    Event: Literal["RulesAdopted"] = "RulesAdopted"
    Version: int
    Rules: rulebook.RuleBook


class LeaseChanged(base.Event):
    """The rule book has lent ``Lent`` of a pool to an account, which wanted ``Wanted``.

    ``RecalledAt``: the others were asked for what they do not use.
    """

    Event: Literal["LeaseChanged"] = "LeaseChanged"
    Pool: str
    Account: str
    Word: int
    Lent: Number
    Wanted: Number
    RecalledAt: Instant | None = None


class LeaseAsked(base.Event):
    """An account asked for a share of a pool, or let go of one: it holds ``Held`` from now on."""

    Event: Literal["LeaseAsked"] = "LeaseAsked"
    Pool: str
    Word: int
    Held: Number
    Wanted: Number
    At: Instant


class LeaseTaken(base.Event):
    """What was granted: the account may spend up to ``Held`` of the pool by itself."""

    Event: Literal["LeaseTaken"] = "LeaseTaken"
    Pool: str
    Held: Number
    At: Instant | None = None
