"""The terms of an order: what, which way, how much, at what price, for how long, and how.

One class for desks, actors and journals. What goes together and what does not stands in
``_faults``, so a combination is refused at the border with the field and the remedy.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from messages import fix
from messages.base import Message, Name, Number, Quantity, UTCTimestamp

LocalMktDate = Annotated[str, StringConstraints(pattern=r"^\d{8}$")]
"""A day as FIX writes it: YYYYMMDD."""

CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217."""

ZERO = Decimal(0)

PEGS = frozenset(
    (
        fix.ExecInst.MidPricePeg,
        fix.ExecInst.MarketPeg,
        fix.ExecInst.PrimaryPeg,
        fix.ExecInst.TrailingStopPeg,
    )
)
"""Which price a Pegged order follows: one of these instructions."""

STOPS = frozenset((fix.OrdType.Stop, fix.OrdType.StopLimit, fix.OrdType.MarketIfTouched))
"""Order types that wait for StopPx."""

LIMITED = frozenset((fix.OrdType.Limit, fix.OrdType.StopLimit))
"""Order types that need Price."""

UNLIMITED = frozenset((fix.OrdType.Market, fix.OrdType.Stop, fix.OrdType.MarketIfTouched))
"""Order types that take no Price."""


class Terms(Message):
    """FIX's OrderQtyData, OrdType, prices, TimeInForce, ExecInst and ExDestination of an order."""

    Symbol: Name
    Side: fix.Side
    OrderQty: Quantity | None = None
    OrdType: fix.OrdType
    Price: Number | None = None
    TimeInForce: fix.TimeInForce = fix.TimeInForce.Day
    ExDestination: Name | None = None
    StopPx: Number | None = None
    CashOrderQty: Quantity | None = None
    """Money to spend instead of OrderQty; the venue's New says how many units that is."""
    Currency: CurrencyCode | None = None
    MinQty: Quantity | None = None
    DisplayQty: Quantity | None = None
    """How much of the order the market sees at a time: an iceberg."""
    ExecInst: tuple[fix.ExecInst, ...] | None = None
    PegOffsetValue: Number | None = None
    PegOffsetType: fix.PegOffsetType | None = None
    ExpireDate: LocalMktDate | None = None
    ExpireTime: UTCTimestamp | None = None

    @property
    def quantity(self) -> Decimal:
        """OrderQty; 0 while only CashOrderQty is known."""
        return self.OrderQty if self.OrderQty is not None else ZERO

    def has(self, instruction: fix.ExecInst) -> bool:
        """Whether ExecInst names it."""
        return self.ExecInst is not None and instruction in self.ExecInst

    @model_validator(mode="after")
    def _fields_go_together(self) -> Self:
        for fault in _faults(self):
            raise ValueError(fault)
        return self

    def terms(self) -> "Terms":
        """The terms alone, without the identity of the message that carried them."""
        given = self.__dict__
        return Terms.model_construct(None, **{name: given[name] for name in FIELDS})


FIELDS = tuple(Terms.model_fields)


def _faults(terms: Terms) -> Iterator[str]:
    """What does not go together, each with what to send instead."""
    kind = terms.OrdType
    if kind in LIMITED and terms.Price is None:
        yield f"a {kind} order needs Price"
    if kind in UNLIMITED and terms.Price is not None:
        yield f"a {kind} order takes no Price; send OrdType Limit or StopLimit to cap it"
    if (kind in STOPS) != (terms.StopPx is not None):
        yield "StopPx goes with Stop, StopLimit and MarketIfTouched, and only with them"
    if terms.OrderQty is None and terms.CashOrderQty is None:
        yield "OrderQty is missing; send it, or CashOrderQty for an amount of money"
    if kind is fix.OrdType.Pegged or terms.PegOffsetValue is not None:
        yield from _peg_faults(terms)
    gtd = terms.TimeInForce is fix.TimeInForce.GoodTillDate
    if gtd != (terms.ExpireDate is not None or terms.ExpireTime is not None):
        yield "ExpireDate or ExpireTime goes with TimeInForce GoodTillDate, and only with it"
    if terms.MinQty is not None or terms.DisplayQty is not None:
        yield from _part_faults(terms)


def _peg_faults(terms: Terms) -> Iterator[str]:
    pegs = PEGS.intersection(terms.ExecInst or ())
    if terms.OrdType is not fix.OrdType.Pegged:
        yield "PegOffsetValue goes with OrdType Pegged"
    if len(pegs) != 1:
        names = ", ".join(sorted(PEGS))
        yield f"a Pegged order needs exactly one ExecInst of {names}"
    if fix.ExecInst.TrailingStopPeg in pegs and terms.PegOffsetValue is None:
        yield "a trailing stop needs PegOffsetValue: how far behind the market it stays"


def _part_faults(terms: Terms) -> Iterator[str]:
    if terms.OrderQty is None:
        yield "MinQty and DisplayQty need OrderQty"
        return
    for name, part in (("MinQty", terms.MinQty), ("DisplayQty", terms.DisplayQty)):
        if part is not None and part > terms.OrderQty:
            yield f"{name} {part} is more than OrderQty {terms.OrderQty}; send at most that"
