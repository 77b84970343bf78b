"""The rule book: every limit that a pre-trade rule reads, as one versioned document.

One person proposes a whole book, another approves it, and from its effective time on it is issued
to the accounts and books, each of which journals the version it adopted. Four levels: firm, desk,
trader, account. For one order the tightest of them holds (``actors/account/limits.py``).
"""

import hashlib
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from messages import fix
from messages.base import Identifier, Message, Name, Number, Quantity, UTCTimestamp
from messages.people import Reason
from messages.reference import Limits
from messages.terms import CurrencyCode

RULEBOOK = "rulebook/0"
"""The address of the actor that keeps the rule book."""

ROUTING_KEY = "rulebook"
"""The routing key of what people say about it: all of it comes in order."""

Count = Annotated[int, Field(ge=1)]
Share = Annotated[Quantity, Field(le=1)]
"""A fraction: "0.25" is 25 %."""


class RuleLimits(Limits):
    """What one level allows, beside the limits of reference data. None or empty: says nothing.

    Money of exposures and losses is in the base currency: see ``RuleBook.Rates``.
    """

    MaxGross: Quantity | None = None
    """Sum over symbols of the largest position, either way, that open orders may lead to."""
    MaxNet: Quantity | None = None
    """The same with its sign: all longs against all shorts, in the worse direction."""
    SharedGross: Quantity | None = None
    """Gross exposure of all accounts of the firm, or of a desk, together; lent to accounts."""
    SharedNet: Quantity | None = None
    """The same of net exposure: what accounts are long together, and what they are short."""
    SharedRate: Count | None = None
    """Orders and replaces a second of all accounts together, and as many at once; lent too."""
    Credit: dict[CurrencyCode, Quantity] | None = None
    """Added to cash as buying power."""
    OrderRate: Count | None = None
    """Orders and replaces a second, on average: a bucket that fills continuously."""
    OrderBurst: Count | None = None
    """How many may come at once; None: as many as OrderRate."""
    DuplicateWithin: Count | None = None
    """Seconds within which the same symbol, side, quantity and price is a duplicate."""
    Restricted: tuple[Name, ...] = ()
    Watch: tuple[Name, ...] = ()
    Allowed: tuple[Name, ...] | None = None
    """Symbols that may be traded; None: all."""
    Products: tuple[fix.SecurityType, ...] | None = None
    RequireLocate: bool = False
    """Reg SHO 203(b)(1): no short sale without a locate, and every short sale is marked so."""
    RequireTrader: bool = False
    """Orders must say in SenderSubID(50) who sends them, and the rule book must know them."""
    MaxConcentration: Share | None = None
    """Exposure in one symbol as a share of the account's equity."""
    MaxVolumeShare: Share | None = None
    """Quantity of one order as a share of the symbol's average daily volume."""
    MaxDailyLoss: Quantity | None = None
    """Equity lost since the day's first order from which only risk may be taken off."""
    ApproveNotional: Quantity | None = None
    """An order worth more than this, in the instrument's currency, waits for approval."""
    ApproveWatched: bool = False
    """An order in a symbol on the watch list waits for approval, whatever its size."""
    ApproveWithin: Count | None = None
    """Seconds an order waits for the last decision, then it expires; None: an hour."""


class TraderRules(RuleLimits):
    """A person who sends orders in the name of a desk, and for which accounts; None: all its."""

    Desk: Name
    Accounts: tuple[Name, ...] | None = None


class SecurityRules(Message):
    """What rules must know of one symbol beyond its definition."""

    AverageDailyVolume: Quantity | None = None
    ShortSaleRestricted: bool = False
    """Rule 201: no short sale at or below the national best bid, today and tomorrow."""
    NationalBestBid: Number | None = None
    """Stands in while no venue quotes."""
    Halted: bool = False
    Issuer: str | None = None


class Locate(Message):
    """Shares that somebody has promised to lend to an account (Reg SHO 203(b)(1))."""

    Account: Name
    Symbol: Name
    Qty: Quantity
    Expires: UTCTimestamp | None = None


class SelfMatchMode(StrEnum):
    """What becomes of two orders of one owner that would trade with each other."""

    CancelNewest = "CancelNewest"
    CancelOldest = "CancelOldest"
    CancelBoth = "CancelBoth"
    Decrement = "Decrement"
    """The smaller one goes, and the larger one is reduced by it."""


_SHARED = {"SharedGross": "MaxGross", "SharedNet": "MaxNet", "SharedRate": "OrderRate"}
"""Limits of all accounts together, and the like of one."""


class RuleBook(Message):
    """One version, whole. What stands nowhere here is as reference data say, or unlimited."""

    Firm: RuleLimits = RuleLimits()
    Desks: dict[Name, RuleLimits] = Field(default_factory=dict)
    Traders: dict[Name, TraderRules] = Field(default_factory=dict)
    Accounts: dict[Name, RuleLimits] = Field(default_factory=dict)
    Securities: dict[Name, SecurityRules] = Field(default_factory=dict)
    Locates: tuple[Locate, ...] = ()
    Sanctioned: tuple[str, ...] = ()
    """Accounts, owners, traders and issuers with whom nobody may trade."""
    Owners: dict[Name, Name] = Field(default_factory=dict)
    """Beneficial owner of an account; without one the account is its own."""
    SelfMatch: SelfMatchMode | None = None
    MarketOpen: bool = False
    """Orders are refused while the market is closed, or halted where they would go."""
    Rates: dict[CurrencyCode, Quantity] = Field(default_factory=dict)
    """What one unit of a currency is worth in the base currency; 1 where it is not here."""

    @model_validator(mode="after")
    def _shares_are_of_firm_and_desks(self) -> "RuleBook":
        for kind, levels in (("Accounts", self.Accounts), ("Traders", self.Traders)):
            for name, level in levels.items():
                for field, own in _SHARED.items():
                    if getattr(level, field) is not None:
                        raise ValueError(
                            f"{kind}.{name}.{field}: only the firm and desks share; use {own}"
                        )
        return self

    def of_account(self, account: str) -> "RuleBook":
        """What concerns one account."""
        return self.model_copy(
            update={
                "Accounts": {n: level for n, level in self.Accounts.items() if n == account},
                "Owners": {n: owner for n, owner in self.Owners.items() if n == account},
                "Locates": tuple(one for one in self.Locates if one.Account == account),
            }
        )

    def of_symbol(self, symbol: str) -> "RuleBook":
        """What concerns the book of one symbol."""
        known = {n: one for n, one in self.Securities.items() if n == symbol}
        return RuleBook(
            Securities=known,
            Owners=self.Owners,
            SelfMatch=self.SelfMatch,
            MarketOpen=self.MarketOpen,
        )


class ProposeRules(Message):
    """A whole rule book, from ``EffectiveAt`` on; None: from its approval on."""

    MsgType: Literal["ProposeRules"] = "ProposeRules"
    Rules: RuleBook
    EffectiveAt: UTCTimestamp | None = None
    Reason: Reason

    @property
    def proposal_id(self) -> str:
        """The same words, the same name: what a second person approves."""
        return hashlib.blake2b(self.model_dump_json().encode(), digest_size=6).hexdigest()


class ApproveRules(Message):
    """A second person approves exactly that."""

    MsgType: Literal["ApproveRules"] = "ApproveRules"
    ProposalID: Identifier


class RejectRules(Message):
    """The proposal is not to be: by a second person, or by its author."""

    MsgType: Literal["RejectRules"] = "RejectRules"
    ProposalID: Identifier
    Reason: Reason


class RulesStatus(StrEnum):
    """What became of an operator's request about the rule book."""

    Proposed = "Proposed"
    Approved = "Approved"
    InForce = "InForce"
    Rejected = "Rejected"
    Refused = "Refused"


class RulesReport(Message):
    """The answer to an operator; author and approver both hear what becomes of a proposal."""

    MsgType: Literal["RulesReport"] = "RulesReport"
    ProposalID: str
    RulesStatus: RulesStatus
    Version: int | None = None
    EffectiveAt: UTCTimestamp | None = None
    Author: str | None = None
    Approver: str | None = None
    Reason: str | None = None
    Text: str | None = None
    TransactTime: UTCTimestamp
    ReportSeq: int | None = None


class RuleBookScope(Message):
    """Reference data for the rule book: to whom its versions are issued."""

    MsgType: Literal["RuleBookScope"] = "RuleBookScope"
    Accounts: tuple[Name, ...]
    Symbols: tuple[Name, ...]


class RulesIssued(Message):
    """A version that is in force from now on, as far as it concerns its recipient.

    From reference data it is the first one, and holds only where there was none before.
    """

    MsgType: Literal["RulesIssued"] = "RulesIssued"
    Version: Count
    Rules: RuleBook


class RulesDue(Message):
    """The rule book's own timer: a version takes effect."""

    MsgType: Literal["RulesDue"] = "RulesDue"
    Version: Count


class LeaseWanted(Message):
    """An account says how much of a shared limit it wants to hold in all.

    Less than it holds: it has let go of the rest already. ``Word`` counts what it has said of
    this pool, so what overtakes or repeats changes nothing.
    """

    MsgType: Literal["LeaseWanted"] = "LeaseWanted"
    Pool: str
    Account: Name
    Word: Count
    Total: Number


class LeaseGranted(Message):
    """How much of the pool is lent to the account in all, in answer to its word of that number."""

    MsgType: Literal["LeaseGranted"] = "LeaseGranted"
    Pool: str
    Word: Count
    Total: Number


class LeaseRecalled(Message):
    """Others are short: let go of what is not in use."""

    MsgType: Literal["LeaseRecalled"] = "LeaseRecalled"
    Pool: str
