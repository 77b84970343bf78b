"""Market data of the paper exchange: snapshots, changes, refusals."""

import pytest

from tests.gateways.paper_client import NOW, SOH, Fields
from tests.gateways.paper_market import Exchange


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def ask(exchange: Exchange, name: str = "m", kind: str = "1", **changes: str) -> list[str]:
    """What a MarketDataRequest is answered with; groups as they stand in a message."""
    groups = [("267", "3"), *(("269", one) for one in changes.pop("entries", "012"))]
    groups += [("146", "1"), ("55", changes.pop("symbol", "AAPL"))]
    head = {"262": name, "263": kind, "264": "1"} | {k[1:]: v for k, v in changes.items()}
    text = exchange.text("V", head) + "".join(f"{tag}={value}{SOH}" for tag, value in groups)
    exchange.effects(text)
    return exchange.market.data.take()


def after(exchange: Exchange, *texts: str) -> list[str]:
    """What subscribers are told after these requests, decided in one batch."""
    exchange.market.data.changed(exchange.effects(*texts), NOW)
    return exchange.market.data.take()


def entries(text: str) -> list[Fields]:
    """The groups of a W or X."""
    found: list[Fields] = []
    first = ""
    for tag, _, value in (part.partition("=") for part in text.split(SOH)[:-1]):
        if tag == "268":
            first = "?"
        elif first:
            first = tag if first == "?" else first
            if tag == first:
                found.append({})
            found[-1][tag] = value
    return found


def brief(text: str) -> list[str]:
    """Each entry as ``action type price size``."""
    return [f"{one.get('279', '')}{one['269']} {one['270']} {one['271']}" for one in entries(text)]


def test_a_subscription_begins_with_a_snapshot(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b"), exchange.order("s", t54="2", t44="11", t38="40"))
    (snapshot,) = ask(exchange)
    assert snapshot.startswith(f"35=W{SOH}262=m{SOH}55=AAPL{SOH}268=2{SOH}")
    assert brief(snapshot) == ["0 10 100", "1 11 40"]
    assert {(e["272"], e["273"]) for e in entries(snapshot)} == {("20261123", "14:30:00.123")}


def test_changes_are_told_once_for_a_batch(exchange: Exchange) -> None:
    ask(exchange)
    (first,) = after(exchange, exchange.order("b"), exchange.order("b2"))
    assert brief(first) == ["00 10 200"]
    (second,) = after(exchange, exchange.order("s", t54="2", t38="50"))
    assert brief(second) == ["10 10 150", "02 10 50"]
    (third,) = after(exchange, exchange.order("s2", t54="2", t38="50"))
    assert brief(third) == ["10 10 100", "12 10 50"], "a trade like the last is a trade"
    (fourth,) = after(exchange, exchange.cancel("x", "b2"))
    assert brief(fourth) == ["20 10 100"]
    assert entries(fourth)[0]["55"] == "AAPL"


def test_nobody_is_told_what_does_not_change_the_best(exchange: Exchange) -> None:
    ask(exchange, entries="0")
    after(exchange, exchange.order("b"))
    assert (
        after(exchange, exchange.order("low", t44="9"), exchange.order("s", t54="2", t44="11"))
        == []
    )
    assert after(exchange, exchange.order("other", t55="MSFT")) == []


def test_an_iceberg_is_seen_as_far_as_it_shows(exchange: Exchange) -> None:
    exchange.ask(exchange.order("b", t111="30"))
    assert brief(ask(exchange)[0]) == ["0 10 30"]


def test_a_snapshot_is_no_subscription(exchange: Exchange) -> None:
    assert brief(ask(exchange, kind="0")[0]) == []
    assert after(exchange, exchange.order("b")) == []


def test_after_the_end_of_a_subscription_nothing_is_said(exchange: Exchange) -> None:
    ask(exchange)
    assert ask(exchange, kind="2") == []
    assert after(exchange, exchange.order("b")) == []


def test_a_subscription_ends_with_the_connection(exchange: Exchange) -> None:
    ask(exchange)
    exchange.market.data.connected()
    assert after(exchange, exchange.order("b")) == []


def test_a_subscription_may_begin_again_under_its_name(exchange: Exchange) -> None:
    ask(exchange)
    ask(exchange)
    assert len(after(exchange, exchange.order("b"))) == 1


@pytest.mark.parametrize(
    ("changes", "reason", "text"),
    [
        ({"kind": "2"}, "4", "no subscription MDReqID(262)=m"),
        ({"kind": "9"}, "4", "SubscriptionRequestType(263)=9"),
        ({"t264": "5"}, "5", "MarketDepth(264)=5"),
        ({"entries": "7"}, "8", "MDEntryType(269)=7"),
        ({"entries": ""}, "8", "MDEntryType(269) is missing"),
        ({"symbol": ""}, "0", "Symbol(55) is missing"),
    ],
)
def test_a_request_that_cannot_be_is_rejected(
    exchange: Exchange, changes: Fields, reason: str, text: str
) -> None:
    (said,) = ask(exchange, **changes)
    assert said.startswith(f"35=Y{SOH}262=m{SOH}281={reason}{SOH}")
    assert text in said
