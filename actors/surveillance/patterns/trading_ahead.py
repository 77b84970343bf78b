"""Trading ahead (FINRA 5320): the firm trades for itself where a customer could have traded.

It may, if the customer is executed right after at the same price or better; so this is known a
minute later, by a timer. Excepted are institutions and large orders, those beyond an information
barrier (no knowledge), riskless principal, corrections of errors, and odd lots. Intermarket sweeps
are excepted too, and no order says yet that it is one. Of one customer order one timer runs at a
time, so there are never more of them than open orders of customers.
"""

from collections.abc import Iterator

from actors.surveillance.pattern import Finding, Later, Sight, measure, total
from actors.surveillance.state import Known, Order, SurveillanceState, Tape, Trade
from messages.base import SECOND
from messages.surveillance import LookAgain
from messages.thresholds import Capacity, Thresholds


def look(sight: Sight) -> Iterator[Later]:
    """A fill of the house, and the orders of customers that its price would have satisfied."""
    order, limits = sight.order, sight.limits
    if sight.party.Capacity is not Capacity.House or not sight.tape.customers:
        return
    trade = sight.track.trades[-1]
    for name in sight.tape.customers:
        customer = sight.state.live[name]
        if _owed(sight, customer, trade):
            yield Later(
                sight.at + limits.AheadWithin * SECOND,
                LookAgain(
                    Symbol=sight.symbol,
                    OrderID=name,
                    LeavesQty=customer.qty - customer.filled,
                    HouseOrderID=order.id,
                    HouseAt=sight.at,
                ),
            )


def _owed(sight: Sight, customer: Order, trade: Trade) -> bool:
    """Whether this customer should have traded first, or right after."""
    limits, party = sight.limits, sight.known.party(customer.account)
    if customer.sign != trade.sign or customer.at >= trade.at:
        return False
    if customer.px is not None and (customer.px - trade.px) * trade.sign < 0:
        return False
    if party.Institutional or party.Wall != sight.party.Wall or customer.qty < limits.OddLot:
        return False
    worth = customer.qty * (customer.px or trade.px) * sight.known.multiplier(sight.symbol)
    return customer.qty < limits.AheadLargeQty or worth < limits.AheadLargeNotional


def again(state: SurveillanceState, known: Known, asked: LookAgain) -> Iterator[Finding]:
    """The minute is over: what has the customer got since, as good as the house?"""
    tape = state.tapes.get(asked.Symbol)
    limits = known.limits(asked.Symbol)
    house = None if tape is None else _find(tape, asked)
    if tape is None or house is None:
        return
    until = asked.HouseAt + limits.AheadWithin * SECOND
    got = [t for t in tape.trades if t.order == asked.OrderID and house.at <= t.at <= until]
    good = total(t.qty for t in got if (house.px - t.px) * house.sign >= 0)
    due = min(asked.LeavesQty, house.qty)
    if good < due:
        yield _finding(state, house, asked, limits, tuple(got))


def _find(tape: Tape, asked: LookAgain) -> Trade | None:
    for trade in tape.house:
        if trade.order == asked.HouseOrderID and trade.at == asked.HouseAt:
            return trade
    return None


def _finding(
    state: SurveillanceState,
    house: Trade,
    asked: LookAgain,
    limits: Thresholds,
    got: tuple[Trade, ...],
) -> Finding:
    customer = state.live.get(asked.OrderID)
    return Finding(
        house.owner,
        "High",
        f"{house.owner} traded {house.qty} at {house.px} ahead of customer order {asked.OrderID}",
        (
            measure("AheadWithin", limits.AheadWithin, limits.AheadWithin),
            measure("LeavesQty", asked.LeavesQty, limits.OddLot),
        ),
        (customer,) if customer else (),
        (house, *got),
    )
