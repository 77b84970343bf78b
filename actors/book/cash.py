"""Orders by cash where the venue does not work them: how many units the money buys.

The price is what the order would trade at now: the far side of a fresh quote. Where the book does
not hear prices yet, the order waits for the first one, and not for long.
"""

from decimal import ROUND_FLOOR, Decimal

from actors.actor import Timer
from actors.book import watching
from actors.book.effects import Effects, finish
from actors.book.state import BookState, Parent, Work
from messages import events as ev
from messages.base import SECOND, Instant, decimal_text
from messages.fix import ExecType, OrdRejReason, Side
from messages.plans import PriceAwaited
from messages.terms import Terms

PATIENCE: Instant = 5 * SECOND
"""How long an order by cash waits for a price."""


def price(state: BookState, venue: str, side: Side, now: Instant) -> Decimal | None:
    """What a unit costs now, where that is known."""
    quote = watching.fresh(state, venue, now)
    if quote is None:
        return None
    return quote.OfferPx if side is Side.Buy else quote.BidPx


def units(state: BookState, terms: Terms, px: Decimal) -> Decimal:
    """Whole lots that CashOrderQty buys at ``px``; 0 where it is less than one, or has no price."""
    assert state.definition is not None
    assert terms.CashOrderQty is not None
    lot, multiplier = state.definition.LotSize, state.definition.ContractMultiplier
    worth = px * multiplier * lot
    if worth <= 0:
        return Decimal(0)
    return int((terms.CashOrderQty / worth).to_integral_value(ROUND_FLOOR)) * lot


def measure(state: BookState, parent: Parent, work: Work, now: Instant) -> Effects:
    """Set the order's quantity where there is a price; reject it where that is less than a lot."""
    px = price(state, parent.Venue, work.terms.Side, now)
    if px is None:
        return
    quantity = units(state, work.terms, px)
    if quantity:
        yield ev.QuantityMeasured(OrderID=parent.OrderID, OrderQty=quantity, Price=px)
        return
    assert work.terms.CashOrderQty is not None
    money, at = decimal_text(work.terms.CashOrderQty), decimal_text(px)
    text = f"CashOrderQty {money}: buys less than one lot at {at}; send more, or send OrderQty"
    yield from _reject(parent, OrdRejReason.IncorrectQuantity, text, now)


def wait(parent: Parent, now: Instant) -> Timer:
    """Wake the book when the order has waited long enough."""
    said = PriceAwaited(OrderID=parent.OrderID)
    return Timer(f"price-{parent.OrderID}", now + PATIENCE, said)


def give_up(state: BookState, said: PriceAwaited, now: Instant) -> Effects:
    """No price came."""
    parent = state.parents.get(said.OrderID)
    if parent is None or parent.ended or parent.order_qty is not None:
        return
    text = (
        f"CashOrderQty: no fresh price came from {parent.Venue} to say how many units that is; "
        f"send OrderQty, or try again while the market is open"
    )
    yield from _reject(parent, OrdRejReason.BrokerOption, text, now)


def _reject(parent: Parent, reason: OrdRejReason, text: str, now: Instant) -> Effects:
    yield from finish(parent, ExecType.Rejected, now, reason=reason, text=text)
