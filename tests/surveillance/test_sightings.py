"""What compliance tells surveillance of an entry: enough, and with where it stands."""

from decimal import Decimal

from actors.surveillance.sight import sightings
from messages import events as ev
from messages.fix import OrdRejReason, Side
from messages.market import Quote
from messages.surveillance import Sightings
from tests.infra.test_metrics_entries import START, TERMS, accepted, acknowledged, entry, filled


def told(*events: object, actor: str = "account/acme") -> list[object]:
    return list(sightings(entry(actor, 7, *events)))


def test_an_accepted_order_is_seen_with_desk_terms_and_entry() -> None:
    seen = told(accepted())
    assert seen == [
        ev.OrderSeen(
            Account="acme", Entry=7, At=START, OrderID="acme-1", Desk="blue", Symbol="AAPL",
            Side=Side.Buy, OrderQty=Decimal(100), Price=Decimal("231.25"),
        )
    ]  # fmt: skip


def test_what_is_told_is_what_is_read() -> None:
    rows = told(accepted(), filled(60))
    words = Sightings.model_construct(None, MsgType="Sightings", Rows=tuple(rows))  # type: ignore[arg-type]
    read = Sightings.model_validate_json(
        words.__pydantic_serializer__.to_json(words, exclude_none=True)
    )
    assert list(read.Rows) == rows


def test_fills_ends_and_replaces_are_seen() -> None:
    replaced = ev.ReplaceRequested(
        OrderID="acme-1", ClOrdID="b", OrigClOrdID="a", Desk="blue", Terms=TERMS,
        ReservePx=Decimal(10),
    )  # fmt: skip
    canceled = ev.OrderCanceled(OrderID="acme-1", ExecID="x", ClOrdID="c")
    unasked = ev.OrderCanceled(OrderID="acme-1", ExecID="x")
    expired = ev.OrderExpired(OrderID="acme-1", ExecID="x")
    rejected = ev.OrderRejected(
        OrderID="acme-1", ExecID="x", OrdRejReason=OrdRejReason.OrderExceedsLimit
    )
    seen = told(filled(60), replaced, canceled, unasked, expired, rejected)
    assert [row.Event for row in seen] == [  # type: ignore[attr-defined]
        *("FillSeen", "OrderRevised"),
        *["OrderGone"] * 4,
    ]
    assert [row.Asked for row in seen[2:]] == [True, False, False, False]  # type: ignore[attr-defined]


def test_a_quote_that_a_book_heard_is_seen_and_an_acknowledgement_is_not() -> None:
    quote = Quote(Venue="XPAR", Symbol="AAPL", BidPx=Decimal(9), At=START)
    (seen,) = told(ev.QuoteHeard(Quote=quote), actor="book/AAPL")
    assert seen == ev.QuoteSeen(Symbol="AAPL", At=START, BidPx=Decimal(9))
    assert told(acknowledged()) == []
