"""A list is one request, and so is each of its orders: every one is answered."""

from decimal import Decimal

from infra.ledger import Ledger, close
from messages import lists
from messages.fix import (
    ContingencyType,
    ExecRestatementReason,
    ExecType,
    ListOrderStatus,
    ListStatusType,
    OrdStatus,
    OrdType,
    Side,
)
from messages.refusals import Refusal
from tests.infra.ledger_story import ACCOUNT, SYMBOL, Story, Told

D = Decimal
REFUSAL = Refusal(Rule="r", Field="f", Given="g", Allowed="a", Remedy="m")


def settle(story: Story) -> Ledger:
    return close({story.desk: story.lines}, story.fills, story.changes)


def listed(story: Story) -> tuple[Told, Told]:
    """Two orders of a list, of which one cancels the other."""
    told = [
        Told(f"{ACCOUNT}-c{n}", f"c{n}", Side.Sell, D(100), D(px)) for n, px in ((1, 9), (2, 11))
    ]
    story.send(
        lists.NewOrderList(
            ListID="l1",
            Account=ACCOUNT,
            ContingencyType=ContingencyType.OneCancelsTheOther,
            Orders=tuple(
                lists.ListOrder(
                    ClOrdID=order.clordid,
                    Symbol=SYMBOL,
                    Side=order.side,
                    OrderQty=order.qty,
                    OrdType=OrdType.Limit,
                    Price=order.price,
                )
                for order in told
            ),
        )
    )
    return told[0], told[1]


def status(
    story: Story,
    kind: ListStatusType = ListStatusType.Ack,
    refusal: Refusal | None = None,
    list_id: str = "l1",
) -> None:
    story.seq += 1
    story.hear(
        lists.ListStatus(
            ListID=list_id,
            Account=ACCOUNT,
            ListStatusType=kind,
            ListOrderStatus=ListOrderStatus.Executing,
            Orders=(),
            Refusal=refusal,
            TransactTime=story.seq,
            ReportSeq=story.seq,
        )
    )


def test_a_list_of_two_is_three_requests() -> None:
    story = Story()
    first, second = listed(story)
    status(story)
    story.report(first, ExecType.New, OrdStatus.New, ListID="l1")
    story.report(second, ExecType.New, OrdStatus.New, ListID="l1")
    story.trade(first, 100, "9.00", OrdStatus.Filled)
    other = {"ExecRestatementReason": ExecRestatementReason.Other}
    story.report(second, ExecType.Canceled, OrdStatus.Canceled, **other)
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.sent, ledger.accepted, ledger.filled, ledger.canceled) == (3, 3, 1, 1)


def test_an_order_of_a_list_that_nobody_answered_is_lost() -> None:
    story = Story()
    first, _ = listed(story)
    status(story)
    story.report(first, ExecType.New, OrdStatus.New, ListID="l1")
    assert settle(story).problems == [
        "NewOrderSingle c2 of desk-a was confirmed by the broker and never answered"
    ]
    assert settle(story).lost == 1


def test_a_list_is_refused_with_all_of_its_orders() -> None:
    story = Story()
    for order in listed(story):
        story.report(order, ExecType.Rejected, OrdStatus.Rejected, ListID="l1")
    status(story, refusal=REFUSAL)
    ledger = settle(story)
    assert ledger.problems == []
    assert (ledger.sent, ledger.rejected, ledger.open) == (3, 3, 0)


def test_a_question_about_a_list_is_answered_apart_from_the_list() -> None:
    story = Story()
    for order in listed(story):
        story.report(order, ExecType.New, OrdStatus.New, ListID="l1")
    status(story)
    story.send(lists.ListStatusRequest(ListID="l1", Account=ACCOUNT))
    assert settle(story).lost == 1
    status(story, ListStatusType.Response)
    assert settle(story).balanced


def test_the_status_of_a_list_that_nobody_sent_is_named() -> None:
    story = Story()
    status(story, list_id="l9")
    assert settle(story).problems == ["desk-a heard ListStatus for 'l9', which it never sent"]
