"""Order flow for demonstrations and chaos tests: seeded desks that use every request there is.

Prices stay within a few ticks of the reference price on both sides, so orders really meet.
"""

import random
from collections.abc import Sequence
from decimal import Decimal

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

KINDS: tuple[tuple[str, int], ...] = (
    ("limit", 52), ("market", 8), ("ioc", 8), ("fok", 4), ("gtc", 8),
    ("cancel", 8), ("replace", 6), ("status", 2), ("mass_status", 1), ("refused", 2), ("again", 1),
)  # fmt: skip
"""What a desk does, and how often in a hundred."""


class Flow:
    """What one desk says, one request after the other."""

    def __init__(self, reference: Reference, desk: str, seed: int, prefix: str = "d") -> None:
        self._random = random.Random(f"{seed} {desk}")  # noqa: S311  # a seeded play, no secret
        self._desk = desk
        self._prefix = prefix
        self._count = 0
        self._accounts: Sequence[AccountDefinition] = [
            account for account in reference.accounts if desk in account.Desks
        ]
        self._instruments: Sequence[InstrumentDefinition] = reference.instruments
        self._sent: list[NewOrderSingle | OrderCancelReplaceRequest] = []

    def next(self) -> DeskRequest:
        """The next request. A desk may be wrong: some are refused or come too late."""
        kinds, weights = zip(*KINDS, strict=True)
        kind = self._random.choices(kinds, weights)[0]
        known = self._sent[-40:]
        if kind in ("cancel", "replace", "status", "again") and not known:
            kind = "limit"
        match kind:
            case "cancel" | "status":
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
        if kind == "refused":
            price = instrument.ReferencePx * 2
        order = NewOrderSingle(
            ClOrdID=self._id(),
            Account=account.Account,
            Symbol=instrument.Symbol,
            Side=fix.Side.Buy if buy else draw.choice((fix.Side.Sell, fix.Side.SellShort)),
            OrderQty=instrument.LotSize * draw.randint(1, 20),
            OrdType=fix.OrdType.Market if kind == "market" else fix.OrdType.Limit,
            Price=None if kind == "market" else price,
            TimeInForce=_TIF.get(kind, fix.TimeInForce.Day),
            ExDestination=draw.choice((None, *instrument.Venues)),
            ReportPendingNew=draw.random() < 0.5,
        )
        self._sent.append(order)
        return order

    def _about(self, order: NewOrderSingle | OrderCancelReplaceRequest, kind: str) -> DeskRequest:
        if kind == "status":
            return OrderStatusRequest(
                ClOrdID=order.ClOrdID, Account=order.Account, OrdStatusReqID=self._id()
            )
        return OrderCancelRequest(
            ClOrdID=self._id(), OrigClOrdID=order.ClOrdID, Account=order.Account
        )

    def _replace(self, order: NewOrderSingle | OrderCancelReplaceRequest) -> DeskRequest:
        terms = order.terms().model_dump()
        lot = next(i.LotSize for i in self._instruments if i.Symbol == order.Symbol)
        terms["OrderQty"] = max(lot, order.quantity + lot * Decimal(self._random.randint(-3, 3)))
        replace = OrderCancelReplaceRequest(
            ClOrdID=self._id(), OrigClOrdID=order.ClOrdID, Account=order.Account, **terms
        )
        self._sent.append(replace)
        return replace


_TIF = {
    "ioc": fix.TimeInForce.ImmediateOrCancel,
    "fok": fix.TimeInForce.FillOrKill,
    "gtc": fix.TimeInForce.GoodTillCancel,
}
