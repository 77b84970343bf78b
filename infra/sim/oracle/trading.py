"""What the venues saw and did against what desks asked for and heard, and what accounts hold."""

import re
from collections.abc import Iterator
from decimal import Decimal

from actors.conservation import imbalances
from infra.compose import COMPLIANCE
from infra.sim.oracle.evidence import Changes
from infra.sim.resting import ZERO
from infra.sim.setting import ACCOUNTS, CASH, COLLAR, MOST_QTY, REFERENCE_PX, RESTRICTED, SYMBOLS
from infra.sim.world import World
from messages.fix import OrdType
from messages.terms import Terms

_CHILD = re.compile(r"([a-z]+-\d+)\.\d+(\.\d+)?")
HIGHEST = REFERENCE_PX * (1 + COLLAR)


def totals_balance(world: World) -> Iterator[str]:
    """15: what compliance counted obeys every law of conservation."""
    yield from imbalances(world.hosts[COMPLIANCE].shell.actor.state.totals)


def positions_are_the_venues_fills(world: World) -> Iterator[str]:
    """9, 15, 16: positions and cash computed from the venues' books alone."""
    quantities: dict[tuple[str, str], Decimal] = {}
    cash: dict[str, Decimal] = {}
    for exchange in world.exchanges.values():
        for order, fill in exchange.fills.values():
            signed = fill.last_qty * fill.side.sign
            key = (order.account, fill.symbol)
            quantities[key] = quantities.get(key, ZERO) + signed
            paid = signed * fill.last_px * SYMBOLS[fill.symbol]
            cash[order.account] = cash.get(order.account, ZERO) - paid
    for name in ACCOUNTS:
        state = world.hosts[f"account/{name}"].shell.actor.state
        for symbol in SYMBOLS:
            expected = quantities.get((name, symbol), ZERO)
            if state.position(symbol) != expected:
                yield f"{name} holds {state.position(symbol)} {symbol}, its fills make {expected}"
        due = CASH + cash.get(name, ZERO)
        if state.cash["USD"] != due:
            yield f"{name} has {state.cash['USD']} USD, its fills leave {due}"


def nothing_is_held_back(world: World) -> Iterator[str]:
    """17, 18: with no order open, no money is reserved and nothing is exposed."""
    for name in ACCOUNTS:
        state = world.hosts[f"account/{name}"].shell.actor.state
        if state.open:
            yield f"{name} has open orders {sorted(state.open)[:3]}"
        elif any(state.reserved.values()):
            yield f"{name} reserves {state.reserved}"
        elif any(e.buying or e.selling for e in state.exposures.values()):
            yield f"{name} is exposed: {state.exposures}"


def nothing_is_in_doubt(world: World) -> Iterator[str]:
    """33: every request to a venue has been settled by its word, or by that of two people."""
    for name in world.exchanges:
        state = world.hosts[f"venue/{name}"].shell.actor.state
        if state.unanswered:
            yield f"{name} owes an answer to {sorted(state.unanswered)[:3]}"


def venues_were_told_nothing_wrong(world: World) -> Iterator[str]:
    """33: no order was placed a second time as if it were new."""
    for exchange in world.exchanges.values():
        for what in exchange.wrong:
            yield f"{exchange.venue}: {what}"


def orders_at_venues_were_asked_for(world: World) -> Iterator[str]:
    """7, 19, 20, 35: each order at a venue is one that a desk asked for and might ask for.

    Account, symbol, side and price are those of a request of a desk that may trade the account,
    within its limits.
    """
    wanted = _wanted(world)
    for exchange in world.exchanges.values():
        for clordid, (account, terms) in exchange.placed.items():
            found = _CHILD.fullmatch(clordid)
            if found is None:
                continue  # a request on an order by telephone
            asked = wanted.get(found[1], [])
            if not asked or not any(_fits(account, terms, one) for one in asked):
                yield f"{exchange.venue} has {clordid} for {account}, which no desk asked for"
            if terms.quantity > MOST_QTY or abs(terms.Price or ZERO) > HIGHEST:
                yield f"{exchange.venue} has {clordid}: beyond the limits of {account}"
            if RESTRICTED.get(account) == terms.Symbol and account in found[1]:
                yield f"{exchange.venue} has {clordid}: {terms.Symbol} is restricted for {account}"


def stops_wait_for_their_price(world: World) -> Iterator[str]:
    """7: where the book waits for a stop price, the venue traded there before it got the child."""
    wanted = _wanted(world)
    for exchange in world.exchanges.values():
        for clordid, (_, terms) in exchange.placed.items():
            found = _CHILD.fullmatch(clordid)
            asked = wanted.get(found[1], []) if found else []
            if terms.StopPx is None and asked:
                low, high = exchange.seen[clordid]
                if not any(_reached(said, low, high) for _, said in asked):
                    yield f"{exchange.venue} has {clordid}: its stop price was never reached"


def _reached(said: Changes, low: Decimal, high: Decimal) -> bool:
    if said.StopPx is None:
        return True
    rising = (said.Side.sign > 0) is (said.OrdType is not OrdType.MarketIfTouched)
    return high >= said.StopPx if rising else low <= said.StopPx


def children_make_the_order(world: World) -> Iterator[str]:
    """6: what the venues traded of an order's children is the CumQty that its desk heard last."""
    traded: dict[str, Decimal] = {}
    for exchange in world.exchanges.values():
        for order, fill in exchange.fills.values():
            found = _CHILD.fullmatch(order.names[0]) if order.names else None
            name = found[1] if found else f"{exchange.venue}.{order.order_id}"
            traded[name] = traded.get(name, ZERO) + fill.last_qty
    known = world.evidence.orders
    for name, quantity in traded.items():
        heard = known[name].cum if name in known else None
        if heard is None and name.startswith(tuple(world.exchanges)):
            heard = next((o.cum for n, o in known.items() if n.endswith(name)), None)
        if heard != quantity:
            yield f"venues traded {quantity} of {name}, its desk last heard {heard}"


def _wanted(world: World) -> dict[str, list[tuple[str, Changes]]]:
    """By OrderID: what desks asked of it, new or as a replace."""
    wanted: dict[str, list[tuple[str, Changes]]] = {}
    for order_id, order in world.evidence.orders.items():
        for desk, clordid in (*order.names, *order.tried):
            said = world.evidence.asked.get((desk, clordid))
            if said is not None:
                wanted.setdefault(order_id, []).append((desk, said))
    return wanted


def _fits(account: str, terms: Terms, asked: tuple[str, Changes]) -> bool:
    desk, said = asked
    worse = said.Price is not None and terms.Price is not None
    return (
        desk in ACCOUNTS.get(account, ())
        and (said.Account, said.Symbol, said.Side) == (account, terms.Symbol, terms.Side)
        and not (worse and (terms.Price - said.Price) * said.Side.sign > 0)  # type: ignore[operator]
    )
