"""Which limits hold for an order: the tightest of firm, desk, trader and account.

Worked out once, when a version of the rule book (or the account's definition) is adopted, for every
desk of the account and every trader of it. An order then costs one look-up and asks only the rules
that have something to say.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from actors.pools import RATE, SHARED, limit_of, name_of
from messages.approvals import ApprovalPolicy
from messages.base import SECOND, Instant
from messages.fix import SecurityType
from messages.reference import AccountDefinition
from messages.rulebook import RuleBook, RuleLimits, TraderRules
from messages.terms import ZERO, Terms

TIGHTER_IF_LESS = (
    *("MaxOrderQty", "MaxNotional", "PriceCollar", "MaxPosition", "MaxGross", "MaxNet"),
    *("MaxConcentration", "MaxVolumeShare", "MaxDailyLoss", "ApproveNotional"),
)
FLAGS = ("RequireLocate", "RequireTrader", "ApproveWatched")
WORTHS = (
    *("MaxGross", "MaxNet", "MaxConcentration", "MaxDailyLoss"),
    *(row.parameter for row in SHARED.values() if row.of),
)
"""Limits that need to know what the account's positions are worth."""
TIMED = ("OrderRate", "DuplicateWithin", "MaxDailyLoss", SHARED[RATE].parameter)
"""Limits that count by time."""

_ADDED = ("Restricted", "Watch")
"""Lists to which the rule book adds, where reference data name symbols already."""

NO_RULES = RuleBook()

DAY: Instant = 24 * 60 * 60 * SECOND


@dataclass(slots=True)
class Bucket:
    """A token bucket that fills continuously: one token every ``every`` ns, at most ``burst``."""

    name: str
    rate: int
    every: Instant
    burst: int

    @classmethod
    def of(cls, name: str, rate: int, burst: int | None) -> "Bucket":
        """So many a second; the pause between two is rounded up, so the rate is never more."""
        return cls(name, rate, -(-SECOND // rate), burst or rate)


@dataclass(slots=True)
class Pool:
    """A limit that accounts share; this account spends of it what it was lent.

    ``level``: whose it is; ``kind``: its row in ``actors/pools.py``.
    """

    name: str
    limit: Decimal
    level: str
    kind: str


@dataclass(slots=True)
class Applied:
    """What holds for one desk of an account, or one trader of it.

    ``levels``: whose each limit is, by its name. ``active``: the rules to ask, in their order.
    """

    numbers: dict[str, Decimal] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)
    restricted: dict[str, str] = field(default_factory=dict)
    watched: dict[str, str] = field(default_factory=dict)
    allowed: dict[str, None] | None = None
    products: dict[SecurityType, None] | None = None
    credit: dict[str, Decimal] = field(default_factory=dict)
    sanctioned: dict[str, str] = field(default_factory=dict)
    """Issuers by their symbols; under "" a party of the account."""
    duplicate_ns: Instant = 0
    approve_ns: Instant = 0
    """How long an order waits for people at most; 0: nobody has said."""
    buckets: list[Bucket] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)
    active: tuple[str, ...] = ()
    timed: bool = False
    """Whether a rule counts by time, so that events must say when."""

    @property
    def priced(self) -> bool:
        """Whether a rule needs to know what positions are worth."""
        return any(name in self.levels for name in WORTHS)


def resolve(definition: AccountDefinition, rules: RuleBook | None) -> dict[str, Applied]:
    """By desk, and by ``desk trader``."""
    book = rules or NO_RULES
    found: dict[str, Applied] = {}
    for desk in definition.Desks:
        found[desk] = _of(definition, book, desk, "", None)
        for name, trader in book.Traders.items():
            if trader.Desk == desk:
                found[f"{desk} {name}"] = _of(definition, book, desk, name, trader)
    return found


def _of(
    definition: AccountDefinition, book: RuleBook, desk: str, name: str, trader: TraderRules | None
) -> Applied:
    account = definition.Account
    levels: list[tuple[str, RuleLimits]] = [(f"account {account}", _own(definition, book))]
    if trader:
        levels.append((f"trader {name}", trader))
    if desk in book.Desks:
        levels.append((f"desk {desk}", book.Desks[desk]))
    levels.append(("firm", book.Firm))
    applied = Applied()
    for level, limits in levels:
        _tighten(applied, level, limits)
    _share(applied, definition, book, desk)
    _sanction(applied, book, (account, book.Owners.get(account, account), desk, name))
    if book.Traders:
        applied.levels.setdefault("Traders", "firm")
    if any(one.Halted for one in book.Securities.values()):
        applied.levels["Halted"] = "firm"
    applied.timed = any(name in applied.levels for name in TIMED)
    return applied


def _own(definition: AccountDefinition, book: RuleBook) -> RuleLimits:
    """The account's level: reference data, and over them what the rule book says."""
    given = definition.Limits.model_dump(exclude_none=True)
    given["Restricted"] = definition.RestrictedSymbols
    if definition.Approval:
        given |= _asking(definition.Approval)
    said = book.Accounts.get(definition.Account)
    for name in said.model_fields_set if said else ():
        value = getattr(said, name)
        if name in _ADDED:
            given[name] = (*given.get(name, ()), *value)
        elif value is not None:
            given[name] = value
    return RuleLimits.model_construct(**given)


def _asking(policy: ApprovalPolicy) -> dict[str, Any]:
    """What reference data want approved, as rules of the account's level."""
    return {
        "ApproveNotional": policy.Over,
        "Watch": policy.WatchSymbols,
        "ApproveWatched": bool(policy.WatchSymbols),
        "ApproveWithin": policy.ExpireAfter,
    }


def _tighten(applied: Applied, level: str, limits: RuleLimits) -> None:
    for name in TIGHTER_IF_LESS:
        value: Decimal | None = getattr(limits, name)
        if value is not None and value < applied.numbers.get(name, value + 1):
            applied.numbers[name] = value
            applied.levels[name] = level
    for name in FLAGS:
        if getattr(limits, name):
            applied.levels.setdefault(name, level)
    for symbol in limits.Restricted:
        applied.restricted.setdefault(symbol, level)
        applied.levels.setdefault("Restricted", level)
    for symbol in limits.Watch:
        applied.watched.setdefault(symbol, level)
    if limits.Allowed is not None:
        before = applied.allowed
        applied.allowed = {s: None for s in limits.Allowed if before is None or s in before}
        applied.levels["Allowed"] = level
    if limits.Products is not None:
        known = applied.products
        applied.products = {p: None for p in limits.Products if known is None or p in known}
        applied.levels["Products"] = level
    for currency, amount in (limits.Credit or {}).items():
        applied.credit[currency] = min(amount, applied.credit.get(currency, amount))
    if limits.DuplicateWithin and limits.DuplicateWithin * SECOND > applied.duplicate_ns:
        applied.duplicate_ns = limits.DuplicateWithin * SECOND
        applied.levels["DuplicateWithin"] = level
    if limits.ApproveWithin:
        within = limits.ApproveWithin * SECOND
        applied.approve_ns = min(within, applied.approve_ns or within)
    if limits.OrderRate:
        applied.buckets.append(Bucket.of(level, limits.OrderRate, limits.OrderBurst))
        applied.levels.setdefault("OrderRate", level)


def _share(applied: Applied, definition: AccountDefinition, book: RuleBook, desk: str) -> None:
    """An account counts towards the firm and its first desk; an order towards who sends it."""
    for kind, row in SHARED.items():
        for level in ("firm", f"desk {definition.Desks[0] if row.of else desk}"):
            name = name_of(level, kind)
            if limit := limit_of(book, name):
                applied.pools.append(Pool(name, limit, level, kind))
                applied.levels.setdefault(row.parameter, level)


def _sanction(applied: Applied, book: RuleBook, parties: tuple[str, ...]) -> None:
    listed = dict.fromkeys(book.Sanctioned)
    for party in parties:
        if party in listed:
            applied.sanctioned.setdefault("", party)
    for symbol, security in book.Securities.items():
        if security.Issuer in listed:
            applied.sanctioned[symbol] = security.Issuer or ""
    if applied.sanctioned:
        applied.levels["Sanctioned"] = "firm"


def said(terms: Terms) -> str:
    """What makes two orders the same: symbol, side, quantity and price."""
    price = terms.Price if terms.Price is None else terms.Price.normalize()
    quantity = (terms.OrderQty or terms.CashOrderQty or ZERO).normalize()
    return f"{terms.Symbol} {terms.Side} {quantity} {price}"
