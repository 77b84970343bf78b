"""What a venue works natively, and why an order cannot be given to it.

The book does what a venue cannot; this is the last look before an order leaves, so that no venue
is ever asked for what it would misread or drop without a word.
"""

from collections.abc import Iterable

from gateways.fix.dialect import Dialect, ToVenue, Unsendable
from messages.reference import Capabilities
from messages.terms import Terms
from messages.venue import VenueNewOrder, VenueReplace


def native(dialect: Dialect) -> Capabilities:
    """What the dialect says of its venues."""
    return Capabilities(
        OrdTypes=tuple(sorted(dialect.ord_types)),
        TimesInForce=tuple(sorted(dialect.times_in_force)),
        ExecInsts=tuple(sorted(dialect.exec_insts)),
        DisplayQty=dialect.display_qty,
        MinQty=dialect.min_qty,
        CashOrderQty=dialect.cash_order_qty,
        MarketData=dialect.market_data,
        MassStatus=dialect.mass_status,
    )


def check(venue: str, message: ToVenue, able: Capabilities) -> None:
    """Unsendable where the order asks for what the venue does not do."""
    if isinstance(message, VenueNewOrder | VenueReplace):
        for fault in _faults(venue, message.Terms, able):
            raise Unsendable(fault)


def _faults(venue: str, terms: Terms, able: Capabilities) -> Iterable[str]:
    if terms.OrdType not in able.OrdTypes:
        yield f"{venue} has no OrdType {terms.OrdType}; send one of {_list(able.OrdTypes)}"
    if terms.TimeInForce not in able.TimesInForce:
        known = _list(able.TimesInForce)
        yield f"{venue} has no TimeInForce {terms.TimeInForce}; send one of {known}"
    for one in terms.ExecInst or ():
        if one not in able.ExecInsts:
            yield f"{venue} has no ExecInst {one}; leave it out"
    if terms.DisplayQty is not None and not able.DisplayQty:
        yield f"{venue} takes no DisplayQty; leave it out"
    if terms.MinQty is not None and not able.MinQty:
        yield f"{venue} takes no MinQty; leave it out"
    if terms.OrderQty is None and not able.CashOrderQty:
        yield f"{venue} takes no CashOrderQty; send OrderQty"


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
