"""Order flow for demonstrations and chaos tests: seeded desks that use every request there is.

Prices stay within a few ticks of the reference price on both sides, so orders really meet. What a
desk sends is drawn from a table of kinds: ``KINDS`` is what every venue takes, ``EVERY_KIND`` adds
what the paper exchange can do. A kind of order more is one row of ``ORDERS`` and its weight.
"""

import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from infra.reference import Reference
from messages import fix
from messages.orders import (
    DeskRequest,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
)
from messages.reference import AccountDefinition, InstrumentDefinition
from messages.reports import DeskReport, ExecutionReport

Kinds = tuple[tuple[str, int], ...]

KINDS: Kinds = (
    ("limit", 52), ("market", 8), ("ioc", 8), ("fok", 4), ("gtc", 8),
    ("cancel", 8), ("replace", 6), ("status", 2), ("mass_status", 1), ("refused", 2), ("again", 1),
)  # fmt: skip
"""What a desk does, and how often in a hundred."""

PAPER_KINDS: Kinds = (
    ("stop", 3), ("stop_limit", 3), ("touched", 2), ("left_over", 2), ("iceberg", 4),
    ("min_qty", 2), ("all_or_none", 2), ("gtd", 3), ("pegged", 2), ("cash", 2), ("cancel_by_id", 3),
)  # fmt: skip
"""What the paper exchange takes beside them."""

EVERY_KIND: Kinds = KINDS + PAPER_KINDS

LAST_DAY = "20991231"
"""ExpireDate of orders that are good till a date, so that no run comes near it."""

Fields = dict[str, Any]


class Draw:
    """What an order is made of before its kind is known. ``px`` is a price near the reference."""

    def __init__(self, chance: random.Random, instrument: InstrumentDefinition, buy: bool) -> None:
        self._chance = chance
        self._instrument = instrument
        self._sign = 1 if buy else -1
        self.qty = instrument.LotSize * chance.randint(1, 20)

    @property
    def part(self) -> Decimal:
        """Some lots of the quantity, at most all of it."""
        lot = self._instrument.LotSize
        return lot * self._chance.randint(1, int(self.qty / lot))

    @property
    def cash(self) -> Decimal:
        """What the quantity costs."""
        return self.qty * abs(self._instrument.ReferencePx)

    def px(self, ticks: int = 0) -> Decimal:
        """So many ticks from the reference price, in the direction of the order's own price."""
        return self._instrument.ReferencePx + self._sign * ticks * self._instrument.TickSize


def _tif(time_in_force: fix.TimeInForce) -> Callable[[Draw], Fields]:
    return lambda _: {"TimeInForce": time_in_force}


ORDERS: dict[str, Callable[[Draw], Fields]] = {
    "limit": lambda _: {},
    "market": lambda _: {"OrdType": fix.OrdType.Market, "Price": None},
    "ioc": _tif(fix.TimeInForce.ImmediateOrCancel),
    "fok": _tif(fix.TimeInForce.FillOrKill),
    "gtc": _tif(fix.TimeInForce.GoodTillCancel),
    "refused": lambda draw: {"Price": draw.px() * 2},
    "stop": lambda draw: {"OrdType": fix.OrdType.Stop, "Price": None, "StopPx": draw.px(2)},
    "stop_limit": lambda draw: {
        "OrdType": fix.OrdType.StopLimit, "StopPx": draw.px(2), "Price": draw.px(3)
    },
    "touched": lambda draw: {
        "OrdType": fix.OrdType.MarketIfTouched, "Price": None, "StopPx": draw.px(-2)
    },
    "left_over": lambda _: {"OrdType": fix.OrdType.MarketWithLeftOverAsLimit, "Price": None},
    "iceberg": lambda draw: {"DisplayQty": draw.part},
    "min_qty": lambda draw: {"MinQty": draw.part},
    "all_or_none": lambda _: {"ExecInst": (fix.ExecInst.AllOrNone,)},
    "gtd": lambda _: {"TimeInForce": fix.TimeInForce.GoodTillDate, "ExpireDate": LAST_DAY},
    "pegged": lambda _: {
        "OrdType": fix.OrdType.Pegged, "Price": None, "ExecInst": (fix.ExecInst.PrimaryPeg,)
    },
    "cash": lambda draw: {
        "OrdType": fix.OrdType.Market, "Price": None, "OrderQty": None, "CashOrderQty": draw.cash
    },
}  # fmt: skip
"""Each kind of order by what differs from a limit order for the day."""


def kinds_for(reference: Reference) -> Kinds:
    """Every kind that all venues of an installation take."""
    paper = all(venue.Dialect == "Paper" for venue in reference.venues)
    return EVERY_KIND if paper else KINDS


class Flow:
    """What one desk says, one request after the other.

    It cancels by OrderID only what ``heard`` has told it of.
    """

    def __init__(
        self,
        reference: Reference,
        desk: str,
        seed: int,
        prefix: str = "d",
        kinds: Kinds = KINDS,
    ) -> None:
        self._random = random.Random(f"{seed} {desk}")  # noqa: S311  # a seeded play, no secret
        self._desk = desk
        self._prefix = prefix
        self._count = 0
        self._kinds = kinds
        self._accounts: Sequence[AccountDefinition] = [
            account for account in reference.accounts if desk in account.Desks
        ]
        self._instruments: Sequence[InstrumentDefinition] = reference.instruments
        self._sent: list[NewOrderSingle | OrderCancelReplaceRequest] = []
        self._order_ids: dict[str, str] = {}

    def heard(self, report: DeskReport) -> None:
        """What the desk was told: the OrderIDs of its orders."""
        if isinstance(report, ExecutionReport) and report.ClOrdID is not None:
            self._order_ids[report.ClOrdID] = report.OrderID

    def next(self) -> DeskRequest:
        """The next request. A desk may be wrong: some are refused or come too late."""
        kinds, weights = zip(*self._kinds, strict=True)
        kind = self._random.choices(kinds, weights)[0]
        known = self._sent[-40:]
        if kind not in ORDERS and kind != "mass_status" and not known:
            kind = "limit"
        match kind:
            case "cancel" | "cancel_by_id" | "status":
                return self._about(self._random.choice(known), kind)
            case "replace":
                return self._replace(self._random.choice(known))
            case "again":
                return self._random.choice(known)
            case "mass_status":
                return OrderMassStatusRequest(
                    MassStatusReqID=self._id(),
                    Account=self._random.choice(self._accounts).Account,
                    MassStatusReqType=fix.MassStatusReqType.StatusForAllOrders,
                )
            case _:
                return self._order(kind)

    def _id(self) -> str:
        self._count += 1
        return f"{self._desk}-{self._prefix}-{self._count}"

    def _order(self, kind: str) -> NewOrderSingle:
        draw = self._random
        account = draw.choice(self._accounts)
        allowed = [i for i in self._instruments if i.Symbol not in account.RestrictedSymbols]
        instrument = draw.choice(allowed)
        buy = draw.random() < 0.5
        price = instrument.ReferencePx + instrument.TickSize * draw.randint(-4, 4)
        side = fix.Side.Buy if buy else draw.choice((fix.Side.Sell, fix.Side.SellShort))
        made = Draw(draw, instrument, buy)
        limit: Fields = {"OrderQty": made.qty, "OrdType": fix.OrdType.Limit, "Price": price}
        order = NewOrderSingle(
            ClOrdID=self._id(),
            Account=account.Account,
            Symbol=instrument.Symbol,
            Side=side,
            ExDestination=draw.choice((None, *instrument.Venues)),
            ReportPendingNew=draw.random() < 0.5,
            **(limit | ORDERS[kind](made)),
        )
        self._sent.append(order)
        return order

    def _about(self, order: NewOrderSingle | OrderCancelReplaceRequest, kind: str) -> DeskRequest:
        if kind == "status":
            return OrderStatusRequest(
                ClOrdID=order.ClOrdID, Account=order.Account, OrdStatusReqID=self._id()
            )
        order_id = self._order_ids.get(order.ClOrdID) if kind == "cancel_by_id" else None
        return OrderCancelRequest(
            ClOrdID=self._id(),
            OrigClOrdID=None if order_id else order.ClOrdID,
            OrderID=order_id,
            Account=order.Account,
        )

    def _replace(self, order: NewOrderSingle | OrderCancelReplaceRequest) -> DeskRequest:
        terms = order.terms().model_dump()
        lot = next(i.LotSize for i in self._instruments if i.Symbol == order.Symbol)
        total = max(lot, order.quantity + lot * Decimal(self._random.randint(-3, 3)))
        terms |= {"OrderQty": total, "CashOrderQty": None}
        for part in ("DisplayQty", "MinQty"):
            if terms[part] is not None:
                terms[part] = min(terms[part], total)
        replace = OrderCancelReplaceRequest(
            ClOrdID=self._id(), OrigClOrdID=order.ClOrdID, Account=order.Account, **terms
        )
        self._sent.append(replace)
        return replace
