"""Pre-trade rules, in order of precedence. One file and one row each.

A rule looks at a proposed order (or the proposed new version of one) and the account, and says
nothing, or why not. The first objection is the answer; the order of the rows is part of the rule
book.
"""

from collections.abc import Callable
from typing import NamedTuple

from actors.account.state import AccountState
from actors.rules import (
    approval,
    buying_power,
    desk_may_trade,
    destination,
    duplicate_clordid,
    kill_switch,
    known_account,
    known_instrument,
    lot_size,
    notional,
    order_size,
    position_limit,
    price_collar,
    price_increment,
    restricted,
)
from actors.rules.proposal import Objection, Proposal, reserve_px
from messages.fix import OrdRejReason as Why
from messages.refusals import Refusal
from messages.terms import Terms

__all__ = ["RULES", "Proposal", "Terms", "asks_approval", "first_objection", "reserve_px"]

asks_approval = approval.asks


class Rule(NamedTuple):
    """``reason`` is what FIX calls it in OrdRejReason(103)."""

    name: str
    reason: Why
    check: Callable[[Proposal, AccountState], Objection | None]


RULES: tuple[Rule, ...] = (
    Rule("known_account", Why.UnknownAccounts, known_account.check),
    Rule("desk_may_trade", Why.BrokerOption, desk_may_trade.check),
    Rule("duplicate_clordid", Why.DuplicateOrder, duplicate_clordid.check),
    Rule("kill_switch", Why.BrokerOption, kill_switch.check),
    Rule("known_instrument", Why.UnknownSymbol, known_instrument.check),
    Rule("restricted", Why.BrokerOption, restricted.check),
    Rule("destination", Why.BrokerOption, destination.check),
    Rule("lot_size", Why.IncorrectQuantity, lot_size.check),
    Rule("order_size", Why.OrderExceedsLimit, order_size.check),
    Rule("price_increment", Why.InvalidPriceIncrement, price_increment.check),
    Rule("price_collar", Why.PriceExceedsCurrentPriceBand, price_collar.check),
    Rule("notional", Why.NotionalExceedsThreshold, notional.check),
    Rule("position_limit", Why.OrderExceedsLimit, position_limit.check),
    Rule("buying_power", Why.OrderExceedsLimit, buying_power.check),
)


def first_objection(proposal: Proposal, state: AccountState) -> tuple[Why, Refusal] | None:
    """The first rule that objects, as the reject reason and the whole refusal."""
    for rule in RULES:
        if objection := rule.check(proposal, state):
            refusal = Refusal(
                Rule=rule.name,
                Field=objection.field,
                Given=objection.given,
                Allowed=objection.allowed,
                Remedy=objection.remedy,
            )
            return rule.reason, refusal
    return None
