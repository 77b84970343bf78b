"""The orders of a bench: each one fills at once against a deep order that rests at the venue.

Account ``i`` rests the deep orders of every instrument whose turn it is, and never trades that
instrument: no order meets another one of its own account.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from typing import NamedTuple

from gateways.amqp.desk_outbox import Prepared, prepare
from infra.reference import Reference
from messages import fix
from messages.orders import NewOrderSingle
from messages.reference import InstrumentDefinition

PREFIX = "b-"
"""Begins the ClOrdID of every taking order; its dense number from 0 follows."""

DEPTH = Decimal(10) ** 9
"""What rests on each side: more than any bench takes."""

SIDES = (fix.Side.Buy, fix.Side.Sell)


class _Take(NamedTuple):
    account: str
    instrument: InstrumentDefinition
    venue: str
    side: fix.Side


class Takers:
    """Makes orders, accounts in turn, so that all of them work at once.

    Buying and selling takes turns as well, so positions stay near nothing.
    """

    def __init__(self, reference: Reference) -> None:
        if len(reference.accounts) < 2:
            raise ValueError("an account does not trade with itself: a bench needs two of them")
        self._reference = reference
        self._owners = {
            instrument.Symbol: reference.accounts[number % len(reference.accounts)].Account
            for number, instrument in enumerate(reference.instruments)
        }
        self._cycle = [
            _Take(account.Account, instrument, venue, side)
            for side, instrument in product(SIDES, reference.instruments)
            for venue in instrument.Venues
            for account in reference.accounts
            if self._owners[instrument.Symbol] != account.Account
        ]
        self.made = 0

    @property
    def round(self) -> int:
        """So many orders touch every account, instrument, venue and side."""
        return len(self._cycle)

    def seeds(self) -> Iterator[Prepared]:
        """The deep orders: both sides of every instrument at every venue, a tick apart."""
        for instrument in self._reference.instruments:
            for venue, side in product(instrument.Venues, SIDES):
                # A taker that buys meets the deep order that sells, one tick above the other one.
                yield self._order(
                    f"deep-{instrument.Symbol}-{venue}-{side}",
                    _Take(self._owners[instrument.Symbol], instrument, venue, side),
                    DEPTH,
                    _price(instrument, _other(side)),
                )

    def orders(self, count: int) -> list[Prepared]:
        """The next ``count`` taking orders, ready to be sent."""
        return [self._taker() for _ in range(count)]

    def _taker(self) -> Prepared:
        number, self.made = self.made, self.made + 1
        take = self._cycle[number % len(self._cycle)]
        return self._order(
            f"{PREFIX}{number}", take, take.instrument.LotSize, _price(take.instrument, take.side)
        )

    def _order(self, name: str, take: _Take, quantity: Decimal, price: Decimal) -> Prepared:
        return prepare(
            NewOrderSingle(
                ClOrdID=name,
                Account=take.account,
                Symbol=take.instrument.Symbol,
                Side=take.side,
                OrderQty=quantity,
                OrdType=fix.OrdType.Limit,
                Price=price,
                ExDestination=take.venue,
                ReportPendingNew=True,
            )
        )


def _price(instrument: InstrumentDefinition, taker: fix.Side) -> Decimal:
    """Where a taker of that side finds the deep order that it meets."""
    above = instrument.TickSize if taker is fix.Side.Buy else Decimal(0)
    return instrument.ReferencePx + above


def _other(side: fix.Side) -> fix.Side:
    return fix.Side.Sell if side is fix.Side.Buy else fix.Side.Buy
