"""Random days of orders that the book works: whatever happens, nothing trades twice or too much."""

from decimal import Decimal
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messages import events as ev
from messages.base import SECOND
from messages.fix import ExecInst, ExecType, OrdType, SecurityTradingStatus, Side, TimeInForce
from messages.market import Quote
from messages.orders import (
    DeskRequest,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
)
from messages.routing import CancelOrder, Execution, NewOrder, ReplaceOrder, RequestRejected
from messages.terms import Terms
from tests.actors.book_floor import ZERO, Floor, Told
from tests.actors.book_scenes import (
    MarketScene,
    at,
    calendar,
    iceberg,
    pegged,
    stop,
    venue,
    working,
)
from tests.actors.scenes import AccountScene, dec, definition, instrument

AGE = 600
MON, TUE, WED = "20261123", "20261124", "20261125"
GTC, GTD = TimeInForce.GoodTillCancel, TimeInForce.GoodTillDate
HALT, RESUME = SecurityTradingStatus.Halt, SecurityTradingStatus.Resume
TRAIL = {"ExecInst": (ExecInst.TrailingStopPeg,), "PegOffsetValue": dec("0.05")}


def kinds(side: Side, qty: int) -> list[Terms]:
    """One order of every kind that the book works."""
    rising = side is Side.Buy
    px, cap = ("10.05", "10.20") if rising else ("9.95", "9.80")
    end = at(TUE, "16:00")
    some = {"Side": side, "OrderQty": qty}
    return [
        stop(px, **some),
        stop(px, TimeInForce=GTC, ExecInst=(ExecInst.CancelOnTradingHalt,), **some),
        working(OrdType.StopLimit, StopPx=dec(px), Price=dec(cap), DisplayQty=dec(7), **some),
        working(OrdType.MarketIfTouched, StopPx=dec(px), TimeInForce=GTD, ExpireTime=end, **some),
        working(OrdType.Pegged, **TRAIL, **some),  # type: ignore[arg-type]
        pegged(ExecInst.PrimaryPeg, TimeInForce=GTC, **some),
        pegged(ExecInst.MarketPeg, DisplayQty=dec(9), **some),
        pegged(ExecInst.MidPricePeg, TimeInForce=GTD, ExpireTime=end, **some),
        iceberg(qty, max(1, qty // 3), Side=side),
        iceberg(qty, max(1, qty // 4), Side=side, TimeInForce=GTD, ExpireTime=end),
        working(OrdType.MarketWithLeftOverAsLimit, **some),
        working(OrdType.MarketWithLeftOverAsLimit, TimeInForce=GTC, DisplayQty=dec(5), **some),
        working(OrdType.Market, Side=side, OrderQty=None, CashOrderQty=dec(qty * 10)),
        working(OrdType.Market, TimeInForce=TimeInForce.AtTheOpening, **some),
        working(OrdType.Limit, Price=dec("10.00"), TimeInForce=GTD, ExpireTime=end, **some),
    ]


class Day:
    """The book with its venue and its account, and what must hold after every step."""

    def __init__(self) -> None:
        given_ = instrument(Venues=("XNAS",), Calendar="XNYS", MaxQuoteAge=AGE)
        self.scene = MarketScene(given_, venue(), calendar(MON, TUE, WED)).start(at(MON, "14:25"))
        self.floor = Floor()
        self.account = AccountScene(definition(Cash={"USD": dec(10**9)}), given_)
        self.told: dict[str, Told] = {}
        self.terms: dict[str, Terms] = {}
        self.most: dict[str, Decimal] = {}
        self.requests = 0
        self.halted = self.lost = False
        self.quote: Quote | None = None
        self.seen: set[str] = set()
        self.triggered: set[str] = set()

    # ---- what may happen

    def step(self, action: int, a: int, b: int) -> None:
        actions = (
            lambda: self.new(a, b), lambda: self.new(a, b), lambda: self.prices(a, b),
            lambda: self.prices(a, b), lambda: self.prices(a, b), lambda: self.floor.trade(a, b),
            lambda: self.floor.answer(a), lambda: self.floor.answer(a), self.hear, self.hear,
            self.hear, lambda: self.floor.trade(a, b), lambda: self.cancel(a) if b < 4 else None,
            lambda: self.replace(a, b), lambda: self.pass_time(a, b), self.restart,
            lambda: self.market(a), lambda: self.awkward(a, b),
        )  # fmt: skip
        actions[action % len(actions)]()
        self.holds()

    def new(self, a: int, b: int) -> None:
        choice = kinds(Side.Buy if b % 2 else Side.Sell, 10 + 9 * b)
        terms = choice[(a * 10 + b + len(self.told)) % len(choice)]
        name = f"acme-{len(self.told) + 1}"
        self.told[name] = Told(terms.OrderQty, terms.TimeInForce)
        self.terms[name] = terms
        self.most[name] = terms.OrderQty or dec(10_000)
        self.ask(NewOrderSingle(ClOrdID=name, Account="acme", **terms.__dict__))

    def prices(self, a: int, b: int) -> None:
        self.scene.now += SECOND
        middle = dec("10.00") + dec(a - 5) / 50
        old = b == 9
        self.lost = self.lost and old
        quote = Quote(
            Venue="XNAS", Symbol="AAPL", BidPx=middle - dec("0.01"), OfferPx=middle + dec("0.02"),
            BidSize=dec(500), OfferSize=dec(500), LastPx=middle if b > 3 else None,
            At=self.scene.now - (AGE + 1) * SECOND * old,
        )  # fmt: skip
        if not self.quote or quote.At >= self.quote.At:
            self.quote = quote
        self.say(quote)

    def hear(self) -> None:
        if self.floor.said:
            self.say(self.floor.said.popleft())

    def open_orders(self) -> list[str]:
        return [name for name, told in self.told.items() if not told.over]

    def cancel(self, a: int) -> None:
        names = [n for n in self.open_orders() if None not in self.told[n].waiting.values()]
        if names:
            name = names[a % len(names)]
            self.cancel_one(name)

    def cancel_one(self, name: str) -> None:
        self.requests += 1
        self.told[name].waiting[f"r{self.requests}"] = None
        self.ask(OrderCancelRequest(ClOrdID=f"r{self.requests}", OrigClOrdID=name, Account="acme"))

    def replace(self, a: int, b: int) -> None:
        names = [n for n in self.open_orders() if self.terms[n].OrderQty]
        names = [n for n in names if None not in self.told[n].waiting.values()]
        if not names:
            return
        name = names[a % len(names)]
        total = dec(5 + 17 * b)
        shown = self.terms[name].DisplayQty
        update = {"OrderQty": total, "DisplayQty": min(shown, total) if shown else None}
        if self.terms[name].OrdType is OrdType.Limit and b % 2:
            update["Price"] = dec("10.00") + dec(a) / 100
        self.requests += 1
        self.told[name].waiting[f"r{self.requests}"] = total
        self.most[name] = max(self.most[name], total)
        new = self.terms[name].model_copy(update=update).__dict__
        self.ask(
            OrderCancelReplaceRequest(
                ClOrdID=f"r{self.requests}", OrigClOrdID=name, Account="acme", **new
            )
        )

    def pass_time(self, a: int, b: int) -> None:
        hours = (0,) * 8 + (b, 12 + b)
        wanted = self.scene.now + (3600 * hours[a] + 60 * b) * SECOND
        while due := self.scene._next(wanted):
            when, message = self.scene.alarms.pop(due)
            self.scene.now = max(when, self.scene.now)
            self.say(message)
        self.scene.now = wanted

    def restart(self) -> None:
        self.scene.actor = self.scene.replayed()

    def market(self, a: int) -> None:
        if a < 4:
            self.lost = True
            self.scene.lost()
            self.led_to()
        else:
            self.halted = a < 7
            self.scene.status(HALT if self.halted else RESUME)
            self.led_to()

    def awkward(self, a: int, b: int) -> None:
        if a < 4:
            self.floor.end(b, ExecType.Canceled)
        elif a < 6:
            self.floor.end(b, ExecType.Expired)
        else:
            self.floor.bust(b, revive=a % 2 == 0)

    # ---- what follows

    def ask(self, request: DeskRequest) -> None:
        """The desk asks the account, and the account the book."""
        self.account.desk(request)
        passed = [s.message for s in self.account.sends if s.recipient == "book/AAPL"]
        assert len(passed) == 1, f"the account refused {request}"
        self.say(passed[0])

    def say(self, message: object) -> None:
        self.scene.when(message)  # type: ignore[arg-type]
        self.led_to()

    def led_to(self) -> None:
        for event in self.scene.events:
            self.seen.add(event.Event)  # type: ignore[attr-defined]
            if isinstance(event, ev.OrderTriggered):
                self.fires(event)
        for _, message in self.scene.sends:
            if isinstance(message, NewOrder | CancelOrder | ReplaceOrder):
                self.floor.asked.append(message)
            elif isinstance(message, Execution | RequestRejected):
                self.told[message.OrderID].hear(message)
                self.account.when(message)
                breaks = [e for e in self.account.events if isinstance(e, ev.BreakFound)]
                assert breaks == []

    def fires(self, event: ev.OrderTriggered) -> None:
        """Once, and on data that counts."""
        assert event.OrderID not in self.triggered
        self.triggered.add(event.OrderID)
        assert self.quote
        assert (self.lost, self.halted) == (False, False)
        assert self.scene.now - self.quote.At <= AGE * SECOND
        days = [d for d in calendar(MON, TUE, WED).Days if d.Opens <= self.scene.now < d.Closes]
        assert days
        assert self.quote.At >= days[0].Opens

    def holds(self) -> None:
        for name, told in self.told.items():
            parent = self.scene.state.parents.get(name)
            if parent is None:  # rejected at once
                continue
            assert parent.cum_qty == told.cum == self.account.state.orders[name].cum_qty
            assert told.news <= 1
            assert told.triggers <= 1
            if parent.work is None:
                continue
            children = parent.work.children.values()
            assert all(child.leaves >= 0 for child in children)
            assert sum((c.cum_qty for c in children), ZERO) == parent.cum_qty
        asked = {m.OrderID for m in self.floor.asked if isinstance(m, NewOrder)}
        for name, most in self.most.items():
            orders = [o for o in self.floor.orders.values() if o.child.rpartition(".")[0] == name]
            at_work = sum((o.cum + (o.qty - o.cum) * o.open for o in orders), ZERO)
            coming = [m for m in self.floor.asked if isinstance(m, NewOrder) and m.OrderID in asked]
            at_work += sum(
                (m.Terms.quantity for m in coming if m.OrderID.rpartition(".")[0] == name), ZERO
            )
            assert at_work <= most, f"{name}: {at_work} at the venue, {most} asked for at most"

    def settle(self) -> None:
        """Everything is delivered and answered."""
        while self.floor.asked or self.floor.said:
            self.floor.answer(5)
            self.hear()
        self.holds()

    def close(self) -> None:
        """Nothing is on its way any more, and every order is cancelled."""
        self.settle()
        for name in self.open_orders():
            self.cancel_one(name)
            self.settle()


STEPS = st.lists(
    st.tuples(st.integers(0, 17), st.integers(0, 9), st.integers(0, 9)), min_size=30, max_size=150
)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_whatever_happens_orders_trigger_once_trade_once_and_every_request_is_answered(
    steps: list[tuple[int, int, int]],
) -> None:
    """I5, I11, I12."""
    day = Day()
    for action, a, b in steps:
        day.step(action, a, b)
    day.settle()
    for told in day.told.values():
        assert told.waiting == {}
    assert not [o for o in day.account.state.orders.values() if o.pending]
    day.close()
    for name, told in day.told.items():
        handed_over = name in day.floor.undone and not day.scene.state.parents[name].worked
        assert told.over or handed_over, f"{name} is {told.status}"
    assert not [o for o in day.floor.orders.values() if o.open]
    assert day.floor.undone.issuperset(day.scene.state.open)
    day.scene.lost()
    assert day.scene.state.followed == {}
    day.scene.replays()
    day.account.replays()


def test_the_days_have_seen_what_they_are_meant_to_show() -> None:
    """A random run proves little if the interesting things do not happen in it."""
    seen: set[str] = set()
    for seed in range(40):
        luck = Random(seed)
        day = Day()
        for _ in range(120):
            day.step(luck.randrange(18), luck.randrange(10), luck.randrange(10))
        day.settle()
        seen |= day.seen
    held = {"OrderTriggered", "TrailMoved", "QuantityMeasured", "OrderPaused", "OrderRenewed"}
    asked = {"ChildRequested", "PlanReplaced", "OrderEnding", "EndingWithdrawn", "RequestRouted"}
    assert held | asked | {"QuoteWentStale", "TradingStatusHeard", "DayOrderOverdue"} <= seen
