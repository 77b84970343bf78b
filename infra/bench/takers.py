"""The orders of a bench: each one fills at once, whole, against what rests at the venue.

That is what the paper exchange's house quotes, or deep orders of the desk's own: then account ``i``
rests those of every instrument whose turn it is, and never trades that instrument, so that no order
meets another one of its own account; and each fill is worked, reported and heard on both sides.
"""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from itertools import product
from typing import NamedTuple

from gateways.amqp.desk_outbox import Prepared, prepare
from infra.reference import Reference
from messages import fix
from messages.base import decimal_text
from messages.orders import NewOrderSingle
from messages.reference import InstrumentDefinition

PREFIX = "b-"
"""Begins the ClOrdID of every taking order; its dense number from 0 follows."""

DEPTH = Decimal(10) ** 9
"""What rests on each side: more than any bench takes."""

SIDES = (fix.Side.Buy, fix.Side.Sell)


class Makers(StrEnum):
    """Who is on the other side."""

    DESK = "desk"
    HOUSE = "house"


WORKLOAD = {
    Makers.DESK: "desk AMQP to fill report on AMQP; each order fills whole against a deep order of "
    "the same desk, whose side of the fill goes the same way",
    Makers.HOUSE: "desk AMQP to fill report on AMQP; each order fills whole against the house of "
    "the paper exchange, so once",
}
"""What is measured, in words."""


class _Take(NamedTuple):
    account: str
    instrument: InstrumentDefinition
    venue: str
    side: fix.Side


class Takers:
    """Makes orders, accounts in turn, so that all of them work at once.

    Buying and selling takes turns as well, so positions stay near nothing.
    """

    def __init__(self, reference: Reference, makers: Makers = Makers.HOUSE) -> None:
        if makers is Makers.DESK and len(reference.accounts) < 2:
            raise ValueError("an account does not trade with itself: a bench needs two of them")
        self._reference = reference
        self._owners = (
            {}
            if makers is Makers.HOUSE
            else {
                instrument.Symbol: reference.accounts[number % len(reference.accounts)].Account
                for number, instrument in enumerate(reference.instruments)
            }
        )
        self._cycle = [
            _Take(account.Account, instrument, venue, side)
            for side, instrument in product(SIDES, reference.instruments)
            for venue in instrument.Venues
            for account in reference.accounts
            if self._owners.get(instrument.Symbol) != account.Account
        ]
        self.made = 0

    @property
    def round(self) -> int:
        """So many orders touch every account, instrument, venue and side."""
        return len(self._cycle)

    def quotes(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Venue and command to its house: both sides of every instrument, a tick apart."""
        for instrument in self._reference.instruments:
            bid, offer = (_price(instrument, side) for side in (fix.Side.Sell, fix.Side.Buy))
            sizes = {"BidSize": f"{DEPTH}", "OfferSize": f"{DEPTH}"}
            prices = {"BidPx": decimal_text(bid), "OfferPx": decimal_text(offer)}
            command = {"do": "quote", "Symbol": instrument.Symbol, **prices, **sizes}
            yield from ((venue, command) for venue in instrument.Venues)

    def seeds(self) -> Iterator[Prepared]:
        """The deep orders of the desk itself, instead of quotes: the same prices and sizes."""
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
