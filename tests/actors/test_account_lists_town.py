"""Lists in the town: books, venue and exchange in between, deaths and cuts at any moment."""

from functools import cache
from itertools import count

import pytest

from actors.conservation import imbalances
from actors.lifecycle import TERMINAL
from messages.fix import ContingencyType, ExecType, Side
from messages.lists import ListCancelRequest, NewOrderList, OrderLink
from messages.orders import DeskRequest
from messages.reports import DESK_REPORT, ExecutionReport
from tests.actors.lists import ABSOLUTE, OCO, OTO, PROPORTIONAL, listed, one
from tests.actors.test_town import nothing_is_left_open, state, what_was_booked_is_what_traded
from tests.actors.town import ACCOUNTS, COMPLIANCE, DESK, MAKE, Town

SEEDS = 12
STEPS = 350


class ListTown(Town):
    """A desk that says everything in lists."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.numbers = count(1)
        self.lists: dict[str, list[NewOrderList]] = {name: [] for name in ACCOUNTS}

    def _request(self, name: str, clordid: str) -> DeskRequest:
        sent = self.lists[name]
        if sent and self.random.random() < 0.15:
            return ListCancelRequest(ListID=self.random.choice(sent).ListID, Account=name)
        made = self._list(clordid).model_copy(update={"Account": name})
        sent.append(made)
        return made

    def _list(self, name: str) -> NewOrderList:
        qty, px = self.random.randint(1, 100), str(self.random.randint(950, 1050) / 100)
        if self.random.random() < 0.3:
            exits = {"link": "exit", "Side": Side.Sell, "OrderQty": qty}
            request = listed(
                OTO,
                one("entry", OrderQty=qty, Price=px),
                one("profit", Price="10.50", **exits),
                one("loss", Price="9.50", **exits),
                Links=(OrderLink(ClOrdLinkID="exit", ContingencyType=OCO),),
            )
        else:
            kind = self.random.choice((OCO, OTO, ABSOLUTE, PROPORTIONAL, None))
            sides = dict(zip("ab", self.random.choices((Side.Buy, Side.Sell), k=2), strict=True))
            request = listed(
                kind, *(one(x, Side=side, OrderQty=qty, Price=px) for x, side in sides.items())
            )
        orders = tuple(
            order.model_copy(update={"ClOrdID": f"{name}.{next(self.numbers)}"})
            for order in request.Orders
        )
        return request.model_copy(update={"ListID": name, "Orders": orders})


@cache
def day(seed: int) -> ListTown:
    town = ListTown(seed)
    town.run(STEPS)
    for _ in range(3):  # what is triggered on the last moment comes to a venue that closes again
        town.heal()
    return town


@pytest.mark.parametrize("seed", range(SEEDS))
def test_after_any_day_of_lists_everything_adds_up(seed: int) -> None:
    """I5, I8, I10, I13, I18."""
    town = day(seed)
    nothing_is_left_open(town)
    what_was_booked_is_what_traded(town)
    compliance = state(town, COMPLIANCE)
    assert compliance.violations == []
    assert imbalances(compliance.totals) == ()
    for address in MAKE:
        town.die(address)  # which compares the replay with the state in memory
    for name in ACCOUNTS:
        for order in state(town, f"account/{name}").orders.values():
            if order.held:
                assert order.cum_qty == 0
                assert f"{order.OrderID}.1" not in town.exchange.names


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_a_desk_hears_of_its_lists_has_an_end_for_each_order(seed: int) -> None:
    """I9, I15."""
    town = day(seed)
    for name in ACCOUNTS:
        sent = town.outboxes.get((f"account/{name}", f"desk/{DESK}"), [])
        heard = [DESK_REPORT.validate_json(envelope.body) for envelope in sent]
        last: dict[str, ExecutionReport] = {}
        for report in heard:
            if isinstance(report, ExecutionReport) and report.ExecType is not ExecType.OrderStatus:
                assert report.ListID is not None
                last[report.OrderID] = report
        assert {report.OrdStatus for report in last.values()} <= TERMINAL
        for request in town.lists[name]:
            told = {report.ClOrdID for report in last.values()}
            assert {order.ClOrdID for order in request.Orders} <= told


def test_the_days_have_seen_what_they_are_meant_to_show() -> None:
    seen: set[str] = set()
    kinds: set[ContingencyType] = set()
    for seed in range(SEEDS):
        town = day(seed)
        for name in ACCOUNTS:
            address = f"account/{name}"
            for entry in town.entries[address]:
                events = town.shells[address].actor.EVENTS.validate_json(entry.events)
                seen |= {event.Event for event in events}
            for known in state(town, address).lists.values():
                kinds |= {link.kind for link in known.links if link.fired or link.counted}
    rare = {"ListAccepted", "ListRefused", "ListCancelRequested", "OrderHeld", "OrderReleased"}
    rare |= {"HeldOrderCut", "OwnRequestMade", "LinkFired", "LinkCounted", "CancelRejected"}
    rare |= {"DuplicateReceived", "OrderReplaced"}
    assert rare <= seen
    assert kinds == set(ContingencyType)
