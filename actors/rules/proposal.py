"""What a rule is asked about, and what it may answer."""

from decimal import ROUND_UP, Decimal
from typing import NamedTuple

from actors.account.state import AccountState, Order
from messages.terms import Terms

_FINEST = Decimal("0.000000000001")
"""The last decimal that can be read back from a journal (``messages.base.Number``)."""


class Proposal(NamedTuple):
    """An order that a desk proposes; ``replaces`` is the order whose next version it would be."""

    account: str
    desk: str
    clordid: str
    terms: Terms
    replaces: Order | None = None


class Objection(NamedTuple):
    """The field, what was given, what is allowed, and what to do instead."""

    field: str
    given: str
    allowed: str
    remedy: str


def reserve_px(terms: Terms, state: AccountState) -> Decimal:
    """The price at which money is held back: the limit, else the collar's far end.

    Without a price of its own the reference price, or the trigger where that is higher, plus the
    collar (10 % where the account has none) stands in for the worst price expected.
    """
    if terms.Price is not None:
        return terms.Price
    limits = state.definition.Limits if state.definition else None
    collar = limits.PriceCollar if limits and limits.PriceCollar else Decimal("0.1")
    reference = state.instruments[terms.Symbol].ReferencePx
    px = max(reference, terms.StopPx or reference) * (1 + collar)
    return px.quantize(_FINEST, ROUND_UP).normalize()


def plain(value: Decimal) -> str:
    """A decimal without exponent or trailing zeros, for people."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
