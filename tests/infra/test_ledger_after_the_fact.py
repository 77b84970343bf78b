"""Lives that go on after the usual end, and none of it is a fault: FIX, volume 4, H, J, L, X."""

from decimal import Decimal

import pytest

from infra.ledger import Ledger, close
from messages import orders
from messages.fix import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecRestatementReason,
    ExecType,
    OrdStatus,
    OrdType,
    Side,
    TimeInForce,
)
from messages.reports import OrderCancelReject
from tests.infra.ledger_story import ACCOUNT, SYMBOL, Story, Told

D = Decimal
NONE = D(0)
GTC = TimeInForce.GoodTillCancel


def settle(story: Story) -> Ledger:
    return close({story.desk: story.lines}, story.fills, story.changes)


def begun(qty: int = 100, **terms: object) -> tuple[Story, Told]:
    """An order to buy at 10.00 that its venue works."""
    story = Story()
    order = story.new("c1", Side.Buy, qty, "10.00", **terms)
    story.report(order, ExecType.New, OrdStatus.New, **terms)
    return story, order


def test_a_fill_that_is_taken_back_is_left_to_do_again() -> None:
    story, order = begun()
    first = story.trade(order, 40, "10.00", OrdStatus.PartiallyFilled)
    story.trade(order, 60, "9.99", OrdStatus.Filled)
    story.bust(order, first, OrdStatus.PartiallyFilled)
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.fills, ledger.busted, ledger.filled, ledger.open) == (2, 1, 0, 1)
    story.trade(order, 40, "9.98", OrdStatus.Filled)
    assert (settle(story).filled, settle(story).open) == (1, 0)
    assert settle(story).balanced


def test_all_fills_may_be_taken_back() -> None:
    story, order = begun()
    names = [story.trade(order, 50, "9.99", status) for status in
             (OrdStatus.PartiallyFilled, OrdStatus.Filled)]  # fmt: skip
    story.bust(order, names[1], OrdStatus.PartiallyFilled)
    story.bust(order, names[0], OrdStatus.New)
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.busted, ledger.open, story.fills) == (2, 1, [])


def test_a_correction_of_a_correction_names_the_last_one() -> None:
    story, order = begun()
    name = story.trade(order, 100, "10.00", OrdStatus.Filled)
    name = story.correct(order, name, 90, "9.98", OrdStatus.PartiallyFilled)
    name = story.correct(order, name, 100, "9.97", OrdStatus.Filled)
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.corrected, ledger.fills, ledger.filled) == (2, 1, 1)
    story.bust(order, name, OrdStatus.New)
    assert settle(story).balanced, settle(story).problems


def test_nothing_opens_a_canceled_order_again() -> None:
    story, order = begun()
    first = story.trade(order, 40, "10.00", OrdStatus.PartiallyFilled)
    story.report(order, ExecType.Canceled, OrdStatus.Canceled)
    first = story.correct(order, first, 30, "10.00", OrdStatus.Canceled)
    story.bust(order, first, OrdStatus.Canceled)
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.canceled, ledger.open, ledger.busted, ledger.corrected) == (1, 0, 1, 1)


@pytest.mark.parametrize("end", [ExecType.Canceled, ExecType.Expired])
def test_a_fill_may_come_after_the_end(end: ExecType) -> None:
    story, order = begun()
    story.report(order, end, OrdStatus(end))
    story.trade(order, 100, "10.00", OrdStatus(end))
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.canceled, ledger.fills, ledger.breaks) == (1, 1, 0)


@pytest.mark.parametrize("end", [OrdStatus.Canceled, OrdStatus.Expired])
def test_an_order_may_end_in_the_report_of_its_last_fill(end: OrdStatus) -> None:
    story, order = begun()
    story.trade(order, 40, "10.00", end)
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.canceled, ledger.filled, ledger.open) == (1, 0, 0)


def test_what_is_filled_beyond_the_order_is_a_break_and_booked() -> None:
    story, order = begun()
    story.trade(order, 110, "10.00", OrdStatus.Filled)
    ledger = settle(story)
    assert ledger.problems == [f"break: order {ACCOUNT}-c1 of 100 was filled 110 (Trade alpha-E2)"]
    assert (ledger.lost, ledger.duplicated, ledger.breaks, ledger.filled) == (0, 0, 1, 1)
    assert not ledger.balanced


def test_a_day_order_that_is_done_for_the_day_is_over() -> None:
    story, order = begun()
    story.trade(order, 40, "10.00", OrdStatus.PartiallyFilled)
    story.report(order, ExecType.DoneForDay, OrdStatus.DoneForDay, LeavesQty=NONE)
    story.trade(order, 10, "10.00", OrdStatus.DoneForDay, LeavesQty=NONE)
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.canceled, ledger.open) == (1, 0)
    story.report(order, ExecType.Calculated, OrdStatus.Calculated, LeavesQty=NONE)
    assert settle(story).balanced


def test_an_order_that_is_good_for_longer_comes_back_the_next_day() -> None:
    today = {"TimeInForce": GTC, "TradeDate": "20261123"}
    story, order = begun(TimeInForce=GTC)
    first = story.trade(order, 40, "10.00", OrdStatus.PartiallyFilled, **today)
    story.report(order, ExecType.DoneForDay, OrdStatus.DoneForDay, **today)
    assert settle(story).open == 1
    today["TradeDate"] = "20261124"
    counted = {"DayOrderQty": D(60), "DayCumQty": D(0)}
    why = {"ExecRestatementReason": ExecRestatementReason.GTRenewal}
    story.report(order, ExecType.Restated, OrdStatus.PartiallyFilled, **today, **counted, **why)
    counted = {"DayOrderQty": D(60), "DayCumQty": D(25)}
    story.trade(order, 25, "10.00", OrdStatus.PartiallyFilled, **today, **counted)
    # A fill of yesterday is taken back: what is for today grows, what was done today does not.
    counted = {"DayOrderQty": D(100), "DayCumQty": D(25)}
    story.bust(order, first, OrdStatus.PartiallyFilled, **today, **counted)
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.open, ledger.canceled, ledger.busted) == (1, 0, 1)


def test_the_quantities_of_fills_are_split_by_a_corporate_action_and_their_money_is_not() -> None:
    story, order = begun(TimeInForce=GTC)
    first = story.trade(order, 20, "9.00", OrdStatus.PartiallyFilled, TimeInForce=GTC)
    story.trade(order, 20, "10.00", OrdStatus.PartiallyFilled, TimeInForce=GTC)
    order.qty, order.cum, order.price = D(200), D(80), D(5)
    split = {"TimeInForce": GTC, "ExecRestatementReason": ExecRestatementReason.GTCorporateAction}
    story.report(order, ExecType.Restated, OrdStatus.PartiallyFilled, **split)
    story.trade(order, 20, "5.00", OrdStatus.PartiallyFilled, TimeInForce=GTC)
    order.cum -= D(20)  # the fill of 20 counts for 40 by now
    story.bust(order, first, OrdStatus.PartiallyFilled, TimeInForce=GTC)
    ledger = settle(story)
    assert ledger.problems == []
    assert order.cum == 60


def test_a_venue_may_change_an_order_by_itself() -> None:
    story, order = begun()
    order.qty, order.price = D(80), D(9)
    why = {"ExecRestatementReason": ExecRestatementReason.PartialDeclineOfOrderQty}
    story.report(order, ExecType.Restated, OrdStatus.New, **why)
    story.trade(order, 30, "9.00", OrdStatus.PartiallyFilled)
    order.qty = D(70)
    story.report(order, ExecType.Replaced, OrdStatus.PartiallyFilled)  # unasked: no OrigClOrdID
    story.trade(order, 40, "9.00", OrdStatus.Filled)
    ledger = settle(story)
    assert ledger.problems == []
    assert ledger.filled == 1


def test_a_price_that_is_guaranteed_is_no_fill() -> None:
    story, order = begun()
    promise = {"LastQty": D(50), "LastPx": D("9.99"), "LastMkt": "PAPER"}
    story.report(order, ExecType.Stopped, OrdStatus.Stopped, **promise)
    story.trade(order, 50, "9.99", OrdStatus.Stopped)
    story.trade(order, 50, "9.99", OrdStatus.Filled)
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.fills, ledger.filled) == (2, 1)


def test_an_order_that_is_suspended_and_triggered_is_open() -> None:
    story, order = begun()
    story.report(order, ExecType.Suspended, OrdStatus.Suspended)
    story.report(order, ExecType.New, OrdStatus.New)
    story.report(order, ExecType.Triggered, OrdStatus.New)
    ledger = settle(story)
    assert ledger.problems == []
    assert ledger.open == 1


def test_an_order_for_money_has_its_quantity_from_the_venue() -> None:
    story = Story()
    story.send(
        orders.NewOrderSingle(
            ClOrdID="c1",
            Account=ACCOUNT,
            Symbol=SYMBOL,
            Side=Side.Buy,
            CashOrderQty=D(1000),
            OrdType=OrdType.Limit,
            Price=D(10),
        )
    )
    order = Told(f"{ACCOUNT}-c1", "c1", Side.Buy, NONE, D(10))
    cash = {"CashOrderQty": D(1000)}
    story.report(order, ExecType.PendingNew, OrdStatus.PendingNew, OrderQty=None, **cash)
    story.trade(order, 30, "10.00", OrdStatus.PartiallyFilled, OrderQty=None, **cash)
    order.qty = D(100)
    story.report(order, ExecType.New, OrdStatus.PartiallyFilled, **cash)
    story.trade(order, 70, "10.00", OrdStatus.Filled, **cash)
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.filled, ledger.breaks) == (1, 0)


def test_an_order_that_the_venue_made_is_nobodys_answer() -> None:
    story = Story()
    order = Told("PAPER.V-9", "", Side.Sell, D(50), D(11), named=False)
    story.report(order, ExecType.New, OrdStatus.New)
    story.trade(order, 20, "11.00", OrdStatus.PartiallyFilled)
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.adopted, ledger.open, ledger.sent) == (1, 1, 0)


def test_an_order_that_the_venue_made_is_replaced_and_canceled_by_its_order_id() -> None:
    story = Story()
    order = Told("PAPER.V-9", "", Side.Sell, D(50), D(11), named=False)
    story.report(order, ExecType.New, OrdStatus.New)
    by_id = {"OrderID": order.order_id, "Account": ACCOUNT}
    story.send(orders.OrderCancelRequest(ClOrdID="c1", **by_id))  # type: ignore[arg-type]
    story.report(order, ExecType.PendingCancel, OrdStatus.PendingCancel, ClOrdID="c1")
    story.seq += 1
    story.hear(
        OrderCancelReject(
            OrderID=order.order_id,
            ClOrdID="c1",
            OrigClOrdID="NONE",
            OrdStatus=OrdStatus.New,
            Account=ACCOUNT,
            CxlRejResponseTo=CxlRejResponseTo.OrderCancelRequest,
            CxlRejReason=CxlRejReason.BrokerOption,
            TransactTime=1,
            ReportSeq=story.seq,
        )
    )
    story.send(
        orders.OrderCancelReplaceRequest(
            ClOrdID="c2",
            OrderID=order.order_id,
            Account=ACCOUNT,
            Symbol=SYMBOL,
            Side=Side.Sell,
            OrderQty=D(60),
            OrdType=OrdType.Limit,
            Price=D(11),
        )
    )
    order.qty, order.clordid, order.named = D(60), "c2", True
    story.report(order, ExecType.Replaced, OrdStatus.New)
    story.cancel(order, "c3")
    order.clordid = "c3"
    story.report(order, ExecType.Canceled, OrdStatus.Canceled, OrigClOrdID="c2")
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.adopted, ledger.canceled) == (1, 1)
    assert (ledger.sent, ledger.accepted, ledger.rejected) == (3, 2, 1)


def test_without_the_venues_changes_only_what_stands_is_compared() -> None:
    story, order = begun()
    first = story.trade(order, 40, "10.00", OrdStatus.PartiallyFilled)
    story.bust(order, first, OrdStatus.New)
    assert close({story.desk: story.lines}, story.fills).balanced
    assert not close({story.desk: story.lines}, story.fills, []).balanced


def test_a_smaller_replace_stays_what_it_was_when_a_fill_is_taken_back() -> None:
    story, order = begun()
    first = story.trade(order, 60, "10.00", OrdStatus.PartiallyFilled)
    story.replace(order, "c2", 50)  # below what has traded: stop
    order.qty, order.clordid = D(60), "c2"
    story.report(order, ExecType.Replaced, OrdStatus.Filled, OrigClOrdID="c1")
    story.bust(order, first, OrdStatus.New)
    ledger = settle(story)
    assert ledger.problems == []
    assert ledger.open == 1
