"""A desk's new orders: accepted, acknowledged, answered again, and never counted twice (I8)."""

from decimal import Decimal

import pytest

from messages.fix import ExecType, OrdRejReason, OrdStatus, OrdType, Side
from messages.orders import OrderStatusRequest
from messages.reports import ExecutionReport
from tests.actors.scenes import AccountScene, dec, definition, instrument, order, terms


def test_an_accepted_order_goes_to_the_book_and_the_desk_waits_for_the_venue() -> None:
    scene = AccountScene().desk(order("a")).happened("OrderAccepted")
    scene.then("book/AAPL NewOrder acme-1").replays()
    assert scene.state.reserved == {"USD": dec(1000)}


def test_a_desk_that_asks_for_it_hears_pending_new_as_soon_as_the_order_is_durable() -> None:
    scene = AccountScene().desk(order("a", ReportPendingNew=True))
    scene.then("a PendingNew PendingNew 100/0/100", "book/AAPL NewOrder acme-1").replays()


def test_new_partially_filled_and_filled_follow_each_other_as_in_fix_a_1_a() -> None:
    scene = AccountScene().desk(order("a"))
    scene.venue(ExecType.New).then("a New New 100/0/100")
    scene.fill(20).then("a Trade PartiallyFilled 100/20/80 20@10.00")
    scene.fill(80, "9.95").then("a Trade Filled 100/100/0 80@9.95").replays()
    assert scene.report.AvgPx == dec("9.96")
    assert scene.report.LastMkt == "XNAS"


def test_a_venue_that_rejects_ends_the_order_as_in_fix_a_1_b() -> None:
    scene = AccountScene().desk(order("a"))
    scene.venue(ExecType.Rejected, OrdRejReason=OrdRejReason.ExchangeClosed, Text="closed")
    scene.then("a Rejected Rejected 100/0/0 ExchangeClosed").happened("OrderRejected").replays()
    assert scene.report.Text == "closed"
    assert scene.state.reserved == {"USD": dec(0)}


def test_a_rejection_without_a_reason_has_the_reason_other() -> None:
    AccountScene().working().venue(ExecType.Rejected).then("a Rejected Rejected 100/0/0 Other")


def test_an_order_expires_with_what_was_filled_of_it() -> None:
    scene = AccountScene().working().fill(30).venue(ExecType.Expired, Text="end of day")
    scene.then("a Expired Expired 100/30/0").replays()
    assert scene.state.reserved == {"USD": dec(0)}


def test_a_fill_may_overtake_the_acknowledgement() -> None:
    scene = AccountScene().desk(order("a")).fill(10)
    scene.then("a Trade PartiallyFilled 100/10/90 10@10.00")
    scene.venue(ExecType.New).then("a New PartiallyFilled 100/10/90").replays()


def test_execution_ids_and_order_ids_are_unique() -> None:
    scene = AccountScene()
    ids: list[str] = []
    for clordid in ("a", "b", "c"):
        scene.desk(order(clordid, ReportPendingNew=True))
        ids += [scene.report.OrderID, scene.report.ExecID]
        scene.venue(ExecType.New, ids[-2])
        ids.append(scene.report.ExecID)
    assert len(set(ids)) == 9


# ---- the same ClOrdID again


def test_an_order_that_comes_again_before_its_answer_is_answered_once() -> None:
    scene = AccountScene().desk(order("a")).desk(order("a"))
    scene.happened("DuplicateReceived").then().replays()
    scene.venue(ExecType.New).then("a New New 100/0/100")
    assert len(scene.state.orders) == 1


def test_an_order_that_comes_again_is_answered_with_the_same_exec_id_and_poss_resend() -> None:
    scene = AccountScene().desk(order("a", ReportPendingNew=True))
    first = scene.report
    scene.desk(order("a", ReportPendingNew=True))
    scene.happened("DuplicateReceived").then("a PendingNew PendingNew 100/0/100 PossResend")
    assert scene.report == first.model_copy(update={"PossResend": True})
    scene.replays()


def test_an_acknowledged_order_that_comes_again_is_answered_new_with_todays_quantities() -> None:
    scene = AccountScene().working()
    first = scene.report.ExecID
    scene.fill(40).desk(order("a")).then("a New PartiallyFilled 100/40/60 PossResend").replays()
    assert scene.report.ExecID == first


def test_the_same_content_is_the_same_however_its_decimals_are_written() -> None:
    scene = AccountScene().working().desk(order("a", OrderQty="100.0", Price="10"))
    scene.happened("DuplicateReceived").then("a New New 100/0/100 PossResend")


def test_an_order_refused_by_a_rule_is_refused_again_with_the_same_words() -> None:
    scene = AccountScene(definition(MaxOrderQty=dec(50)), instrument()).desk(order("a"))
    first: ExecutionReport = scene.report
    assert first.OrdRejReason is OrdRejReason.OrderExceedsLimit
    scene.desk(order("a")).happened("DuplicateReceived").replays()
    assert scene.report == first.model_copy(update={"PossResend": True})


def test_an_order_rejected_by_the_venue_is_rejected_again_with_the_same_reason() -> None:
    scene = AccountScene().desk(order("a"))
    scene.venue(ExecType.Rejected, OrdRejReason=OrdRejReason.ExchangeClosed)
    first = scene.report.ExecID
    scene.desk(order("a")).then("a Rejected Rejected 100/0/0 ExchangeClosed PossResend")
    assert scene.report.ExecID == first


def test_an_order_rejected_after_new_still_answers_new_to_a_repeat() -> None:
    scene = AccountScene().working()
    scene.venue(ExecType.Rejected, OrdRejReason=OrdRejReason.ExchangeClosed)
    scene.desk(order("a")).then("a New Rejected 100/0/0 PossResend").replays()


def test_a_repeat_of_an_order_whose_first_report_was_its_fill_is_told_its_status() -> None:
    """FIX F.1.b: a known ClOrdID with PossResend is answered with ExecType OrderStatus."""
    scene = AccountScene().desk(order("a")).fill(100).desk(order("a", PossResend=True))
    scene.happened("DuplicateReceived")
    scene.then("a OrderStatus Filled 100/100/0 PossResend").replays()


def test_other_content_under_a_used_name_is_refused_with_the_first_orders_status() -> None:
    """FIX F.1.a: 103=6, and the first order lives on."""
    scene = AccountScene().working().fill(10).desk(order("a", OrderQty=70))
    scene.happened("OrderRefused").then("a Rejected PartiallyFilled 100/10/90 DuplicateOrder")
    scene.fill(90).then("a Trade Filled 100/100/0 90@10.00").replays()


def test_other_content_under_the_name_of_a_refused_order_is_a_duplicate_too() -> None:
    scene = AccountScene(definition(MaxOrderQty=dec(50)), instrument()).desk(order("a"))
    scene.desk(order("a", OrderQty=40)).then("a Rejected Rejected 40/0/0 DuplicateOrder").replays()
    scene.desk(order("a")).then("a Rejected Rejected 100/0/0 OrderExceedsLimit PossResend")


def test_a_duplicate_refused_by_an_earlier_rule_leaves_the_first_order_its_name() -> None:
    """The desk lost the account meanwhile, which is judged before the ClOrdID is."""
    scene = AccountScene().working().when(definition(Desks=("red",)))
    scene.desk(order("a", OrderQty=70)).then("a Rejected Rejected 70/0/0 BrokerOption")
    scene.desk(OrderStatusRequest(ClOrdID="a", Account="acme"))
    scene.then("a OrderStatus New 100/0/100").replays()


def test_two_desks_may_use_the_same_names() -> None:
    scene = AccountScene(definition(Desks=("blue", "red")), instrument())
    scene.desk(order("a"), desk="blue").desk(order("a", OrderQty=7), desk="red")
    scene.happened("OrderAccepted").then("book/AAPL NewOrder acme-2").replays()


# ---- what the venue says that cannot be


def test_an_execution_for_an_unknown_order_is_a_break_and_nothing_else() -> None:
    scene = AccountScene().fill(10, order_id="acme-9").happened("BreakFound").then().replays()
    assert scene.state.cash == {"USD": dec(1_000_000)}


def test_an_overfill_is_a_break_and_is_booked() -> None:
    scene = AccountScene().working().fill(130).happened("BreakFound", "OrderFilled").replays()
    scene.then("a Trade Filled 100/130/0 130@10.00")
    assert scene.state.position("AAPL") == 130
    assert scene.state.reserved == {"USD": dec(0)}


def test_the_same_execution_twice_is_booked_once_and_is_a_break() -> None:
    scene = AccountScene().working().fill(10, VenueExecID="x").fill(10, VenueExecID="x")
    scene.happened("BreakFound").then().replays()
    assert scene.state.position("AAPL") == 10


def test_equal_execution_ids_of_two_venues_are_two_executions() -> None:
    scene = AccountScene().working().fill(10, VenueExecID="x").fill(10, VenueExecID="x", Venue="P")
    assert scene.happened("OrderFilled").state.position("AAPL") == 20


def test_a_late_fill_of_a_canceled_order_is_booked_and_it_stays_canceled() -> None:
    """FIX J.1: a fill after Canceled is legal."""
    scene = AccountScene().working().venue(ExecType.Canceled).fill(25).happened("OrderFilled")
    scene.then("a Trade Canceled 100/25/0 25@10.00").replays()
    assert scene.state.position("AAPL") == 25
    assert scene.state.reserved == {"USD": dec(0)}


def test_a_late_fill_of_an_expired_order_is_booked_and_it_stays_expired() -> None:
    scene = AccountScene().working().venue(ExecType.Expired).fill(25).happened("OrderFilled")
    scene.then("a Trade Expired 100/25/0 25@10.00").replays()


def test_a_fill_of_a_rejected_order_is_booked_and_is_a_break() -> None:
    scene = AccountScene().desk(order("a")).venue(ExecType.Rejected).fill(25)
    scene.happened("BreakFound", "OrderFilled").replays()
    scene.then("a Trade Rejected 100/25/0 25@10.00")
    assert scene.state.position("AAPL") == 25


@pytest.mark.parametrize("impossible", [ExecType.New, ExecType.Replaced, ExecType.Canceled])
def test_a_report_that_the_state_does_not_allow_is_a_break(impossible: ExecType) -> None:
    scene = AccountScene().working().venue(ExecType.Canceled)
    scene.venue(impossible).happened("BreakFound").then().replays()


def test_a_report_that_we_have_no_use_for_is_a_break() -> None:
    AccountScene().working().venue(ExecType.OrderStatus).happened("BreakFound").then()


def test_an_average_price_has_at_most_eight_decimals() -> None:
    scene = AccountScene().working().fill(1, "10.00").fill(2, "10.01")
    assert scene.report.AvgPx == Decimal("10.00666667")


# ---- what an order holds back


def test_a_market_order_reserves_at_the_far_end_of_the_collar() -> None:
    scene = AccountScene(definition(PriceCollar=dec("0.05")), instrument())
    scene.desk(order("a", OrdType=OrdType.Market))
    assert scene.state.reserved == {"USD": dec("1050")}


def test_selling_what_is_held_reserves_nothing_and_selling_short_does() -> None:
    scene = AccountScene().desk(order("a", Side=Side.Sell))
    assert scene.state.reserved["USD"] == 0
    scene.desk(order("b", Side=Side.SellShort))
    assert scene.state.reserved["USD"] == 1000


def test_each_fill_releases_its_share_of_the_reservation() -> None:
    scene = AccountScene().working().fill(30, "9.00")
    assert scene.state.reserved == {"USD": dec(700)}
    assert scene.state.buying_power("USD") == 1_000_000 - 270 - 700


def test_the_contract_multiplier_counts_in_cash_and_in_reservations() -> None:
    scene = AccountScene(definition(), instrument(ContractMultiplier=dec(50))).working()
    assert scene.state.reserved == {"USD": dec(50_000)}
    assert scene.fill(1).state.cash == {"USD": dec(1_000_000 - 500)}


def test_a_reservation_price_with_many_decimals_can_be_read_back_from_the_journal() -> None:
    """Reference price and collar have up to twelve decimals each, their product more."""
    fine = instrument(ReferencePx=dec("0.000012345678"), TickSize=dec("0.000000000001"))
    scene = AccountScene(definition(PriceCollar=dec("0.123456789")), fine)
    scene.desk(order("a", OrdType=OrdType.Market)).happened("OrderAccepted").replays()


def test_the_definition_is_journaled_where_it_differs_and_cash_is_opened_once() -> None:
    scene = AccountScene().when(definition()).happened()
    scene.when(definition(Cash={"USD": dec(5)})).happened("AccountDefined").replays()
    assert scene.state.cash == {"USD": dec(1_000_000)}
    scene.when(instrument()).happened().when(instrument(LotSize=dec(10))).happened(
        "InstrumentDefined"
    )


def test_an_order_ends_in_the_status_that_its_reports_last_said() -> None:
    scene = AccountScene().working().fill(100)
    assert scene.state.orders["acme-1"].status is OrdStatus.Filled
    assert scene.state.orders["acme-1"].terms == terms()
    assert scene.state.open == {}
