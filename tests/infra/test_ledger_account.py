"""The ledger and the account agree: whatever desk and venue do, the account's reports balance."""

from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from random import Random

import pytest

from actors.account.account import Account, AccountMessage
from actors.actor import step
from gateways.amqp.desk_record import Confirmed, Heard, Line, Sent, request_key
from infra.ledger import VenueFill, close
from messages import orders, routing
from messages.fix import (
    CxlRejReason,
    ExecType,
    MassCancelRequestType,
    MassStatusReqType,
    OrdType,
    Side,
)
from messages.reference import AccountDefinition, InstrumentDefinition, Limits
from messages.reports import DESK_REPORT
from messages.terms import Terms

D = Decimal
ZERO = D(0)
DESK, VENUE, SYMBOL = "desk-a", "PAPER", "TEST"


@dataclass
class Child:
    """An order at the venue; ``cum`` of it has traded."""

    terms: Terms
    cum: Decimal = ZERO
    open: bool = True


class Day:
    """A desk, an account and a venue whose messages to each other take their time."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.account = Account("account/alpha")
        self.record: list[Line] = []
        self.fills: list[VenueFill] = []
        self.down: deque[object] = deque()
        self.up: deque[AccountMessage] = deque()
        self.children: dict[str, Child] = {}
        self.said: list[orders.DeskRequest] = []
        self.now = self.reports = 0
        self.tell(
            AccountDefinition(
                Account="alpha", Desks=(DESK,), Cash={"USD": D(10) ** 9}, Limits=Limits()
            )
        )
        self.tell(
            InstrumentDefinition(
                Symbol=SYMBOL,
                ReferencePx=D(10),
                TickSize=D("0.01"),
                LotSize=D(1),
                ContractMultiplier=D(1),
                Venues=(VENUE,),
            )
        )

    def tell(self, message: AccountMessage) -> None:
        """The account hears something, and its sends go where they belong."""
        self.now += 1
        for send in step(self.account, message, self.now).sends:
            if send.recipient != f"desk/{DESK}":
                self.down.append(send.message)
                continue
            self.reports += 1
            numbered = send.message.model_copy(update={"ReportSeq": self.reports})
            report = DESK_REPORT.validate_json(numbered.model_dump_json())
            self.record.append(Heard(self.now, report, False))

    def say(self, request: orders.DeskRequest) -> None:
        """The desk says something."""
        self.said.append(request)
        self.record += [Sent(self.now, request), Confirmed(self.now, (request_key(request),))]
        self.tell(orders.FromDesk(Desk=DESK, ReceivedAt=self.now, Request=request))

    def terms(self) -> dict[str, object]:
        return {
            "Account": "alpha",
            "Symbol": SYMBOL,
            "Side": self.random.choice((Side.Buy, Side.Sell)),
            "OrderQty": D(self.random.randint(1, 9) * 10),
            "OrdType": OrdType.Limit,
            "Price": D(self.random.randint(990, 1010)) / 100,
        }

    def request(self) -> orders.DeskRequest:
        """A request of any kind, sometimes one that makes no sense."""
        clordid = f"c{len(self.said)}"
        named = [r for r in self.said if isinstance(r, orders.NewOrderSingle)]
        if not named or self.random.random() < 0.4:
            asked = {"ReportPendingNew": self.random.random() < 0.5}
            return orders.NewOrderSingle(ClOrdID=clordid, **asked, **self.terms())  # type: ignore[arg-type]
        old = self.random.choice(named)
        kind = self.random.choice(("cancel", "cancel", "replace", "ask", "all", "again", "reuse"))
        match kind:
            case "cancel":
                return orders.OrderCancelRequest(
                    ClOrdID=clordid, OrigClOrdID=old.ClOrdID, Account="alpha"
                )
            case "replace":
                terms = self.terms() | {"Side": old.Side}
                return orders.OrderCancelReplaceRequest(
                    ClOrdID=clordid,
                    OrigClOrdID=old.ClOrdID,
                    **terms,  # type: ignore[arg-type]
                )
            case "ask" if self.random.random() < 0.5:
                return orders.OrderStatusRequest(ClOrdID=old.ClOrdID, Account="alpha")
            case "ask":
                every = MassStatusReqType.StatusForAllOrders
                return orders.OrderMassStatusRequest(
                    MassStatusReqID=clordid, Account="alpha", MassStatusReqType=every
                )
            case "all" if self.random.random() < 0.2:
                every_order = MassCancelRequestType.CancelAllOrders
                return orders.OrderMassCancelRequest(
                    ClOrdID=clordid, Account="alpha", MassCancelRequestType=every_order
                )
            case "reuse":
                return orders.NewOrderSingle(ClOrdID=old.ClOrdID, **self.terms())  # type: ignore[arg-type]
            case _:
                return self.random.choice(self.said)

    def venue_hears(self) -> None:
        if not self.down:
            return
        match self.down.popleft():
            case routing.NewOrder(OrderID=order, Terms=terms):
                if self.random.random() < 0.1:
                    self.executed(order, terms, ExecType.Rejected)
                    return
                self.children[order] = Child(terms)
                self.executed(order, terms, ExecType.New)
            case routing.CancelOrder(OrderID=order, RequestID=request):
                child = self.children.get(order)
                if child is None or not child.open:
                    self.refuse(order, request)
                    return
                child.open = False
                self.executed(order, child.terms, ExecType.Canceled, request)
            case routing.ReplaceOrder(OrderID=order, RequestID=request, Terms=terms):
                child = self.children.get(order)
                if child is None or not child.open or self.random.random() < 0.2:
                    self.refuse(order, request)
                    return
                child.terms = terms
                child.open = terms.OrderQty > child.cum
                self.executed(order, terms, ExecType.Replaced, request)

    def trade(self) -> None:
        """Some open order trades, in part or in full, or expires."""
        able = [(order, child) for order, child in self.children.items() if child.open]
        if not able:
            return
        order, child = self.random.choice(able)
        if self.random.random() < 0.05:
            child.open = False
            self.executed(order, child.terms, ExecType.Expired)
            return
        left = child.terms.OrderQty - child.cum
        qty = left if self.random.random() < 0.4 else D(self.random.randint(1, int(left)))
        px = child.terms.Price
        assert px is not None
        px -= D(self.random.randint(0, 3)) / 100 * child.terms.Side.sign
        child.cum += qty
        child.open = child.cum < child.terms.OrderQty
        name = f"X{len(self.fills) + 1}"
        self.fills.append(
            VenueFill(VENUE, name, f"child-{order}", SYMBOL, child.terms.Side, qty, px)
        )
        fill = {"LastQty": qty, "LastPx": px, "VenueExecID": name}
        self.executed(order, child.terms, ExecType.Trade, None, **fill)

    def executed(
        self,
        order: str,
        terms: Terms,
        exec_type: ExecType,
        request: str | None = None,
        **more: object,
    ) -> None:
        fields: dict[str, object] = {"VenueExecID": f"V{self.now}-{len(self.up)}", **more}
        self.up.append(
            routing.Execution(
                OrderID=order,
                Symbol=terms.Symbol,
                Account="alpha",
                ExecType=exec_type,
                Venue=VENUE,
                RequestID=request,
                TransactTime=self.now,
                **fields,  # type: ignore[arg-type]
            )
        )

    def refuse(self, order: str, request: str) -> None:
        self.up.append(
            routing.RequestRejected(
                OrderID=order,
                Symbol=SYMBOL,
                Account="alpha",
                RequestID=request,
                CxlRejReason=CxlRejReason.TooLateToCancel,
            )
        )

    def run(self, steps: int) -> None:
        for _ in range(steps):
            match self.random.randrange(4):
                case 0:
                    self.say(self.request())
                case 1:
                    self.venue_hears()
                case 2:
                    self.trade()
                case _ if self.up:
                    message = self.up.popleft()
                    self.tell(message)
                    if self.random.random() < 0.05:
                        self.tell(message)
                case _:
                    pass
        while self.down or self.up:
            self.venue_hears()
            if self.up:
                self.tell(self.up.popleft())


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_the_reports_of_an_account_balance(seed: int) -> None:
    day = Day(seed)
    day.run(600)
    ledger = close({DESK: day.record}, day.fills)
    assert ledger.problems == []
    assert ledger.sent == ledger.accepted + ledger.rejected > 50
    assert (ledger.lost, ledger.duplicated, ledger.fills) == (0, 0, len(day.fills))


def test_the_days_differ_and_hold_every_way_an_order_can_end() -> None:
    day = Day(3)
    day.run(2_000)
    ledger = close({DESK: day.record}, day.fills)
    assert min(ledger.filled, ledger.canceled, ledger.rejected, ledger.accepted) > 20
