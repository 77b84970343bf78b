"""Whether a report answers a request, or only names it: what simulated days taught the ledger."""

from infra.ledger import Ledger, close
from messages.fix import ExecType, OrdStatus, Side
from tests.infra.ledger_story import Story


def settle(story: Story) -> Ledger:
    return close({story.desk: story.lines}, story.fills, story.changes)


def test_an_order_that_is_rejected_after_its_replace_leaves_the_replace_accepted() -> None:
    story = Story()
    order = story.new("c1", Side.Buy, 100, "10.00")
    story.report(order, ExecType.New, OrdStatus.New)
    story.replace(order, "c2", 80)
    order.clordid, order.qty = "c2", order.qty - 20
    story.report(order, ExecType.Replaced, OrdStatus.New, OrigClOrdID="c1")
    story.report(order, ExecType.Rejected, OrdStatus.Rejected)
    closed = settle(story)
    assert closed.problems == []
    assert (closed.accepted, closed.rejected) == (2, 0)


def test_the_first_answer_said_again_after_the_order_was_rejected_contradicts_nothing() -> None:
    story = Story()
    order = story.new("c1", Side.Buy, 100, "10.00")
    new = story.report(order, ExecType.New, OrdStatus.New)
    story.report(order, ExecType.Rejected, OrdStatus.Rejected)
    story.report(order, ExecType.New, OrdStatus.Rejected, ExecID=new.ExecID, PossResend=True)
    closed = settle(story)
    assert closed.problems == []
    assert (closed.accepted, closed.rejected) == (0, 1)


def test_a_replace_that_was_refused_and_then_done_is_still_a_contradiction() -> None:
    story = Story()
    order = story.new("c1", Side.Buy, 100, "10.00")
    story.report(order, ExecType.New, OrdStatus.New)
    story.replace(order, "c2", 80)
    story.cancel_reject(order, "c2", OrdStatus.New)
    order.clordid, order.qty = "c2", order.qty - 20
    story.report(order, ExecType.Replaced, OrdStatus.New, OrigClOrdID="c1")
    assert "OrderCancelReplaceRequest c2 of desk-a was both accepted and rejected" in str(
        settle(story).problems
    )


def test_after_a_bust_an_order_may_trade_once_more_under_the_limit_it_had_before() -> None:
    story = Story()
    order = story.new("c1", Side.Sell, 100, "10.00")
    story.report(order, ExecType.New, OrdStatus.New)
    fill = story.trade(order, 60, "10.00", OrdStatus.PartiallyFilled)
    story.replace(order, "c2", 100)
    order.clordid, order.price = "c2", order.price + 1
    story.lines[-2] = story.lines[-2]._replace(  # type: ignore[union-attr]
        request=story.lines[-2].request.model_copy(update={"Price": order.price})  # type: ignore[union-attr]
    )
    story.report(order, ExecType.Replaced, OrdStatus.PartiallyFilled, OrigClOrdID="c1")
    early = len(story.lines)
    story.bust(order, fill, OrdStatus.New)
    story.trade(order, 60, "10.00", OrdStatus.PartiallyFilled)
    assert settle(story).problems == []
    del story.lines[early:], story.changes[:]
    story.seq, story.execs = 4, 4
    story.trade(order, 10, "9.99", OrdStatus.PartiallyFilled)
    assert "past its limit 11.00" in str(settle(story).problems)
