"""Linked orders under any interleaving of fills, requests, answers and ends.

A venue that hears late: what the account sends waits until the venue takes it up, and fills come
meanwhile. In the end, with everything answered, the links hold.
"""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages.fix import ContingencyType, CxlRejReason, ExecType, OrdStatus
from messages.lists import ListCancelRequest, NewOrderList
from messages.reports import ExecutionReport
from messages.routing import CancelOrder, NewOrder, ReplaceOrder
from tests.actors.lists import ABSOLUTE, OCO, OTO, PROPORTIONAL, bracket, listed, one
from tests.actors.scenes import AccountScene, cancel, dec, mass_cancel, replace

REPLACE = 3
"""Any ``qty`` by which ``Floor.ask`` replaces."""

ENDS = (ExecType.Canceled, ExecType.Expired, ExecType.Rejected)
LISTS = {
    "oco": lambda: listed(OCO, one("a"), one("b"), one("c", OrderQty=30)),
    "oto": lambda: listed(OTO, one("a"), one("b"), one("c", OrderQty=30)),
    "bracket": bracket,
    "absolute": lambda: listed(ABSOLUTE, one("a"), one("b"), one("c", OrderQty=150)),
    "proportional": lambda: listed(PROPORTIONAL, one("a"), one("b"), one("c", OrderQty=30)),
}


@dataclass
class AtVenue:
    """An order as the venue has it."""

    qty: Decimal
    new: bool = False
    cum: Decimal = Decimal(0)
    over: bool = False
    fills: list[tuple[str, Decimal]] = field(default_factory=list)


class Floor:
    """The account, and a venue that takes up one thing at a time."""

    def __init__(self, request: NewOrderList) -> None:
        self.scene = AccountScene()
        self.orders: dict[str, AtVenue] = {}
        self.waiting: deque[NewOrder | CancelOrder | ReplaceOrder] = deque()
        self.heard: list[ExecutionReport] = []
        self.asked = 0
        self.crossed = False
        self.busted = self.replaced = False
        self.scene.desk(request)
        self._take()
        self.ids = list(self.scene.state.orders)

    def _take(self) -> None:
        breaks = [event for event in self.scene.events if event.Event == "BreakFound"]  # type: ignore[attr-defined]
        assert breaks == []
        for send in self.scene.sends:
            if isinstance(send.message, NewOrder | CancelOrder | ReplaceOrder):
                self._sent(send.message)
            elif isinstance(send.message, ExecutionReport):
                self.heard.append(send.message)

    def _sent(self, message: NewOrder | CancelOrder | ReplaceOrder) -> None:
        if isinstance(message, NewOrder) and message.OrderID in getattr(self, "ids", ())[1:]:
            first = self.scene.state.orders[self.ids[0]]
            assert first.over, "a held order goes out only when what triggers it has ended"
            assert first.cum_qty > 0, "and has filled something"
        self.waiting.append(message)

    # ---- what may happen, by number

    def act(self, choice: int, place: int, qty: int) -> None:
        order_id = self.ids[place % len(self.ids)]
        if choice < 5:
            self.fill(order_id, dec(qty))
        elif choice < 10:
            self.answer()
        elif choice < 11:
            self.end(order_id, ENDS[qty % len(ENDS)])
        elif choice < 12:
            self.bust(order_id)
        elif choice < 14:
            self.ask(order_id, qty)
        self.scene.replays()

    def fill(self, order_id: str, qty: Decimal) -> None:
        order = self.orders.get(order_id)
        if order is None or order.over:
            return
        qty = min(qty, order.qty - order.cum)
        self.crossed |= any(o.fills for name, o in self.orders.items() if name != order_id)
        order.cum += qty
        order.over = order.cum == order.qty
        self.scene.fill(str(qty), order_id=order_id)
        order.fills.append((f"v{self.scene._execs}", qty))
        self._take()

    def end(self, order_id: str, how: ExecType) -> None:
        order = self.orders.get(order_id)
        if order is None or order.over or (how is ExecType.Rejected and order.cum):
            return
        order.over = True
        self.scene.venue(how, order_id)
        self._take()

    def bust(self, order_id: str) -> None:
        order = self.orders.get(order_id)
        if order is None or not order.fills:
            return
        self.busted = True
        exec_id, qty = order.fills.pop()
        order.over = order.over and order.cum < order.qty
        order.cum -= qty
        self.scene.venue(ExecType.TradeCancel, order_id, VenueExecRefID=exec_id)
        self._take()

    def ask(self, order_id: str, qty: int) -> None:
        """The desk cancels one order, all of them or the list, or replaces one by a smaller one."""
        self.asked += 1
        order = self.scene.state.orders[order_id]
        name = f"r{self.asked}"
        match qty % 4:
            case 0:
                self.scene.desk(cancel(name, order.ClOrdID))
            case 1:
                self.scene.desk(mass_cancel(name))
            case 2:
                self.scene.desk(ListCancelRequest(ListID="L", Account="acme"))
            case _:
                self.replaced = True
                given = order.terms.model_dump(exclude={"OrderQty", "Price"})
                smaller = {"OrderQty": max(1, int(order.terms.quantity) - 5)}
                price = {"Price": order.terms.Price}
                self.scene.desk(replace(name, order.ClOrdID, **given, **smaller, **price))
        self._take()

    def answer(self) -> None:
        """The venue takes up what was sent longest ago."""
        if not self.waiting:
            return
        message = self.waiting.popleft()
        if isinstance(message, NewOrder):
            self.orders[message.OrderID] = AtVenue(message.Terms.quantity, new=True)
            self.scene.venue(ExecType.New, message.OrderID)
        elif self.orders[message.OrderID].over:
            self._refuse(message)
        elif isinstance(message, CancelOrder):
            self.orders[message.OrderID].over = True
            self.scene.venue(ExecType.Canceled, message.OrderID, RequestID=message.RequestID)
        else:
            self._replace(message)
        self._take()

    def _replace(self, message: ReplaceOrder) -> None:
        order = self.orders[message.OrderID]
        order.qty = max(message.Terms.quantity, order.cum)
        order.over = order.qty == order.cum
        request = message.RequestID
        self.scene.venue(ExecType.Replaced, message.OrderID, RequestID=request, OrderQty=order.qty)

    def _refuse(self, message: CancelOrder | ReplaceOrder) -> None:
        too_late = CxlRejReason.TooLateToCancel
        self.scene.refused(message.RequestID, too_late, message.OrderID)

    def settle(self) -> None:
        while self.waiting:
            self.answer()


steps = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 5), st.integers(1, 120)), max_size=30)


@pytest.mark.parametrize("kind", LISTS)
@given(steps=steps)
@settings(max_examples=100, deadline=None)
def test_when_all_is_quiet_the_links_hold(kind: str, steps: list[tuple[int, int, int]]) -> None:
    floor = Floor(LISTS[kind]())
    for choice, place, qty in steps:
        floor.act(choice, place, qty)
    floor.settle()
    floor.scene.replays()
    state = floor.scene.state
    for order_id, at_venue in floor.orders.items():
        order = state.orders[order_id]
        assert (order.cum_qty, order.over) == (at_venue.cum, at_venue.over), order.ClOrdID
        assert order.overfilled == 0
        assert order.pending == []
    links = state.lists["blue L"].links
    for link in links:
        holds(floor, link.kind, [state.orders[order_id] for order_id in link.OrderIDs], link.fired)
    if not state.open:
        assert state.reserved.get("USD", 0) == 0
    told_once(floor.heard)


@pytest.mark.parametrize("seed", range(30))
def test_replaces_that_cross_reductions_leave_no_more_than_the_list_allows(seed: int) -> None:
    """Each replace asks for less than the desk knows; one in three of such days once left more."""
    random = Random(seed)
    floor = Floor(LISTS["absolute"]())
    for _ in range(4):
        floor.answer()
    for _ in range(random.randrange(5, 40)):
        order_id = random.choice(floor.ids)
        match random.choice(("fill", "fill", "answer", "answer", "answer", "replace")):
            case "fill":
                floor.fill(order_id, dec(random.choice((1, 3, 7, 20, 40))))
            case "answer":
                floor.answer()
            case _:
                floor.ask(order_id, REPLACE)
    floor.settle()
    floor.scene.replays()
    whole_quantity_is_shared(list(floor.scene.state.orders.values()), ABSOLUTE)


def holds(floor: Floor, kind: ContingencyType, orders: list, fired: str | None) -> None:  # type: ignore[type-arg]
    match kind:
        case ContingencyType.OneCancelsTheOther:
            moved = [order for order in orders if order.cum_qty or order.over]
            assert bool(fired) >= bool(moved)
            if fired:
                others = [order for order in orders if order.OrderID != fired]
                assert all(order.over for order in others)
            if not floor.crossed:
                assert sum(order.status is OrdStatus.Filled for order in orders) <= 1
        case ContingencyType.OneTriggersTheOther:
            assert bool(fired) >= orders[0].over
            for order in orders[1:]:
                assert order.held <= (not orders[0].over or order.over)
                assert (order.OrderID in floor.orders) == order.released
        case _ if floor.busted or (floor.replaced and kind is PROPORTIONAL):
            pass  # what came back to an order that had ended, or a share of what the desk has said
        case _:
            whole_quantity_is_shared(orders, kind)


def whole_quantity_is_shared(orders: list, kind: ContingencyType) -> None:  # type: ignore[type-arg]
    """Absolute: what is left of an order is at most its quantity less what all have filled.
    Proportional: once all of one is filled, nothing is left of any.
    """
    for order in orders:
        first = {"a": 100, "b": 100, "c": 150}[_first_name(order)]
        if kind is ABSOLUTE and not order.over:
            filled = sum(other.cum_qty for other in orders)
            assert order.leaves_qty <= max(0, first - filled)
        if kind is PROPORTIONAL and not order.over:
            assert OrdStatus.Filled not in [other.status for other in orders]


def _first_name(order: object) -> str:
    return "abc"[int(getattr(order, "OrderID")[-1]) - 1]  # noqa: B009


def told_once(heard: list[ExecutionReport]) -> None:
    """Each order ends once, as the desk hears it, and nothing of our own requests is pending."""
    ends: dict[str, int] = {}
    for report in heard:
        if report.ExecType in ENDS:
            ends[report.OrderID] = ends.get(report.OrderID, 0) + 1
        assert " " not in (report.ClOrdID or "")
        assert report.ListID == "L"
    assert set(ends.values()) <= {1}
