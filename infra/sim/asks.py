"""What desks of random runs ask for: every message, order type and time in force there is.

Most of it makes sense; the rest is refused by some rule, and ``nonsense`` is no message at all.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from gateways.amqp.desk_outbox import Prepared
from messages.base import SECOND, Instant
from messages.fix import (
    ContingencyType,
    ExecInst,
    MassCancelRequestType,
    MassStatusReqType,
    OrdType,
    Side,
    TimeInForce,
)
from messages.lists import (
    ListCancelRequest,
    ListOrder,
    ListStatusRequest,
    NewOrderList,
    OrderLink,
)
from messages.orders import (
    DeskRequest,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassCancelRequest,
    OrderMassStatusRequest,
    OrderStatusRequest,
)

TIMES = (
    *(TimeInForce.Day,) * 8,
    *(TimeInForce.GoodTillCancel,) * 5,
    *(TimeInForce.ImmediateOrCancel,) * 3,
    *(TimeInForce.FillOrKill,) * 2,
    TimeInForce.AtTheOpening,
    TimeInForce.AtTheClose,
    TimeInForce.GoodTillCrossing,
    *(TimeInForce.GoodTillDate,) * 2,
)
WHERE = (*(None,) * 14, *("XPAR",) * 4, *("XNAS",) * 2)
PEGS = (ExecInst.PrimaryPeg, ExecInst.MarketPeg, ExecInst.MidPricePeg, ExecInst.TrailingStopPeg)
LOW, HIGH = Decimal("9.02"), Decimal("10.98")
"""No market of ours goes there."""

SENSE = {
    "not JSON": "{",
    "unknown field": "Pirce",
    "a number": "OrderQty",
    "another key": "Account",
    "no object": "[",
    "no type": "MsgType",
}
"""Kinds of nonsense, and where it is."""

Order = NewOrderSingle | OrderCancelReplaceRequest


class Asks:
    """The next request of one desk. ``name``: fresh names, in order."""

    def __init__(
        self, desk: str, accounts: tuple[str, ...], symbols: tuple[str, ...], random: Random,
        clock: Callable[[], Instant],
    ) -> None:  # fmt: skip
        self.desk = desk
        self.random = random
        self.orders = 0
        self._clock = clock
        self._accounts = accounts
        self._symbols = symbols
        self._count = 0
        self._sent: list[Order] = []
        self._lists: list[NewOrderList] = []
        self.order_ids: list[tuple[str, str]] = []
        """(Account, OrderID) as heard."""

    def name(self) -> str:
        """A ClOrdID that was not used before."""
        self._count += 1
        return f"{self.desk}-{self._count}"

    def next(self) -> DeskRequest:
        """Anything."""
        luck = self.random.random()
        if not self._sent or luck < 0.60:
            return self.order_list() if luck < 0.04 else self.order()
        order = self.random.choice(self._sent[-30:])
        if luck < 0.74:
            return self._cancel(order)
        if luck < 0.90:
            return self._replace(order)
        if luck < 0.96:
            return OrderStatusRequest(
                ClOrdID=order.ClOrdID, Account=order.Account, OrdStatusReqID=self.name()
            )
        if luck < 0.975:
            return self._mass_status(order.Account)
        if luck < 0.985:
            return self._mass_cancel(order.Account)
        if self._lists:
            chosen = self.random.choice(self._lists[-5:])
            kind = ListCancelRequest if self.random.random() < 0.5 else ListStatusRequest
            return kind(ListID=chosen.ListID, Account=chosen.Account)
        return self.order()

    def order(self) -> NewOrderSingle:
        """A new order."""
        self.orders += 1
        side = self.random.choice(list(Side))
        order = NewOrderSingle(
            ClOrdID=self.name(),
            Account=self._account(),
            Symbol=self.random.choice(self._symbols),
            Side=side,
            ReportPendingNew=self.random.random() < 0.3,
            **self._terms(side),
        )
        self._sent.append(order)
        return order

    def order_list(self) -> NewOrderList:
        """Two to four linked orders, or a bracket."""
        bracket = self.random.random() < 0.3
        size = 3 if bracket else self.random.randint(2, 4)
        kind = self.random.choice([*ContingencyType, None])
        self.orders += size
        account = self._accounts[0]
        found = NewOrderList(
            ListID=self.name(),
            Account=account,
            ContingencyType=ContingencyType.OneTriggersTheOther if bracket else kind,
            Orders=tuple(
                ListOrder(
                    ClOrdID=self.name(),
                    ClOrdLinkID="exit" if bracket and index else None,
                    Symbol=self._symbols[0],
                    **{
                        "Side": Side.Sell if bracket and index else self.random.choice(list(Side)),
                        **(self._plain() if index < size - 1 else self._last()),
                    },
                )
                for index in range(size)
            ),
            Links=(
                (OrderLink(ClOrdLinkID="exit", ContingencyType=self.random.choice(
                    (ContingencyType.OneCancelsTheOther,
                     ContingencyType.OneUpdatesTheOtherAbsolute))),)
                if bracket
                else ()
            ),
        )  # fmt: skip
        self._lists.append(found)
        for one in found.Orders[:1]:
            given = {name: getattr(one, name) for name in ("OrdType", "OrderQty", "Price")}
            self._sent.append(
                NewOrderSingle(
                    ClOrdID=one.ClOrdID, Account=account, Symbol=one.Symbol, Side=one.Side, **given
                )
            )
        return found

    def everything_off(self) -> OrderMassCancelRequest:
        """The last request of the day."""
        every = MassCancelRequestType.CancelAllOrders
        return OrderMassCancelRequest(ClOrdID=self.name(), MassCancelRequestType=every)

    def nonsense(self) -> tuple[str, Prepared]:
        """What is wrong with it, and its bytes; the key is what a reject can quote, or empty."""
        what = self.random.choice(list(SENSE))
        account = self._accounts[0]
        fields: dict[str, Any] = {
            "MsgType": "NewOrderSingle", "ClOrdID": self.name(), "Account": account,
            "Symbol": self._symbols[0], "Side": "Buy", "OrdType": "Market", "OrderQty": "1",
        }  # fmt: skip
        name, key = fields["ClOrdID"], account
        match what:
            case "unknown field":
                fields["Pirce"] = "10"
            case "a number":
                fields["OrderQty"] = 1
            case "another key":
                key = self._accounts[-1] + "x"
            case "no type":
                del fields["MsgType"]
        body = json.dumps(fields).encode()
        if what == "not JSON":
            name, body = "", body[:-1]
        elif what == "no object":
            name, body = "", b'["buy"]'
        return what, Prepared(name, key, "NewOrderSingle", body)

    # ---- parts

    def _account(self) -> str:
        if self.random.random() < 0.01:
            return self.random.choice(("nobody", "acme", "carol"))  # not there, or not its own
        return self.random.choice(self._accounts)

    def _named(self, order: Order) -> dict[str, Any]:
        """The order by its ClOrdID, or another one by its OrderID."""
        if self.order_ids and self.random.random() < 0.1:
            account, order_id = self.random.choice(self.order_ids[-10:])
            return {"OrderID": order_id, "Account": account}
        return {"OrigClOrdID": order.ClOrdID, "Account": order.Account}

    def _cancel(self, order: Order) -> OrderCancelRequest:
        return OrderCancelRequest(ClOrdID=self.name(), **self._named(order))

    def _replace(self, order: Order) -> OrderCancelReplaceRequest:
        terms = self._plain() if self.random.random() < 0.7 else self._terms(order.Side)
        if self.random.random() < 0.8:
            terms["TimeInForce"] = order.TimeInForce
            terms |= {n: getattr(order, n) for n in ("ExpireTime", "ExDestination")}
        replace = OrderCancelReplaceRequest(
            ClOrdID=self.name(), OrigClOrdID=order.ClOrdID, Account=order.Account,
            Symbol=order.Symbol, Side=order.Side, **terms,
        )  # fmt: skip
        self._sent.append(replace)
        return replace

    def _mass_status(self, account: str) -> OrderMassStatusRequest:
        one = self.random.random() < 0.3
        kinds = MassStatusReqType
        return OrderMassStatusRequest(
            MassStatusReqID=self.name(),
            Account=account,
            MassStatusReqType=kinds.StatusForOrdersForASecurity
            if one
            else kinds.StatusForAllOrders,
            Symbol=self._symbols[0] if one else None,
        )

    def _mass_cancel(self, account: str) -> OrderMassCancelRequest:
        one = self.random.random() < 0.3
        kinds = MassCancelRequestType
        return OrderMassCancelRequest(
            ClOrdID=self.name(),
            Account=None if self.random.random() < 0.3 else account,
            MassCancelRequestType=kinds.CancelOrdersForASecurity if one else kinds.CancelAllOrders,
            Symbol=self._symbols[0] if one else None,
        )

    def _plain(self) -> dict[str, Any]:
        if self.random.random() < 0.1:
            return {"OrdType": OrdType.Market, "OrderQty": self._quantity()}
        return {"OrdType": OrdType.Limit, "OrderQty": self._quantity(), "Price": self._price()}

    def _terms(self, side: Side) -> dict[str, Any]:
        luck = self.random.random()
        terms = self._plain() if luck < 0.75 else self._unusual()
        terms["TimeInForce"] = self.random.choice(TIMES)
        if terms["TimeInForce"] is TimeInForce.GoodTillDate:
            within = self.random.randint(1, 20) * SECOND
            terms["ExpireTime"] = self._clock() + within
            if self.random.random() < 0.3:
                return terms | self._never(side)
        terms["ExDestination"] = self.random.choice(WHERE)
        return terms

    def _never(self, side: Side) -> dict[str, Any]:
        """What waits at a book for a price that never comes."""
        none = dict.fromkeys(("Price", "CashOrderQty", "MinQty", "DisplayQty", "ExecInst"))
        return {
            **none, "PegOffsetValue": None, "OrdType": OrdType.MarketIfTouched,
            "OrderQty": self._quantity(), "StopPx": LOW if side is Side.Buy else HIGH,
            "ExDestination": "XPAR",
        }  # fmt: skip

    def _unusual(self) -> dict[str, Any]:
        qty, stop = self._quantity(), Decimal(self.random.randint(950, 1050)) / 100
        match self.random.randrange(9):
            case 0:
                return {"OrdType": OrdType.Stop, "OrderQty": qty, "StopPx": stop}
            case 1:
                return {"OrdType": OrdType.MarketIfTouched, "OrderQty": qty, "StopPx": stop}
            case 2:
                return {
                    "OrdType": OrdType.StopLimit, "OrderQty": qty, "StopPx": stop,
                    "Price": self._price(),
                }  # fmt: skip
            case 3:
                peg = self.random.choice(PEGS)
                far = Decimal("0.05") if peg is ExecInst.TrailingStopPeg else None
                return {
                    "OrdType": OrdType.Pegged, "OrderQty": qty, "ExecInst": (peg,),
                    "PegOffsetValue": far,
                }  # fmt: skip
            case 4:
                return {"OrdType": OrdType.MarketWithLeftOverAsLimit, "OrderQty": qty}
            case 5:
                cash = Decimal(self.random.randint(5, 2000))
                return {"OrdType": OrdType.Market, "CashOrderQty": cash}
            case 6:
                return self._plain() | {"DisplayQty": Decimal(1), "OrderQty": Decimal(4)}
            case 7:
                return self._plain() | {"MinQty": max(Decimal(1), qty // 4), "OrderQty": qty}
        instructions = (ExecInst.AllOrNone, ExecInst.CancelOnTradingHalt, ExecInst.NotHeld)
        return self._plain() | {"ExecInst": (self.random.choice(instructions),)}

    def _last(self) -> dict[str, Any]:
        """The last order of a list: often one that waits for a price that never comes."""
        if self.random.random() < 0.5:
            return self._plain()
        return {"Side": Side.Sell, **self._never(Side.Sell)}

    def _quantity(self) -> Decimal:
        return Decimal(self.random.randint(1, 215))

    def _price(self) -> Decimal:
        return Decimal(self.random.randint(892, 1108)) / 100
