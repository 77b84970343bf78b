"""The flow of a desk: seeded, of every kind that a venue takes, and right in every request."""

from collections import Counter
from decimal import Decimal

import pytest

from infra.flow import EVERY_KIND, KINDS, ORDERS, PAPER_KINDS, Flow, kinds_for
from infra.reference import Reference, load
from messages import fix
from messages.orders import (
    DESK_REQUEST,
    DeskRequest,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
)
from messages.reports import ExecutionReport

D = Decimal


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load()


def said(flow: Flow, count: int = 3_000) -> list[DeskRequest]:
    return [flow.next() for _ in range(count)]


def test_the_same_seed_says_the_same_and_another_something_else(reference: Reference) -> None:
    first, same, other = (
        said(Flow(reference, "alpha", seed, kinds=EVERY_KIND), 300) for seed in (1, 1, 2)
    )
    assert first == same
    assert first != other


def test_every_request_is_read_back_as_it_was_sent(reference: Reference) -> None:
    for request in said(Flow(reference, "alpha", 5, kinds=EVERY_KIND)):
        assert DESK_REQUEST.validate_json(request.model_dump_json()) == request


def test_what_every_venue_takes_is_said_where_nothing_else_is_asked_for(
    reference: Reference,
) -> None:
    new = [r for r in said(Flow(reference, "alpha", 1)) if isinstance(r, NewOrderSingle)]
    assert {order.OrdType for order in new} == {fix.OrdType.Limit, fix.OrdType.Market}
    assert all(order.ExecInst is None and order.OrderQty is not None for order in new)


def test_every_kind_of_order_comes_up(reference: Reference) -> None:
    requests = said(Flow(reference, "alpha", 1, kinds=kinds_for(reference)))
    new = [r for r in requests if isinstance(r, NewOrderSingle)]
    types = Counter(order.OrdType for order in new)
    assert min(types[kind] for kind in fix.OrdType) > 10
    for field in ("DisplayQty", "MinQty", "ExecInst", "ExpireDate", "CashOrderQty"):
        assert sum(getattr(order, field) is not None for order in new) > 10, field
    replaced = [r for r in requests if isinstance(r, OrderCancelReplaceRequest)]
    assert any(r.DisplayQty is not None or r.MinQty is not None for r in replaced)
    assert all(r.OrderQty is not None and r.CashOrderQty is None for r in replaced)


def test_a_stop_waits_for_a_price_on_the_far_side_of_the_market(reference: Reference) -> None:
    px = {i.Symbol: i.ReferencePx for i in reference.instruments}
    flow = Flow(reference, "alpha", 1, kinds=(("stop", 1), ("touched", 1)))
    for order in said(flow, 200):
        assert isinstance(order, NewOrderSingle)
        assert order.StopPx is not None
        beyond = (order.StopPx - px[order.Symbol]) * order.Side.sign
        assert beyond > 0 if order.OrdType is fix.OrdType.Stop else beyond < 0


def test_only_paper_venues_are_sent_what_only_they_take(reference: Reference) -> None:
    assert kinds_for(reference) == EVERY_KIND
    first, *others = reference.venues
    other = first.model_copy(update={"Dialect": "Fix44"})
    assert kinds_for(reference.model_copy(update={"venues": (other, *others)})) == KINDS


def test_every_kind_is_a_row_or_a_request_about_an_order() -> None:
    requests = {"cancel", "cancel_by_id", "replace", "status", "mass_status", "again"}
    names = [name for name, _ in EVERY_KIND]
    assert set(names) == set(ORDERS) | requests
    assert len(names) == len(set(names))
    assert sum(weight for _, weight in KINDS) == 100
    assert all(weight > 0 for _, weight in PAPER_KINDS)


def test_an_order_is_canceled_by_its_order_id_once_the_desk_has_heard_it(
    reference: Reference,
) -> None:
    flow = Flow(reference, "alpha", 1, kinds=(("cancel_by_id", 1),))
    order, cancel = flow.next(), flow.next()
    assert isinstance(order, NewOrderSingle)
    assert isinstance(cancel, OrderCancelRequest)
    assert (cancel.OrigClOrdID, cancel.OrderID) == (order.ClOrdID, None)
    flow.heard(
        ExecutionReport(
            OrderID="growth-1",
            ClOrdID=order.ClOrdID,
            ExecID="e",
            ExecType=fix.ExecType.New,
            OrdStatus=fix.OrdStatus.New,
            Account="growth",
            CumQty=D(0),
            LeavesQty=D(1),
            AvgPx=D(0),
            TransactTime=1,
        )
    )
    cancel = flow.next()
    assert isinstance(cancel, OrderCancelRequest)
    assert (cancel.OrigClOrdID, cancel.OrderID) == (None, "growth-1")
