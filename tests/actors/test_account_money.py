"""An account under any sequence of requests and executions, against a model in plain dictionaries.

The venue of this machine answers what it likes, in any order, late, and fills more than was
asked for; the account must book all of it and hold back exactly what open orders may still cost.
"""

from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from actors.account.state import EXACT, Order
from actors.lifecycle import TERMINAL
from messages.fix import ExecType, OrdType, Side
from messages.reports import ExecutionReport
from tests.actors.scenes import (
    AccountScene,
    cancel,
    dec,
    definition,
    instrument,
    mass_cancel,
    order,
    replace,
)

CASH = dec(50_000)
SYMBOLS = {"AAPL": dec(1), "FUT": dec(5)}
QUANTITIES = st.integers(1, 300)
PRICES = st.integers(-200, 1500).map(lambda cents: dec(cents) / 100)


@dataclass
class Told:
    """What the model believes of one order, from reports alone."""

    sign: int
    symbol: str
    filled: list[tuple[int, Decimal]] = field(default_factory=list)


class Accounts(RuleBasedStateMachine):
    """Requests of a desk and reports of a venue in any order."""

    @initialize()
    def begin(self) -> None:
        futures = instrument("FUT", ContractMultiplier=SYMBOLS["FUT"])
        self.scene = AccountScene(
            definition(Cash={"USD": CASH}, MaxPosition=dec(2_000)), instrument(), futures
        )
        self.names = 0
        self.told: dict[str, Told] = {}
        self.well_behaved = True

    def name(self) -> str:
        self.names += 1
        return f"c{self.names}"

    @property
    def orders(self) -> list[Order]:
        return list(self.scene.state.orders.values())

    def answered(self) -> None:
        """Every request gets an answer, at the latest from the venue."""
        assert self.scene.events
        for send in self.scene.sends:
            report = send.message
            if isinstance(report, ExecutionReport) and report.ExecType is ExecType.Trade:
                assert report.LastQty is not None
                assert report.LastPx is not None
                told = self.told[report.OrderID]
                told.filled.append((int(report.LastQty), report.LastPx))
                assert report.CumQty == sum(qty for qty, _ in told.filled)

    # ---- the desk

    @rule(
        symbol=st.sampled_from(sorted(SYMBOLS)), side=st.sampled_from(Side), qty=QUANTITIES,
        px=st.one_of(st.none(), PRICES),
    )  # fmt: skip
    def new(self, symbol: str, side: Side, qty: int, px: Decimal | None) -> None:
        terms: dict[str, Any] = {"Symbol": symbol, "Side": side, "OrderQty": qty}
        kind = {"OrdType": OrdType.Market} if px is None else {"Price": px}
        self.scene.desk(order(self.name(), **terms, **kind))
        if self.scene.events[0].Event == "OrderAccepted":  # type: ignore[attr-defined]
            self.told[self.orders[-1].OrderID] = Told(side.sign, symbol)
        self.answered()

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        self.scene.desk(cancel(self.name(), data.draw(st.sampled_from(self.orders)).ClOrdID))
        self.answered()

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), qty=QUANTITIES, px=PRICES)
    def replace(self, data: st.DataObject, qty: int, px: Decimal) -> None:
        known = data.draw(st.sampled_from(self.orders))
        same = {"Symbol": known.terms.Symbol, "Side": known.terms.Side}
        self.scene.desk(replace(self.name(), known.ClOrdID, OrderQty=qty, Price=px, **same))
        self.answered()

    @rule()
    def cancel_all(self) -> None:
        self.scene.desk(mass_cancel(self.name()))
        self.answered()

    # ---- the venue

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), kind=st.sampled_from(["New", "Canceled", "Expired", "Rejected"]))
    def reports(self, data: st.DataObject, kind: str) -> None:
        known = data.draw(st.sampled_from(self.orders))
        asked = next((r.ClOrdID for r in known.pending if r.terms is None), None)
        request = asked if kind == "Canceled" else None
        self.scene.venue(
            ExecType(kind), known.OrderID, Symbol=known.terms.Symbol, RequestID=request
        )

    @precondition(lambda self: any(o.pending for o in self.orders))
    @rule(data=st.data(), taken=st.booleans())
    def answers(self, data: st.DataObject, taken: bool) -> None:
        known = data.draw(st.sampled_from([o for o in self.orders if o.pending]))
        request = data.draw(st.sampled_from(known.pending))
        if taken and request.terms:
            self.scene.venue(
                ExecType.Replaced, known.OrderID, Symbol=known.terms.Symbol,
                RequestID=request.ClOrdID,
            )  # fmt: skip
        else:
            self.scene.refused(request.ClOrdID, order_id=known.OrderID)

    @precondition(lambda self: any(o.leaves_qty for o in self.orders))
    @rule(data=st.data(), better=st.integers(0, 50))
    def fills(self, data: st.DataObject, better: int) -> None:
        """At the limit or better, and at most what is left."""
        known = data.draw(st.sampled_from([o for o in self.orders if o.leaves_qty]))
        qty = data.draw(st.integers(1, int(known.leaves_qty)))
        px = (known.terms.Price or dec(10)) - known.terms.Side.sign * dec(better) / 100
        self._fill(known, qty, px)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), qty=st.integers(1, 50), px=PRICES)
    def fills_as_it_likes(self, data: st.DataObject, qty: int, px: Decimal) -> None:
        """Late, too much, or at a price that nobody had allowed."""
        self.well_behaved = False
        self._fill(data.draw(st.sampled_from(self.orders)), qty, px)

    def _fill(self, known: Order, qty: int, px: Decimal) -> None:
        self.scene.fill(qty, str(px), known.OrderID, Symbol=known.terms.Symbol)
        self.answered()

    # ---- what must always hold

    @invariant()
    def money_and_positions_add_up(self) -> None:
        """I14, and the position is the signed sum of what was reported."""
        state, paid = self.scene.state, dec(0)
        held = dict.fromkeys(SYMBOLS, dec(0))
        for told in self.told.values():
            for qty, px in told.filled:
                paid += told.sign * qty * px * SYMBOLS[told.symbol]
                held[told.symbol] += told.sign * qty
        assert state.cash == {"USD": CASH - paid}
        assert {s: state.position(s) for s in SYMBOLS} == held
        with localcontext(EXACT):
            worth = sum((p.cost - p.realized for p in state.positions.values()), dec(0))
            assert state.cash["USD"] + worth == CASH

    @invariant()
    def what_is_reserved_is_what_open_orders_may_still_cost(self) -> None:
        """I13."""
        state = self.scene.state
        reserved = dec(0)
        exposures = {symbol: [dec(0), dec(0)] for symbol in SYMBOLS}
        for known in self.orders:
            versions = [(r.terms, r.reserve_px) for r in known.pending if r.terms]
            if known.status not in TERMINAL:
                versions.append((known.terms, known.reserve_px))
            left = [max(dec(0), t.OrderQty - known.cum_qty) for t, _ in versions]
            costs = [q * abs(px) for q, (_, px) in zip(left, versions, strict=True)]
            if known.terms.Side is not Side.Sell:
                reserved += max(costs, default=dec(0)) * SYMBOLS[known.terms.Symbol]
            direction = 0 if known.terms.Side is Side.Buy else 1
            exposures[known.terms.Symbol][direction] += max(left, default=dec(0))
        assert state.reserved.get("USD", 0) == reserved
        for symbol, exposure in state.exposures.items():
            assert [exposure.buying, exposure.selling] == exposures[symbol]
        if not any(o.pending or o.status not in TERMINAL for o in self.orders):
            assert state.reserved.get("USD", 0) == 0

    @invariant()
    def quantities_of_each_order_add_up(self) -> None:
        """I11; AvgPx times CumQty is what was paid."""
        for known in self.orders:
            ended = known.status in TERMINAL
            left = max(dec(0), known.terms.OrderQty - known.cum_qty)
            assert known.leaves_qty == (0 if ended else left)
            filled = self.told[known.OrderID].filled
            assert known.cum_qty == sum(qty for qty, _ in filled)
            assert known.notional == sum((qty * px for qty, px in filled), dec(0))

    @invariant()
    def what_is_open_can_still_trade(self) -> None:
        is_open = [o.OrderID for o in self.orders if o.status not in TERMINAL]
        assert sorted(self.scene.state.open) == sorted(is_open)

    @invariant()
    def money_is_never_short_unless_the_venue_overdraws(self) -> None:
        if self.well_behaved and not any(t.sign < 0 for t in self.told.values()):
            assert self.scene.state.buying_power("USD") >= 0

    def teardown(self) -> None:
        """I5, I13: the journal gives the same state, and ended orders hold nothing back."""
        if not hasattr(self, "scene"):
            return
        self.scene.replays()
        for known in self.orders:
            self.scene.venue(ExecType.Canceled, known.OrderID, Symbol=known.terms.Symbol)
            for request in list(known.pending):
                self.scene.refused(request.ClOrdID, order_id=known.OrderID)
        assert not self.scene.state.open
        assert self.scene.state.reserved.get("USD", 0) == 0


TestAccounts = Accounts.TestCase
TestAccounts.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
