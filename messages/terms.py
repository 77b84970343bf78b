"""The terms of an order: what, which way, how much, at what price, for how long, and how.

One class for desks, actors and journals. What does not go together stands in ``faults``, and what
desks send (subclasses) is held against it: terms by themselves, in a journal or as a venue restated
them, are read as they are.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BeforeValidator, StringConstraints, WithJsonSchema, model_validator

from messages import fix
from messages.base import Message, Name, Number, Quantity, UTCTimestamp

_DAY = (
    "[0-9]{2}((0[13578]|1[02])(0[1-9]|[12][0-9]|3[01])"
    "|(0[469]|11)(0[1-9]|[12][0-9]|30)|02(0[1-9]|[12][0-9]))"
)
_DATE = f"^(19|20){_DAY}$"


def _local_mkt_date(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(_DATE, value):
        try:
            date(int(value[:4]), int(value[4:6]), int(value[6:]))
        except ValueError:
            pass  # 29 February of a year that has none
        else:
            return value
    raise ValueError('send a day of the calendar as YYYYMMDD, e.g. "20261231"')


LocalMktDate = Annotated[
    str,
    BeforeValidator(_local_mkt_date),
    WithJsonSchema({"type": "string", "pattern": _DATE}),
]
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

EXCLUSIVE = (
    (fix.ExecInst.NotHeld, fix.ExecInst.Held),
    (fix.ExecInst.ReinstateOnSystemFailure, fix.ExecInst.CancelOnSystemFailure),
    (fix.ExecInst.ReinstateOnTradingHalt, fix.ExecInst.CancelOnTradingHalt),
)
"""Instructions of which at most one can be followed."""

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
        if type(self) is not Terms:
            for fault in faults(self):
                raise ValueError(fault)
        return self

    def terms(self) -> "Terms":
        """The terms alone, without the identity of the message that carried them."""
        given = self.__dict__
        return Terms.model_construct(None, **{name: given[name] for name in FIELDS})


FIELDS = tuple(Terms.model_fields)


def faults(terms: Terms) -> Iterator[str]:
    """What does not go together: the field at fault comes first, and after "; " what to send."""
    kind = terms.OrdType
    if kind in LIMITED and terms.Price is None:
        yield f"a {kind} order needs Price"
    if kind in UNLIMITED and terms.Price is not None:
        yield f"a {kind} order takes no Price; send OrdType Limit or StopLimit to cap it"
    if kind in STOPS and terms.StopPx is None:
        yield f"a {kind} order needs StopPx"
    if kind not in STOPS and terms.StopPx is not None:
        yield f"a {kind} order takes no StopPx; send OrdType Stop, StopLimit or MarketIfTouched"
    if terms.OrderQty is None and terms.CashOrderQty is None:
        yield "OrderQty is missing; send it, or CashOrderQty for an amount of money"
    if terms.OrderQty is not None and terms.CashOrderQty is not None:
        yield "CashOrderQty excludes OrderQty; send one of them"
    offset = terms.PegOffsetValue is not None or terms.PegOffsetType is not None
    if kind is fix.OrdType.Pegged or terms.ExecInst or offset:
        yield from _instruction_faults(terms)
    gtd = terms.TimeInForce is fix.TimeInForce.GoodTillDate
    if gtd or terms.ExpireDate is not None or terms.ExpireTime is not None:
        yield from _expiry_faults(terms, gtd)
    if terms.MinQty is not None or terms.DisplayQty is not None:
        yield from _part_faults(terms)


def _instruction_faults(terms: Terms) -> Iterator[str]:
    given = terms.ExecInst or ()
    pegs = [one for one in given if one in PEGS]
    if terms.OrdType is fix.OrdType.Pegged:
        if len(pegs) != 1:
            names = ", ".join(sorted(PEGS))
            yield f"ExecInst of a Pegged order has exactly one peg; send one of {names}"
        if fix.ExecInst.TrailingStopPeg in given and terms.PegOffsetValue is None:
            far = "how far behind the market it stays"
            yield f"PegOffsetValue is missing of a trailing stop; send {far}"
    elif pegs:
        yield f"ExecInst {pegs[0]} goes with OrdType Pegged; send that, or leave it out"
    elif terms.PegOffsetValue is not None:
        yield "PegOffsetValue goes with OrdType Pegged; send that, or leave it out"
    if terms.PegOffsetType is not None and terms.PegOffsetValue is None:
        yield "PegOffsetType needs PegOffsetValue; send both, or leave it out"
    for one, other in EXCLUSIVE:
        if one in given and other in given:
            yield f"ExecInst {one} excludes {other}; send one of them"


def _expiry_faults(terms: Terms, gtd: bool) -> Iterator[str]:
    given = [name for name in ("ExpireDate", "ExpireTime") if getattr(terms, name) is not None]
    if gtd and not given:
        yield "ExpireDate is missing of a GoodTillDate order; send it, or ExpireTime"
    elif given and not gtd:
        yield f"{given[0]} goes with TimeInForce GoodTillDate; send that, or leave it out"
    elif len(given) == 2:
        yield "ExpireTime excludes ExpireDate; send one of them"


def _part_faults(terms: Terms) -> Iterator[str]:
    for name, part in (("MinQty", terms.MinQty), ("DisplayQty", terms.DisplayQty)):
        if part is None:
            continue
        if terms.OrderQty is None:
            yield f"{name} needs OrderQty; send that instead of CashOrderQty, or leave it out"
        elif part > terms.OrderQty:
            yield f"{name} {part} is more than OrderQty {terms.OrderQty}; send at most that"


def terms_content(terms: Terms) -> str:
    """Terms as text that is equal where the terms are, however the decimals were written."""
    given = terms.__dict__
    return " ".join(
        str(value.normalize() if isinstance(value, Decimal) else value)
        for value in map(given.__getitem__, FIELDS)
    )
