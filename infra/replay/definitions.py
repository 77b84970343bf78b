"""Reference data that fits a file: what must be defined before its orders can be accepted."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import chain, islice
from statistics import median_low

from infra.replay.market import Kind, MarketEvent
from messages import fix
from messages.reference import AccountDefinition, InstrumentDefinition, Limits

COARSEST_TICK = Decimal("0.01")
COARSEST_LOT = Decimal(1)
FIRST_ORDERS = 100
AMPLE = Decimal(10) ** 14
"""Opening cash of a replay's account: a day of real orders must not run into buying power."""


def instrument(
    events: Iterable[MarketEvent],
    symbol: str,
    *,
    venues: Sequence[str],
    security_type: fix.SecurityType = fix.SecurityType.CommonStock,
    currency: str = "USD",
) -> InstrumentDefinition:
    """The definition on whose ticks and lots every order of these events stands.

    ReferencePx is the middle price of the first orders. ValueError where there is no order.
    """
    orders = (event for event in events if event.kind in (Kind.New, Kind.Change, Kind.Reduce))
    first = list(islice(orders, FIRST_ORDERS))
    prices = [event.price for event in first if event.kind is Kind.New]
    if not prices:
        raise ValueError(f"no order among the first {FIRST_ORDERS} events to define {symbol} by")
    tick, lot = COARSEST_TICK, COARSEST_LOT
    for event in chain(first, orders):
        tick = min(tick, _step(event.price))
        lot = min(lot, _step(event.qty)) if event.qty else lot
    return InstrumentDefinition(
        Symbol=symbol,
        SecurityType=security_type,
        Currency=currency,
        ReferencePx=median_low(prices),
        TickSize=tick,
        LotSize=lot,
        ContractMultiplier=Decimal(1),
        Venues=tuple(venues),
    )


def account_definitions(
    accounts: Mapping[str, str], *, currency: str = "USD", cash: Decimal = AMPLE
) -> tuple[AccountDefinition, ...]:
    """Accounts (Account -> desk) that refuse nothing: ample cash, no limits."""
    return tuple(
        AccountDefinition(Account=account, Desks=(desk,), Cash={currency: cash}, Limits=Limits())
        for account, desk in accounts.items()
    )


def _step(value: Decimal) -> Decimal:
    """The power of ten of the last digit that is not a zero: 0.25 -> 0.01, 100 -> 100."""
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int), f"{value} is not a number"
    return Decimal(1).scaleb(exponent)
