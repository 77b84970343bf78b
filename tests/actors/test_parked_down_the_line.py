"""What book or venue connection could not handle goes nowhere, and its desk hears so."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.actor import Actor, Send, run
from actors.book import Book
from actors.venue.venue import Venue
from messages import venue as wire
from messages.base import Message
from messages.routing import CancelOrder, NewOrder, ReplaceOrder
from tests.actors.scenes import START, AccountScene, BookScene, VenueScene, cancel, order, terms
from tests.actors.scenes import line as shown

NEW = NewOrder(OrderID="acme-1", Account="acme", Terms=terms(), Desk="blue")
CHILD = NEW.model_copy(update={"OrderID": "acme-1.1"})


def parked(actor: Actor[Any, Any, Any], sender: str, message: Message) -> list[Send]:
    """What it tells of a message on which it failed."""
    done = run(actor, actor.parked(sender, message.model_dump_json().encode(), START))
    assert actor.EVENTS.validate_json(actor.EVENTS.dump_json(done.events)) == done.events
    return list(done.sends)


def test_an_order_that_the_book_parked_is_rejected_to_its_desk() -> None:
    """I9, I13."""
    account = AccountScene().desk(order("a"))
    book = BookScene()
    (send,) = parked(book.actor, "account/acme", NEW)
    assert send.recipient == "account/acme"
    account.when(send.message).then("a Rejected Rejected 100/0/0 Other")
    assert account.report.Text == (
        "book/AAPL failed on this NewOrder and set it aside (MessageParked); nothing was done"
    )
    assert account.state.reserved["USD"] == 0
    account.replays()


def test_an_order_that_the_venue_connection_parked_is_rejected_to_its_desk() -> None:
    """I9, I17: nothing has left for the venue."""
    account = AccountScene().desk(order("a"))
    book = BookScene().when(NEW).then("venue/XNAS NewOrder acme-1.1")
    (send,) = parked(VenueScene().actor, "book/AAPL", CHILD)
    book.when(send.message).then("account/acme Execution acme-1 Rejected")
    account.when(book.sends[0].message).then("a Rejected Rejected 100/0/0 Other")
    account.replays()


def test_a_cancel_that_was_parked_down_the_line_is_rejected_and_the_order_goes_on() -> None:
    account = AccountScene().working().desk(cancel("b", "a"))
    book = BookScene().when(NEW)
    ask = CancelOrder(OrderID="acme-1", RequestID="b", Symbol="AAPL")
    (from_book,) = parked(book.actor, "account/acme", ask)
    below = ask.model_copy(update={"OrderID": "acme-1.1"})
    (from_venue,) = parked(VenueScene().when(CHILD).actor, "book/AAPL", below)
    book.when(ask).when(from_venue.message)
    assert from_book.message.model_copy(update={"Text": None}) == (
        book.sends[0].message.model_copy(update={"Text": None})
    )
    account.when(from_book.message).then("b<a CancelReject New Other")


@pytest.mark.parametrize("make", [lambda: Book("book/AAPL"), lambda: Venue("venue/XNAS")])
def test_a_replace_of_what_is_not_known_is_answered_too(make: Any) -> None:
    sender = "account/acme" if make().address.startswith("book") else "book/AAPL"
    (send,) = parked(make(), sender, ReplaceOrder(OrderID="x", RequestID="r", Terms=terms()))
    assert shown(send) == f"{sender} RequestRejected x r Other"


def test_an_order_that_is_known_is_not_rejected_where_a_repeat_of_it_is_parked() -> None:
    assert parked(BookScene().when(NEW).actor, "account/acme", NEW) == []
    assert parked(VenueScene().when(CHILD).actor, "book/AAPL", CHILD) == []


def test_what_the_market_said_is_answered_to_nobody() -> None:
    assert parked(BookScene().actor, "venue/XNAS", NEW) == []
    assert parked(VenueScene().actor, "fix/XNAS", wire.SessionDown()) == []
    assert parked(VenueScene().actor, "fix/XNAS", CHILD) == []


FIELDS = st.dictionaries(
    st.sampled_from(["MsgType", "OrderID", "RequestID", "Account"]),
    st.sampled_from(["NewOrder", "CancelOrder", "x", ""]) | st.none() | st.integers() | st.text(),
)


@given(FIELDS)
def test_no_label_takes_book_or_venue_connection_down(fields: dict[str, Any]) -> None:
    body = json.dumps(fields).encode()
    for actor, sender in ((Book("book/AAPL"), "account/acme"), (Venue("venue/X"), "book/AAPL")):
        run(actor, actor.parked(sender, body, START))
