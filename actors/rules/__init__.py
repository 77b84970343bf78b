"""Pre-trade rules, in order of precedence. One file and one row each.

A rule looks at a proposed order (or the proposed new version of one) and the account, and says
nothing, or why not. The first objection is the answer; the order of the rows is part of the rule
book. What needs the market or the orders of other accounts is a rule of the book's
(``actors/book/checks``).
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from actors.account.limits import Applied
from actors.account.state import AccountState, Order
from actors.rules import (
    allowed,
    approve_notional,
    approve_watched,
    buying_power,
    concentration,
    daily_loss,
    desk_may_trade,
    destination,
    duplicate_clordid,
    duplicate_order,
    gross_exposure,
    halted,
    kill_switch,
    known_account,
    known_instrument,
    lot_size,
    net_exposure,
    notional,
    order_rate,
    order_size,
    position_limit,
    price_collar,
    price_increment,
    product,
    restricted,
    sanctioned,
    shared_exposure,
    shared_net,
    shared_rate,
    short_sale,
    trader_entitled,
    volume_share,
)
from actors.rules.proposal import Objection, Proposal, reserve_px
from messages.base import Instant
from messages.fix import OrdRejReason as Why
from messages.refusals import Refusal
from messages.terms import Terms

__all__ = [
    "RULES", "Counted", "Proposal", "Terms", "asked", "asks_approval", "first_objection", "marks",
    "proposed", "reserve_px",
]  # fmt: skip


class Counted(StrEnum):
    """Over what a rule adds up before it compares with a limit of the firm, a desk or a trader."""

    Order = "each order by itself"
    Account = "each account by itself"
    Shared = "all accounts together"


class Rule(NamedTuple):
    """``reason`` is what FIX calls it in OrdRejReason(103).

    ``parameters``: limits without which the rule has nothing to say and is not asked; none: it is
    always asked. ``counted``: over what, whichever level the limit is of. ``approval``: an order to
    which it objects waits for people; a list of orders or a replace of what is out, which cannot
    wait, is refused.
    """

    name: str
    reason: Why
    check: Callable[[Proposal, AccountState], Objection | None]
    parameters: tuple[str, ...] = ()
    counted: Counted = Counted.Order
    approval: bool = False


_LIMIT, _NO = Why.OrderExceedsLimit, Why.BrokerOption
_EACH, _ALL = Counted.Account, Counted.Shared

RULES: tuple[Rule, ...] = (
    Rule("known_account", Why.UnknownAccounts, known_account.check),
    Rule("desk_may_trade", _NO, desk_may_trade.check),
    Rule("trader_entitled", _NO, trader_entitled.check, ("Traders", "RequireTrader")),
    Rule("sanctioned", _NO, sanctioned.check, ("Sanctioned",)),
    Rule("duplicate_clordid", Why.DuplicateOrder, duplicate_clordid.check),
    Rule("kill_switch", Why.BrokerOption, kill_switch.check),
    Rule("known_instrument", Why.UnknownSymbol, known_instrument.check),
    Rule("restricted", _NO, restricted.check, ("Restricted",)),
    Rule("allowed", _NO, allowed.check, ("Allowed",)),
    Rule("product", _NO, product.check, ("Products",)),
    Rule("halted", Why.ExchangeClosed, halted.check, ("Halted",)),
    Rule("destination", _NO, destination.check),
    Rule("lot_size", Why.IncorrectQuantity, lot_size.check),
    Rule("order_size", _LIMIT, order_size.check, ("MaxOrderQty",)),
    Rule("price_increment", Why.InvalidPriceIncrement, price_increment.check),
    Rule("price_collar", Why.PriceExceedsCurrentPriceBand, price_collar.check, ("PriceCollar",)),
    Rule("notional", Why.NotionalExceedsThreshold, notional.check, ("MaxNotional",)),
    Rule("volume_share", _LIMIT, volume_share.check, ("MaxVolumeShare",)),
    Rule("short_sale", Why.ShortSellNotPermitted, short_sale.check, ("RequireLocate",), _EACH),
    Rule("position_limit", _LIMIT, position_limit.check, ("MaxPosition",), _EACH),
    Rule("gross_exposure", _LIMIT, gross_exposure.check, ("MaxGross",), _EACH),
    Rule("net_exposure", _LIMIT, net_exposure.check, ("MaxNet",), _EACH),
    Rule("concentration", _LIMIT, concentration.check, ("MaxConcentration",), _EACH),
    Rule("daily_loss", _LIMIT, daily_loss.check, ("MaxDailyLoss",), _EACH),
    Rule("buying_power", _LIMIT, buying_power.check, (), _EACH),
    Rule("duplicate_order", Why.DuplicateOrder, duplicate_order.check, ("DuplicateWithin",), _EACH),
    Rule("order_rate", _NO, order_rate.check, ("OrderRate",), _EACH),
    Rule("shared_rate", _NO, shared_rate.check, ("SharedRate",), _ALL),
    Rule("shared_exposure", _LIMIT, shared_exposure.check, ("SharedGross",), _ALL),
    Rule("shared_net", _LIMIT, shared_net.check, ("SharedNet",), _ALL),
    Rule("approve_watched", _NO, approve_watched.check, ("ApproveWatched",), approval=True),
    Rule("approve_notional", _LIMIT, approve_notional.check, ("ApproveNotional",), approval=True),
)
"""Those that ask for approval come last: nobody approves what a limit forbids."""

BY_NAME = {rule.name: rule for rule in RULES}
_APPROVALS = tuple(rule for rule in RULES if rule.approval)
_CHECKS = {rule.name: rule.check for rule in RULES}


def asked(limits: Applied) -> tuple[str, ...]:
    """The rules that have something to say where these limits hold, in their order."""
    return tuple(
        rule.name
        for rule in RULES
        if not rule.approval
        and (not rule.parameters or any(name in limits.levels for name in rule.parameters))
    )


def proposed(
    account: str,
    state: AccountState,
    desk: str,
    clordid: str,
    terms: Terms,
    now: Instant,
    trader: str | None = None,
    replaces: Order | None = None,
) -> Proposal:
    """What the rules are asked about, with the limits that hold for it."""
    limits = state.limits_of(desk, trader)
    known: dict[str, Any] | None = {} if state.worths is not None else None
    return Proposal(account, desk, clordid, terms, replaces, now, trader, limits, known)


def first_objection(proposal: Proposal, state: AccountState) -> tuple[Why, Refusal] | None:
    """The first rule that objects, as the reject reason and the whole refusal."""
    limits = proposal.limits
    for name in limits.active or asked(limits):
        if objection := _CHECKS[name](proposal, state):
            rule = BY_NAME[name]
            return rule.reason, _refusal(rule, objection, limits, state.version)
    return None


def asks_approval(proposal: Proposal, state: AccountState) -> Refusal | None:
    """The first rule that wants people to approve the order; None: it goes out without them."""
    limits = proposal.limits
    for rule in _APPROVALS:
        if rule.parameters[0] not in limits.levels:
            continue
        if objection := rule.check(proposal, state):
            return _refusal(rule, objection, limits, state.version)
    return None


_NOTHING: dict[str, Any] = {}


def marks(proposal: Proposal, state: AccountState) -> dict[str, Any]:
    """What an event says of how its order was judged: nothing where there is no rule book yet."""
    version, limits, trader = state.version, proposal.limits, proposal.trader
    if version is None and trader is None:
        return _NOTHING
    said: dict[str, Any] = {"Rules": version}
    if trader is not None:
        said["Trader"] = trader
    if limits.timed:
        said["At"] = proposal.now
    if proposal.terms.Symbol in limits.watched and proposal.replaces is None:
        said["Watched"] = True
    return said


def _refusal(rule: Rule, objection: Objection, limits: Applied, version: int | None) -> Refusal:
    level = objection.level
    if level is None:
        levels = (limits.levels[name] for name in rule.parameters if name in limits.levels)
        level = next(levels, None)
    return Refusal(
        Rule=rule.name,
        Field=objection.field,
        Given=objection.given,
        Allowed=objection.allowed,
        Remedy=objection.remedy,
        Version=version,
        Level=level,
        Limit=objection.limit,
        Inputs=objection.inputs,
        Approval=rule.approval or None,
    )
