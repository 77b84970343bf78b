"""What the totals mean, and what is no fault: repeats, late arrivals, unconfirmed sends."""

from decimal import Decimal

from gateways.amqp.desk_record import Heard, Sent
from infra.ledger import Ledger, close
from messages import orders
from messages.fix import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecType,
    MassCancelRequestType,
    MassStatusReqType,
    OrdRejReason,
    OrdStatus,
    OrdType,
    Side,
)
from messages.lists import ListOrder, NewOrderList
from messages.refusals import Refusal
from messages.reports import (
    BusinessMessageReject,
    ExecutionReport,
    OrderCancelReject,
    OrderMassCancelReport,
)
from tests.infra.ledger_story import Story, a_good_day

D = Decimal


def settle(*stories: Story) -> Ledger:
    fills = [fill for story in stories for fill in story.fills]
    return close({story.desk: story.lines for story in stories}, fills)


def test_a_good_day_balances() -> None:
    ledger = settle(a_good_day())
    assert ledger.problems == []
    assert ledger.line() == "sent=7 accepted=5 rejected=2 filled=2 lost=0 duplicated=0"
    assert (ledger.canceled, ledger.open, ledger.fills, ledger.gaps) == (1, 0, 3, 0)
    assert ledger.balanced


def test_the_totals_are_those_of_all_desks() -> None:
    ledger = settle(a_good_day(), a_good_day("desk-b", "beta"))
    assert ledger.line() == "sent=14 accepted=10 rejected=4 filled=4 lost=0 duplicated=0"
    assert ledger.balanced


def test_an_empty_day_balances() -> None:
    assert close({}, []) == Ledger()


def test_an_order_that_is_canceled_before_its_venue_has_it_is_answered_thereby() -> None:
    story = Story()
    order = story.new("o-1", Side.Buy, 100, "10.00")
    story.cancel(order, "c-1")
    names = {"ClOrdID": "c-1", "OrigClOrdID": "o-1"}
    story.report(order, ExecType.PendingCancel, OrdStatus.PendingCancel, **names)
    assert settle(story).lost == 2
    story.report(order, ExecType.Canceled, OrdStatus.Canceled, **names)
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.accepted, ledger.canceled, ledger.lost) == (2, 1, 0)


def test_repeats_by_the_broker_change_nothing() -> None:
    story = a_good_day()
    for seq in (1, 3, 3, 12):
        story.again(seq)
    assert settle(story) == settle(a_good_day())


def test_reports_may_arrive_out_of_order() -> None:
    story = a_good_day()
    heard = [line for line in story.lines if isinstance(line, Heard)]
    told = [line for line in story.lines if not isinstance(line, Heard)]
    story.lines = [*told, *reversed(heard)]
    assert settle(story) == settle(a_good_day())


def test_an_answer_to_a_repeated_request_shows_the_order_once_more() -> None:
    story = a_good_day()
    story.again(1, ReportSeq=13, PossResend=True, OrdStatus=OrdStatus.Filled, CumQty=D(100),
                LeavesQty=D(0), AvgPx=D("9.994"))  # fmt: skip
    assert settle(story) == settle(a_good_day())


def test_a_fill_that_is_heard_first_as_a_possible_resend_is_a_fill() -> None:
    story = a_good_day()
    story.edit(3, PossResend=True)
    assert settle(story) == settle(a_good_day())


def test_a_request_neither_confirmed_nor_answered_may_never_have_arrived() -> None:
    story = a_good_day()
    story.new("c8", Side.Buy, 1, "10.00")
    story.lines.pop()  # its confirm
    ledger = settle(story)
    assert (ledger.sent, ledger.unconfirmed, ledger.lost) == (7, 1, 0)
    assert ledger.balanced


def test_a_request_that_is_answered_counts_as_sent_whether_confirmed_or_not() -> None:
    story = a_good_day()
    story.lines = [line for line in story.lines if isinstance(line, Sent | Heard)]
    assert settle(story) == settle(a_good_day())


def test_an_order_that_can_still_trade_is_open() -> None:
    story = a_good_day()
    order = story.new("c8", Side.Buy, 30, "10.00")
    story.report(order, ExecType.New, OrdStatus.New)
    story.trade(order, 10, "10.00", OrdStatus.PartiallyFilled)
    ledger = settle(story)
    assert (ledger.open, ledger.filled) == (1, 2)
    assert ledger.balanced


def test_a_filled_order_may_be_opened_again_by_a_larger_replace() -> None:
    story = a_good_day()
    order = story.new("c8", Side.Buy, 30, "10.00")
    story.trade(order, 30, "10.00", OrdStatus.Filled)
    story.replace(order, "c9", 50)
    order.qty, order.clordid = D(50), "c9"
    story.report(order, ExecType.Replaced, OrdStatus.PartiallyFilled, OrigClOrdID="c8")
    story.trade(order, 20, "10.00", OrdStatus.Filled)
    ledger = settle(story)
    assert ledger.filled == 3
    assert ledger.balanced, ledger.problems


def test_a_replace_below_what_has_traded_fills_the_order() -> None:
    story = a_good_day()
    order = story.new("c8", Side.Buy, 30, "10.00")
    story.trade(order, 20, "10.00", OrdStatus.PartiallyFilled)
    story.replace(order, "c9", 15)
    order.qty, order.clordid = D(20), "c9"
    story.report(order, ExecType.Replaced, OrdStatus.Filled, OrigClOrdID="c8")
    ledger = settle(story)
    assert ledger.filled == 3
    assert ledger.balanced, ledger.problems


def test_the_last_fill_may_overtake_a_cancel() -> None:
    story = a_good_day()
    order = story.new("c8", Side.Buy, 30, "10.00")
    story.cancel(order, "c9")
    story.report(order, ExecType.PendingCancel, OrdStatus.PendingCancel, ClOrdID="c9")
    story.trade(order, 30, "10.00", OrdStatus.PendingCancel)
    story.cancel_reject(order, "c9", OrdStatus.Filled)
    ledger = settle(story)
    assert (ledger.filled, ledger.rejected) == (3, 3)
    assert ledger.balanced, ledger.problems


def test_a_late_acknowledgement_does_not_open_a_filled_order() -> None:
    story = a_good_day()
    order = story.new("c8", Side.Buy, 30, "10.00")
    story.trade(order, 30, "10.00", OrdStatus.Filled)
    story.report(order, ExecType.New, OrdStatus.Filled)
    ledger = settle(story)
    assert ledger.filled == 3
    assert ledger.balanced, ledger.problems


def test_the_refusal_of_a_second_use_of_a_clordid_leaves_the_first_order_as_it_was() -> None:
    story = a_good_day()
    order = story.new("c8", Side.Buy, 30, "10.00")
    story.report(order, ExecType.New, OrdStatus.New)
    story.new("c8", Side.Sell, 9, "12.00")
    duplicate = {"OrdRejReason": OrdRejReason.DuplicateOrder}
    story.report(order, ExecType.Rejected, OrdStatus.New, **duplicate)
    story.trade(order, 30, "10.00", OrdStatus.Filled)
    story.new("c3", Side.Buy, 9, "12.00")  # c3 was a cancel: there is no first order
    refused = {"OrdRejReason": OrdRejReason.DuplicateOrder, "OrderID": "alpha-9", "ClOrdID": "c3"}
    story.report(order, ExecType.Rejected, OrdStatus.Rejected, CumQty=D(0), AvgPx=D(0), **refused)
    ledger = settle(story)
    assert (ledger.filled, ledger.sent) == (3, 8)
    assert ledger.balanced, ledger.problems


def test_an_order_may_be_rejected_by_the_venue_after_new() -> None:
    story = a_good_day()
    order = story.new("c8", Side.Buy, 30, "10.00")
    story.report(order, ExecType.New, OrdStatus.New)
    story.report(order, ExecType.Rejected, OrdStatus.Rejected)
    ledger = settle(story)
    assert (ledger.rejected, ledger.open) == (3, 0)
    assert ledger.balanced, ledger.problems


def test_a_cancel_of_nothing_is_answered_by_a_reject_that_names_no_order() -> None:
    story = a_good_day()
    ghost = story.new("c8", Side.Buy, 30, "10.00")
    story.report(ghost, ExecType.Rejected, OrdStatus.Rejected)
    story.cancel(ghost, "c9")
    story.seq += 1
    story.hear(
        OrderCancelReject(
            OrderID="NONE",
            ClOrdID="c9",
            OrigClOrdID="c8",
            OrdStatus=OrdStatus.Rejected,
            Account=story.account,
            CxlRejResponseTo=CxlRejResponseTo.OrderCancelRequest,
            CxlRejReason=CxlRejReason.UnknownOrder,
            TransactTime=1,
            ReportSeq=story.seq,
        )
    )
    ledger = settle(story)
    assert ledger.rejected == 4
    assert ledger.balanced, ledger.problems


def test_questions_and_mass_cancels_have_answers_of_their_own() -> None:
    story = a_good_day()
    order = story.new("c8", Side.Buy, 30, "10.00")
    story.report(order, ExecType.New, OrdStatus.New)
    story.send(orders.OrderStatusRequest(ClOrdID="c8", Account=story.account))
    asked = {"ExecID": "0"}
    story.report(order, ExecType.OrderStatus, OrdStatus.New, **asked)
    story.send(
        orders.OrderMassStatusRequest(
            MassStatusReqID="m1",
            Account=story.account,
            MassStatusReqType=MassStatusReqType.StatusForAllOrders,
        )
    )
    story.report(order, ExecType.OrderStatus, OrdStatus.New, MassStatusReqID="m1", **asked)
    story.send(
        orders.OrderMassCancelRequest(
            ClOrdID="m2",
            Account=story.account,
            MassCancelRequestType=MassCancelRequestType.CancelAllOrders,
        )
    )
    story.report(order, ExecType.PendingCancel, OrdStatus.PendingCancel, ClOrdID="m2")
    unanswered = settle(story)
    story.seq += 1
    story.hear(
        OrderMassCancelReport(
            OrderID="x",
            ClOrdID="m2",
            Account=story.account,
            MassCancelRequestType=MassCancelRequestType.CancelAllOrders,
            MassCancelResponse="CancelAllOrders",
            TotalAffectedOrders=1,
            TransactTime=1,
            ReportSeq=story.seq,
        )
    )
    story.trade(order, 30, "10.00", OrdStatus.PendingCancel)
    story.cancel_reject(order, "m2", OrdStatus.Filled)
    assert unanswered.lost == 1
    ledger = settle(story)
    assert (ledger.accepted, ledger.rejected) == (9, 2)
    assert ledger.balanced, ledger.problems


def test_a_status_request_for_an_order_nobody_knows_is_answered() -> None:
    story = a_good_day()
    story.send(orders.OrderStatusRequest(ClOrdID="c77", OrdStatusReqID="q1", Account=story.account))
    story.seq += 1
    story.hear(
        ExecutionReport(
            OrderID="NONE",
            ClOrdID="c77",
            ExecID="0",
            ExecType=ExecType.OrderStatus,
            OrdStatus=OrdStatus.Rejected,
            Account=story.account,
            OrderQty=D(0),
            CumQty=D(0),
            LeavesQty=D(0),
            AvgPx=D(0),
            OrdStatusReqID="q1",
            TransactTime=1,
            ReportSeq=story.seq,
        )
    )
    ledger = settle(story)
    assert ledger.accepted == 6
    assert ledger.balanced, ledger.problems


def test_a_request_that_was_not_understood_is_answered_by_a_business_reject() -> None:
    story = a_good_day()
    story.new("c8", Side.Buy, 1, "10.00")
    refusal = Refusal(Rule="r", Field="f", Given="g", Allowed="a", Remedy="m")
    for reference in ("c8", "never sent", None):
        story.hear(
            BusinessMessageReject(
                BusinessRejectRefID=reference,
                BusinessRejectReason="Other",
                Refusal=refusal,
                Text="no",
                TransactTime=1,
            )
        )
    ledger = settle(story)
    assert ledger.rejected == 3
    assert ledger.balanced, ledger.problems


def test_a_list_that_its_account_parked_is_answered_by_a_business_reject_with_a_number() -> None:
    story = a_good_day()
    terms = {"Symbol": "AAPL", "Side": Side.Buy, "OrderQty": D(1), "OrdType": OrdType.Market}
    orders_ = tuple(ListOrder(ClOrdID=name, **terms) for name in ("l-1", "l-2"))
    story.send(NewOrderList(ListID="L", Account=story.account, Orders=orders_))
    assert settle(story).lost == 3
    reject = BusinessMessageReject(
        RefMsgType="NewOrderList",
        BusinessRejectRefID="L",
        BusinessRejectReason="Other",
        Refusal=Refusal(Rule="r", Field="f", Given="g", Allowed="a", Remedy="m"),
        Text="no",
        Account=story.account,
        TransactTime=1,
        ReportSeq=story.seq + 2,
    )
    story.hear(reject)
    assert settle(story).gaps == 1
    story.hear(reject.model_copy(update={"ReportSeq": story.seq + 1}))
    assert settle(story).problems == []


def test_the_reject_of_a_question_is_no_answer_to_the_order_it_asks_about() -> None:
    story = a_good_day()
    story.new("c8", Side.Buy, 1, "10.00")
    story.send(orders.OrderStatusRequest(ClOrdID="c8", Account=story.account))
    refusal = Refusal(Rule="r", Field="f", Given="g", Allowed="a", Remedy="m")
    story.hear(
        BusinessMessageReject(
            RefMsgType="OrderStatusRequest",
            BusinessRejectRefID="c8",
            BusinessRejectReason="Other",
            Refusal=refusal,
            Text="no",
            TransactTime=1,
        )
    )
    assert settle(story).problems == [
        "NewOrderSingle c8 of desk-a was confirmed by the broker and never answered"
    ]


def test_an_order_for_an_unknown_account_is_rejected_without_a_number() -> None:
    story = a_good_day()
    order = story.new("c8", Side.Buy, 1, "10.00")
    fields = {"OrderID": "NONE", "ReportSeq": None, "ExecID": "desk-a-R1"}
    for _ in range(2):  # its request was delivered twice
        story.report(order, ExecType.Rejected, OrdStatus.Rejected, **fields)
    ledger = settle(story)
    assert (ledger.rejected, ledger.gaps) == (3, 0)
    assert ledger.balanced, ledger.problems


def test_an_execution_that_is_listed_twice_is_one() -> None:
    story = a_good_day()
    story.fills.append(story.fills[0])
    assert settle(story).balanced
