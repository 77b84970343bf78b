"""The ledger and the account agree too where the venue says all that FIX lets it say."""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from infra.ledger import VenueChange, VenueFill, close
from messages import orders, routing
from messages.fix import (
    ExecRestatementReason,
    ExecType,
    OrdStatus,
    OrdType,
    PendingReports,
    Side,
    TimeInForce,
)
from messages.reference import AccountDefinition, Limits
from messages.terms import Terms
from tests.infra.test_ledger_account import DESK, SYMBOL, VENUE, ZERO, Child, Day

D = Decimal
LASTS = TimeInForce.GoodTillCancel


@dataclass
class Work(Child):
    """``fills``: what counts, by the last ExecID; the ExecID it had first stands beside it."""

    fills: dict[str, VenueFill] = field(default_factory=dict)
    dead: bool = False
    rests: bool = False


class LongDays(Day):
    """Days on which the venue takes back, corrects, restates, adopts, ends and begins again."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.changes: list[VenueChange] = []
        self.standing: dict[str, VenueFill] = {}
        self.date = 20261101
        self.adopted = 0
        pending = self.random.choice(tuple(PendingReports))
        self.tell(
            AccountDefinition(
                Account="alpha",
                Desks=(DESK,),
                Cash={"USD": D(10) ** 9},
                Limits=Limits(),
                PendingReports=pending,
            )
        )
        self.by_venue = pending is PendingReports.Venue

    def terms(self) -> dict[str, object]:
        return {
            **super().terms(),
            "TimeInForce": self.random.choice((TimeInForce.Day, LASTS)),
        }

    def request(self) -> orders.DeskRequest:
        drawn = self.random.random()
        if drawn < 0.1 and self.adopted:
            order_id = f"{VENUE}.{self.random.randint(1, self.adopted)}"
            return orders.OrderCancelRequest(
                ClOrdID=f"c{len(self.said)}", OrderID=order_id, Account="alpha"
            )
        if drawn < 0.2:
            cash = {"OrderQty": None, "CashOrderQty": D(self.random.randint(1, 9) * 100)}
            return orders.NewOrderSingle(
                ClOrdID=f"c{len(self.said)}",
                **(self.terms() | cash),  # type: ignore[arg-type]
            )
        return super().request()

    def venue_hears(self) -> None:
        if not self.down:
            return
        match self.down[0]:
            case routing.NewOrder(OrderID=order, Terms=terms):
                self.down.popleft()
                units = terms.OrderQty or (terms.CashOrderQty or ZERO) // 10
                known = terms.model_copy(update={"OrderQty": units})
                self.children[order] = Work(known)
                told = {} if terms.OrderQty else {"OrderQty": units}
                if self.random.random() < 0.8:
                    self.executed(order, terms, ExecType.New, **told)
                elif not told:
                    self.fill(order)  # bundled: no New
                else:
                    self.executed(order, terms, ExecType.New, **told)
                return
            case routing.CancelOrder(OrderID=order, RequestID=request):
                if self.by_venue and order in self.children and self.children[order].open:
                    terms = self.children[order].terms
                    self.executed(order, terms, ExecType.PendingCancel, request)
            case routing.ReplaceOrder(OrderID=order, RequestID=request, Terms=terms):
                if self.by_venue and order in self.children and self.children[order].open:
                    self.executed(order, terms, ExecType.PendingReplace, request)
        before = {order: child.open for order, child in self.children.items()}
        super().venue_hears()
        for order, was in before.items():
            child = self.children[order]
            assert isinstance(child, Work)
            if (child.terms.OrderQty or ZERO) < child.cum:  # such a replace means: stop
                child.terms = child.terms.model_copy(update={"OrderQty": child.cum})
            if was and not child.open and child.cum < (child.terms.OrderQty or ZERO):
                child.dead = True

    def trade(self) -> None:
        work = [(o, c) for o, c in self.children.items() if isinstance(c, Work)]
        deeds = (self.adopt, self.new_day)
        if not work or self.random.random() < 0.04:
            self.random.choice(deeds)()
            return
        order, child = self.random.choice(work)
        if child.open and self.random.random() < 0.55:
            self.fill(order)
        elif child.fills and self.random.random() < 0.4:
            self.after_the_fact(order, child)
        elif child.dead:
            if self.random.random() < 0.2 and child.cum < (child.terms.OrderQty or ZERO):
                self.fill(order)  # late
        elif child.open and not child.rests:
            self.move(order, child)

    def fill(self, order: str) -> None:
        child = self.children[order]
        assert isinstance(child, Work)
        assert child.terms.OrderQty is not None
        assert child.terms.Price is not None
        left = int(child.terms.OrderQty - child.cum)
        qty = D(left if self.random.random() < 0.4 else self.random.randint(1, left))
        px = child.terms.Price - D(self.random.randint(0, 3)) / 100 * child.terms.Side.sign
        child.cum += qty
        name = f"X{len(self.standing) + 1}"
        fill = VenueFill(VENUE, name, f"child-{order}", SYMBOL, child.terms.Side, qty, px)
        self.standing[name] = child.fills[name] = fill
        ends = None
        if child.open and child.cum < child.terms.OrderQty and self.random.random() < 0.1:
            ends, child.open, child.dead = OrdStatus.Canceled, False, True
        if child.cum == child.terms.OrderQty:
            child.open = False
        last = {"LastQty": qty, "LastPx": px, "VenueExecID": name, "Ends": ends}
        self.executed(order, child.terms, ExecType.Trade, None, **last)

    def after_the_fact(self, order: str, child: Work) -> None:
        """Take one of its fills back, or correct it."""
        reference = self.random.choice(list(child.fills))
        fill = child.fills.pop(reference)
        name = f"{reference}+"
        assert child.terms.OrderQty is not None
        if self.random.random() < 0.5:
            self.changes.append(VenueChange(VENUE, fill.exec_id, ZERO, ZERO))
            del self.standing[fill.exec_id]
            self.standing[f"gone {name}"] = fill  # keeps the count of names
            child.cum -= fill.last_qty
            said = {"VenueExecID": name, "VenueExecRefID": reference}
            self.executed(order, child.terms, ExecType.TradeCancel, None, **said)
        else:
            most = int(child.terms.OrderQty - child.cum + fill.last_qty)
            qty, px = D(self.random.randint(1, most)), fill.last_px + D("0.5")
            self.changes.append(VenueChange(VENUE, fill.exec_id, qty, px))
            by = VenueFill(VENUE, fill.exec_id, fill.clordid, SYMBOL, fill.side, qty, px)
            self.standing[fill.exec_id] = child.fills[name] = by
            child.cum += qty - fill.last_qty
            said = {"VenueExecID": name, "VenueExecRefID": reference}
            last = {"LastQty": qty, "LastPx": px}
            self.executed(order, child.terms, ExecType.TradeCorrect, None, **said, **last)
        child.open = not child.dead and child.cum < child.terms.OrderQty

    def move(self, order: str, child: Work) -> None:
        """Whatever else may become of an open order."""
        kinds = (ExecType.Stopped, ExecType.Suspended, ExecType.Triggered, ExecType.DoneForDay)
        kinds += (ExecType.Restated, ExecType.Replaced, ExecType.Canceled, ExecType.Expired)
        kind = self.random.choice(kinds)
        more: dict[str, object] = {}
        assert child.terms.OrderQty is not None
        assert child.terms.Price is not None
        match kind:
            case ExecType.DoneForDay:
                child.rests = True
                if child.terms.TimeInForce is not LASTS:
                    child.open, child.dead = False, True
            case ExecType.Restated | ExecType.Replaced:
                qty, px = child.terms.OrderQty + 10, child.terms.Price + D("0.01")
                child.terms = child.terms.model_copy(update={"OrderQty": qty, "Price": px})
                more = {"OrderQty": qty, "Price": px}
                more["ExecRestatementReason"] = ExecRestatementReason.MarketOption
            case ExecType.Canceled | ExecType.Expired:
                child.open, child.dead = False, True
            case ExecType.Stopped:
                more = {"LastQty": child.terms.OrderQty, "LastPx": child.terms.Price}
            case _:
                pass
        self.executed(order, child.terms, kind, None, **more)

    def adopt(self) -> None:
        """Somebody telephones the venue."""
        self.adopted += 1
        name = f"{VENUE}.{self.adopted}"
        terms = Terms(
            Symbol=SYMBOL,
            Side=Side.Sell,
            OrderQty=D(50),
            OrdType=OrdType.Limit,
            Price=D(10),
            ExDestination=VENUE,
        )
        self.children[name] = Work(terms)
        made = routing.VenueOrder(OrderID=name, Account="alpha", Venue=VENUE, Terms=terms)
        self.up.append(made)
        self.executed(name, terms, ExecType.New)

    def new_day(self) -> None:
        """Orders that were done for the day come back."""
        self.date += 1
        for order, child in self.children.items():
            assert isinstance(child, Work)
            if child.rests and not child.dead:
                child.rests = False
                renewed = {"ExecRestatementReason": ExecRestatementReason.GTRenewal}
                self.executed(order, child.terms, ExecType.Restated, None, **renewed)

    def executed(
        self,
        order: str,
        terms: Terms,
        exec_type: ExecType,
        request: str | None = None,
        **more: object,
    ) -> None:
        super().executed(order, terms, exec_type, request, TradeDate=str(self.date), **more)

    def stand(self) -> list[VenueFill]:
        """The executions that the venue still has."""
        return [fill for name, fill in self.standing.items() if not name.startswith("gone")]


@pytest.mark.parametrize("seed", range(40))
def test_whatever_a_venue_says_the_reports_of_an_account_balance(seed: int) -> None:
    days = LongDays(seed)
    days.run(900)
    ledger = close({DESK: days.record}, days.stand(), days.changes)
    assert ledger.problems == []
    assert ledger.sent == ledger.accepted + ledger.rejected > 50
    assert ledger.fills == len(days.standing)
    assert ledger.busted + ledger.corrected == len(days.changes)


def test_the_long_days_hold_all_that_a_venue_can_say() -> None:
    days = LongDays(5)
    days.run(4_000)
    ledger = close({DESK: days.record}, days.stand(), days.changes)
    assert min(ledger.busted, ledger.corrected, ledger.adopted, ledger.filled) > 10
    said = {report.ExecType for line in days.record if (report := getattr(line, "report", None))
            and hasattr(report, "ExecType")}  # fmt: skip
    assert said >= set(ExecType) - {ExecType.Calculated, ExecType.Rejected}
